"""The calls as a desk reads them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from records.database import Connection, Engine, writing
from records.desks.desk_calls import (
    add_manual_call,
    calls_to_qualify,
    live_calls,
    read_call,
    recent_of,
    to_do,
)
from records.desks.found_calls import Wanted, count_calls, find_calls
from records.schema.desk_tables import qualifications
from records.schema.tables import calls, desk_tasks

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with writing(engine) as opened:
        yield opened


def store(connection: Connection, call_id: str, **given: Any) -> None:
    row = {
        "call_id": call_id, "caller": "+33199000001", "departement": "75", "outcome": "answered",
        "answered_by": "local", "started_at": NOW - HOUR, "local_date": date(2026, 11, 24), "attempts": "[]",
        "callback_confirmed": False, "source": "webhook",
    }  # fmt: skip
    connection.execute(insert(calls).values(**row | given))


def qualify(connection: Connection, call_id: str, *, resolved: bool) -> None:
    connection.execute(
        insert(qualifications).values(
            call_id=call_id, version=1, thematique="T", motif="M", sous_motif="S", niveau="1", resolved=resolved,
            escalated=False, comment="", by="moi", at=NOW,
        )
    )  # fmt: skip


def late(_code: str, since: datetime) -> bool:
    return NOW - since > timedelta(days=1)


def ids(lines: list[Any]) -> list[str]:
    return [line.call_id for line in lines]


def test_a_desk_has_its_answered_calls_to_qualify_newest_first(connection: Connection) -> None:
    store(connection, "old", started_at=NOW - 2 * HOUR)
    store(connection, "new")
    store(connection, "done")
    qualify(connection, "done", resolved=True)
    store(connection, "elsewhere", departement="59")
    store(connection, "nobody", outcome="absence")
    store(connection, "forgotten", started_at=NOW - timedelta(days=91))
    assert ids(calls_to_qualify(connection, ("75",), NOW)) == ["new", "old"]
    assert to_do(connection, ("75",), NOW, late).calls == 2
    assert ids(calls_to_qualify(connection, ("75",), NOW, limit=1, offset=1)) == ["old"]


def test_what_the_national_team_took_is_for_the_national_team_to_qualify(connection: Connection) -> None:
    store(connection, "national", answered_by="national")
    store(connection, "nowhere", departement=None, answered_by="national")
    store(connection, "local")
    assert ids(calls_to_qualify(connection, ("75",), NOW)) == ["local"]
    assert set(ids(calls_to_qualify(connection, None, NOW))) == {"national", "nowhere"}
    assert set(ids(find_calls(connection, ("75",), Wanted(), limit=9))) == {"national", "local"}
    assert count_calls(connection, None, Wanted()) == 3


def test_a_live_call_is_seen_while_it_rings_and_while_it_talks(connection: Connection) -> None:
    store(connection, "rings", outcome="in_progress", attempts='[{"person": "a", "result": null}]')
    store(connection, "talks", outcome="in_progress", referent="Camille", started_at=NOW)
    store(connection, "lost", outcome="in_progress", started_at=NOW - 3 * HOUR)
    found = live_calls(connection, ("75",), NOW)
    assert [(line.call_id, line.is_talking) for line in found] == [("talks", True), ("rings", False)]


def test_messages_and_callbacks_are_counted_and_the_late_ones_apart(connection: Connection) -> None:
    for number, (kind, desk, hours, handled) in enumerate(
        [
            ("message", "75", 1, None),
            ("message", "75", 30, None),
            ("callback", "75", 30, NOW),
            ("callback", "59", 1, None),
        ]
    ):
        connection.execute(
            insert(desk_tasks).values(
                call_id=f"CA{number}", kind=kind, departement=desk, created_at=NOW - hours * HOUR, handled_at=handled
            )
        )
    counted = to_do(connection, ("75",), NOW, late)
    assert (counted.messages, counted.callbacks, counted.overdue) == (2, 0, 1)


def test_what_a_caller_asked_within_seven_days_is_known_in_the_readers_departements_only(
    connection: Connection,
) -> None:
    store(connection, "first", started_at=NOW - timedelta(days=6))
    store(connection, "second", started_at=NOW - timedelta(days=1), outcome="absence")
    store(connection, "third")
    store(connection, "before", started_at=NOW - timedelta(days=8))
    store(connection, "elsewhere", departement="59", started_at=NOW - timedelta(days=1))
    store(connection, "somebody", caller="+33199000002", started_at=NOW - timedelta(days=1))
    store(connection, "withheld", caller=None)
    qualify(connection, "first", resolved=False)
    lines = calls_to_qualify(connection, ("75",), NOW)
    found = recent_of(connection, lines, ("75",))
    assert (found["third"].rank, found["third"].unresolved) == (3, 2)
    assert ids(list(found["third"].before)) == ["second", "first"]
    assert "withheld" not in found
    assert recent_of(connection, lines, None)["third"].rank == 4


def test_a_call_added_by_hand_waits_for_its_qualification_like_the_others(connection: Connection) -> None:
    call_id = add_manual_call(
        connection, caller=None, departement="75", started_at=NOW - HOUR, local_date=date(2026, 11, 24),
        talk_seconds=300, referent="Camille", linked_call_id="CA1",
    )  # fmt: skip
    line = read_call(connection, call_id)
    assert line is not None
    assert (line.source, line.outcome, line.talk_seconds) == ("manual", "answered", 300)
    assert ids(calls_to_qualify(connection, ("75",), NOW)) == [call_id]
    assert read_call(connection, "unknown") is None
