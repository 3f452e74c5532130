"""The one place where figures are counted: SQL over the calls of a scope, on SQLite and PostgreSQL.

Every query starts from (local_date, departement), so that its cost follows the period and not the history.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, false, func, or_, select

from records.counting.tally import SUMS, MotiveTally, Scope, Tally
from records.facts import NATIONAL, Outcome, Source
from records.schema.desk_tables import qualifications
from records.schema.tables import calls

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
    "resolution_known": and_(is_treated, qualifications.c.resolved.is_not(None)),
    "resolved": and_(is_treated, qualifications.c.resolved.is_(True)),
    "escalation_known": and_(is_treated, qualifications.c.escalated.is_not(None)),
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


FLAGS = ("resolution_known", "resolved", "escalation_known", "escalated")
"""The sums of what was said of a qualified call, in the order of `_flags`."""
ABOUT_CALLS = tuple(name for name in SUMS if name not in {"qualified", *FLAGS})
"""The sums that need no qualification, and thus no look into its table."""


def _one(name: str) -> Any:
    if name == "talk_seconds":
        return func.coalesce(func.sum(case((is_treated, calls.c.talk_seconds), else_=0)), 0)
    return func.coalesce(func.sum(case((COUNTED[name], 1), else_=0)), 0)


def _counted(scope: Scope, *columns: Any) -> Select[Any]:
    """Columns over the calls of a scope; the qualifications are joined where the scope asks for them."""
    query: Select[Any] = select(*columns)
    is_joined = scope.niveau is not None or scope.thematique is not None
    source = calls.join(qualifications, qualifications.c.call_id == calls.c.call_id) if is_joined else calls
    return query.select_from(source).where(*within(scope))


def _qualified(scope: Scope, *columns: Any) -> Select[Any]:
    """Columns over the treated calls of a scope that are qualified."""
    query: Select[Any] = select(*columns)
    joined = calls.join(qualifications, qualifications.c.call_id == calls.c.call_id)
    return query.select_from(joined).where(*within(scope), is_treated)


def _flags() -> tuple[Any, ...]:
    said = (qualifications.c.resolved, qualifications.c.escalated)
    return tuple(
        part
        for answer in said
        for part in (func.count(answer), func.coalesce(func.sum(case((answer.is_(True), 1), else_=0)), 0))
    )


def _calls_part(connection: Connection, scope: Scope, *keys: Any) -> dict[Any, dict[str, int]]:
    query = _counted(scope, *keys, *map(_one, ABOUT_CALLS)).group_by(*keys)
    return {
        row[: len(keys)]: dict(zip(ABOUT_CALLS, map(int, row[len(keys) :]), strict=True))
        for row in map(tuple, connection.execute(query))
    }


def _qualified_part(connection: Connection, scope: Scope, *keys: Any) -> dict[Any, dict[str, int]]:
    rows = connection.execute(_qualified(scope, *keys, func.count(), *_flags()).group_by(*keys))
    found = {}
    for row in map(tuple, rows):
        number, *flags = map(int, row[len(keys) :])
        found[row[: len(keys)]] = {"qualified": number, **dict(zip(FLAGS, flags, strict=True))}
    return found


def _waits(connection: Connection, scope: Scope, *keys: Any) -> dict[Any, dict[int, int]]:
    wait = calls.c.wait_seconds
    query = _counted(scope, *keys, wait, func.count()).where(is_received, wait.is_not(None)).group_by(*keys, wait)
    found: dict[Any, dict[int, int]] = {}
    for *key, seconds, number in connection.execute(query):
        found.setdefault(tuple(key), {})[int(seconds)] = int(number)
    return found


def tally(connection: Connection, scope: Scope) -> Tally:
    """The sums of one scope."""
    return tally_and_motives(connection, scope)[0]


def tally_and_motives(connection: Connection, scope: Scope) -> tuple[Tally, list[MotiveTally]]:
    """The sums of one scope and the wordings cited in it, with one look into the qualifications for both."""
    cited = motive_tallies(connection, scope)
    qualified = {name: sum(getattr(motive, name) for motive in cited) for name in FLAGS}
    sums: dict[str, Any] = {**_calls_part(connection, scope)[()], **qualified}
    waits = _waits(connection, scope).get((), {})
    return Tally(qualified=sum(motive.count for motive in cited), waits=waits, **sums), cited


def tallies_by_departement(connection: Connection, scope: Scope) -> dict[str | None, Tally]:
    """The sums of each département that has calls in the scope; None for calls without one."""
    code = calls.c.departement
    qualified, waits = _qualified_part(connection, scope, code), _waits(connection, scope, code)
    return {
        key[0]: Tally(waits=waits.get(key, {}), **sums, **qualified.get(key, {}))
        for key, sums in _calls_part(connection, scope, code).items()
    }


def tallies_by_day(connection: Connection, scope: Scope) -> dict[date, Tally]:
    """The sums of each local day that has calls; waits are left out."""
    qualified = _qualified_part(connection, scope, calls.c.local_date)
    days = _calls_part(connection, scope, calls.c.local_date)
    return {key[0]: Tally(waits={}, **sums, **qualified.get(key, {})) for key, sums in days.items()}


def tallies_by_departement_and_day(
    connection: Connection, scope: Scope
) -> tuple[dict[str | None, Tally], dict[date, Tally]]:
    """Both groupings from one look at the calls, for a page that shows them side by side."""
    keys = (calls.c.departement, calls.c.local_date)
    qualified, waits = _qualified_part(connection, scope, *keys), _waits(connection, scope, keys[0])
    places: dict[str | None, Counter[str]] = {}
    days: dict[date, Counter[str]] = {}
    for (code, day), sums in _calls_part(connection, scope, *keys).items():
        for counted in (places.setdefault(code, Counter()), days.setdefault(day, Counter())):
            counted.update(sums)
            counted.update(qualified.get((code, day), {}))
    return (
        {code: Tally(waits=waits.get((code,), {}), **sums) for code, sums in places.items()},
        {day: Tally(waits={}, **sums) for day, sums in days.items()},
    )


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
    niveau, thematique, motif, sous_motif, *numbers = row
    return MotiveTally(niveau, thematique, motif, sous_motif, *map(int, numbers))


def _cited(scope: Scope, *keys: Any) -> Select[Any]:
    q, talk = qualifications.c, calls.c.talk_seconds
    wording = (*keys, q.niveau, q.thematique, q.motif, q.sous_motif)
    numbers = (func.count(), func.count(talk), func.coalesce(func.sum(talk), 0), *_flags())
    return _qualified(scope, *wording, *numbers).group_by(*wording)


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
