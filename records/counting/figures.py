"""The one place where figures are counted: every face asks here, for the calls of a scope, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, false

from records.counting import rows
from records.counting.rows import Group
from records.counting.tally import SAID, SUMS, HourCount, MotiveTally, Scope, Tally
from records.schema.desk_tables import qualifications
from records.schema.tables import calls

Cited = Mapping[rows.Wording, tuple[int, ...]]


def within(scope: Scope) -> list[ColumnElement[bool]]:
    """The conditions of a scope over `calls` joined with `qualifications`."""
    conditions = _of_calls(scope)
    if scope.niveau is not None:
        conditions.append(qualifications.c.niveau == scope.niveau)
    if scope.thematique is not None:
        conditions.append(qualifications.c.thematique == scope.thematique)
    return conditions


def _of_calls(scope: Scope) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [calls.c.local_date.between(scope.since, scope.until)]
    if scope.departements is not None:
        conditions.append(calls.c.departement.in_(scope.departements) if scope.departements else false())
    return conditions


def tally(connection: Connection, scope: Scope) -> Tally:
    """The sums of one scope."""
    return _tallies(connection, scope, (), with_waits=True).get((), Tally())


def tally_and_motives(connection: Connection, scope: Scope) -> tuple[Tally, list[MotiveTally]]:
    """The sums of one scope and the wordings cited in it."""
    return tally(connection, scope), motive_tallies(connection, scope)


def tallies_by_departement(connection: Connection, scope: Scope) -> dict[str | None, Tally]:
    """The sums of each département that has calls in the scope; None for calls without one."""
    return _alone(_tallies(connection, scope, ("departement",), with_waits=True))


def tallies_by_day(connection: Connection, scope: Scope) -> dict[date, Tally]:
    """The sums of each local day that has calls; waits are left out."""
    return _alone(_tallies(connection, scope, ("day",), with_waits=False))


def tallies_by_departement_and_day(
    connection: Connection, scope: Scope
) -> tuple[dict[str | None, Tally], dict[date, Tally]]:
    """Both groupings, for a page that shows them side by side."""
    return tallies_by_departement(connection, scope), tallies_by_day(connection, scope)


def tallies_by_month(connection: Connection, scope: Scope) -> dict[date, Tally]:
    """The sums of each month that has calls, by its first day."""
    return _alone(_tallies(connection, scope, ("month",), with_waits=True))


def tallies_by_departement_and_month(connection: Connection, scope: Scope) -> dict[tuple[str | None, date], Tally]:
    """The sums of each (département, first day of the month) that has calls."""
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
    found = _merged(rows.hours(connection, _of_calls(scope), ()))
    return {divmod(hour, 24): HourCount(number, found[hour, 1]) for (hour, lost), number in found.items() if not lost}


def callback_delays(connection: Connection, scope: Scope) -> dict[int, int]:
    """How many messages and callbacks of the calls of a scope were handled after how many whole minutes.

    Those that wait, and those whose number was erased, are in none. Nothing under a level or a thématique.
    """
    return {} if _is_filtered(scope) else dict(_merged(rows.delays(connection, _of_calls(scope), ())))


def _is_filtered(scope: Scope) -> bool:
    return scope.niveau is not None or scope.thematique is not None


def _tallies(connection: Connection, scope: Scope, by: tuple[str, ...], *, with_waits: bool) -> dict[Group, Tally]:
    if _is_filtered(scope):
        return {group: _said(found) for group, found in _cited(connection, scope, by).items()}
    conditions, keys = _of_calls(scope), _keys(by)
    sums = _folded(rows.sums(connection, conditions, keys), by)
    waits = _folded(rows.waits(connection, conditions, keys), by) if with_waits else {}
    return {group: _tally(numbers, waits.get(group, {})) for group, numbers in sums.items()}


def _cited(connection: Connection, scope: Scope, by: tuple[str, ...]) -> dict[Group, Cited]:
    """The wordings of each group, as (niveau, thématique, motif, sous-motif) and their sums."""
    found: dict[Group, dict[rows.Wording, tuple[int, ...]]] = {}
    for group, cited in rows.cited(connection, within(scope), _keys(by)).items():
        whole = found.setdefault(_of_month(group, by), {})
        for wording, numbers in cited.items():
            so_far = whole.get(wording)
            whole[wording] = numbers if so_far is None else tuple(map(sum, zip(so_far, numbers, strict=True)))
    return dict(found)


def _keys(by: Iterable[str]) -> tuple[str, ...]:
    return tuple("day" if key == "month" else key for key in by)


def _of_month(group: Group, by: tuple[str, ...]) -> Group:
    return tuple(value.replace(day=1) if key == "month" else value for value, key in zip(group, by, strict=True))


def _folded(found: Mapping[Group, Counter[Any]], by: tuple[str, ...]) -> dict[Group, Counter[Any]]:
    """The groups of days as groups of months where months were asked for."""
    folded: dict[Group, Counter[Any]] = {}
    for group, numbers in found.items():
        folded.setdefault(_of_month(group, by), Counter()).update(numbers)
    return folded


def _merged(found: Mapping[Group, Counter[Any]]) -> Counter[Any]:
    whole: Counter[Any] = Counter()
    for numbers in found.values():
        whole.update(numbers)
    return whole


def _alone(found: Mapping[Group, Tally]) -> dict[Any, Tally]:
    return {group[0]: sums for group, sums in found.items()}


def _tally(numbers: Mapping[str, int], waits: Mapping[int, int]) -> Tally:
    sums: dict[str, Any] = {name: numbers[name] for name in SUMS}
    return Tally(waits=dict(waits), **sums)


def _said(cited: Cited) -> Tally:
    """What the wordings of a filter add up to; nothing else is known of calls that carry them (`Tally`)."""
    count, *others = map(sum, zip(*cited.values(), strict=True))
    numbers = dict(zip(rows.CITED[1:], others, strict=True))
    return Tally(**{name: count if name in {"treated", "qualified"} else numbers[name] for name in SAID})


def _motives(cited: Cited) -> list[MotiveTally]:
    return [
        MotiveTally(niveau, thematique, motif, sous_motif, *numbers)
        for (niveau, thematique, motif, sous_motif), numbers in cited.items()
    ]
