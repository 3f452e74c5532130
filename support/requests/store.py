"""Requests and their steps, as tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, insert, select, update

from records.database import insert_for
from records.refusals import Overtaken
from records.schema.request_tables import request_events, requests
from records.wording import Wording
from support.requests.request import Request, RequestEvent
from support.requests.states import Move, RequestState, WhichDesk


def _request(row: Any) -> Request:
    return Request(
        row.id, row.channel, row.sender, row.call_id, row.departement, row.version, row.subject, row.description,
        Wording(row.thematique, row.motif, row.sous_motif), row.niveau, row.reply_to, WhichDesk(row.desk), row.owner,
        RequestState(row.state), row.created_at, row.created_by, row.due_at, row.taken_at, row.first_answer_at,
        row.closed_at, row.result,
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


def read_request(connection: Connection, number: int) -> Request | None:
    """The request of this number."""
    row = connection.execute(select(requests).where(requests.c.id == number)).first()
    return None if row is None else _request(row)


def request_of(connection: Connection, call_id: str) -> Request | None:
    """The request that a call led to."""
    row = connection.execute(select(requests).where(requests.c.call_id == call_id)).first()
    return None if row is None else _request(row)


def number_of(connection: Connection, call_id: str) -> int:
    """The number of the request that a call led to, which it has."""
    return int(connection.execute(select(requests.c.id).where(requests.c.call_id == call_id)).scalar_one())


def list_requests(connection: Connection, scope: tuple[str, ...] | None, limit: int = 200) -> list[Request]:
    """The requests of these départements (None: all), newest first."""
    query = select(requests).order_by(requests.c.created_at.desc(), requests.c.id.desc()).limit(limit)
    if scope is not None:
        query = query.where(requests.c.departement.in_(scope))
    return [_request(row) for row in connection.execute(query)]
