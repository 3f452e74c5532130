"""The one place where figures are counted: every face asks here, for the calls of a scope, on SQLite and PostgreSQL.

What is kept by day and month is added up; the days whose sums do not hold at this moment are counted from their rows
(`records.counting.plan`). A scope is thus exact whatever was counted anew or not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection

from records.counting import kept, rows
from records.counting.kept import Cited, add_cited
from records.counting.plan import ReadingPlan, of_calls, plan
from records.counting.rows import Group
from records.counting.tally import SAID, SUMS, HourCount, MotiveTally, Scope, Tally
from records.schema.desk_tables import qualifications

Count = Callable[[Connection, rows.Conditions, tuple[str, ...]], Mapping[Group, Counter[Any]]]


def within(scope: Scope) -> list[ColumnElement[bool]]:
    """The conditions of a scope over `calls` joined with `qualifications`."""
    return [*of_calls(scope), *of_wordings(scope)]


def of_wordings(scope: Scope) -> list[ColumnElement[bool]]:
    """The conditions of a scope over `qualifications`."""
    conditions: list[ColumnElement[bool]] = []
    if scope.niveau is not None:
        conditions.append(qualifications.c.niveau == scope.niveau)
    if scope.thematique is not None:
        conditions.append(qualifications.c.thematique == scope.thematique)
    return conditions


def tally(connection: Connection, scope: Scope) -> Tally:
    """The sums of one scope."""
    return _tallies(connection, scope, (), with_waits=True).get((), Tally())


def tally_and_motives(connection: Connection, scope: Scope) -> tuple[Tally, list[MotiveTally]]:
    """The sums of one scope and the wordings cited in it."""
    return tally(connection, scope), motive_tallies(connection, scope)


def tallies_by_departement(
    connection: Connection, scope: Scope, *, with_waits: bool = True
) -> dict[str | None, Tally]:  # fmt: skip
    """The sums of each département with something to count in the scope; None for calls without one.

    Waits are most of what is read: whoever shows none leaves them out.
    """
    return _alone(_tallies(connection, scope, ("departement",), with_waits=with_waits))


def tallies_by_day(connection: Connection, scope: Scope) -> dict[date, Tally]:
    """The sums of each local day with something to count; waits are left out."""
    return _alone(_tallies(connection, scope, ("day",), with_waits=False))


def tallies_by_departement_and_day(
    connection: Connection, scope: Scope
) -> tuple[dict[str | None, Tally], dict[date, Tally]]:
    """Both groupings, for a page that shows them side by side."""
    return tallies_by_departement(connection, scope), tallies_by_day(connection, scope)


def tallies_by_month(connection: Connection, scope: Scope) -> dict[date, Tally]:
    """The sums of each month with something to count, by its first day."""
    return _alone(_tallies(connection, scope, ("month",), with_waits=True))


def tallies_by_departement_and_month(connection: Connection, scope: Scope) -> dict[tuple[str | None, date], Tally]:
    """The sums of each (département, first day of the month) with something to count."""
    return {(code, month): sums for (code, month), sums in _tallies(
        connection, scope, ("departement", "month"), with_waits=True
    ).items()}  # fmt: skip


def motive_tallies(connection: Connection, scope: Scope) -> list[MotiveTally]:
    """How often each wording was cited in treated calls (decision 36: the wording that the call carries)."""
    return _motives(_cited(connection, scope, ()).get((), {}))


def motive_tallies_by_departement(connection: Connection, scope: Scope) -> dict[str | None, list[MotiveTally]]:
    """The same for each département that has some."""
    return {code: _motives(found) for (code,), found in _cited(connection, scope, ("departement",)).items()}


def motive_tallies_by_month(connection: Connection, scope: Scope) -> dict[date, list[MotiveTally]]:
    """The same for each month that has some, by its first day."""
    return {month: _motives(found) for (month,), found in _cited(connection, scope, ("month",)).items()}


def calls_per_hour(connection: Connection, scope: Scope) -> dict[tuple[int, int], HourCount]:
    """Received calls by (weekday, Monday being 0, and hour on the clock of their département).

    Nothing under a level or a thématique: most received calls have neither.
    """
    if _is_filtered(scope):
        return {}
    found = _counted(connection, scope, (), rows.hours, kept.hours).get((), Counter())
    return {divmod(hour, 24): HourCount(number, found[hour, 1]) for (hour, lost), number in found.items() if not lost}


def callback_delays(connection: Connection, scope: Scope) -> dict[int, int]:
    """How many messages and callbacks of the calls of a scope were handled after how many whole minutes.

    Those that wait, and those whose number was erased, are in none. Nothing under a level or a thématique.
    """
    if _is_filtered(scope):
        return {}
    return dict(_counted(connection, scope, (), rows.delays, kept.delays).get((), Counter()))


def _is_filtered(scope: Scope) -> bool:
    return scope.niveau is not None or scope.thematique is not None


def _tallies(connection: Connection, scope: Scope, by: tuple[str, ...], *, with_waits: bool) -> dict[Group, Tally]:
    if _is_filtered(scope):
        return {group: _said(found) for group, found in _cited(connection, scope, by).items()}
    sums = _counted(connection, scope, by, rows.sums, kept.sums)
    waits = _counted(connection, scope, by, rows.waits, kept.waits) if with_waits else {}
    return {group: _tally(numbers, waits.get(group, {})) for group, numbers in sums.items() if any(numbers.values())}


def _counted(
    connection: Connection, scope: Scope, by: tuple[str, ...], of_rows: Count, of_kept: Count
) -> dict[Group, Counter[Any]]:
    """The same question asked of the kept sums and of the rows of days whose sums do not hold, and both added up."""
    how = _plan(connection, scope, by)
    found: dict[Group, Counter[Any]] = {}
    for count, condition in ((of_kept, how.sums), (of_rows, how.rows)):
        if condition is not None:
            for group, numbers in count(connection, [condition], _keys(by)).items():
                found.setdefault(_of_month(group, by), Counter()).update(numbers)
    return found


def _cited(connection: Connection, scope: Scope, by: tuple[str, ...]) -> dict[Group, Cited]:
    """The wordings of each group and their sums."""
    how = _plan(connection, scope, by)
    parts = []
    if how.sums is not None:
        parts.append(kept.cited(connection, [how.sums], _keys(by), scope.niveau, scope.thematique))
    if how.rows is not None:
        parts.append(rows.cited(connection, [how.rows, *of_wordings(scope)], _keys(by)))
    found: dict[Group, Cited] = {}
    for part in parts:
        for group, cited in part.items():
            add_cited(found.setdefault(_of_month(group, by), {}), cited)
    return found


def _plan(connection: Connection, scope: Scope, by: tuple[str, ...]) -> ReadingPlan:
    return plan(connection, scope, apart="departement" in by, by_day="day" in by)


def _keys(by: Iterable[str]) -> tuple[str, ...]:
    return tuple("day" if key == "month" else key for key in by)


def _of_month(group: Group, by: tuple[str, ...]) -> Group:
    return tuple(value.replace(day=1) if key == "month" else value for value, key in zip(group, by, strict=True))


def _alone(found: Mapping[Group, Tally]) -> dict[Any, Tally]:
    return {group[0]: sums for group, sums in found.items()}


def _tally(numbers: Mapping[str, int], waits: Mapping[int, int]) -> Tally:
    sums: dict[str, Any] = {name: numbers[name] for name in SUMS}
    return Tally(waits=dict(waits), **sums)


def _said(cited: Cited) -> Tally:
    """What the wordings of a filter add up to; nothing else is known of calls that carry them (`Tally`)."""
    count, *others = map(sum, zip(*cited.values(), strict=True))
    numbers = dict(zip(rows.CITED[1:], others, strict=True))
    said: dict[str, Any] = {name: count if name in {"treated", "qualified"} else numbers[name] for name in SAID}
    return Tally(**said)


def _motives(cited: Cited) -> list[MotiveTally]:
    return [
        MotiveTally(niveau, thematique, motif, sous_motif, *numbers)
        for (niveau, thematique, motif, sous_motif), numbers in cited.items()
    ]
