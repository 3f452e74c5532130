"""The memory of callers, on a real disk."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ivr.conversation.situation import Recollection
from ivr.memory import callers
from ivr.memory.callers import MemoryFile
from ivr.memory.recollecting import RedialLimits, full_desks
from records.facts import Attempt, AttemptResult, CallRow, GivenBy, Outcome, Source

CALLER = "+33639981234"
OTHER = "+33639985678"
NOON = datetime(2026, 12, 7, 12, tzinfo=UTC)
SECRET = b"a secret of the tests"


def ended(
    call: str,
    *,
    caller: str | None = CALLER,
    departement: str | None = "93",
    outcome: Outcome = Outcome.ABSENCE,
    at: datetime = NOON,
    seconds: int = 30,
    over: bool = True,
) -> CallRow:
    return CallRow(
        call_id=call, caller=caller, dialled=None, departement=departement, departement_given_by=GivenBy.KEYPAD,
        outcome=outcome, absence_reason=None, answered_by=None, referent=None, referent_id=None, referent_phone=None,
        started_at=at - timedelta(seconds=seconds), ended_at=at if over else None, wait_seconds=None, talk_seconds=None,
        total_seconds=seconds, attempts=(), message_seconds=None, recording=None, callback_number=None,
        callback_confirmed=False, source=Source.WEBHOOK,
    )  # fmt: skip


def signed(text: bytes) -> bytes:
    """A line with the right checksum."""
    return b"%08x %s" % (zlib.crc32(text), text)


@pytest.fixture
def clerk(tmp_path: Path) -> MemoryFile:
    return MemoryFile(tmp_path / "memory", SECRET)


@pytest.fixture
def worker(tmp_path: Path) -> MemoryFile:
    return MemoryFile(tmp_path / "memory", SECRET)


def test_a_worker_knows_what_the_clerk_has_just_written(clerk: MemoryFile, worker: MemoryFile) -> None:
    assert worker.recall(CALLER, NOON).departement is None
    clerk.remember([ended("CA1")], NOON)
    assert worker.recall(CALLER, NOON).departement == "93"
    clerk.remember([ended("CA2", departement="75", at=NOON + timedelta(minutes=1))], NOON)
    assert worker.recall(CALLER, NOON + timedelta(minutes=1)).departement == "75"


def test_the_file_holds_no_number_and_no_call_id(clerk: MemoryFile) -> None:
    clerk.remember([ended("CA0123456789")], NOON)
    text = clerk.path.read_text()
    assert "639981234" not in text
    assert "CA0123456789" not in text


def test_another_secret_finds_nothing(clerk: MemoryFile) -> None:
    clerk.remember([ended("CA1")], NOON)
    assert MemoryFile(clerk.path.parent, b"another secret").recall(CALLER, NOON).departement is None


def test_withheld_calls_for_no_desk_and_calls_that_ring_nobody_are_not_written(clerk: MemoryFile) -> None:
    clerk.remember([ended("CA1", caller=None, departement=None), ended("CA2", departement=None, over=False)], NOON)
    assert not clerk.path.exists()


def withheld(count: int, departement: str = "93", **more: Any) -> list[CallRow]:
    return [
        ended(
            f"CA{departement}{place}", caller=None, departement=departement, at=NOON - timedelta(seconds=place), **more
        )
        for place in range(count)
    ]


def test_withheld_calls_share_one_bucket_for_each_desk(clerk: MemoryFile, worker: MemoryFile) -> None:
    clerk.remember([*withheld(14), *withheld(14, "75")], NOON)
    assert worker.recall(None, NOON).flooded == frozenset()
    clerk.remember(withheld(15), NOON)
    assert worker.recall(None, NOON).flooded == {"93"}
    assert worker.recall(CALLER, NOON).flooded == frozenset()
    assert worker.recall(None, NOON + timedelta(minutes=15)).flooded == frozenset()


def test_a_withheld_caller_who_was_served_lifts_the_cap_and_is_offered_nothing(
    clerk: MemoryFile, worker: MemoryFile
) -> None:
    clerk.remember(withheld(15), NOON)
    later = NOON + timedelta(seconds=30)
    clerk.remember([ended("CAserved", caller=None, outcome=Outcome.MESSAGE, at=later)], later)
    told = worker.recall(None, later)
    assert (told.flooded, told.departement) == (frozenset(), None)


def test_what_is_kept_of_withheld_calls_is_gone_when_the_window_is_over(clerk: MemoryFile) -> None:
    clerk.remember(withheld(15), NOON)
    clerk.compact(NOON + timedelta(minutes=20))
    assert clerk.path.read_text() == ""


def hunting(count: int, departement: str = "93") -> list[CallRow]:
    rows = [ended(f"CAh{departement}{place}", departement=departement, over=False) for place in range(count)]
    return [replace(row, outcome=Outcome.IN_PROGRESS) for row in rows]


def test_a_desk_is_full_while_fifteen_hunts_go_on_and_whoever_calls_is_told(
    clerk: MemoryFile, worker: MemoryFile
) -> None:
    clerk.remember([*hunting(14), *hunting(3, "75")], NOON)
    assert worker.recall(CALLER, NOON).full == frozenset()
    MemoryFile(clerk.path.parent, SECRET).remember(hunting(15), NOON)
    assert worker.recall(CALLER, NOON).full == worker.recall(None, NOON).full == {"93"}
    clerk.remember([replace(hunting(1)[0], ended_at=NOON, outcome=Outcome.ABANDONED_RINGING)], NOON)
    assert worker.recall(CALLER, NOON).full == frozenset()


def test_a_thousand_calls_in_a_second_count_the_hunts_once(
    clerk: MemoryFile, worker: MemoryFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[int] = []

    def counting(hunts: Iterable[tuple[str, int]], now: int, limits: RedialLimits) -> frozenset[str]:
        counted.append(now)
        return full_desks(hunts, now, limits)

    monkeypatch.setattr(callers, "full_desks", counting)
    clerk.remember(hunting(15), NOON)
    assert {worker.recall(CALLER, NOON).full for _ in range(1000)} == {frozenset({"93"})}
    assert len(counted) == 1
    clerk.remember([replace(row, ended_at=NOON) for row in hunting(15)], NOON)
    assert worker.recall(CALLER, NOON).full == frozenset()
    assert len(counted) == 2


def test_a_clerk_that_died_caps_nobody_for_longer_than_a_hunt(clerk: MemoryFile, worker: MemoryFile) -> None:
    clerk.remember(hunting(20), NOON)
    assert worker.recall(CALLER, NOON + timedelta(seconds=89)).full == {"93"}
    assert worker.recall(CALLER, NOON + timedelta(seconds=90)).full == frozenset()


def test_hunts_that_go_on_survive_the_daily_compaction_and_the_others_leave_no_line(
    clerk: MemoryFile, worker: MemoryFile
) -> None:
    clerk.remember(hunting(20, "75"), NOON - timedelta(minutes=5))
    clerk.remember(hunting(15), NOON)
    MemoryFile(clerk.path.parent, SECRET).compact(NOON)
    assert worker.recall(CALLER, NOON).full == {"93"}
    assert clerk.path.read_text().count('["h"') == 15


def test_a_number_is_flagged_by_calls_that_go_on_and_no_more_when_one_of_them_is_taken(
    clerk: MemoryFile, worker: MemoryFile
) -> None:
    calls = hunting(12)
    clerk.remember(calls[:11], NOON)
    assert not worker.recall(CALLER, NOON).is_redialling
    clerk.remember(calls, NOON)
    told = worker.recall(CALLER, NOON)
    assert (told.is_redialling, told.departement) == (True, None), "nor is it anybody's usual département yet"
    taken = (Attempt("leo93", "Léo Caron", "+33199009301", AttemptResult.ACCEPTED),)
    clerk.remember([replace(calls[-1], attempts=taken)], NOON)
    assert not worker.recall(CALLER, NOON).is_redialling


def test_a_call_folded_again_is_written_once_and_a_corrected_one_replaces_it(
    clerk: MemoryFile, worker: MemoryFile
) -> None:
    clerk.remember([ended("CA1"), ended("CA1")], NOON)
    before = clerk.path.read_bytes()
    clerk.remember([ended("CA1")], NOON)
    assert clerk.path.read_bytes() == before
    clerk.remember([ended("CA1", departement="75")], NOON)
    assert worker.recall(CALLER, NOON).departement == "75"


def test_a_redialler_is_flagged_for_a_while_and_a_restarted_clerk_still_counts(
    clerk: MemoryFile, worker: MemoryFile
) -> None:
    calls = [ended(f"CA{place}", at=NOON - timedelta(seconds=40 * place)) for place in range(12)]
    clerk.remember(calls[1:], NOON)
    assert not worker.recall(CALLER, NOON).is_redialling
    MemoryFile(clerk.path.parent, SECRET).remember(calls[:1], NOON)
    assert worker.recall(CALLER, NOON).is_redialling
    assert not worker.recall(OTHER, NOON).is_redialling
    assert not worker.recall(CALLER, NOON + timedelta(minutes=15)).is_redialling


def test_a_message_left_lifts_the_flag(clerk: MemoryFile, worker: MemoryFile) -> None:
    clerk.remember([ended(f"CA{n}", at=NOON - timedelta(seconds=40 * n)) for n in range(12)], NOON)
    clerk.remember(
        [ended("CA99", outcome=Outcome.MESSAGE, at=NOON + timedelta(seconds=50))], NOON + timedelta(seconds=50)
    )
    assert not worker.recall(CALLER, NOON + timedelta(seconds=50)).is_redialling


def test_a_forgotten_number_leaves_nothing_and_the_others_stay(clerk: MemoryFile, worker: MemoryFile) -> None:
    clerk.remember([ended("CA1"), ended("CA2", caller=OTHER)], NOON)
    assert worker.recall(CALLER, NOON).departement == "93"
    assert clerk.forget(CALLER) is True
    assert clerk.fingerprint(CALLER) not in clerk.path.read_text()
    assert worker.recall(CALLER, NOON).departement is None
    assert worker.recall(OTHER, NOON).departement == "93"
    assert clerk.forget(CALLER) is False


def test_a_clerk_that_ran_on_writes_into_the_file_that_another_process_compacted(
    clerk: MemoryFile, worker: MemoryFile
) -> None:
    clerk.remember([ended("CA1")], NOON)
    MemoryFile(clerk.path.parent, SECRET).compact(NOON)
    clerk.remember([ended("CA2", caller=OTHER)], NOON)
    assert worker.recall(OTHER, NOON).departement == "93"
    assert worker.recall(CALLER, NOON).departement == "93"


def test_compacting_drops_what_is_older_than_ninety_days(clerk: MemoryFile, worker: MemoryFile) -> None:
    clerk.remember([ended("CA1", at=NOON - timedelta(days=91)), ended("CA2", caller=OTHER)], NOON)
    assert worker.recall(CALLER, NOON).departement is None
    clerk.compact(NOON)
    assert len(clerk.path.read_text().splitlines()) == 1


def test_compacting_keeps_the_last_calls_of_a_busy_caller(clerk: MemoryFile) -> None:
    clerk.remember([ended(f"CA{n}", at=NOON - timedelta(hours=n)) for n in range(100)], NOON)
    clerk.remember([ended("CAmenu", departement=None, at=NOON - timedelta(minutes=1))], NOON)
    clerk.compact(NOON)
    assert len(clerk.path.read_text().splitlines()) == 6


@pytest.mark.parametrize("cut", range(1, 40, 3))
def test_a_line_torn_by_a_power_cut_is_lost_alone(clerk: MemoryFile, worker: MemoryFile, cut: int) -> None:
    clerk.remember([ended("CA1", caller=OTHER)], NOON)
    clerk.remember([ended("CA2")], NOON)
    clerk.path.write_bytes(clerk.path.read_bytes()[:-cut])
    later = NOON + timedelta(minutes=1)
    MemoryFile(clerk.path.parent, SECRET).remember([ended("CA3", departement="75", at=later)], later)
    assert worker.recall(CALLER, NOON).departement == "75"
    assert worker.recall(OTHER, NOON).departement == "93"


@pytest.mark.parametrize(
    "line",
    [
        b"00000000",
        b"00000000 ",
        signed(b"{"),
        signed(b"[" * 5000 + b"]" * 5000),
        signed(b'["h","CA","93",1e999]'),
        b"\x00" * 5000,
        bytes(range(256)),
    ],
)
def test_a_line_that_is_none_of_ours_is_let_by_whatever_its_checksum(worker: MemoryFile, line: bytes) -> None:
    """Eight zeros are the checksum of nothing: such a line was the apology for every caller."""
    worker.path.parent.mkdir()
    told = json.dumps(["c", worker.fingerprint(CALLER), "CA1", 1, int(NOON.timestamp()), ["93"], False])
    worker.path.write_bytes(line + b"\n" + signed(told.encode()) + b"\n")
    assert worker.recall(CALLER, NOON) == worker.recall(None, NOON) == Recollection()


def test_marks_of_a_clock_that_ran_ahead_cap_nobody_once_it_is_right(clerk: MemoryFile, worker: MemoryFile) -> None:
    """Their own end lies days ahead: nobody else would ever take them back."""
    ahead = NOON + timedelta(days=3)
    clerk.remember([ended(f"CA{n}", at=ahead) for n in range(12)], ahead)
    clerk.remember(hunting(15), ahead)
    clerk.remember([ended(f"CA{n}", at=ahead, caller=None) for n in range(40, 55)], ahead)
    assert worker.recall(CALLER, ahead).is_redialling
    assert worker.recall(None, ahead) == Recollection(flooded=frozenset({"93"}), full=frozenset({"93"}))
    assert worker.recall(None, NOON) == Recollection()
    assert not worker.recall(CALLER, NOON).is_redialling


def test_a_file_that_went_away_and_came_back_is_read_from_its_beginning(clerk: MemoryFile, worker: MemoryFile) -> None:
    """The disk may give it the place of the one that went."""
    clerk.remember([ended("CA1")], NOON)
    worker.recall(CALLER, NOON)
    kept = clerk.path.read_bytes()
    clerk.path.write_bytes(b"")
    clerk.path.rename(clerk.path.with_suffix(".away"))
    assert worker.recall(CALLER, NOON).departement is None
    clerk.path.with_suffix(".away").rename(clerk.path)
    clerk.path.write_bytes(kept + kept)
    assert worker.recall(CALLER, NOON).departement == "93"


def test_an_unwritable_folder_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "memory").write_text("a file where the folder should be")
    memory = MemoryFile(tmp_path / "memory", SECRET)
    memory.remember([ended("CA1")], NOON)
    assert memory.recall(CALLER, NOON).departement is None
