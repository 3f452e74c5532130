"""What a number did before it was erased stays erased, whatever comes in late; a later call is a new one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from records.calls.ledger import record, refold
from records.database import Connection, Engine, open_database, writing
from records.facts import Fact, FactKind
from records.privacy.erased import is_erased, keep_erased
from records.schema.tables import calls, desk_tasks, facts, metadata
from records.true_rows.comparing import rebuild
from routing.departements import timezone_of
from tests.service.directories import MOMENT

CALLER, OTHER = "+33639981234", "+33639985678"
ERASED_AT = MOMENT + timedelta(hours=1)


def fingerprint(caller: str | None) -> str | None:
    return f"print of {caller[-4:]}" if caller else None


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = open_database(database_url)
    metadata.create_all(made)
    yield made
    made.dispose()


def told(call_id: str, caller: str, at: datetime, *, over: bool = True, **more: str) -> list[Fact]:
    heard = [Fact(call_id, FactKind.ARRIVED, 0, at, "", {"caller": caller, "dialled": "+33199000000"})]
    heard += [Fact(call_id, FactKind.SPOKE, 2, at, "", {"step": "menu", "text": text}) for text in more.values()]
    if over:
        ended = {"status": "completed", "seconds": 60, "caller": caller, "dialled": "+33199000000"}
        heard.append(Fact(call_id, FactKind.ENDED, 0, at + timedelta(minutes=1), "", ended))
    return heard


def come_in(connection: Connection, heard: list[Fact], at: datetime) -> None:
    touched = record(connection, heard, origin="late", at=at)
    refold(connection, touched, timezone_of=timezone_of, at=at, fingerprint=fingerprint)


def all_that_is_written(connection: Connection) -> str:
    return "\n".join(str(row) for table in (calls, facts, desk_tasks) for row in connection.execute(select(table)))


def test_a_line_of_a_journal_that_comes_in_after_the_erasure_brings_no_number(engine: Engine) -> None:
    with writing(engine) as connection:
        keep_erased(connection, "print of 1234", ERASED_AT)
        heard = told("CA1", CALLER, MOMENT, said="je suis au 06 39 98 12 34")
        come_in(connection, heard, ERASED_AT + timedelta(minutes=5))
        written = all_that_is_written(connection)
        kept = connection.execute(select(calls.c.call_id, calls.c.caller, calls.c.caller_fingerprint)).one()
    assert (kept.call_id, kept.caller) == ("CA1", None)
    assert kept.caller_fingerprint != "print of 1234"
    assert "639981234" not in written
    assert "39 98 12" not in written
    assert rebuild(engine, timezone_of=timezone_of, at=ERASED_AT, fingerprint=fingerprint).mended == ()


def test_a_call_after_the_erasure_is_a_new_one(engine: Engine) -> None:
    later = ERASED_AT + timedelta(minutes=10)
    with writing(engine) as connection:
        keep_erased(connection, "print of 1234", ERASED_AT)
        come_in(connection, [*told("CA2", CALLER, later), *told("CA3", OTHER, MOMENT)], later + timedelta(minutes=5))
        kept = connection.execute(select(calls.c.call_id, calls.c.caller).order_by(calls.c.call_id)).all()
    assert list(map(tuple, kept)) == [("CA2", CALLER), ("CA3", OTHER)]


def test_a_call_that_went_on_when_its_number_was_erased_loses_it_at_its_end(engine: Engine) -> None:
    with writing(engine) as connection:
        come_in(connection, told("CA1", CALLER, MOMENT, over=False), MOMENT)
        keep_erased(connection, "print of 1234", MOMENT + timedelta(minutes=2))
        come_in(connection, told("CA1", CALLER, MOMENT, over=True), MOMENT + timedelta(minutes=3))
        kept = connection.execute(select(calls.c.caller, calls.c.ended_at)).one()
        written = all_that_is_written(connection)
    assert kept.caller is None
    assert kept.ended_at is not None
    assert "639981234" not in written


def test_of_two_erasures_the_later_one_counts(engine: Engine) -> None:
    with writing(engine) as connection:
        keep_erased(connection, "a", ERASED_AT)
        keep_erased(connection, "a", MOMENT)
        assert is_erased(connection, "a", ERASED_AT)
        keep_erased(connection, "a", ERASED_AT + timedelta(hours=1))
        assert is_erased(connection, "a", ERASED_AT + timedelta(minutes=1))
        assert not is_erased(connection, "b", MOMENT)
