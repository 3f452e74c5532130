"""The calls behind a figure, one by one, and what waits on the desks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from records.counting.figures import within
from records.counting.rows import BY_TELEPHONE, COUNTED, WHO, is_received
from records.counting.tally import Scope
from records.schema.desk_tables import qualifications
from records.schema.tables import calls, desk_tasks


class ListedCall(NamedTuple):
    """A call as a list shows it."""

    call_id: str
    started_at: datetime
    day: date
    departement: str | None
    caller: str | None
    outcome: str
    referent: str | None
    wait_seconds: int | None
    talk_seconds: int | None
    thematique: str | None
    sous_motif: str | None
    source: str


def _waits_for(kind: str) -> ColumnElement[bool]:
    open_tasks = select(desk_tasks.c.call_id).where(desk_tasks.c.kind == kind, desk_tasks.c.handled_at.is_(None))
    return calls.c.call_id.in_(open_tasks)


def _has_called_before() -> ColumnElement[bool]:
    """A received call of a number that had called the same département that local day, as `Tally.repeats` counts it."""
    c, earlier = calls.c, calls.alias("earlier")
    is_before = or_(
        earlier.c.started_at < c.started_at,
        and_(earlier.c.started_at == c.started_at, earlier.c.call_id < c.call_id),
    )
    same = [getattr(earlier.c, name) == getattr(c, name) for name in ("departement", "local_date")]
    same.append(func.coalesce(earlier.c.caller_fingerprint, earlier.c.caller) == WHO)
    found = select(earlier.c.call_id).where(*same, earlier.c.source.in_(BY_TELEPHONE), is_before)
    return and_(is_received, found.exists())


LISTED: Mapping[str, ColumnElement[bool]] = {
    **COUNTED,
    "waited": and_(is_received, calls.c.wait_seconds.is_not(None)),
    "repeats": _has_called_before(),
    "unqualified": and_(COUNTED["treated"], qualifications.c.call_id.is_(None)),
    "waiting_messages": _waits_for("message"),
    "waiting_callbacks": _waits_for("callback"),
}
"""Which calls can be listed: those of each sum of a tally, and a few that no tally sums."""


def calls_of_figure(
    connection: Connection, scope: Scope, listed: str, *, limit: int, offset: int = 0, sous_motif: str | None = None
) -> list[ListedCall]:
    """The calls of a scope that `LISTED` names so, newest first; KeyError for another name."""
    c, q = calls.c, qualifications.c
    query = (
        select(
            c.call_id, c.started_at, c.local_date, c.departement, c.caller, c.outcome, c.referent, c.wait_seconds,
            c.talk_seconds, q.thematique, q.sous_motif, c.source,
        )
        .select_from(calls.outerjoin(qualifications, q.call_id == c.call_id))
        .where(*within(scope), LISTED[listed])
    )  # fmt: skip
    if sous_motif:
        query = query.where(q.sous_motif == sous_motif)
    rows = connection.execute(query.order_by(c.local_date.desc(), c.started_at.desc()).limit(limit).offset(offset))
    return [ListedCall._make(row) for row in rows]


class Waiting(NamedTuple):
    """Messages not heard and callbacks not made on all desks; `late` were left before the moment asked."""

    messages: int
    callbacks: int
    late_messages: int
    late_callbacks: int


def waiting(connection: Connection, before: datetime, departements: tuple[str, ...] | None = None) -> Waiting:
    """What waits on these desks (None: all), and how much of it was left before a moment."""
    late = func.count().filter(desk_tasks.c.created_at < before)
    query = select(desk_tasks.c.kind, func.count(), late).where(desk_tasks.c.handled_at.is_(None))
    if departements is not None:
        query = query.where(desk_tasks.c.departement.in_(departements))
    found = {kind: (int(count), int(old)) for kind, count, old in connection.execute(query.group_by(desk_tasks.c.kind))}
    messages, callbacks = found.get("message", (0, 0)), found.get("callback", (0, 0))
    return Waiting(messages[0], callbacks[0], messages[1], callbacks[1])
