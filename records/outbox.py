"""The outbox: what must reach somebody once, whatever fails on the way.

One row for one thing, under a key that says which. Whoever works takes a row for a while before acting, so that two
workers never act on one; one that dies leaves it to the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, and_, or_, select, update

from records.database import insert_for
from records.schema.tables import deliveries

LEASE = timedelta(minutes=5)
"""How long a row belongs to the worker who took it."""

AT_ONCE = 20
"""Rows taken together: few enough to be done within the lease, even by a mail server that takes its time."""

HANDLED = "handled before"
"""Why a mail needs not leave any more."""


class Owed(StrEnum):
    """Kinds of what is owed."""

    NOTICE = "notice"
    AUDIO = "audio"
    FORGET = "forget"
    BULLETIN = "bulletin"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing owed, taken to be done; `tries` counts the one under way."""

    id: int
    key: str
    kind: Owed
    reference: str
    recipient: str | None
    tries: int


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing to owe, by its key; `reference` is a call's id, a task's name, a recording's id or a day."""

    kind: Owed
    key: str
    reference: str
    recipient: str | None = None


def owe(connection: Connection, thing: Thing, at: datetime, *, is_done: bool = False) -> bool:
    """Put one thing in the outbox, due at once (or done already); False when its key was there before."""
    row = {
        "dedupe_key": thing.key, "kind": str(thing.kind), "reference": thing.reference, "recipient": thing.recipient,
        "created_at": at, "next_try_at": None if is_done else at, "tries": 0, "done_at": at if is_done else None,
    }  # fmt: skip
    statement = insert_for(connection, deliveries).values(row).on_conflict_do_nothing(index_elements=["dedupe_key"])
    return bool(connection.execute(statement).rowcount)


def take(connection: Connection, kind: Owed, at: datetime) -> list[Delivery]:
    """The things of one kind that are due, oldest first, taken for this worker."""
    due = (deliveries.c.kind == str(kind), deliveries.c.done_at.is_(None), deliveries.c.next_try_at <= at)
    found = select(deliveries).where(*due).order_by(deliveries.c.next_try_at, deliveries.c.id).limit(AT_ONCE)
    rows = connection.execute(found.with_for_update(skip_locked=True)).all()
    if rows:
        taken = update(deliveries).where(deliveries.c.id.in_([row.id for row in rows]))
        connection.execute(taken.values(next_try_at=at + LEASE, tries=deliveries.c.tries + 1))
    return [_delivery(row) for row in rows]


def _delivery(row: Any) -> Delivery:
    return Delivery(row.id, row.dedupe_key, Owed(row.kind), row.reference, row.recipient, row.tries + 1)


def settle(connection: Connection, delivery: Delivery, at: datetime, error: str | None = None) -> None:
    """It is done; with `error`, it is given up."""
    _set(connection, delivery, done_at=at, next_try_at=None, error=error)


def postpone(connection: Connection, delivery: Delivery, until: datetime, error: str) -> None:
    """It failed for now, and comes again."""
    _set(connection, delivery, next_try_at=until, error=error)


def _set(connection: Connection, delivery: Delivery, **values: datetime | str | None) -> None:
    error = values.get("error")
    values["error"] = str(error)[:500] if error else None
    connection.execute(update(deliveries).where(deliveries.c.id == delivery.id).values(values))


def unsent_since(connection: Connection, since: datetime) -> list[str]:
    """The addresses to which a mail could not leave, given up since then or still being tried."""
    is_mail = and_(deliveries.c.recipient.isnot(None), deliveries.c.error.isnot(None), deliveries.c.error != HANDLED)
    is_recent = or_(deliveries.c.done_at > since, and_(deliveries.c.done_at.is_(None), deliveries.c.tries > 0))
    found = select(deliveries.c.recipient).where(is_mail, is_recent).distinct().order_by(deliveries.c.recipient)
    return [str(one) for one in connection.scalars(found)]
