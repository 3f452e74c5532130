"""The snapshot on disk: whole or not at all, the last good one goes on, and a restart finds one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from routing.snapshot import Snapshot, from_json
from service.directory.snapshots import KEPT, SnapshotFile
from tests.service.directories import person, snapshot

PUBLISHER = """
import sys
from pathlib import Path
from service.directory.snapshots import SnapshotFile
from tests.service.directories import snapshot

file = SnapshotFile(Path(sys.argv[1]))
for _ in range(20):
    with file.locked():
        file.write(snapshot(file.current().version + 1))
"""


def version(found: Snapshot | None) -> int | None:
    return found.version if found else None


def test_what_is_written_is_in_service_for_every_reader(tmp_path: Path) -> None:
    reader = SnapshotFile(tmp_path)
    assert reader.current() is None
    for number in (1, 2):
        SnapshotFile(tmp_path).write(snapshot(number))
        assert version(reader.current()) == number


def test_a_file_that_has_not_changed_is_not_read_again(tmp_path: Path) -> None:
    file = SnapshotFile(tmp_path)
    file.write(snapshot(1))
    assert file.current() is file.current()


def test_a_broken_file_leaves_the_last_good_one_in_service(tmp_path: Path) -> None:
    file = SnapshotFile(tmp_path)
    file.write(snapshot(1))
    assert version(file.current()) == 1
    file.path.write_text("{")
    assert version(file.current()) == 1
    assert file.problem
    file.path.unlink()
    assert version(file.current()) == 1


def test_a_restart_with_a_broken_file_serves_the_newest_good_copy(tmp_path: Path) -> None:
    """The copies are files of their own: what damages one leaves the others."""
    for number in (1, 2, 3):
        SnapshotFile(tmp_path).write(snapshot(number))
    (tmp_path / "snapshot.json").write_bytes(b"\0" * 200)
    assert version(SnapshotFile(tmp_path).current()) == 3
    newest = max((tmp_path / "snapshots").iterdir())
    newest.write_bytes(newest.read_bytes()[:-40])
    assert version(SnapshotFile(tmp_path).current()) == 2


@pytest.mark.parametrize("part", range(40))
def test_damage_at_any_place_is_noticed(tmp_path: Path, part: int) -> None:
    """One byte changed, or the rest cut off: never a wrong directory."""
    SnapshotFile(tmp_path).write(snapshot(7, person(), person("Roussel", "*")))
    path = tmp_path / "snapshot.json"
    whole = path.read_bytes()
    place = part * (len(whole) - 2) // 40
    for damaged in (whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :], whole[:place]):
        path.write_bytes(damaged)
        with pytest.raises(ValueError):  # noqa: PT011 - a damaged text says itself what is wrong
            from_json(path.read_bytes().decode())
        assert SnapshotFile(tmp_path).current() == from_json(whole.decode())


def test_the_last_ten_copies_are_kept(tmp_path: Path) -> None:
    for number in range(1, KEPT + 5):
        SnapshotFile(tmp_path).write(snapshot(number))
    kept = sorted((tmp_path / "snapshots").iterdir())
    assert len(kept) == KEPT
    assert from_json(kept[-1].read_text()).version == KEPT + 4


def test_two_who_publish_at_once_wait_for_each_other(tmp_path: Path) -> None:
    """Each adds one to what it finds: none of the forty additions is lost."""
    SnapshotFile(tmp_path).write(snapshot(1))
    command = [sys.executable, "-c", PUBLISHER, str(tmp_path)]
    here = Path(__file__).parents[2]
    both = [subprocess.Popen(command, cwd=here) for _ in range(2)]  # noqa: S603 - written above
    assert [process.wait(60) for process in both] == [0, 0]
    assert version(SnapshotFile(tmp_path).current()) == 41
    assert not list(tmp_path.glob(".snapshot*"))
