"""What a machine remembers of a call while it rings: enough for the next document, and never an obstacle."""

from __future__ import annotations

import logging
import os
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.memory.hunts import HuntFolder
from records.facts import Fact, FactKind
from tests.ivr.scene import NOW

SECOND = timedelta(seconds=1)


def rung(n: int, after: int, call: str = "CA1") -> Fact:
    return Fact(call, FactKind.RANG_RUNG, n, NOW + after * SECOND, "", {"desk": "local", "people": []})


def picked_up(n: int, who: str, call: str = "CA1") -> Fact:
    return Fact(call, FactKind.PICKED_UP, n, NOW, who, {"leg": "CA2"})


@pytest.fixture
def hunts(tmp_path: Path) -> HuntFolder:
    return HuntFolder(tmp_path / "hunts")


def test_who_picked_up_is_known_to_another_worker_and_only_of_that_rang_and_call(hunts: HuntFolder) -> None:
    hunts.note((rung(4, 0), picked_up(4, "leo93aaa"), picked_up(5, "mia93aaa"), picked_up(4, "zoe93aaa", "CA9")))
    found = HuntFolder(hunts.folder).recall("CA1", 4, NOW + 9 * SECOND)
    assert (found.reached, found.rung_at) == (frozenset({"leo93aaa"}), (NOW,))


def test_the_end_of_a_ringing_is_told_at_the_moment_when_it_was_first_told(hunts: HuntFolder) -> None:
    """So that a webhook that comes again a minute later gets the same answer (decision 1)."""
    hunts.note((rung(4, 0),))
    assert hunts.recall("CA1", 4, NOW + 9 * SECOND).ended_at == NOW + 9 * SECOND
    assert HuntFolder(hunts.folder).recall("CA1", 4, NOW + 69 * SECOND).ended_at == NOW + 9 * SECOND
    assert hunts.recall("CA1", 5, NOW + 70 * SECOND).ended_at == NOW + 70 * SECOND


def test_who_picked_up_after_the_end_was_told_changes_no_answer_to_it(hunts: HuntFolder) -> None:
    """A leg's own webhook may be late, and the end told twice: two answers would ring different people."""
    hunts.note((rung(4, 0), picked_up(4, "leo93aaa")))
    first = hunts.recall("CA1", 4, NOW + 9 * SECOND)
    hunts.note((picked_up(4, "mia93aaa"), rung(5, 9)))
    assert hunts.recall("CA1", 4, NOW + 14 * SECOND) == first
    assert first.reached == {"leo93aaa"}


def test_nothing_is_known_of_a_call_that_another_machine_rang(hunts: HuntFolder) -> None:
    found = hunts.recall("CA1", 4, NOW)
    assert (found.ended_at, found.rung_at, found.reached) == (NOW, (), frozenset())


def test_a_disk_that_refuses_is_told_in_the_log_and_costs_no_call(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "hunts").write_text("not a folder")
    hunts = HuntFolder(tmp_path / "hunts")
    with caplog.at_level(logging.WARNING):
        hunts.note((rung(4, 0), picked_up(4, "leo93aaa")))
        assert hunts.recall("CA1", 4, NOW).reached == frozenset()
    assert "mémoire des sonneries" in caplog.text
    assert "CA1" not in caplog.text


@pytest.mark.parametrize(
    "torn", ["reached 4 le", "reached", "\xff\xfe reached 4 x", "ended 4 yesterday", "rung 4 soon"]
)
def test_a_line_that_makes_no_sense_is_left_out(hunts: HuntFolder, torn: str) -> None:
    hunts.note((rung(4, 0),))
    [path] = hunts.folder.iterdir()
    with path.open("a", encoding="latin-1") as file:
        file.write(torn)
    assert hunts.recall("CA1", 4, NOW + SECOND).ended_at == NOW + SECOND


def test_no_file_is_named_after_its_call_nor_read_by_others(hunts: HuntFolder) -> None:
    """An operator's id may be two dots."""
    hunts.note((rung(4, 0, ".."), rung(4, 0, "CA1")))
    found = list(hunts.folder.iterdir())
    assert len(found) == 2
    assert not any("CA1" in path.name for path in found)
    assert {path.stat().st_mode & 0o777 for path in found} == {0o600}


def test_what_is_a_day_old_is_forgotten(hunts: HuntFolder) -> None:
    hunts.note((rung(4, 0, "CA1"), rung(4, 0, "CA2")))
    old, recent = sorted(hunts.folder.iterdir())
    os.utime(old, times=(NOW.timestamp() - 90_000,) * 2)
    os.utime(recent, times=(NOW.timestamp(),) * 2)
    hunts.forget(NOW - timedelta(days=1))
    assert list(hunts.folder.iterdir()) == [recent]
