"""Requests, their steps, exchanges and tickets, as tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    func,
    insert,
    or_,
    select,
    update,
)

from records.database import insert_for, insert_unless_there
from records.refusals import Overtaken
from records.schema.request_tables import exchanges, request_events, requests, tickets
from records.schema.written_tables import request_mails
from records.wording import Wording, fold_words
from support.requests.queue import EVERY, MINE, NOBODY, TO_DO, RequestFilters
from support.requests.request import PhoneExchange, Request, RequestEvent, Ticket
from support.requests.states import Move, RequestState, TicketKind, TicketState, WhichDesk

IDS_AT_ONCE = 500


def to_request(row: Any) -> Request:
    """The request of a line of the table."""
    return Request(
        row.id, row.channel, row.sender, row.call_id, row.departement, row.version, row.subject, row.description,
        Wording(row.thematique, row.motif, row.sous_motif), row.niveau, row.reply_to, WhichDesk(row.desk), row.owner,
        RequestState(row.state), row.created_at, row.created_by, row.due_at, row.taken_at, row.first_answer_at,
        row.closed_at, row.result, row.nom, row.prenom, row.profil, row.route, row.climbed_at, row.linked_call_id,
        row.merged_into, row.rating,
    )  # fmt: skip


def add_request(connection: Connection, values: Mapping[str, Any]) -> int | None:
    """Write a new request and return its number; None when its call has one already."""
    added = insert_for(connection, requests).values(**values).on_conflict_do_nothing().returning(requests.c.id)
    number: int | None = connection.execute(added).scalar()
    return number


def change_request(connection: Connection, request: Request, values: Mapping[str, Any]) -> None:
    """Write what changed; Overtaken when somebody changed the request since it was read."""
    seen = and_(requests.c.id == request.id, requests.c.version == request.version)
    change = update(requests).where(seen).values(**values, version=request.version + 1)
    if connection.execute(change).rowcount != 1:
        raise Overtaken(read_request(connection, request.id))


def add_event(
    connection: Connection, number: int, *, at: datetime, by: str, move: Move, text: str, data: Mapping[str, Any]
) -> int:
    """Add one step to a request's history, and return the step's number."""
    values = {"request_id": number, "at": at, "by": by, "move": str(move), "text": text, "data": json.dumps(dict(data))}
    return int(connection.execute(insert(request_events).values(**values).returning(request_events.c.id)).scalar_one())


def events_of(connection: Connection, number: int) -> list[RequestEvent]:
    """Every step of a request, oldest first."""
    table = request_events
    rows = connection.execute(select(table).where(table.c.request_id == number).order_by(table.c.id))
    return [RequestEvent(r.id, r.request_id, r.at, r.by, Move(r.move), r.text, json.loads(r.data)) for r in rows]


def keep_name(connection: Connection, name: str, number: int, at: datetime) -> None:
    """Keep the name of a mail about a request (the left half of its Message-ID): by it a reply finds its request."""
    insert_unless_there(connection, request_mails, {"name": name, "request_id": number, "at": at})


def read_request(connection: Connection, number: int) -> Request | None:
    """The request of this number."""
    row = connection.execute(select(requests).where(requests.c.id == number)).first()
    return None if row is None else to_request(row)


def request_of(connection: Connection, call_id: str) -> Request | None:
    """The request that a call led to."""
    row = connection.execute(select(requests).where(requests.c.call_id == call_id)).first()
    return None if row is None else to_request(row)


def doubles_of(connection: Connection, number: int) -> list[Request]:
    """The requests that were merged into this one, oldest first."""
    query = select(requests).where(requests.c.merged_into == number).order_by(requests.c.id)
    return [to_request(row) for row in connection.execute(query)]


def add_exchange(connection: Connection, values: Mapping[str, Any]) -> int:
    """Write a new exchange, and return its number."""
    return int(connection.execute(insert(exchanges).values(**values).returning(exchanges.c.id)).scalar_one())


def change_exchange(connection: Connection, exchange: PhoneExchange, values: Mapping[str, Any]) -> int:
    """Write what changed of an exchange, and return the number of its next invitation."""
    sequence = exchange.sequence + 1
    connection.execute(update(exchanges).where(exchanges.c.id == exchange.id).values(**values, sequence=sequence))
    return sequence


def exchanges_of(connection: Connection, number: int) -> list[PhoneExchange]:
    """Every exchange of a request, oldest first."""
    rows = connection.execute(select(exchanges).where(exchanges.c.request_id == number).order_by(exchanges.c.id))
    return [
        PhoneExchange(r.id, r.request_id, r.uid, r.sequence, r.starts_at, r.minutes, r.state, r.proposed_by)
        for r in rows
    ]


def planned_exchange(connection: Connection, number: int) -> PhoneExchange | None:
    """The exchange that a request waits for, None when none is planned."""
    return next((one for one in exchanges_of(connection, number) if one.state == "planned"), None)


def add_ticket(connection: Connection, prefix: str, values: Mapping[str, Any]) -> str:
    """Write a new ticket under the next reference of this prefix (« INC-2026- »), and return it."""
    known = select(tickets.c.reference).where(tickets.c.reference.like(f"{prefix}%"))
    newest = known.order_by(func.length(tickets.c.reference).desc(), tickets.c.reference.desc()).limit(1)
    while True:
        last = connection.execute(newest).scalar()
        reference = f"{prefix}{int(last.removeprefix(prefix)) + 1 if last else 1:04d}"
        if insert_unless_there(connection, tickets, {**values, "reference": reference}):
            return reference


def change_ticket_state(connection: Connection, ticket: Ticket, state: TicketState, at: datetime) -> bool:
    """Whether the ticket, in the state in which it was seen, is now in this one."""
    seen = and_(tickets.c.id == ticket.id, tickets.c.state == str(ticket.state))
    change = update(tickets).where(seen).values(state=str(state), changed_at=at)
    return connection.execute(change).rowcount == 1


def tickets_of(connection: Connection, number: int) -> list[Ticket]:
    """Every ticket of a request, newest first."""
    rows = connection.execute(select(tickets).where(tickets.c.request_id == number).order_by(tickets.c.id.desc()))
    return [_ticket(row) for row in rows]


def _ticket(row: Any) -> Ticket:
    return Ticket(
        row.id, row.reference, row.request_id, TicketKind(row.kind), TicketState(row.state), row.title, row.opened_at,
        row.changed_at,
    )  # fmt: skip


def find_requests(
    connection: Connection,
    filters: RequestFilters,
    *,
    scope: tuple[str, ...] | None,
    desk: WhichDesk | None,
    reader: str,
    at: datetime,
    limit: int,
) -> tuple[list[Request], int]:
    """A page of the requests that the filters leave, and how many there are.

    Those without a promise (older than promises) come first, then the oldest promise; closed ones are last. Of the
    open ones of a référent (whose `scope` has an end) those at his own desk come before those that he only follows.

    `scope`: the départements of the reader (None: all); `desk`: whose requests are « to do » for him (None: both's).
    """
    table = requests.c
    where = list(_conditions(filters, scope, desk, reader, at))
    order = (
        case((table.state == str(RequestState.CLOSED), 1), else_=0), table.closed_at.desc(),
        *([case((table.desk == str(WhichDesk.LOCAL), 0), else_=1)] if scope is not None else []),
        table.due_at.asc().nulls_first(), table.id,
    )  # fmt: skip
    query = select(requests).where(*where).order_by(*order)
    offset = (filters.page - 1) * limit
    if wanted := filters.wanted():
        ids = _with_words(connection, query, wanted)
        chosen = ids[offset : offset + limit]
        rows = connection.execute(select(requests).where(table.id.in_(chosen)))
        found = {row.id: to_request(row) for row in rows}
        return [found[number] for number in chosen], len(ids)
    total = connection.execute(select(func.count()).select_from(requests).where(*where)).scalar_one()
    return [to_request(row) for row in connection.execute(query.limit(limit).offset(offset))], int(total)


def _conditions(
    filters: RequestFilters, scope: tuple[str, ...] | None, desk: WhichDesk | None, reader: str, at: datetime
) -> Iterator[ColumnElement[bool]]:
    table, closed = requests.c, str(RequestState.CLOSED)
    if scope is not None:
        yield table.departement.in_(scope)
    if filters.state == TO_DO:
        yield table.state != closed
        if desk is not None and not filters.desk:
            yield table.desk == str(desk)
    elif filters.state != EVERY:
        yield table.state == filters.state
    if filters.departement:
        yield table.departement == filters.departement
    for column, wanted in (
        (table.channel, filters.channel),
        (table.sender, filters.sender),
        (table.desk, filters.desk),
    ):
        if wanted:
            yield column == wanted
    if filters.thematique:
        yield table.thematique == filters.thematique
    if filters.owner:
        owner = reader if filters.owner == MINE else filters.owner
        yield table.owner.is_(None) if filters.owner == NOBODY else table.owner == owner
    if filters.late:
        yield table.due_at < at


def _with_words(connection: Connection, query: Select[Any], wanted: Sequence[str]) -> list[int]:
    """The numbers of the requests that hold every word, or have it as their number or as their ticket's reference.

    The database leaves out what cannot hold them; accents are then compared as everywhere else.
    """
    of_tickets: dict[int, str] = {}
    for row in connection.execute(select(tickets.c.request_id, tickets.c.reference, tickets.c.title)):
        of_tickets[row.request_id] = f"{of_tickets.get(row.request_id, '')} {row.reference} {row.title}"
    table = requests.c
    texts = (
        table.subject, table.description, table.result, table.thematique, table.motif, table.sous_motif, table.nom,
        table.prenom,
    )  # fmt: skip
    for word in wanted:
        shape = "%" + "".join(mark if mark in _NEVER_ACCENTED else "_" for mark in word) + "%"
        held = [func.lower(text).like(shape) for text in texts]
        query = query.where(or_(*held, table.id == (int(word) if _is_number(word) else 0), table.id.in_(of_tickets)))
    found = []
    for number, *kept in map(tuple, connection.execute(query.with_only_columns(table.id, *texts))):
        text = fold_words(" ".join([*(each or "" for each in kept), of_tickets.get(number, "")]))
        whole = {*text.split(), str(number)}
        if all(word in whole if _is_number(word) else word in text for word in wanted):
            found.append(int(number))
    return found


_NEVER_ACCENTED = frozenset("bdfghjklmpqrtvwx0123456789")


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdecimal() and len(word) < 10  # noqa: PLR2004 - no request has such a number


def owners_of(connection: Connection, scope: tuple[str, ...] | None) -> list[str]:
    """The addresses of those who work on open requests of these départements (None: all)."""
    query = select(requests.c.owner).where(requests.c.owner.is_not(None), requests.c.state != str(RequestState.CLOSED))
    if scope is not None:
        query = query.where(requests.c.departement.in_(scope))
    return sorted(connection.scalars(query.distinct()))


def requests_opened(
    connection: Connection, since: datetime | None, until: datetime | None, departement: str | None
) -> list[Request]:
    """The requests opened between two moments (both may be open ends), oldest first."""
    query = select(requests).order_by(requests.c.created_at, requests.c.id)
    if since is not None:
        query = query.where(requests.c.created_at >= since)
    if until is not None:
        query = query.where(requests.c.created_at < until)
    if departement is not None:
        query = query.where(requests.c.departement == departement)
    return [to_request(row) for row in connection.execute(query)]


def newest_tickets(connection: Connection, numbers: Sequence[int]) -> dict[int, Ticket]:
    """The newest ticket of each of these requests that has one."""
    found = {}
    for start in range(0, len(numbers), IDS_AT_ONCE):
        some = tickets.c.request_id.in_(numbers[start : start + IDS_AT_ONCE])
        rows = connection.execute(select(tickets).where(some).order_by(tickets.c.id))
        found.update({row.request_id: _ticket(row) for row in rows})
    return found
