"""What was last written of each request, and which requests have changed since."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, or_, select, update

from records.database import insert_for
from records.schema.request_tables import requests
from records.schema.written_tables import connector_tickets
from support.requests.request import Request
from support.requests.states import RequestState
from support.requests.store import IDS_AT_ONCE, to_request


class Pushed(NamedTuple):
    """What was last written of a request: a print of it, None when nothing was yet; why not, None when it was."""

    digest: str | None
    error: str | None


def requests_that_may_differ(
    connection: Connection, closed_since: datetime | None
) -> list[tuple[Request, Pushed]]:  # fmt: skip
    """The requests that are open, were closed since then or were never written (None: all), with what was written."""
    table = connector_tickets.c
    query = select(requests, table.pushed_digest, table.error).join_from(
        requests, connector_tickets, table.request_id == requests.c.id, isouter=True
    )
    if closed_since is not None:
        recent = or_(requests.c.state != str(RequestState.CLOSED), requests.c.closed_at >= closed_since)
        query = query.where(or_(recent, table.pushed_digest.is_(None)))
    rows = connection.execute(query.order_by(requests.c.id))
    return [(to_request(row), Pushed(row.pushed_digest, row.error)) for row in rows]


def requests_numbered(connection: Connection, numbers: Collection[int]) -> dict[int, Request]:
    """The requests of these numbers, at most as many as a query takes."""
    rows = connection.execute(select(requests).where(requests.c.id.in_(list(numbers)[:IDS_AT_ONCE])))
    return {row.id: to_request(row) for row in rows}


def pushed_digest(connection: Connection, number: int) -> str | None:
    """A print of what was last written of a request."""
    table = connector_tickets.c
    return connection.execute(select(table.pushed_digest).where(table.request_id == number)).scalar()


def say_pushed(
    connection: Connection, number: int, digest: str, remote_id: str, at: datetime, *, is_new: bool
) -> None:  # fmt: skip
    """Note what was written of a request."""
    _write(
        connection, number,
        {"pushed_at": at, "pushed_digest": digest, "remote_id": remote_id[:64], "is_new": is_new, "error": None},
    )  # fmt: skip


def say_refused(connection: Connection, number: int, error: str) -> None:
    """Note why a request was not written."""
    values = {"error": error[:500]}
    changed = connection.execute(
        update(connector_tickets).where(connector_tickets.c.request_id == number).values(values)
    )  # fmt: skip
    if not changed.rowcount:
        _write(connection, number, {"is_new": True, **values})


def forget_pushed(connection: Connection, numbers: Collection[int]) -> None:
    """Forget what was written of these requests, so that they are written again."""
    known = list(numbers)
    for start in range(0, len(known), IDS_AT_ONCE):
        some = connector_tickets.c.request_id.in_(known[start : start + IDS_AT_ONCE])
        connection.execute(update(connector_tickets).where(some).values(pushed_digest=None))


def refused_tickets(connection: Connection) -> list[tuple[int, str]]:
    """The requests that could not be written, and why."""
    table = connector_tickets.c
    rows = connection.execute(
        select(table.request_id, table.error).where(table.error.is_not(None)).order_by(table.request_id)
    )
    return [(row.request_id, row.error) for row in rows]


def _write(connection: Connection, number: int, values: dict[str, Any]) -> None:
    added = insert_for(connection, connector_tickets).values(request_id=number, **values)
    connection.execute(added.on_conflict_do_update(index_elements=["request_id"], set_=values))
