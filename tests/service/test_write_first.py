"""WRITE_FIRST=database: the database has a call before it is answered, and the journal has it when it does not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from records.calls.journal import Journal
from records.calls.ledger import lock_calls
from records.database import Engine, open_database, writing
from records.facts import Fact
from records.schema.ledger_tables import told_calls
from records.schema.migrations import NewerDatabase, migrate, newest_version
from records.schema.tables import facts
from records.true_rows.comparing import rebuild
from records.true_rows.told import answers, fold_told, tell
from routing.departements import timezone_of
from service.wiring.first.database_first import HANDS, DatabaseFirst
from tests.records import play
from tests.records.clerks import NOW, clerk_of, count, outcomes
from tests.records.play import CALL
from tests.service.test_newer_database import LATER, made_by_a_later_release
from tests.service.test_two_machines import CALLER, DIALLED, calls_of
from tests.service.two_machines import machine
from tests.service.waiting import eventually

PLAYED = tuple(play.happy_path())


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url)
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal", "worker")
    yield journal
    journal.close()


Hurried = Callable[..., DatabaseFirst]


@pytest.fixture
def hurried(journal: Journal) -> Iterator[Hurried]:
    """The writer of a web worker on the database of an address; one that is away is asked again after these tests."""
    engines: list[Engine] = []

    def made(url: str, **more: float) -> DatabaseFirst:
        engines.append(engine := open_database(url, is_hurried=True))
        more = {"first_pause": 86_400, **more}
        return DatabaseFirst(lambda told: tell(engine, told, NOW), lambda: answers(engine), journal, **more)

    yield made
    for engine in engines:
        engine.dispose()


def folded(engine: Engine) -> None:
    while fold_told(engine, timezone_of=timezone_of, at=NOW):
        pass


def test_a_call_stands_in_the_database_before_it_is_answered_and_nothing_in_the_journal(
    engine: Engine, database_url: str, journal: Journal, hurried: Hurried
) -> None:
    first = hurried(database_url, deadline=20)
    for fact in PLAYED:
        assert first.append((fact,))
    assert count(engine, facts) == len(PLAYED)
    assert list(journal.folder.glob("*.journal")) == []
    folded(engine)
    assert outcomes(engine) == {CALL: "answered"}
    assert count(engine, told_calls) == 0


def test_what_the_database_and_the_journal_both_have_is_there_once(
    engine: Engine, database_url: str, journal: Journal, hurried: Hurried
) -> None:
    """A commit that was confirmed too late."""
    assert hurried(database_url, deadline=20).append(PLAYED)
    assert journal.append(PLAYED)
    clerk_of(journal.folder, engine).drain_once()
    folded(engine)
    assert (count(engine, facts), outcomes(engine)) == (len(PLAYED), {CALL: "answered"})
    assert rebuild(engine, timezone_of=timezone_of, at=NOW).mended == ()


def test_a_database_too_new_for_this_version_is_not_written_to_and_named(
    engine: Engine, database_url: str, journal: Journal, hurried: Hurried, caplog: pytest.LogCaptureFixture
) -> None:
    """Newer code has taken away what this one writes: the journal keeps the calls until this one may write, or goes."""
    made_by_a_later_release(engine, LATER)
    first = hurried(database_url, deadline=20, first_pause=0.01)
    assert first.append(PLAYED)
    assert (count(engine, facts), lines(journal)) == (0, len(PLAYED))
    assert [one for one in caplog.messages if LATER in one and "plus récente que ce programme" in one]
    with pytest.raises(NewerDatabase, match=LATER):
        answers(engine)
    with writing(engine) as connection:
        connection.execute(text("update schema_floor set oldest = :floor"), {"floor": newest_version()})
    eventually(lambda: first.append(PLAYED[:1]) and count(engine, facts) == 1)


class Server:
    """A database that can stand still; `told` is what it was asked to write, `has` what it has written."""

    def __init__(self) -> None:
        self.stands = threading.Event()
        self.goes_on = threading.Event()
        self.told: list[tuple[Fact, ...]] = []
        self.has: list[tuple[Fact, ...]] = []

    def tell(self, told: tuple[Fact, ...]) -> None:
        self.told.append(told)
        self.answers()
        self.has.append(told)

    def answers(self) -> None:
        if self.stands.is_set():
            assert self.goes_on.wait(60)


def lines(journal: Journal) -> int:
    return sum(file.read_bytes().count(b"\n") for file in journal.folder.glob("*.journal"))


def test_a_database_that_stands_still_is_waited_for_once_and_taken_back_when_it_answers(journal: Journal) -> None:
    server = Server()
    first = DatabaseFirst(server.tell, server.answers, journal, deadline=0.05, first_pause=0.01)
    server.stands.set()
    assert first.append(PLAYED)
    assert lines(journal) == len(PLAYED)
    for number in range(20):
        assert first.append((replace(PLAYED[0], call=f"CA{number}"),))
    assert len(server.told) == 1
    assert lines(journal) == len(PLAYED) + 20
    server.stands.clear()
    server.goes_on.set()
    eventually(lambda: first.append((PLAYED[0],)) and len(server.told) > 1)
    assert server.has


def test_a_system_that_has_no_thread_left_costs_no_call_and_the_database_is_first_again_after_it(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_more(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    server = Server()
    first = DatabaseFirst(server.tell, server.answers, journal)
    with monkeypatch.context() as starved:
        starved.setattr(threading.Thread, "start", no_more)
        for number in range(10):
            assert first.append((replace(PLAYED[0], call=f"CA{number}"),))
    assert (lines(journal), server.has) == (10, [])
    assert first.append((PLAYED[0],))
    assert server.has == [(PLAYED[0],)]


def test_a_server_that_accepts_and_never_speaks_costs_no_caller_his_call(journal: Journal, hurried: Hurried) -> None:
    """Many at once: no more writings are left behind than there are hands."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"postgresql://svi@127.0.0.1:{listening.getsockname()[1]}/svi"
        first = hurried(url, deadline=0.05)
        kept: list[bool] = []
        callers = [
            threading.Thread(target=lambda n=n: kept.append(first.append((replace(PLAYED[0], call=f"CA{n}"),))))
            for n in range(HANDS * 3)
        ]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join(60)
    assert kept == [True] * HANDS * 3
    assert lines(journal) == HANDS * 3


def test_a_call_that_somebody_else_holds_goes_to_the_journal(
    empty_postgres: str, journal: Journal, hurried: Hurried
) -> None:
    """The server itself gives up first; nothing of it is half-written."""
    engine = open_database(empty_postgres)
    migrate(engine)
    first = hurried(empty_postgres, deadline=20)
    with writing(engine) as connection:
        lock_calls(connection, [CALL])
        assert first.append(PLAYED)
    assert (lines(journal), count(engine, facts)) == (len(PLAYED), 0)
    clerk_of(journal.folder, engine).drain_once()
    assert outcomes(engine) == {CALL: "answered"}
    engine.dispose()


def test_a_house_whose_disk_is_lost_has_every_call_in_the_database(tmp_path: Path, empty_postgres: str) -> None:
    """The next machine begins on an empty disk and folds what the last one was told."""
    name = "CA" + "7" * 32
    form = {"CallSid": name, "From": CALLER, "To": DIALLED, "Direction": "inbound"}
    with machine(tmp_path / "une", empty_postgres, write_first="database") as one:
        eventually(one.is_ready, 200)
        assert one.post_voice("", form).status_code == 200
        assert one.post_voice("/status", {**form, "CallStatus": "completed", "CallDuration": "9"}).status_code == 204
        told = [line for file in (one.var_dir / "journal").glob("*.journal") for line in file.read_text().splitlines()]
        assert [line for line in told if name in line] == []
    with machine(tmp_path / "autre", empty_postgres, write_first="database") as other:
        eventually(other.is_ready, 200)
        eventually(lambda: [call["total_seconds"] for call in calls_of(other)] == [9])
