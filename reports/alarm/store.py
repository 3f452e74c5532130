"""The legs and calls that an alarm is judged by, and the alarms that are open."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from records.alerting.telling import open_alerts, over_since
from records.calls.ledger import facts_of
from records.calls.rows import FOLDED_SOURCES
from records.facts import AttemptResult, Fact, FactKind
from records.schema.tables import calls, facts
from reports.alarm.refused_documents import refused_people
from reports.alarm.rules import Alarm, AlarmKind, RungLeg


def legs_since(connection: Connection, since: datetime, until: datetime) -> list[RungLeg]:
    """Every telephone rung in the calls begun between two moments, in the order rung; not those that still ring."""
    wanted = (calls.c.started_at > since, calls.c.started_at <= until, calls.c.attempts != "[]")
    query = select(calls.c.call_id, calls.c.started_at, calls.c.attempts).where(*wanted)
    rows = connection.execute(query.order_by(calls.c.started_at, calls.c.call_id)).all()
    refused = _refused_since(connection, since)
    return [leg for row in rows for leg in _legs(row, refused.get(row.call_id, {}))]


def _legs(row: Any, refused: dict[str, str]) -> Iterator[RungLeg]:
    for one in json.loads(row.attempts):
        error = refused.get(one["person"], "")
        if error or one["result"]:
            result = AttemptResult.FAILED if error else AttemptResult(one["result"])
            yield RungLeg(row.started_at, one["phone"], result, error)


def _refused_since(connection: Connection, since: datetime) -> dict[str, dict[str, str]]:
    """By call, whom the operator did not ring because it refused the document, and its error."""
    apologies = select(facts.c.call).where(facts.c.kind == str(FactKind.APOLOGISED), facts.c.at > since)
    found: dict[str, list[Fact]] = facts_of(connection, set(connection.scalars(apologies)))
    return {call: refused_people(told) for call, told in found.items()}


def calls_between(connection: Connection, start: datetime, end: datetime | None = None) -> int:
    """How many people called from `start` on, before `end` where there is one."""
    wanted = [calls.c.started_at >= start, calls.c.source.in_(FOLDED_SOURCES)]
    if end is not None:
        wanted.append(calls.c.started_at < end)
    return connection.scalar(select(func.count()).select_from(calls).where(*wanted)) or 0


# ---------------------------------------------------------------- open alarms


def open_alarms(connection: Connection) -> list[Alarm]:
    """The alarms that are not over, the oldest first."""
    return [Alarm(AlarmKind(one.kind), one.since, one.about) for one in open_alerts(connection, AlarmKind)]


def told_of_open(connection: Connection) -> list[dict[str, Any]]:
    """Kind, moment (ISO 8601) and sentence of each open alarm, as it was told when it began, the oldest first."""
    found = open_alerts(connection, AlarmKind)
    return [{"kind": one.kind, "since": one.since.isoformat(), "told": one.told} for one in found]


def ended_after(connection: Connection, since: datetime) -> set[str]:
    """The keys of the alarms that were over only after `since`."""
    return {one.key for one in over_since(connection, since)}
