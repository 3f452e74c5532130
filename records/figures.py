"""The one place where figures are counted: SQL over the calls of a scope, on SQLite and PostgreSQL.

Every query starts from (local_date, departement), so that its cost follows the period and not the history.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, false, func, or_, select

from records.desk_tables import qualifications
from records.facts import NATIONAL, Outcome, Source
from records.tables import calls
from records.tally import SUMS, MotiveTally, Scope, Tally

BY_TELEPHONE = (Source.WEBHOOK, Source.RECONCILIATION)

is_answered = calls.c.outcome == Outcome.ANSWERED
is_telephone = calls.c.source.in_(BY_TELEPHONE)
is_treated = or_(and_(is_telephone, is_answered), calls.c.source.in_((Source.MANUAL, Source.IMPORT)))
is_received = and_(is_telephone, calls.c.departement.is_not(None), calls.c.departement != NATIONAL)
is_qualified = qualifications.c.call_id.is_not(None)


def _outcome(outcome: Outcome) -> ColumnElement[bool]:
    return and_(is_telephone, calls.c.outcome == outcome)


COUNTED: dict[str, ColumnElement[bool]] = {
    "treated": is_treated,
    "talk_known": and_(is_treated, calls.c.talk_seconds.is_not(None)),
    "qualified": and_(is_treated, is_qualified),
    "resolved": and_(is_treated, qualifications.c.resolved.is_(True)),
    "escalated": and_(is_treated, qualifications.c.escalated.is_(True)),
    "received": is_received,
    "received_answered": and_(is_received, is_answered),
    "absences": _outcome(Outcome.ABSENCE),
    "messages": _outcome(Outcome.MESSAGE),
    "callbacks": _outcome(Outcome.CALLBACK),
    "abandoned_menu": _outcome(Outcome.ABANDONED_MENU),
    "abandoned_ringing": _outcome(Outcome.ABANDONED_RINGING),
}
"""What each sum of a tally counts."""


def _sums() -> list[Any]:
    """The sums in the order of `SUMS`."""
    summed = case((is_treated, calls.c.talk_seconds), else_=0)
    return [
        func.coalesce(func.sum(summed if name == "talk_seconds" else case((COUNTED[name], 1), else_=0)), 0)
        for name in SUMS
    ]


def within(scope: Scope) -> list[ColumnElement[bool]]:
    """The conditions of a scope over `calls` joined with `qualifications`."""
    conditions: list[ColumnElement[bool]] = [calls.c.local_date.between(scope.since, scope.until)]
    if scope.departements is not None:
        conditions.append(calls.c.departement.in_(scope.departements) if scope.departements else false())
    if scope.niveau is not None:
        conditions.append(qualifications.c.niveau == scope.niveau)
    if scope.thematique is not None:
        conditions.append(qualifications.c.thematique == scope.thematique)
    return conditions


def _counted(scope: Scope, *columns: Any) -> Select[Any]:
    joined = calls.outerjoin(qualifications, qualifications.c.call_id == calls.c.call_id)
    query: Select[Any] = select(*columns)
    return query.select_from(joined).where(*within(scope))


def _tally(sums: Sequence[Any], waits: Mapping[int, int]) -> Tally:
    counted: dict[str, Any] = dict(zip(SUMS, map(int, sums), strict=True))
    return Tally(waits=waits, **counted)


def tally(connection: Connection, scope: Scope) -> Tally:
    """The sums of one scope."""
    row = connection.execute(_counted(scope, *_sums())).one()
    waits = connection.execute(
        _counted(scope, calls.c.wait_seconds, func.count())
        .where(is_received, calls.c.wait_seconds.is_not(None))
        .group_by(calls.c.wait_seconds)
    )
    return _tally(row, {int(wait): int(number) for wait, number in waits})


def tallies_by_departement(connection: Connection, scope: Scope) -> dict[str | None, Tally]:
    """The sums of each département that has calls in the scope; None for calls without one."""
    code = calls.c.departement
    waits: dict[str | None, dict[int, int]] = {}
    for key, wait, number in connection.execute(
        _counted(scope, code, calls.c.wait_seconds, func.count())
        .where(is_received, calls.c.wait_seconds.is_not(None))
        .group_by(code, calls.c.wait_seconds)
    ):
        waits.setdefault(key, {})[int(wait)] = int(number)
    rows = connection.execute(_counted(scope, code, *_sums()).group_by(code))
    return {row[0]: _tally(row[1:], waits.get(row[0], {})) for row in rows}


def tallies_by_day(connection: Connection, scope: Scope) -> dict[date, Tally]:
    """The sums of each local day that has calls; waits are left out."""
    rows = connection.execute(_counted(scope, calls.c.local_date, *_sums()).group_by(calls.c.local_date))
    return {row[0]: _tally(row[1:], {}) for row in rows}


def motive_tallies(connection: Connection, scope: Scope) -> list[MotiveTally]:
    """How often each wording was cited in treated calls (decision 36: the wording that the call carries)."""
    return [_motive(row) for row in connection.execute(_cited(scope))]


def motive_tallies_by_departement(connection: Connection, scope: Scope) -> dict[str | None, list[MotiveTally]]:
    """The same for each département that has some."""
    found: dict[str | None, list[MotiveTally]] = {}
    for row in connection.execute(_cited(scope, calls.c.departement)):
        found.setdefault(row[0], []).append(_motive(row[1:]))
    return found


def _motive(row: Sequence[Any]) -> MotiveTally:
    niveau, thematique, motif, sous_motif, count, known, seconds = row
    return MotiveTally(niveau, thematique, motif, sous_motif, int(count), int(known), int(seconds))


def _cited(scope: Scope, *keys: Any) -> Select[Any]:
    q, talk = qualifications.c, calls.c.talk_seconds
    wording = (*keys, q.niveau, q.thematique, q.motif, q.sous_motif)
    query: Select[Any] = select(*wording, func.count(), func.count(talk), func.coalesce(func.sum(talk), 0))
    joined = calls.join(qualifications, q.call_id == calls.c.call_id)
    return query.select_from(joined).where(*within(scope), is_treated).group_by(*wording)


def calls_per_utc_hour(
    connection: Connection, scope: Scope, apart: frozenset[str]
) -> Iterator[tuple[str | None, date, int, int]]:
    """(département, local day, UTC hour, received or answered calls); only départements in `apart` are told apart.

    Those whose clock is not the one of Paris are asked for apart: the caller turns each UTC hour into a local one.
    """
    place = case((calls.c.departement.in_(sorted(apart)), calls.c.departement), else_=None)
    hour = func.extract("hour", calls.c.started_at)
    if connection.dialect.name == "postgresql":
        hour = func.extract("hour", func.timezone("UTC", calls.c.started_at))
    query = _counted(scope, place, calls.c.local_date, hour, func.count()).where(is_received)
    for row in connection.execute(query.group_by(place, calls.c.local_date, hour)):
        yield row[0], row[1], int(row[2]), int(row[3])
