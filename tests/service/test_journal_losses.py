"""What went wrong with the journal is said by the worker that saw it, and told by the clerk for a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from records.calls.journal import journal_files
from records.calls.lines import read_lines
from service.running.watching.journal_losses import clerk_noticed, journal_losses, report_to
from service.wiring.worker_journal import WorkerJournal
from tests.records import play
from tests.service.directories import MOMENT


@pytest.fixture
def states(tmp_path: Path) -> Path:
    return tmp_path / "state"


def test_a_file_unlinked_under_a_worker_is_told_with_all_that_was_saved(tmp_path: Path, states: Path) -> None:
    worker = WorkerJournal(tmp_path / "journal", report_to(states, lambda: MOMENT))
    assert all(worker.append([replace(play.arrived(), n=number)]) for number in range(10))
    worker.look_after()
    assert journal_losses(states, {}, MOMENT) == {}
    journal_files(worker.folder)[0].unlink()
    worker.look_after()
    (path,) = journal_files(worker.folder)
    assert len(read_lines(path.read_bytes(), 0, is_last=True).facts) == 10
    told = journal_losses(states, {}, MOMENT + timedelta(hours=23))
    assert told == {"unlinked": 1, "rewritten": path.stat().st_size}
    assert journal_losses(states, {}, MOMENT + timedelta(hours=25)) == {}
    assert list(states.iterdir()) == []


def test_the_clerk_and_a_worker_that_saw_the_same_file_go_tell_it_once(states: Path) -> None:
    report_to(states, lambda: MOMENT)("host-1", {"unlinked": 1, "refused": 2})
    report_to(states, lambda: MOMENT)("host-2", {"refused": 3})
    clerk_noticed(states, {"unlinked": 1, "truncated": 1}, MOMENT)
    told = journal_losses(states, {"x.journal": "PermissionError"}, MOMENT)
    assert told == {"unlinked": 1, "truncated": 1, "refused": 5, "unreadable": {"x.journal": "PermissionError"}}
