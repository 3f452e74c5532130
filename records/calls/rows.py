"""Folded calls written to their tables, many in one statement: the row of each, and the task that follows from it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, or_, select

from records.calls.call_facts import happened
from records.database import insert_for
from records.facts import NATIONAL, CallRow, Fact, FactKind, Outcome, Source
from records.schema.tables import calls, desk_tasks

FOLDED_SOURCES = (str(Source.WEBHOOK), str(Source.RECONCILIATION))
"""Rows that come from facts; those entered by hand or imported are nobody's to fold."""

_ASKED_BY = {
    Outcome.MESSAGE: {FactKind.MESSAGE_LEFT, FactKind.RECORDING_READY},
    Outcome.CALLBACK: {FactKind.CALLBACK_ASKED, FactKind.CALLBACK_TYPED},
}


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
    statement = insert_for(connection, calls)
    values = [row_values(call) for call in folded]
    new = {name: statement.excluded[name] for name in values[0] if name != "call_id"}
    is_ours = or_(*(calls.c.source == source for source in FOLDED_SOURCES))  # IN does not go with many rows at once
    connection.execute(statement.on_conflict_do_update(index_elements=["call_id"], set_=new, where=is_ours), values)
    _write_tasks(connection, folded)


def row_values(call: FoldedCall) -> dict[str, Any]:
    """The row as its table keeps it, by the names of the columns."""
    row = call.row
    values = {name: _column(name, value) for name, value in asdict(row).items() if name in calls.c}
    values["attempts"] = json.dumps([{**asdict(one), "result": one.result} for one in row.attempts])
    values["local_date"] = row.started_at.astimezone(call.timezone).date()
    values["caller_fingerprint"] = call.fingerprint
    return values


def _column(name: str, value: Any) -> Any:
    """A value that fits its column: an operator's address of sixty-five letters keeps no call from its row."""
    if not isinstance(value, str):
        return value
    return value.replace("\x00", "").encode("utf-8", "replace").decode()[: getattr(calls.c[name].type, "length", None)]


def _write_tasks(connection: Connection, folded: Sequence[FoldedCall]) -> None:
    """A message and a callback are each a task of a desk; one that is no more asked for and not handled goes away."""
    tasks = [task for call in folded if (task := _task(call)) is not None]
    _take_back(connection, {call.row.call_id for call in folded}, {(task["call_id"], task["kind"]) for task in tasks})
    if not tasks:
        return
    statement = insert_for(connection, desk_tasks)
    new = {"departement": statement.excluded.departement, "created_at": statement.excluded.created_at}
    is_open = desk_tasks.c.handled_at.is_(None)
    keys = [desk_tasks.c.call_id, desk_tasks.c.kind]
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=new, where=is_open), tasks)


def _take_back(connection: Connection, call_ids: set[str], asked: set[tuple[str, str]]) -> None:
    untouched = (desk_tasks.c.handled_at.is_(None), desk_tasks.c.audio_file.is_(None))
    query = select(desk_tasks.c.call_id, desk_tasks.c.kind).where(desk_tasks.c.call_id.in_(sorted(call_ids)))
    for call_id, kind in connection.execute(query.where(*untouched)).all():
        if (call_id, kind) not in asked:
            connection.execute(delete(desk_tasks).where(desk_tasks.c.call_id == call_id, desk_tasks.c.kind == kind))


def _task(call: FoldedCall) -> dict[str, Any] | None:
    asked = _ASKED_BY.get(call.row.outcome)
    if asked is None:
        return None
    return {
        "call_id": call.row.call_id,
        "kind": str(call.row.outcome),
        "departement": _column("departement", call.row.departement or NATIONAL),
        "created_at": min(happened(fact) for fact in call.heard if fact.kind in asked),
    }
