"""Calls as others read them: `calls list --json` and one call, in the words of docs/contract.md#a-call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, RowMapping, Select, select

from records.calls.ledger import TimezoneOf
from records.desks.qualifications import qualifications_of
from records.schema.tables import calls

Json = dict[str, Any]

AS_KEPT = (
    "call_id",
    "caller",
    "departement",
    "departement_given_by",
    "outcome",
    "absence_reason",
    "answered_by",
    "referent",
    "referent_phone",
)
"""Columns that are told as they stand, before the moments; `_FIGURES` come after them."""

_FIGURES = ("wait_seconds", "talk_seconds", "total_seconds")
_LEFT = ("message_seconds", "callback_number")


def list_calls(
    connection: Connection,
    *,
    timezone_of: TimezoneOf,
    departement: str | None = None,
    since: date | None = None,
    until: date | None = None,
) -> list[Json]:
    """The calls of the contract, oldest first; `since` and `until` are local days, both included (decision 31)."""
    query = select(calls).order_by(calls.c.started_at, calls.c.call_id)
    rows = connection.execute(_within(query, departement, since, until)).mappings().all()
    qualified = qualifications_of(connection, [row["call_id"] for row in rows])
    return [call_to_json(row, timezone_of(row["departement"]), qualified.get(row["call_id"])) for row in rows]


def _within(query: Select[Any], departement: str | None, since: date | None, until: date | None) -> Select[Any]:
    if departement is not None:
        query = query.where(calls.c.departement == departement)
    if since is not None:
        query = query.where(calls.c.local_date >= since)
    if until is not None:
        query = query.where(calls.c.local_date <= until)
    return query


def get_call(connection: Connection, call_id: str, *, timezone_of: TimezoneOf) -> Json | None:
    """One call of the contract, None when there is none of that name."""
    row = connection.execute(select(calls).where(calls.c.call_id == call_id)).mappings().one_or_none()
    qualified = qualifications_of(connection, [call_id])
    return call_to_json(row, timezone_of(row["departement"]), qualified.get(call_id)) if row else None


def call_to_json(
    row: RowMapping | Mapping[str, Any], timezone: ZoneInfo, qualification: Mapping[str, Any] | None = None
) -> Json:
    """A row of `calls` in the words of the contract; moments with the offset of the département's own zone."""
    return {
        **{name: row[name] for name in AS_KEPT},
        "started_at": _local(row["started_at"], timezone),
        "ended_at": _local(row["ended_at"], timezone),
        **{name: row[name] for name in _FIGURES},
        "attempts": [_attempt(one) for one in json.loads(row["attempts"])],
        **{name: row[name] for name in _LEFT},
        "qualification": dict(qualification) if qualification is not None else None,
        "source": row["source"],
    }


def _local(moment: datetime | None, timezone: ZoneInfo) -> str | None:
    return moment.astimezone(UTC).astimezone(timezone).isoformat(timespec="seconds") if moment else None


def _attempt(one: Mapping[str, Any]) -> Json:
    return {"referent": one["referent"] or None, "phone": one["phone"] or None, "result": one["result"]}
