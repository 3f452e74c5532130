"""What may be wrong, told once: the row that says so and the mails about it, in one transaction.

Whoever finds something wrong (the job that listens to the line, the watch of each machine) tells it by `tell`; of two
who find the same, one writes it, and its readers get one mail.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, select, update

from records import outbox
from records.database import insert_for
from records.mail import Mail
from records.outbox import Owed
from records.schema.alert_tables import alerts


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something is wrong since `since` (UTC): what, in French, and what to do.

    `key` says what it is about: one of each is open at a time. `about`: a number (E.164), a machine, a job, or nothing.
    """

    key: str
    kind: str
    about: str
    told: str
    to_do: str
    since: datetime
    seen_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ToldNow:
    """What nobody else had told meanwhile."""

    begun: tuple[Trouble, ...]
    over: tuple[Trouble, ...]


Letters = Callable[[ToldNow], Iterable[tuple[str, Mail]]]
"""The mails about what is told, each with the kind of alert that it is about."""


def no_letters(_told: ToldNow) -> Iterable[tuple[str, Mail]]:
    """Nobody is written to."""
    return ()


def tell(
    connection: Connection,
    begun: Iterable[Trouble],
    over: Iterable[Trouble],
    at: datetime,
    letters: Letters = no_letters,
) -> ToldNow:
    """Write down what begins and what is over, and owe the mails about it; returns what was not known before."""
    told = ToldNow(
        tuple(one for one in begun if _begin(connection, one, at)),
        tuple(one for one in over if _end(connection, one, at)),
    )
    for kind, mail in letters(told):
        outbox.owe_mail(connection, Owed.ALARM, kind, mail, at)
    return told


def see(connection: Connection, keys: Collection[str], at: datetime) -> None:
    """They are still so at `at`."""
    still = (alerts.c.key.in_(sorted(keys)), alerts.c.ended_at.is_(None), alerts.c.seen_at < at)
    connection.execute(update(alerts).where(*still).values(seen_at=at))


def open_alerts(connection: Connection, kinds: Iterable[str] | None = None) -> list[Trouble]:
    """Those that are not over, the oldest first; of these kinds alone where some are given."""
    found = select(alerts).where(alerts.c.ended_at.is_(None)).order_by(alerts.c.began_at, alerts.c.key)
    if kinds is not None:
        found = found.where(alerts.c.kind.in_(sorted(kinds)))
    return [_alert(row) for row in connection.execute(found)]


def over_since(connection: Connection, since: datetime) -> list[Trouble]:
    """Those that were over only after `since`, the last first."""
    found = select(alerts).where(alerts.c.ended_at > since).order_by(alerts.c.ended_at.desc(), alerts.c.key)
    return [_alert(row) for row in connection.execute(found)]


def _begin(connection: Connection, alert: Trouble, at: datetime) -> bool:
    new = {
        "kind": alert.kind, "about": alert.about, "told": alert.told, "to_do": alert.to_do, "began_at": alert.since,
        "seen_at": alert.seen_at or at, "ended_at": None,
    }  # fmt: skip
    statement = insert_for(connection, alerts).values(key=alert.key, **new)
    is_over = alerts.c.ended_at.isnot(None)
    statement = statement.on_conflict_do_update(index_elements=["key"], set_=new, where=is_over)
    return connection.execute(statement.returning(alerts.c.key)).first() is not None


def _end(connection: Connection, alert: Trouble, at: datetime) -> bool:
    this = [alerts.c.key == alert.key, alerts.c.ended_at.is_(None)]
    if alert.seen_at is not None:  # somebody else may have seen it meanwhile
        this.append(alerts.c.seen_at <= alert.seen_at)
    return bool(connection.execute(update(alerts).where(*this).values(ended_at=at)).rowcount)


def _alert(row: Row[tuple[object, ...]]) -> Trouble:
    return Trouble(row.key, row.kind, row.about, row.told, row.to_do, row.began_at, row.seen_at, row.ended_at)
