"""Which calls of a scope are answered from kept sums, and which from the rows: those whose sums no longer hold.

Every call of the scope is in exactly one of both, so that figures are exact at every moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Connection, and_, false, or_, select

from records.counting.tally import Scope
from records.schema.sums_tables import DAY, FRANCE, MONTH, call_sums, touched_sums
from records.schema.tables import calls

MOST_MARKS, MOST_GROUPS = 5_000, 50
"""Beyond them nothing (marks), or nothing of a day (groups of days with the same marks), is answered from sums."""

Condition = ColumnElement[bool]
Touched = dict[date, frozenset[str]]
"""The départements of each day whose sums no longer hold, "" for calls without one."""


@dataclass(frozen=True, slots=True)
class ReadingPlan:
    """Conditions over `calls` and over `call_sums`; None when there is nothing to ask there."""

    rows: Condition | None
    sums: Condition | None


def of_calls(scope: Scope) -> list[Condition]:
    """The conditions of the days and départements of a scope over `calls`."""
    conditions: list[Condition] = [calls.c.local_date.between(scope.since, scope.until)]
    if scope.departements is not None:
        conditions.append(calls.c.departement.in_(scope.departements) if scope.departements else false())
    return conditions


def rows_alone(scope: Scope) -> ReadingPlan:
    """Every call from the rows."""
    return ReadingPlan(and_(*of_calls(scope)), None)


def plan(connection: Connection, scope: Scope, *, apart: bool, by_day: bool) -> ReadingPlan:
    """How to count a scope; `apart`: départements are told apart; `by_day`: days are (else months will do)."""
    if scope.since > scope.until or scope.departements == ():
        return ReadingPlan(None, None)
    touched = _touched(connection, scope)
    if touched is None:
        return rows_alone(scope)
    months = [] if by_day else _whole_months(scope)
    kept_months = _untouched_months(connection, scope, months, touched)
    is_whole = scope.departements is None and not apart
    target = _target(scope, is_whole=is_whole)
    wanted = [and_(_of(MONTH), call_sums.c.first.in_(kept_months), target)] if kept_months else []
    for since, until in _others(scope, kept_months):
        dirty = [day for day in touched if since <= day <= until]
        condition = and_(_of(DAY), call_sums.c.first.between(since, until), target)
        wanted.append(and_(condition, call_sums.c.first.not_in(dirty)) if dirty else condition)
    groups = _alike(touched)
    each = _target(scope, is_whole=False)
    for codes, days in groups:
        if codes is not None:
            left = call_sums.c.departement.not_in(codes)
            wanted.append(and_(_of(DAY), call_sums.c.first.in_(days), each, left))
    asked = [_rows(scope, codes, days) for codes, days in groups]
    return ReadingPlan(or_(*asked) if asked else None, or_(*wanted) if wanted else None)


def _touched(connection: Connection, scope: Scope) -> Touched | None:
    """None when there are too many."""
    c = touched_sums.c
    query = select(c.first, c.departement).where(c.grain == DAY, c.first.between(scope.since, scope.until)).distinct()
    if scope.departements is not None:
        query = query.where(c.departement.in_(scope.departements))
    found = connection.execute(query.limit(MOST_MARKS + 1)).all()
    if len(found) > MOST_MARKS:
        return None
    days: dict[date, set[str]] = {}
    for first, code in found:
        days.setdefault(first, set()).add(code)
    return {day: frozenset(codes) for day, codes in days.items()}


def _untouched_months(connection: Connection, scope: Scope, months: Sequence[date], touched: Touched) -> list[date]:
    if not months:
        return []
    c = touched_sums.c
    query = select(c.first).where(c.grain == MONTH, c.first.in_(months)).distinct()
    if scope.departements is not None:
        query = query.where(c.departement.in_(scope.departements))
    gone = {*connection.scalars(query), *(day.replace(day=1) for day in touched)}
    return [first for first in months if first not in gone]


def _of(grain: str) -> Condition:
    return call_sums.c.grain == grain


def _target(scope: Scope, *, is_whole: bool) -> Condition:
    if is_whole:
        return call_sums.c.departement == FRANCE
    if scope.departements is not None:
        return call_sums.c.departement.in_(scope.departements)
    return call_sums.c.departement != FRANCE


def _alike(touched: Touched) -> list[tuple[frozenset[str] | None, list[date]]]:
    """Days with the same départements together; when these are too many, the days alone, with None."""
    groups: dict[frozenset[str] | None, list[date]] = {}
    for day, codes in sorted(touched.items()):
        groups.setdefault(codes, []).append(day)
    if len(groups) > MOST_GROUPS:
        return [(None, sorted(touched))]
    return list(groups.items())


def _rows(scope: Scope, codes: frozenset[str] | None, days: Sequence[date]) -> Condition:
    conditions: list[Condition] = [calls.c.local_date.in_(days)]
    if codes is None:
        if scope.departements is not None:
            conditions.append(calls.c.departement.in_(scope.departements))
        return and_(*conditions)
    places: list[Condition] = []
    if named := sorted(codes - {""}):
        places.append(calls.c.departement.in_(named))
    if "" in codes:
        places.append(calls.c.departement.is_(None))
    return and_(*conditions, or_(*places))


def _whole_months(scope: Scope) -> list[date]:
    found = []
    first = scope.since if scope.since.day == 1 else next_month(scope.since)
    while (following := next_month(first)) - timedelta(days=1) <= scope.until:
        found.append(first)
        first = following
    return found


def next_month(day: date) -> date:
    """The first day of the month after."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def _others(scope: Scope, months: Iterable[date]) -> list[tuple[date, date]]:
    """The days of a scope that are in none of these months, as (first, last)."""
    found, day = [], scope.since
    for first in sorted(months):
        if day < first:
            found.append((day, first - timedelta(days=1)))
        day = next_month(first)
    if day <= scope.until:
        found.append((day, scope.until))
    return found
