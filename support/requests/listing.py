"""Requests as others read them: `requests list --json`, in the words of docs/contract.md#a-request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from records.database import Connection
from records.desks.accounts import names_by_email
from routing.departements import timezone_of
from support.requests.request import Request, Ticket
from support.requests.store import newest_tickets, requests_opened

_ANY_ZONE = timedelta(hours=15)
"""How far a local day may begin before, or end after, the day in UTC."""


def list_requests(
    connection: Connection, *, departement: str | None = None, since: date | None = None, until: date | None = None
) -> list[dict[str, Any]]:
    """The requests of the contract, oldest first; days are those of the opening, both included, in its own time."""
    found = requests_opened(
        connection,
        _start(since) - _ANY_ZONE if since else None,
        _start(until) + timedelta(days=1) + _ANY_ZONE if until else None,
        departement,
    )
    kept = [asked for asked in found if _is_within(asked, since, until)]
    tickets, names = newest_tickets(connection, [asked.id for asked in kept]), names_by_email(connection)
    return [request_to_json(asked, tickets.get(asked.id), names) for asked in kept]


def request_to_json(asked: Request, ticket: Ticket | None, names: Mapping[str, str]) -> dict[str, Any]:
    """A request in the words of the contract; moments with the offset of the département's own zone."""

    def local(moment: datetime | None) -> str | None:
        return moment and moment.astimezone(timezone_of(asked.departement)).isoformat(timespec="seconds")

    return {
        "request_id": asked.id,
        "channel": asked.channel,
        "departement": asked.departement,
        "sender": asked.sender,
        **asked.wording._asdict(),
        "niveau": asked.niveau,
        "desk": str(asked.desk),
        "owner": asked.owner and names.get(asked.owner, asked.owner),
        "state": str(asked.state),
        "opened_at": local(asked.created_at),
        "due_at": local(asked.due_at),
        "taken_at": local(asked.taken_at),
        "first_answer_at": local(asked.first_answer_at),
        "closed_at": local(asked.closed_at),
        "result": asked.result,
        "call_id": asked.call_id,
        "technical_ticket": ticket
        and {"reference": ticket.reference, "kind": str(ticket.kind), "state": str(ticket.state)},
    }


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _is_within(asked: Request, since: date | None, until: date | None) -> bool:
    day = asked.created_at.astimezone(timezone_of(asked.departement)).date()
    return (since is None or day >= since) and (until is None or day <= until)
