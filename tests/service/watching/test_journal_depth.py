"""How much waits in the journal, whatever else lies in its folder."""

from __future__ import annotations

import os
from pathlib import Path

from service.running.watching.telling.journal_depth import depth


def test_what_stands_behind_the_offset_waits_and_zeros_made_ready_do_not(tmp_path: Path) -> None:
    (tmp_path / "1-a.journal").write_bytes(b"moved\nwaits\n" + b"\0" * 1000)
    (tmp_path / "2-b.journal").write_bytes(b"moved\n")
    found = depth(tmp_path, {"1-a.journal": 6, "2-b.journal": 6})
    assert (found.waiting, list(found.files)) == (6, ["1-a.journal"])


def test_a_pipe_or_a_folder_with_the_name_of_a_journal_holds_nobody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "0-pipe.journal")
    (tmp_path / "1-folder.journal").mkdir()
    (tmp_path / "2-b.journal").write_bytes(b"waits\n")
    assert depth(tmp_path, {}).waiting == 6
