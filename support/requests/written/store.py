"""What a written request may belong with, as rows: requests that say the same, calls about the same matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, insert, or_, select

from records.desks.desk_calls import DeskCall, Scope, desk_call_of, lines_query
from records.schema.desk_tables import qualifications
from records.schema.request_tables import requests
from records.schema.tables import calls
from records.schema.written_tables import avoided_requests
from support.requests.request import PHONE, Request, is_double_of
from support.requests.states import RequestState
from support.requests.store import to_request

DOUBLES_WITHIN = timedelta(days=30)
"""Two requests farther apart are two."""
CALLS_WITHIN = timedelta(days=7)
"""How long before a request somebody called about it."""
MOST_DOUBLES, MOST_CALLS = 5, 12


def doubles_proposed(connection: Connection, asked: Request, scope: Scope) -> list[Request]:
    """The open requests into which this one might be merged: its sender's first, then those of its sous-motif there.

    `scope`: the départements of the reader (None: all).
    """
    table = requests.c
    is_theirs = table.created_by == asked.created_by
    is_same_matter = and_(table.departement == asked.departement, *_same_names(asked))
    where: list[ColumnElement[bool]] = [
        table.channel != PHONE, table.id != asked.id, table.state != str(RequestState.CLOSED),
        table.created_at > asked.created_at - DOUBLES_WITHIN, table.created_at < asked.created_at + DOUBLES_WITHIN,
        or_(is_theirs, is_same_matter),
    ]  # fmt: skip
    if scope is not None:
        where.append(table.departement.in_(scope))
    order = (case((is_theirs, 0), else_=1), table.id)
    found = connection.execute(select(requests).where(*where).order_by(*order).limit(4 * MOST_DOUBLES))
    return [other for row in found if is_double_of(asked, other := to_request(row))][:MOST_DOUBLES]


def _same_names(asked: Request) -> Sequence[ColumnElement[bool]]:
    table = requests.c
    names = asked.wording
    return (table.thematique == names.thematique, table.motif == names.motif, table.sous_motif == names.sous_motif)


def calls_proposed(connection: Connection, asked: Request, until: datetime) -> list[DeskCall]:
    """The calls of the request's département of the week before it and up to `until`: those of its motif first."""
    if asked.departement is None:
        return []
    since = asked.created_at - CALLS_WITHIN
    motif = qualifications.c.motif == asked.wording.motif
    is_same = case((and_(motif, qualifications.c.sous_motif == asked.wording.sous_motif), 0), (motif, 1), else_=2)
    query = (
        lines_query()
        .where(calls.c.departement == asked.departement, calls.c.started_at > since, calls.c.started_at <= until)
        .order_by(is_same, calls.c.started_at.desc(), calls.c.call_id)
        .limit(MOST_CALLS)
    )
    return [desk_call_of(row) for row in connection.execute(query)]


def linked_requests(connection: Connection, call_id: str) -> list[Request]:
    """The written requests that were linked to a call, oldest first."""
    query = select(requests).where(requests.c.linked_call_id == call_id).order_by(requests.c.id)
    return [to_request(row) for row in connection.execute(query)]


def add_avoided(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write times at which somebody found the answer before sending: the columns of the table."""
    if rows:
        connection.execute(insert(avoided_requests), [dict(row) for row in rows])
