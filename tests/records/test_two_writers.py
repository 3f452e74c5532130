"""Two machines that write one call at the same moment: neither folds it from what it saw before the other."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import event, select, update

from records.calls.journal import Journal
from records.calls.ledger import record, refold
from records.database import Engine, open_database, reading, writing
from records.facts import Fact
from records.schema.tables import calls, facts, metadata
from records.true_rows.comparing import mend, rebuild
from tests.records import play
from tests.records.clerks import clerk_of, count, outcomes
from tests.records.play import CALL, STORIES, timezone_of
from tests.records.test_clerk_processes import many

NOW = datetime(2026, 1, 6, tzinfo=UTC)


def take_in(engine: Engine, heard: list[Fact], reached: threading.Event, go_on: threading.Event) -> None:
    """Write facts and row in one transaction, and commit when told to."""
    with writing(engine) as connection:
        touched = record(connection, heard, origin="test", at=NOW)
        refold(connection, touched, timezone_of=timezone_of, at=NOW)
        reached.set()
        assert go_on.wait(20)


def test_the_second_writer_of_a_call_sees_what_the_first_one_wrote(empty_postgres: str) -> None:
    """The first has folded and not committed yet; the second's row must be that of all the facts."""
    played = play.happy_path()
    first, second = open_database(empty_postgres), open_database(empty_postgres)
    metadata.create_all(first)
    folded, may_commit, written, at_once = (threading.Event() for _ in range(4))
    at_once.set()
    asked = threading.Event()
    event.listen(second, "before_cursor_execute", lambda *_more: asked.set())
    one = threading.Thread(target=take_in, args=(first, played[:4], folded, may_commit))
    two = threading.Thread(target=take_in, args=(second, played[4:], written, at_once))
    one.start()
    assert folded.wait(20)
    two.start()
    assert asked.wait(20)
    written.wait(0.5)  # as far as it gets without the first one's commit
    may_commit.set()
    one.join(20)
    two.join(20)
    assert outcomes(first) == {CALL: "answered"}
    assert rebuild(first, timezone_of=timezone_of, at=NOW).mended == ()
    first.dispose()
    second.dispose()


def test_two_clerks_on_one_database_leave_every_row_as_its_facts_say(tmp_path: Path, empty_postgres: str) -> None:
    """Each machine has heard every other webhook of each call."""
    engines = [open_database(empty_postgres) for _ in range(2)]
    metadata.create_all(engines[0])
    played = many(120)
    journals = [Journal(tmp_path / f"machine-{number}", "worker") for number in range(2)]
    for call in played:
        for number, fact in enumerate(call):
            assert journals[number % 2].append([fact])
    errors: list[str | None] = []

    def drain(number: int) -> None:
        clerk = clerk_of(tmp_path / f"machine-{number}", engines[number], portion=2048)
        errors.append(clerk.drain_once().error)

    threads = [threading.Thread(target=drain, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == [None, None]
    assert count(engines[0], facts) == sum(len({fact.key for fact in call}) for call in played)
    assert rebuild(engines[0], timezone_of=timezone_of, at=NOW).mended == ()
    for journal, engine in zip(journals, engines, strict=True):
        journal.close()
        engine.dispose()


def test_a_row_that_is_not_what_its_facts_say_is_mended_and_told(engine: Engine) -> None:
    """The missing one too; a row that is right, or was written by hand, is not touched."""
    names = {name: f"CA-{number}" for number, name in enumerate(STORIES)}
    heard = [replace(one, call=names[name]) for name, story in STORIES.items() for one in story()]
    first, second, third = sorted(names.values())[:3]
    with writing(engine) as connection:
        refold(connection, record(connection, heard, origin="test", at=NOW), timezone_of=timezone_of, at=NOW)
        connection.execute(update(calls).where(calls.c.call_id == first).values(outcome="missed", ended_at=None))
        connection.execute(calls.delete().where(calls.c.call_id == second))
        connection.execute(update(calls).where(calls.c.call_id == third).values(source="manual", talk_seconds=1))
    found = mend(engine, list(names.values()), timezone_of=timezone_of, at=NOW)
    assert [one.call_id for one in found] == [first, second]
    assert set(found[0].columns) == {"outcome", "ended_at"}
    assert found[0].columns["outcome"][0] == "missed"
    assert mend(engine, list(names.values()), timezone_of=timezone_of, at=NOW) == []
    with reading(engine) as connection:
        assert connection.scalar(select(calls.c.talk_seconds).where(calls.c.call_id == third)) == 1
