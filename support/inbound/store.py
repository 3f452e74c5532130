"""The mails that were read, and the names of those that were sent, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, select, update

from records.database import insert_unless_there
from records.outbox import Owed, tells_reader, without_reader
from records.schema.tables import deliveries
from records.schema.written_tables import read_mails, request_mails

_LONGEST_NAME = 64


class ReadMail(NamedTuple):
    """What is kept of a mail that was read."""

    outcome: str
    reason: str
    request_id: int | None


def keep_read(connection: Connection, digest: str, read: ReadMail, at: datetime) -> bool:
    """Keep that a mail was read; False when it was read before."""
    values = {"name_digest": digest, "at": at, **read._asdict(), "reason": read.reason[:200]}
    return insert_unless_there(connection, read_mails, values)


def read_before(connection: Connection, digest: str) -> ReadMail | None:
    """What became of a mail that was read before."""
    table = read_mails.c
    row = connection.execute(
        select(table.outcome, table.reason, table.request_id).where(table.name_digest == digest)
    ).first()
    return None if row is None else ReadMail(*row)


def forget_read(connection: Connection, before: datetime) -> None:
    """Forget the mails read before then."""
    connection.execute(delete(read_mails).where(read_mails.c.at < before))


def forget_recipients(connection: Connection, before: datetime) -> None:
    """Forget to whom letters went that were owed before then."""
    old = (deliveries.c.kind == str(Owed.INBOUND), deliveries.c.created_at < before, deliveries.c.done_at.is_not(None))
    connection.execute(update(deliveries).where(*old, tells_reader()).values(without_reader()))


def request_named(connection: Connection, names: Sequence[str]) -> int | None:
    """The request of the first of these mails (names without < and >) that belongs to one."""
    every = [key for name in names for key in _keys(name)]
    keys = {key: place for place, key in reversed(list(enumerate(every)))}
    table = request_mails.c
    rows = connection.execute(select(table.name, table.request_id).where(table.name.in_(keys)))
    found = sorted((keys[row.name], int(row.request_id)) for row in rows)
    return found[0][1] if found else None


def name_mail(connection: Connection, name: str, request_id: int, at: datetime) -> None:
    """Keep the name of a mail that was read, so that who answers it or goes on from it finds the same request."""
    if name:
        values = {"name": sha256(name.encode()).hexdigest(), "request_id": request_id, "at": at}
        insert_unless_there(connection, request_mails, values)


def _keys(name: str) -> list[str]:
    """As a mail of this name may be kept: ours, which come first, by the left half of it, others by a digest."""
    return [name.partition("@")[0][:_LONGEST_NAME], sha256(name.encode()).hexdigest()]


def owed_since(connection: Connection, kind: Owed, since: datetime) -> int:
    """How many mails of this kind were owed since then."""
    owed = (deliveries.c.kind == str(kind), deliveries.c.created_at >= since)
    return int(connection.execute(select(func.count()).select_from(deliveries).where(*owed)).scalar_one())
