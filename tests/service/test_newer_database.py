"""A release that is rolled back finds a database newer than itself: it says so, and calls go on."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from records.calls.journal import Journal
from records.database import Engine, open_database, writing
from records.schema.migrations import NewerDatabase, migrate, newest_version
from records.schema.tables import facts
from service.clock import now
from service.running.clerk import ClerkProcess
from service.running.watching.health import inspect
from service.running.watching.state import read_state
from service.running.watching.unfinished import HalfRestored, mark, unmark
from service.settings import Settings, read_settings
from tests.records import play
from tests.records.clerks import count
from tests.service.directories import CSV
from tests.service.waiting import eventually

LATER = "9999"


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url)
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    csv = tmp_path / "referents.csv"
    csv.write_text(CSV, encoding="utf-8")
    return read_settings(demo=True, var_dir=tmp_path / "var", referents_csv=csv, database_url=database_url)


def made_by_a_later_release(engine: Engine, floor: str) -> None:
    with writing(engine) as connection:
        connection.execute(text("update alembic_version set version_num = :later"), {"later": LATER})
        connection.execute(text("update schema_floor set oldest = :floor"), {"floor": floor})


def test_a_newer_database_that_only_added_is_left_as_it_is_and_written_to(engine: Engine) -> None:
    made_by_a_later_release(engine, newest_version())
    assert migrate(engine) == LATER


@pytest.mark.parametrize("floor", ["9998", LATER])
def test_a_newer_database_that_took_something_away_is_refused_by_its_name(engine: Engine, floor: str) -> None:
    made_by_a_later_release(engine, floor)
    with pytest.raises(NewerDatabase, match=LATER) as caught:
        migrate(engine)
    assert caught.value.revision == LATER


def working(settings: Settings, engine: Engine) -> tuple[threading.Thread, threading.Event]:
    ending = threading.Event()
    thread = threading.Thread(target=ClerkProcess(settings, engine).run, args=(ending,))
    thread.start()
    return thread, ending


def test_the_clerk_goes_on_where_a_newer_database_allows_it_and_says_so(settings: Settings, engine: Engine) -> None:
    made_by_a_later_release(engine, newest_version())
    journal = Journal(settings.journal_dir, "worker")
    journal.append(play.happy_path())
    thread, ending = working(settings, engine)
    try:
        eventually(lambda: count(engine, facts) == len(play.happy_path()))
        eventually(lambda: read_state(settings.state_dir, "clerk"))
        told = read_state(settings.state_dir, "clerk")
        assert (told["error"], told["database"]["newer"]) == (None, LATER)
    finally:
        ending.set()
        thread.join()
        journal.close()


def test_the_clerk_waits_where_it_must_not_write_and_says_why_once(
    settings: Settings, engine: Engine, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The directory serves calls all the same, and what the journal holds waits there."""
    monkeypatch.setattr("service.running.clerk.NEWER_PAUSE", 0.05)
    made_by_a_later_release(engine, LATER)
    journal = Journal(settings.journal_dir, "worker")
    journal.append(play.happy_path())
    with caplog.at_level(logging.ERROR):
        thread, ending = working(settings, engine)
        try:
            eventually(lambda: read_state(settings.state_dir, "clerk"))
            first = read_state(settings.state_dir, "clerk")
            eventually(lambda: read_state(settings.state_dir, "clerk")["at"] != first["at"])
            assert (first["error"], first["database"]["newer"]) == ("NewerDatabase", LATER)
            assert count(engine, facts) == 0
            parts = inspect(
                folder=settings.state_dir, journal=settings.journal_dir, snapshot=None, problem=None,
                failed_appends=0, now=now(),
            )  # fmt: skip
            assert parts["database"] == {"state": "down", "reason": "NewerDatabase"}
            with writing(engine) as connection:
                connection.execute(text("update schema_floor set oldest = :floor"), {"floor": newest_version()})
            eventually(lambda: count(engine, facts) == len(play.happy_path()))
        finally:
            ending.set()
            thread.join()
            journal.close()
    assert len([line for line in caplog.messages if LATER in line]) == 1


def test_the_clerk_leaves_a_half_restored_database_alone_and_says_how_to_end_it(
    settings: Settings, engine: Engine, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calls wait in the journal; the clerk goes on by itself once the restoration is ended or undone."""
    monkeypatch.setattr("service.running.clerk.NEWER_PAUSE", 0.05)
    settings.var_dir.mkdir(exist_ok=True)
    mark(settings, HalfRestored(Path("/sauvegarde"), settings.var_dir / "avant", None))
    journal = Journal(settings.journal_dir, "worker")
    journal.append(play.happy_path())
    thread, ending = working(settings, engine)
    try:
        eventually(lambda: read_state(settings.state_dir, "clerk").get("error") == "RestoreUnfinished")
        assert count(engine, facts) == 0
        assert [one for one in caplog.messages if "svi restore /sauvegarde" in one and "svi restore --undo" in one]
        unmark(settings)
        eventually(lambda: count(engine, facts) == len(play.happy_path()))
    finally:
        ending.set()
        thread.join()
        journal.close()
