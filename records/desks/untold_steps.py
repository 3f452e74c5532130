"""The steps of requests of which nobody was told yet, and the names of their exchanges in people's calendars."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, String, and_, cast, exists, literal, select

from records.schema.request_tables import exchanges, request_events
from records.schema.tables import deliveries

TOLD_OF = "told:request:"
"""The key, in the outbox, of a step of which everybody is told who must; its number follows."""

AT_ONCE = 500


class UntoldStep(NamedTuple):
    """A step of a request, by its number; `move` is what was done (docs/contract.md#a-request)."""

    id: int
    request_id: int
    at: datetime
    move: str


def untold_steps(connection: Connection, moves: Collection[str], since: datetime) -> list[UntoldStep]:
    """The steps of these kinds made since then of which nobody was told yet, oldest first."""
    table = request_events.c
    told = exists().where(deliveries.c.dedupe_key == literal(TOLD_OF) + cast(table.id, String))
    wanted = and_(table.at > since, table.move.in_([str(move) for move in moves]), ~told)
    query = select(table.id, table.request_id, table.at, table.move).where(wanted).order_by(table.id).limit(AT_ONCE)
    return [UntoldStep(*row) for row in connection.execute(query)]


def exchange_names(connection: Connection, request_id: int) -> dict[int, str]:
    """The names under which calendars know the exchanges of a request, by their numbers."""
    rows = connection.execute(select(exchanges.c.id, exchanges.c.uid).where(exchanges.c.request_id == request_id))
    return {row.id: row.uid for row in rows}
