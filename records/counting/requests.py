"""The requests of a scope one by one: how each came, when it was asked, taken, answered and closed, and about what."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Table, false, select

from records.counting.tally import Scope
from records.schema.request_tables import request_events, requests
from records.schema.written_tables import avoided_requests

PHONE, LOCAL, NATIONAL = "phone", "local", "national"
"""A channel and the desks, as docs/contract.md#a-request names them."""
_ANY_ZONE = timedelta(hours=15)
"""How far a local day may begin before, or end after, the day in UTC."""
_GOES_TO = {"hand_back": LOCAL, "escalate": NATIONAL, "climb": NATIONAL}
_ANSWERS = frozenset({"answer", "hold_exchange", "close"})
Zone = Callable[[str | None], ZoneInfo]


class CountedRequest(NamedTuple):
    """A request as figures see it; moments are UTC, None for what has not happened.

    `answered_by` is the desk that gave the first answer (`local`, `national`); `is_withdrawn`: closed without a result,
    taken back or merged into another.
    """

    id: int
    channel: str
    sender: str
    profil: str | None
    departement: str | None
    niveau: str
    thematique: str
    motif: str
    sous_motif: str
    desk: str
    created_at: datetime
    taken_at: datetime | None
    first_answer_at: datetime | None
    closed_at: datetime | None
    rating: int | None
    merged_into: int | None
    is_withdrawn: bool
    answered_by: str | None
    solved: bool | None
    """What was said when it was closed with a result."""

    @property
    def is_written(self) -> bool:
        """Whether it came by the form or by mail."""
        return self.channel != PHONE


class Avoided(NamedTuple):
    """An answer that was found before anything was sent."""

    departement: str | None
    thematique: str
    motif: str
    sous_motif: str


def counted_requests(connection: Connection, scope: Scope, timezone_of: Zone) -> list[CountedRequest]:
    """The requests opened on the days of a scope, each in its département's own time (decision 31), oldest first."""
    table, within = requests.c, list(_within(scope, requests, requests.c.created_at))
    told = _told(connection, within)
    found = []
    for row in connection.execute(select(requests).where(*within).order_by(table.created_at, table.id)):
        if not _is_of_day(scope, row.created_at, row.departement, timezone_of):
            continue
        answered_by, solved = told.get(row.id, (None, None))
        found.append(CountedRequest(
            row.id, row.channel, row.sender, row.profil, row.departement, row.niveau, row.thematique, row.motif,
            row.sous_motif, row.desk, row.created_at, row.taken_at, row.first_answer_at, row.closed_at, row.rating,
            row.merged_into, row.closed_at is not None and row.result is None,
            (answered_by or row.desk) if row.first_answer_at is not None else None,
            solved if row.closed_at is not None and row.result is not None else None,
        ))  # fmt: skip
    return found


def counted_avoided(connection: Connection, scope: Scope, timezone_of: Zone) -> list[Avoided]:
    """The requests avoided on the days of a scope, oldest first."""
    table = avoided_requests.c
    query = select(avoided_requests).where(*_within(scope, avoided_requests, table.at)).order_by(table.at, table.id)
    return [
        Avoided(row.departement, row.thematique, row.motif, row.sous_motif)
        for row in connection.execute(query)
        if _is_of_day(scope, row.at, row.departement, timezone_of)
    ]


def _within(scope: Scope, table: Table, moment: ColumnElement[Any]) -> Iterator[ColumnElement[bool]]:
    """The conditions of a scope, its days a little too wide."""
    yield moment >= datetime.combine(scope.since, time(), UTC) - _ANY_ZONE
    yield moment < datetime.combine(scope.until, time(), UTC) + timedelta(days=1) + _ANY_ZONE
    if scope.departements is not None:
        yield table.c.departement.in_(scope.departements) if scope.departements else false()
    if scope.niveau is not None:
        yield table.c.niveau == scope.niveau
    if scope.thematique is not None:
        yield table.c.thematique == scope.thematique


def _is_of_day(scope: Scope, at: datetime, departement: str | None, timezone_of: Zone) -> bool:
    return scope.since <= at.astimezone(timezone_of(departement)).date() <= scope.until


def _told(connection: Connection, within: list[ColumnElement[bool]]) -> dict[int, tuple[str | None, bool | None]]:
    """Of each request that has steps: the desk that answered first, and whether its last closing said « solved ».

    A written request that is handed back is not answered: its desk alone changes. The answer that a double was given
    names the desk that gave it: that of the request that was kept.
    """
    step = request_events.c
    query = select(step.request_id, step.move, step.data, requests.c.channel).join(
        requests, requests.c.id == step.request_id
    )
    told: dict[int, tuple[str | None, bool | None]] = {}
    at: dict[int, str] = {}
    wanted = ("open", *_GOES_TO, *_ANSWERS)
    for row in connection.execute(query.where(step.move.in_(wanted), *within).order_by(step.request_id, step.id)):
        number, data = row.request_id, json.loads(row.data)
        desk = at.setdefault(number, data.get("desk", NATIONAL) if row.move == "open" else NATIONAL)
        first, solved = told.get(number, (None, None))
        if row.move in _ANSWERS or (row.move == "hand_back" and row.channel == PHONE):
            first = first or data.get("desk", desk)
        told[number] = first, data.get("solved") if row.move == "close" else solved
        at[number] = _GOES_TO.get(row.move, desk)
    return told
