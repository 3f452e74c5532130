"""Folded calls written to their tables, many in one statement: the row of each, and the task that follows from it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Insert, bindparam, delete, or_, select

from records.calls.call_facts import happened
from records.database import insert_into
from records.facts import NATIONAL, Attempt, CallRow, Fact, FactKind, Outcome, Source
from records.schema.tables import calls, desk_tasks

FOLDED_SOURCES = (str(Source.WEBHOOK), str(Source.RECONCILIATION))
"""Rows that come from facts; those entered by hand or imported are nobody's to fold."""

_ASKED_BY = {
    Outcome.MESSAGE: {FactKind.MESSAGE_LEFT, FactKind.RECORDING_READY},
    Outcome.CALLBACK: {FactKind.CALLBACK_ASKED, FactKind.CALLBACK_TYPED},
}
_LENGTHS: dict[str, int | None] = {
    one.name: getattr(calls.c[one.name].type, "length", None) for one in fields(CallRow) if one.name in calls.c
}
"""The columns that are those of a row, and how many letters each takes (None: any number)."""

_OF_ATTEMPT = tuple(one.name for one in fields(Attempt))


@dataclass(frozen=True, slots=True)
class FoldedCall:
    """A call's row, the facts it was folded from, its time zone and the fingerprint of its caller."""

    row: CallRow
    heard: Sequence[Fact]
    timezone: ZoneInfo
    fingerprint: str | None


def write_calls(connection: Connection, folded: Sequence[FoldedCall]) -> None:
    """Write the rows and their tasks; what people did with a task stays."""
    if not folded:
        return
    connection.execute(_put_calls(connection.dialect.name), [row_values(call) for call in folded])
    _write_tasks(connection, folded)


@cache
def _put_calls(dialect: str) -> Insert:
    statement = insert_into(dialect, calls)
    new = {name: statement.excluded[name] for name in (*_LENGTHS, "local_date", "caller_fingerprint")}
    new.pop("call_id")
    is_ours = or_(*(calls.c.source == source for source in FOLDED_SOURCES))  # IN does not go with many rows at once
    return statement.on_conflict_do_update(index_elements=["call_id"], set_=new, where=is_ours)


def row_values(call: FoldedCall) -> dict[str, Any]:
    """The row as its table keeps it, by the names of the columns."""
    row = call.row
    values = {name: _fitting(getattr(row, name), length) for name, length in _LENGTHS.items()}
    values["attempts"] = json.dumps([{name: getattr(one, name) for name in _OF_ATTEMPT} for one in row.attempts])
    values["local_date"] = row.started_at.astimezone(call.timezone).date()
    values["caller_fingerprint"] = call.fingerprint
    return values


def _fitting(value: Any, length: int | None) -> Any:
    """A value that fits its column: an operator's address of sixty-five letters keeps no call from its row."""
    if not isinstance(value, str):
        return value
    if value.isprintable():  # neither NUL nor half a pair of surrogates
        return value[:length]
    return value.replace("\x00", "").encode("utf-8", "replace").decode()[:length]


def _write_tasks(connection: Connection, folded: Sequence[FoldedCall]) -> None:
    """A message and a callback are each a task of a desk; one that is no more asked for and not handled goes away."""
    tasks = [task for call in folded if (task := _task(call)) is not None]
    _take_back(connection, {call.row.call_id for call in folded}, {(task["call_id"], task["kind"]) for task in tasks})
    if not tasks:
        return
    connection.execute(_put_tasks(connection.dialect.name), tasks)


@cache
def _put_tasks(dialect: str) -> Insert:
    statement = insert_into(dialect, desk_tasks)
    new = {"departement": statement.excluded.departement, "created_at": statement.excluded.created_at}
    is_open = desk_tasks.c.handled_at.is_(None)
    keys = [desk_tasks.c.call_id, desk_tasks.c.kind]
    return statement.on_conflict_do_update(index_elements=keys, set_=new, where=is_open)


_UNTOUCHED = select(desk_tasks.c.call_id, desk_tasks.c.kind).where(
    desk_tasks.c.call_id.in_(bindparam("call_ids", expanding=True)),
    desk_tasks.c.handled_at.is_(None),
    desk_tasks.c.audio_file.is_(None),
)


def _take_back(connection: Connection, call_ids: set[str], asked: set[tuple[str, str]]) -> None:
    for call_id, kind in connection.execute(_UNTOUCHED, {"call_ids": sorted(call_ids)}).all():
        if (call_id, kind) not in asked:
            connection.execute(delete(desk_tasks).where(desk_tasks.c.call_id == call_id, desk_tasks.c.kind == kind))


def _task(call: FoldedCall) -> dict[str, Any] | None:
    asked = _ASKED_BY.get(call.row.outcome)
    if asked is None:
        return None
    return {
        "call_id": call.row.call_id,
        "kind": str(call.row.outcome),
        "departement": _fitting(call.row.departement or NATIONAL, _LENGTHS["departement"]),
        "created_at": min(happened(fact) for fact in call.heard if fact.kind in asked),
    }
