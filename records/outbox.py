"""The outbox: what must reach somebody once, whatever fails on the way.

One row for one thing, under a key that says which. Whoever works takes a row for a while before acting, so that two
workers never act on one; one that dies leaves it to the next.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, and_, case, cast, delete, literal, or_, select, update

from records.database import insert_unless_there
from records.mail import Mail
from records.schema.tables import deliveries

LEASE = timedelta(minutes=5)
"""How long a row belongs to the worker who took it."""

AT_ONCE = 20
"""Rows taken together: few enough to be done within the lease, even by a server that takes its time."""

FIRST_PAUSE = timedelta(seconds=30)

HANDLED = "handled before"
TOO_LATE = "too late"
"""Why a mail needs not leave any more."""


class Owed(StrEnum):
    """Kinds of what is owed."""

    NOTICE = "notice"
    AUDIO = "audio"
    FORGET = "forget"
    BULLETIN = "bulletin"
    SURVEY = "survey"
    REPORT = "report"
    ALERT = "alert"
    ALARM = "alarm"
    LINK = "link"
    WELCOME = "welcome"
    ANSWER = "answer"
    REQUEST = "request"
    AWAY = "away"
    PROOF = "proof"
    ARTICLE = "article"
    NEWSLETTER = "newsletter"
    CONNECTOR = "connector"
    INBOUND = "inbound"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing owed, taken to be done; `tries` counts the one under way. Some mails have their words with them."""

    id: int
    key: str
    kind: Owed
    reference: str
    recipient: str | None
    tries: int
    created_at: datetime
    subject: str | None
    text: str | None


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing to owe, by its key; `reference` is a call's id, a task's name, a recording's id, a day or a month.

    `|` stands in a key before a digest alone (`records.mail.key_of`).
    """

    kind: Owed
    key: str
    reference: str
    recipient: str | None = None
    subject: str | None = None
    text: str | None = None


def owe(
    connection: Connection, thing: Thing, at: datetime, *, is_done: bool = False, due: datetime | None = None
) -> bool:  # fmt: skip
    """Put one thing in the outbox, due at once (or later, or done already); False when its key was there before."""
    row = {
        "dedupe_key": thing.key, "kind": str(thing.kind), "reference": thing.reference, "recipient": thing.recipient,
        "subject": thing.subject, "text": thing.text,
        "created_at": at, "next_try_at": None if is_done else due or at, "tries": 0, "done_at": at if is_done else None,
    }  # fmt: skip
    return insert_unless_there(connection, deliveries, row)


def owe_mail(connection: Connection, kind: Owed, reference: str, mail: Mail, at: datetime) -> bool:
    """Put one mail in the outbox with its words, which are kept until it has left; False when it was there before."""
    return owe(connection, Thing(kind, mail.key, reference, mail.to, mail.subject, mail.text), at)


def take(
    connection: Connection, kind: Owed, at: datetime, *, due_by: datetime | None = None, at_most: int = AT_ONCE
) -> list[Delivery]:
    """The things of one kind that are due (now, or at another moment), oldest first, taken for this worker."""
    due = (deliveries.c.kind == str(kind), deliveries.c.done_at.is_(None), deliveries.c.next_try_at <= (due_by or at))
    found = select(deliveries).where(*due).order_by(deliveries.c.next_try_at, deliveries.c.id).limit(at_most)
    rows = connection.execute(found.with_for_update(skip_locked=True)).all()
    if rows:
        taken = update(deliveries).where(deliveries.c.id.in_([row.id for row in rows]))
        connection.execute(taken.values(next_try_at=at + LEASE, tries=deliveries.c.tries + 1, error=None))
    return [_delivery(row) for row in rows]


def _delivery(row: Any) -> Delivery:
    return Delivery(
        row.id, row.dedupe_key, Owed(row.kind), row.reference, row.recipient, row.tries + 1, row.created_at,
        row.subject, row.text,
    )  # fmt: skip


def settle(connection: Connection, delivery: Delivery, at: datetime, error: str | None = None) -> None:
    """It is done; with `error`, it is given up. Its words are not kept any longer."""
    this = update(deliveries).where(deliveries.c.id == delivery.id)
    done = {"done_at": at, "next_try_at": None, "error": error[:500] if error else None, "subject": None, "text": None}
    connection.execute(this.values(done))


def postpone(connection: Connection, delivery: Delivery, until: datetime, error: str) -> None:
    """It failed for now, and comes again; not when somebody else has taken it since, or it is done."""
    ours = (
        deliveries.c.id == delivery.id, deliveries.c.done_at.is_(None), deliveries.c.tries == delivery.tries
    )  # fmt: skip
    connection.execute(update(deliveries).where(*ours).values(next_try_at=until, error=error[:500]))


def pause_before(tries: int, longest: timedelta) -> timedelta:
    """How long to wait after `tries` failures: half a minute, then twice as long each time, up to `longest`."""
    doublings: int = min(max(tries - 1, 0), 20)
    return min(FIRST_PAUSE * (1 << doublings), longest)


def hasten(connection: Connection, kind: Owed, reference: str, at: datetime) -> None:
    """What has failed is due at once, for somebody who asks for it; what a worker has taken stays his."""
    failed = (deliveries.c.done_at.is_(None), deliveries.c.error.isnot(None))
    connection.execute(update(deliveries).where(*_about(kind, reference), *failed).values(next_try_at=at))


def bring_forward(connection: Connection, kind: Owed, reference: str, at: datetime) -> None:
    """What was owed for later, and never tried, is due at once."""
    waits = (deliveries.c.done_at.is_(None), deliveries.c.tries == 0, deliveries.c.next_try_at > at)
    connection.execute(update(deliveries).where(*_about(kind, reference), *waits).values(next_try_at=at))


def forget_others(
    connection: Connection, kind: Owed, reference: str, keys: Collection[str], at: datetime
) -> None:  # fmt: skip
    """Of what still waits about this, forget all but these keys; what a worker has taken stays his."""
    is_free = or_(deliveries.c.next_try_at <= at, deliveries.c.error.isnot(None))
    waits = (deliveries.c.done_at.is_(None), deliveries.c.dedupe_key.not_in(keys), is_free)
    connection.execute(delete(deliveries).where(*_about(kind, reference), *waits))


def _about(kind: Owed, reference: str) -> tuple[Any, Any]:
    return deliveries.c.kind == str(kind), deliveries.c.reference == reference


def is_owed(connection: Connection, kind: Owed, reference: str) -> bool:
    """Whether something about this still waits to leave."""
    waits = select(deliveries.c.id).where(*_about(kind, reference), deliveries.c.done_at.is_(None))
    return connection.execute(waits).first() is not None


# ---------------------------------------------------------------- forgetting to whom


_TO_ONE_READER = (Owed.NOTICE, Owed.BULLETIN, Owed.REQUEST, Owed.AWAY, Owed.INBOUND)
"""Kinds whose keys end with a digest of the reader's address, unless they say that something was told at all."""
_FORGOTTEN = "forgotten:"


def tells_reader() -> ColumnElement[bool]:
    """Whether a row's key has a digest of its reader's address, which somebody who knows the address can compute."""
    is_to_one = deliveries.c.kind.in_([str(kind) for kind in _TO_ONE_READER])
    return or_(deliveries.c.dedupe_key.contains("|"), and_(is_to_one, ~_begins("told:"), ~_begins(_FORGOTTEN)))


def without_reader() -> dict[str, Any]:
    """What a row becomes that is done, when all that it has to say is that something has left.

    Its key is another one then: by that time nobody owes the same thing again.
    """
    key = case((tells_reader(), literal(_FORGOTTEN) + cast(deliveries.c.id, String)), else_=deliveries.c.dedupe_key)
    reference = case((deliveries.c.kind == str(Owed.AWAY), ""), else_=deliveries.c.reference)
    return {
        "recipient": None, "subject": None, "text": None, "error": None, "dedupe_key": key, "reference": reference,
    }  # fmt: skip


def _begins(word: str) -> ColumnElement[bool]:
    return deliveries.c.dedupe_key.startswith(word)


def unsent_since(connection: Connection, since: datetime) -> list[str]:
    """The addresses to which a mail could not leave, given up since then or still being tried."""
    is_mail = and_(deliveries.c.recipient.isnot(None), deliveries.c.error.isnot(None), deliveries.c.error != HANDLED)
    is_recent = or_(deliveries.c.done_at > since, and_(deliveries.c.done_at.is_(None), deliveries.c.tries > 0))
    found = select(deliveries.c.recipient).where(is_mail, is_recent).distinct().order_by(deliveries.c.recipient)
    return [str(one) for one in connection.scalars(found)]
