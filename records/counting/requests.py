"""The requests of a scope one by one: how each came, when it was asked, taken, answered and closed, and about what."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
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
    found, is_of_day = [], _days_of(scope, timezone_of)
    query = select(*(table[name] for name in _COLUMNS), table.result.is_not(None)).where(*within)
    for number, *row, is_resolved in connection.execute(query.order_by(table.created_at, table.id)):
        departement, desk, created_at, first_answer_at, closed_at = row[3], row[8], row[9], row[11], row[12]
        if not is_of_day(created_at, departement):
            continue
        answered_by, solved = told.get(number, (None, None))
        found.append(CountedRequest._make((
            number, *row, closed_at is not None and not is_resolved,
            (answered_by or desk) if first_answer_at is not None else None,
            solved if closed_at is not None and is_resolved else None,
        )))  # fmt: skip
    return found


_COLUMNS = (
    "id", "channel", "sender", "profil", "departement", "niveau", "thematique", "motif", "sous_motif", "desk",
    "created_at", "taken_at", "first_answer_at", "closed_at", "rating", "merged_into",
)  # fmt: skip
"""The columns that a counted request begins with, in its order."""


def counted_avoided(connection: Connection, scope: Scope, timezone_of: Zone) -> list[Avoided]:
    """The requests avoided on the days of a scope, oldest first."""
    table = avoided_requests.c
    query = select(avoided_requests).where(*_within(scope, avoided_requests, table.at)).order_by(table.at, table.id)
    is_of_day = _days_of(scope, timezone_of)
    return [
        Avoided(row.departement, row.thematique, row.motif, row.sous_motif)
        for row in connection.execute(query)
        if is_of_day(row.at, row.departement)
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


def _days_of(scope: Scope, timezone_of: Zone) -> Callable[[datetime, str | None], bool]:
    """Whether a moment is on a day of the scope, on the clock of a département, whose two ends are found once."""
    ends: dict[str | None, tuple[datetime, datetime]] = {}

    def is_of_day(at: datetime, departement: str | None) -> bool:
        if departement not in ends:
            zone = timezone_of(departement)
            first, after_last = (
                datetime.combine(day, time(), zone).astimezone(UTC)
                for day in (scope.since, scope.until + timedelta(days=1))
            )
            ends[departement] = first, after_last
        first, after_last = ends[departement]
        return first <= at < after_last

    return is_of_day


def _told(connection: Connection, within: list[ColumnElement[bool]]) -> dict[int, tuple[str | None, bool | None]]:
    """Of each request that has steps: the desk that answered first, and whether its last closing said « solved ».

    A written request that is handed back is not answered: its desk alone changes. The answer that a double was given
    names the desk that gave it: that of the request that was kept.
    """
    step, read = request_events.c, lru_cache(maxsize=1024)(json.loads)
    query = select(step.request_id, step.move, step.data, requests.c.channel).join(
        requests, requests.c.id == step.request_id
    )
    told: dict[int, tuple[str | None, bool | None]] = {}
    at: dict[int, str] = {}
    wanted = ("open", *_GOES_TO, *_ANSWERS)
    steps = connection.execute(query.where(step.move.in_(wanted), *within).order_by(step.request_id, step.id))
    for number, move, text, channel in steps:
        data = read(text)
        desk = at.setdefault(number, data.get("desk", NATIONAL) if move == "open" else NATIONAL)
        first, solved = told.get(number, (None, None))
        if move in _ANSWERS or (move == "hand_back" and channel == PHONE):
            first = first or data.get("desk", desk)
        told[number] = first, data.get("solved") if move == "close" else solved
        at[number] = _GOES_TO.get(move, desk)
    return told
