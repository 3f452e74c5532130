"""Calls scrubbed of the person who made them: their facts of what he said and typed, their rows of his number."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from records.facts import FactKind
from records.privacy.calls_growing_old import BY_ERASURE, bury, close_callbacks
from records.privacy.written import WrittenNumber
from records.schema.tables import calls, desk_tasks, facts

_MENU_KEYS = 3
"""Keys that a menu asks for; more are a number that was typed."""


def scrub_calls(connection: Connection, call_ids: Collection[str], at: datetime) -> None:
    """Nothing of these rows says who called any more, and nobody is asked to call back."""
    nothing = {"caller": None, "callback_number": None}
    connection.execute(update(calls).where(calls.c.call_id.in_(call_ids)).values(nothing))
    close_callbacks(connection, call_ids, at)
    bury(connection, call_ids, at)


def close_messages(connection: Connection, call_ids: Collection[str], at: datetime) -> None:
    """Nobody is told any more of messages that came in late: they are erased."""
    waiting = (desk_tasks.c.call_id.in_(call_ids), desk_tasks.c.handled_at.is_(None))
    connection.execute(update(desk_tasks).where(*waiting).values(handled_at=at, handled_by=BY_ERASURE))


def scrub_facts(connection: Connection, call_ids: Collection[str], number: WrittenNumber) -> int:
    """How many facts of these calls held the number or the person's words; numbers of those who were rung stay."""
    wanted = (facts.c.call.in_(call_ids), facts.c.kind != str(FactKind.RANG_RUNG))
    changed = []
    for row in connection.execute(select(facts.c.id, facts.c.kind, facts.c.data).where(*wanted)).all():
        data = json.loads(row.data)
        clean = _without(data, number)
        if row.kind == FactKind.SPOKE and clean.get("text"):
            clean["text"] = ""
        if row.kind == FactKind.PRESSED and len(str(clean.get("keys") or "")) > _MENU_KEYS:
            clean["keys"] = ""
        if clean != data:
            changed.append({"this": row.id, "text": json.dumps(clean)})
    if changed:
        one = update(facts).where(facts.c.id == bindparam("this")).values(data=bindparam("text"))
        connection.execute(one, changed)
    return len(changed)


def _without(value: Any, number: WrittenNumber) -> Any:
    """The value with each text that holds the number as null."""
    match value:
        case dict():
            return {name: _without(one, number) for name, one in value.items()}
        case list():
            return [_without(one, number) for one in value]
        case str() if number.is_in(value):
            return None
        case _:
            return value
