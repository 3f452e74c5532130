"""The requests of a scope: how each came, when it was asked, taken, answered and closed, and about what.

Figures are made of what SQL adds up and of moments as plain numbers; lists are made of the requests one by one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Table,
    Text,
    and_,
    case,
    cast,
    false,
    func,
    or_,
    select,
)

from records.counting.hours import MAINLAND, OTHER_CLOCKS
from records.counting.tally import Scope
from records.schema.request_tables import request_events, requests
from records.schema.written_tables import avoided_requests as avoided

PHONE, LOCAL, NATIONAL = "phone", "local", "national"
"""A channel and the desks, as docs/contract.md#a-request names them."""
_ANY_ZONE = timedelta(hours=15)
"""How far a local day may begin before, or end after, the day in UTC."""
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_GOES_TO = {"hand_back": LOCAL, "escalate": NATIONAL, "climb": NATIONAL}
_ANSWERS = ("answer", "hold_exchange", "close")
About = tuple[str, str, str]
"""Thématique, motif, sous-motif."""


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


@dataclass(slots=True)
class AskedMoments:
    """By which channel some requests came, and their moments: a list for each kind, each request in the same place.

    In microseconds since 1970 (UTC), None for what has not happened; `resolved`: when it was closed with a result.
    """

    channel: list[str] = field(default_factory=list)
    created: list[int] = field(default_factory=list)
    taken: list[int | None] = field(default_factory=list)
    answered: list[int | None] = field(default_factory=list)
    closed: list[int | None] = field(default_factory=list)
    resolved: list[int | None] = field(default_factory=list)


@dataclass(slots=True)
class AskedRequests:
    """What some requests add up to."""

    moments: AskedMoments = field(default_factory=AskedMoments)
    about: Counter[About] = field(default_factory=Counter)
    ratings: Counter[int] = field(default_factory=Counter)
    written_answered: int = 0
    """Written ones that had their first answer."""
    answered_at_level_1: int = 0
    """Those of them whose first answer the référents gave."""


def added_up(found: Iterable[CountedRequest]) -> AskedRequests:
    """The same of requests that are at hand."""
    asked = AskedRequests()
    for one in found:
        moments, closed = asked.moments, microseconds(one.closed_at)
        moments.channel.append(one.channel)
        moments.created.append(microseconds(one.created_at) or 0)
        moments.taken.append(microseconds(one.taken_at))
        moments.answered.append(microseconds(one.first_answer_at))
        moments.closed.append(closed)
        moments.resolved.append(None if one.is_withdrawn else closed)
        asked.about[one.thematique, one.motif, one.sous_motif] += 1
        if one.rating is not None:
            asked.ratings[one.rating] += 1
        if one.is_written and one.answered_by is not None:
            asked.written_answered += 1
            asked.answered_at_level_1 += one.answered_by == LOCAL
    return asked


def asked_requests(connection: Connection, scope: Scope) -> AskedRequests:
    """What the requests opened on the days of a scope add up to, each in its département's own time (decision 31)."""
    c, within = requests.c, list(_within(scope, requests, requests.c.created_at))
    asked = AskedRequests(_moments(connection, within))
    wording = (c.sous_motif, c.motif, c.thematique, c.rating)
    grouped = select(*wording, func.count()).where(*within).group_by(*wording)
    for sous_motif, motif, thematique, rating, number in connection.execute(grouped):
        asked.about[thematique, motif, sous_motif] += number
        if rating is not None:
            asked.ratings[rating] += number
    desk = _answered_by(connection)
    answered = select(desk, func.count()).where(*within, c.channel != PHONE, c.first_answer_at.is_not(None))
    for answered_by, number in connection.execute(answered.group_by(desk)):
        asked.written_answered += number
        asked.answered_at_level_1 += number if answered_by == LOCAL else 0
    return asked


def _moments(connection: Connection, within: list[ColumnElement[bool]]) -> AskedMoments:
    """Moments come as one JSON list of each kind: a row for each of many requests takes four times as long to read."""
    c = requests.c
    created, taken, answered, closed = (
        _number(connection, c[name]) for name in ("created_at", "taken_at", "first_answer_at", "closed_at")
    )
    columns = (c.channel, created, taken, answered, closed, case((c.result.is_not(None), closed)))
    is_postgresql = connection.dialect.name == "postgresql"
    listed = (cast(func.json_agg(each), Text) if is_postgresql else func.json_group_array(each) for each in columns)
    row = connection.execute(select(*listed).where(*within)).one()
    return AskedMoments(*(json.loads(text or "[]") for text in row))


def microseconds(moment: datetime | None) -> int | None:
    """A moment (aware) as a number since 1970."""
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND


def counted_requests(connection: Connection, scope: Scope) -> list[CountedRequest]:
    """The requests opened on the days of a scope, each in its département's own time (decision 31), oldest first."""
    table, read = requests.c, lru_cache(maxsize=1024)(json.loads)
    query = select(
        *(table[name] for name in _COLUMNS), table.result.is_not(None), _answered_by(connection), _last_closing()
    ).where(*_within(scope, requests, table.created_at))
    found = []
    for *row, is_resolved, answered_by, closing in connection.execute(query.order_by(table.created_at, table.id)):
        first_answer_at, closed_at = row[12], row[13]
        found.append(CountedRequest._make((
            *row, closed_at is not None and not is_resolved,
            answered_by if first_answer_at is not None else None,
            read(closing).get("solved") if closing and closed_at is not None and is_resolved else None,
        )))  # fmt: skip
    return found


_COLUMNS = (
    "id", "channel", "sender", "profil", "departement", "niveau", "thematique", "motif", "sous_motif", "desk",
    "created_at", "taken_at", "first_answer_at", "closed_at", "rating", "merged_into",
)  # fmt: skip
"""The columns that a counted request begins with, in its order."""


def asked_about(connection: Connection, scope: Scope) -> Counter[About]:
    """What the requests opened on the days of a scope are about, and how many each."""
    return _about(connection, requests, list(_within(scope, requests, requests.c.created_at)))


def received_requests(connection: Connection, scope: Scope) -> Counter[str]:
    """How many requests were opened on the days of a scope, by their channel."""
    channel = requests.c.channel
    query = select(channel, func.count().label("number")).where(*_within(scope, requests, requests.c.created_at))
    return Counter({row.channel: row.number for row in connection.execute(query.group_by(channel))})


def avoided_requests(connection: Connection, scope: Scope) -> Counter[About]:
    """What the requests avoided on the days of a scope would have been about, and how many each."""
    return _about(connection, avoided, list(_within(scope, avoided, avoided.c.at)))


def _about(connection: Connection, table: Table, within: list[ColumnElement[bool]]) -> Counter[About]:
    wording = (table.c.thematique, table.c.motif, table.c.sous_motif)
    query = select(*wording, func.count()).where(*within).group_by(*wording)
    return Counter({(thematique, motif, sous): number for thematique, motif, sous, number in connection.execute(query)})


def _within(scope: Scope, table: Table, moment: ColumnElement[Any]) -> Iterator[ColumnElement[bool]]:
    """The conditions of a scope: its days a little too wide, for the index, and then on the clock of each place."""
    yield moment >= datetime.combine(scope.since, time(), UTC) - _ANY_ZONE
    yield moment < datetime.combine(scope.until, time(), UTC) + timedelta(days=1) + _ANY_ZONE
    elsewhere = table.c.departement.in_(sorted(OTHER_CLOCKS))
    at_home = or_(table.c.departement.is_(None), ~elsewhere)
    yield or_(
        and_(*_between(scope, moment, MAINLAND), at_home),
        *(and_(table.c.departement == code, *_between(scope, moment, zone)) for code, zone in OTHER_CLOCKS.items()),
    )
    if scope.departements is not None:
        yield table.c.departement.in_(scope.departements) if scope.departements else false()
    if scope.niveau is not None:
        yield table.c.niveau == scope.niveau
    if scope.thematique is not None:
        yield table.c.thematique == scope.thematique


def _between(scope: Scope, moment: ColumnElement[Any], zone: str) -> Iterator[ColumnElement[bool]]:
    """Whether a moment is on a day of the scope on that clock."""
    yield moment >= datetime.combine(scope.since, time(), ZoneInfo(zone))
    yield moment < datetime.combine(scope.until + timedelta(days=1), time(), ZoneInfo(zone))


def _number(connection: Connection, moment: ColumnElement[Any]) -> ColumnElement[int]:
    """A moment in microseconds since 1970; SQLite keeps six digits of the second behind twenty characters."""
    if connection.dialect.name == "postgresql":
        return cast(func.extract("epoch", moment) * 1_000_000, BigInteger)
    return func.unixepoch(moment, type_=BigInteger) * 1_000_000 + cast(func.substr(moment, 21), Integer)


def _answered_by(connection: Connection) -> ColumnElement[str]:
    """The desk that gave a request its first answer, or would give it now.

    A written request that is handed back is not answered: its desk alone changes. The answer that a double was given
    names the desk that gave it: that of the request that was kept.
    """
    answer, before = request_events.alias("answer"), request_events.alias("before")
    went_to = case(
        *((before.c.move == move, desk) for move, desk in _GOES_TO.items()),
        else_=func.coalesce(_desk_of(connection, before.c.data), NATIONAL),
    )
    where = select(went_to).where(
        before.c.request_id == answer.c.request_id, before.c.id < answer.c.id, before.c.move.in_(("open", *_GOES_TO))
    )
    at = where.order_by(before.c.id.desc()).limit(1).correlate(answer).scalar_subquery()
    is_answer = or_(answer.c.move.in_(_ANSWERS), and_(answer.c.move == "hand_back", requests.c.channel == PHONE))
    first = select(func.coalesce(_desk_of(connection, answer.c.data), at, NATIONAL)).where(
        answer.c.request_id == requests.c.id, is_answer
    )
    answered = first.order_by(answer.c.id).limit(1).correlate(requests).scalar_subquery()
    return func.coalesce(answered, requests.c.desk)


def _desk_of(connection: Connection, data: ColumnElement[str]) -> ColumnElement[str]:
    """The desk that a step names."""
    is_postgresql = connection.dialect.name == "postgresql"
    named: ColumnElement[str] = (
        cast(data, JSON)["desk"].as_string() if is_postgresql else func.json_extract(data, "$.desk")
    )
    return named


def _last_closing() -> ColumnElement[str]:
    """What was written down when a request was last closed."""
    step = request_events.c
    query = select(step.data).where(step.request_id == requests.c.id, step.move == "close")
    return query.order_by(step.id.desc()).limit(1).correlate(requests).scalar_subquery()
