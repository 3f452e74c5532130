"""The requests of a scope one by one: when each was asked, taken, answered and closed, and about what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, false, select

from records.counting.tally import Scope
from records.schema.request_tables import requests

_ANY_ZONE = timedelta(hours=15)
"""How far a local day may begin before, or end after, the day in UTC."""


class CountedRequest(NamedTuple):
    """A request as figures see it; moments are UTC, None for what has not happened."""

    departement: str | None
    thematique: str
    motif: str
    sous_motif: str
    created_at: datetime
    taken_at: datetime | None
    first_answer_at: datetime | None
    closed_at: datetime | None
    is_withdrawn: bool


def counted_requests(
    connection: Connection, scope: Scope, timezone_of: Callable[[str | None], ZoneInfo]
) -> list[CountedRequest]:
    """The requests opened on the days of a scope, each in its département's own time (decision 31)."""
    table = requests.c
    since = datetime.combine(scope.since, time(), UTC) - _ANY_ZONE
    until = datetime.combine(scope.until, time(), UTC) + timedelta(days=1) + _ANY_ZONE
    query = select(
        table.departement, table.thematique, table.motif, table.sous_motif, table.created_at, table.taken_at,
        table.first_answer_at, table.closed_at, table.result,
    ).where(table.created_at >= since, table.created_at < until)  # fmt: skip
    if scope.departements is not None:
        query = query.where(table.departement.in_(scope.departements) if scope.departements else false())
    if scope.niveau is not None:
        query = query.where(table.niveau == scope.niveau)
    if scope.thematique is not None:
        query = query.where(table.thematique == scope.thematique)
    found = []
    for *kept, closed_at, result in connection.execute(query.order_by(table.created_at, table.id)):
        one = CountedRequest(*kept, closed_at, is_withdrawn=closed_at is not None and result is None)
        if scope.since <= one.created_at.astimezone(timezone_of(one.departement)).date() <= scope.until:
            found.append(one)
    return found
