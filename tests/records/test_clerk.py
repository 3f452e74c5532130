"""The clerk: nothing lost, nothing doubled, whatever is killed, locked, full or away."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event
from zlib import crc32

import pytest
from sqlalchemy import insert, select

from records.calls.clerk import Drained
from records.calls.journal import Journal, journal_files
from records.calls.lines import encode
from records.database import Engine, reading, writing
from records.facts import CallRow
from records.schema.tables import calls, facts, journal_offsets, metadata, quarantine
from tests.records import play
from tests.records.clerks import NOW, clerk_of, count, outcomes
from tests.records.play import CALL

# ---------------------------------------------------------------- moving


def test_what_is_in_the_journal_is_in_the_ledger_after_one_round(
    folder: Path, journal: Journal, engine: Engine
) -> None:
    journal.append(play.happy_path())
    drained = clerk_of(folder, engine).drain_once()
    count = len(play.happy_path())
    assert (drained.lines, drained.facts, drained.torn, drained.error) == (count, count, 0, None)
    assert drained.calls == {CALL}
    assert outcomes(engine) == {CALL: "answered"}


def test_a_second_round_moves_only_what_came_since(folder: Path, journal: Journal, engine: Engine) -> None:
    clerk = clerk_of(folder, engine)
    journal.append(play.happy_path()[:3])
    clerk.drain_once()
    assert clerk.drain_once() == Drained()
    journal.append(play.happy_path()[3:])
    assert clerk.drain_once().facts == len(play.happy_path()) - 3
    assert outcomes(engine) == {CALL: "answered"}


def test_a_new_clerk_goes_on_where_the_last_one_was(folder: Path, journal: Journal, engine: Engine) -> None:
    journal.append(play.happy_path()[:3])
    clerk_of(folder, engine).drain_once()
    journal.append(play.happy_path()[3:])
    assert clerk_of(folder, engine).drain_once().facts == len(play.happy_path()) - 3


def test_a_journal_without_its_database_is_all_that_is_needed(folder: Path, journal: Journal, engine: Engine) -> None:
    """A backup of yesterday is restored: the journals of the week bring it up to date."""
    journal.append(play.happy_path())
    clerk_of(folder, engine).drain_once()
    before = outcomes(engine)
    with engine.begin() as connection:
        for table in (facts, calls, journal_offsets):
            connection.execute(table.delete())
    clerk_of(folder, engine).drain_once()
    assert outcomes(engine) == before


def test_nothing_to_move_is_no_error(folder: Path, engine: Engine) -> None:
    assert clerk_of(folder, engine).drain_once() == Drained()


def test_those_who_follow_the_calls_hear_of_each_row_and_cannot_stop_the_clerk(
    folder: Path, journal: Journal, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[CallRow] = []

    def follow(rows: list[CallRow]) -> None:
        heard.extend(rows)
        raise RuntimeError("a follower's own fault")

    journal.append(play.happy_path())
    assert clerk_of(folder, engine, on_calls=follow).drain_once().error is None
    assert [row.call_id for row in heard] == [CALL]
    assert "what follows a call failed" in caplog.text


def test_more_than_one_portion_is_moved_in_one_round(folder: Path, journal: Journal, engine: Engine) -> None:
    for number in range(20):
        journal.append([replace(fact, call=f"CA{number}") for fact in play.happy_path()])
    drained = clerk_of(folder, engine, portion=2_000).drain_once()
    assert drained.facts == 20 * len(play.happy_path())
    assert set(outcomes(engine).values()) == {"answered"}


def test_a_round_that_is_too_long_ends_and_the_next_goes_on_with_every_file_in_turn(
    folder: Path, engine: Engine
) -> None:
    """Calls that never cease keep the clerk from no sign of life, and a busy worker's file from no other's."""
    for name in ("host-1", "host-2"):
        with closing(Journal(folder, name)) as journal:
            for number in range(4):
                journal.append([replace(fact, call=f"CA-{name}-{number}") for fact in play.happy_path()])
    clerk = clerk_of(folder, engine, portion=4_000)
    rounds = [clerk.drain_once(at_most=0) for _ in range(3)]
    assert all(one.is_unfinished and 0 < len(one.calls) < 4 for one in rounds)
    moved = set().union(*(one.calls for one in rounds))
    assert {"CA-host-1-0", "CA-host-2-0"} <= moved
    last = clerk.drain_once()
    assert not last.is_unfinished
    assert count(engine, calls) == 8


def test_what_is_written_while_a_round_moves_waits_for_the_next(folder: Path, journal: Journal, engine: Engine) -> None:
    """One large transaction in a while costs a fraction of many small ones, and a round always ends."""

    def write(_rows: list[CallRow]) -> None:
        journal.append([replace(play.arrived(), call=f"CA-{count(engine, calls)}")])

    clerk = clerk_of(folder, engine, on_calls=write)
    write([])
    for number in range(1, 4):
        drained = clerk.drain_once()
        assert (drained.facts, drained.is_unfinished) == (1, False)
        assert count(engine, calls) == number


def test_a_clerk_that_has_much_to_do_speaks_between_its_rounds_and_stops_when_told(
    folder: Path, journal: Journal, engine: Engine
) -> None:
    for number in range(4):
        journal.append([replace(fact, call=f"CA{number}") for fact in play.happy_path()])
    stop, heard = Event(), []

    def after_round(drained: Drained) -> None:
        heard.append(drained.is_unfinished)
        if len(heard) == 2:
            stop.set()

    clerk_of(folder, engine, portion=2_000).run(stop, busy=0, after_round=after_round)
    assert heard == [True, True]


# ---------------------------------------------------------------- damage


def test_a_line_that_is_still_being_written_waits_for_its_end(folder: Path, journal: Journal, engine: Engine) -> None:
    clerk = clerk_of(folder, engine)
    journal.append(play.happy_path()[:2])
    (path,) = journal_files(folder)
    line = encode(play.happy_path()[2])
    with path.open("ab") as file:
        file.write(line[:30])
        file.flush()
        assert (clerk.drain_once().facts, clerk.drain_once()) == (2, Drained())
        file.write(line[30:])
    assert clerk.drain_once().facts == 1


def test_a_torn_end_that_nobody_will_finish_is_counted_and_left_behind(folder: Path, engine: Engine) -> None:
    journal = Journal(folder, "host-1")
    journal.append(play.happy_path()[:2])
    journal.close()
    (path,) = journal_files(folder)
    with path.open("ab") as file:
        file.write(encode(play.happy_path()[2])[:30])
    drained = clerk_of(folder, engine).drain_once()
    assert (drained.facts, drained.torn) == (2, 1)
    assert clerk_of(folder, engine).drain_once() == Drained()


def test_unknown_facts_and_damaged_lines_stop_nothing(folder: Path, journal: Journal, engine: Engine) -> None:
    journal.append(play.happy_path()[:5])
    (path,) = journal_files(folder)
    strange = encode(play.arrived()).replace(b"arrived", b"a_rived")
    with path.open("ab") as file:
        file.write(strange)
        file.write(_signed(b'{"call":"CA1","kind":"of_tomorrow","n":1,"at":"2026-01-05T08:00:00+00:00"}'))
        file.write(b"\x00" * 600_000)
    journal.append(play.happy_path()[5:])
    drained = clerk_of(folder, engine).drain_once()
    assert (drained.strange, drained.error) == (1, None)
    assert drained.torn >= 2
    assert outcomes(engine) == {CALL: "answered"}
    assert count(engine, quarantine) == 1


def _signed(line: bytes) -> bytes:
    return b"%08x %s\n" % (crc32(line), line)


# ---------------------------------------------------------------- old files


def test_files_moved_whole_are_kept_a_week_and_never_deleted_while_they_may_be_written(
    folder: Path, engine: Engine
) -> None:
    left, held = Journal(folder, "host-1"), Journal(folder, "host-2")
    for one in (left, held):
        one.append(play.happy_path())
    left.close()
    old = (NOW - timedelta(days=8)).timestamp()
    for path in journal_files(folder):
        os.utime(path, (old, old))
    clerk_of(folder, engine, clock=lambda: NOW - timedelta(days=3)).drain_once()
    assert len(journal_files(folder)) == 2
    clerk_of(folder, engine).drain_once()
    assert [path.name for path in journal_files(folder)] == [
        path.name for path in journal_files(folder) if "host-2" in path.name
    ]
    assert len(journal_files(folder)) == count(engine, journal_offsets) == 1
    held.close()


def test_a_file_that_was_not_moved_is_never_deleted(folder: Path, engine: Engine) -> None:
    journal = Journal(folder, "host-1")
    journal.append(play.happy_path())
    journal.close()
    (path,) = journal_files(folder)
    os.utime(path, (0, 0))
    metadata.drop_all(engine)
    assert clerk_of(folder, engine).drain_once().error is not None
    assert path.exists()


def test_how_far_a_file_was_moved_that_is_gone_is_forgotten_a_month_later(
    folder: Path, journal: Journal, engine: Engine
) -> None:
    """Machines come and go, each with files of its own; one that is here keeps its place, however old."""
    journal.append(play.happy_path())
    (here,) = journal_files(folder)
    size = here.stat().st_size
    known = {here.name: 365, "of-a-machine-that-went.journal": 31, "of-a-machine-that-rests.journal": 29}
    with writing(engine) as connection:
        rows = [{"file": name, "offset": size, "at": NOW - timedelta(days=days)} for name, days in known.items()]
        connection.execute(insert(journal_offsets), rows)
    assert clerk_of(folder, engine).drain_once() == Drained()
    with reading(engine) as connection:
        left = set(connection.scalars(select(journal_offsets.c.file)))
    assert left == {here.name, "of-a-machine-that-rests.journal"}
