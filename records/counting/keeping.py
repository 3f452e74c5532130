"""Keeping the sums: those that no longer hold are counted anew, all are checked against the rows, or built again.

What is counted is read in one view of the database that keeps no writer waiting; then sums and marks are written in one
short transaction. A mark is taken away only by its own number, as that view showed it: whatever changed since then
left another, and its day goes on being answered from the rows.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, and_, delete, func, insert, or_, select, text, union, update

from records.counting.kept import KeptSums, counted_by_departement_and_day, known_wordings
from records.counting.plan import next_month
from records.counting.rows import WORDING, Wording
from records.database import insert_for, reading, writing
from records.schema.sums_tables import (
    DAY,
    FRANCE,
    MONTH,
    TRIGGERS,
    call_sums,
    cited_wordings,
    sums_generation,
    touched_sums,
)
from records.schema.tables import calls

CODES_AT_ONCE = 40
"""Départements of one month whose sums are written in one transaction."""
IDS_AT_ONCE = 5_000
AT_MOST = 400
"""Days counted anew in one run of the job."""

log = logging.getLogger(__name__)
Key = tuple[str, str, date]
"""(département or "" or `FRANCE`, grain, first day) of a line of `call_sums`."""


@dataclass(slots=True)
class Refreshed:
    """How many days and months were counted anew, and whether marks are left for the next time."""

    days: int = 0
    months: int = 0
    is_all: bool = True


@dataclass(frozen=True, slots=True)
class WrongSum:
    """A sum that is not what its rows add up to."""

    departement: str
    grain: str
    first: date


@dataclass(slots=True)
class CheckedSums:
    """How many sums were compared with the rows, those that differed, the triggers that are missing."""

    compared: int
    different: list[WrongSum]
    missing_triggers: list[str]

    @property
    def is_well(self) -> bool:
        """Whether all is as it should be."""
        return not self.different and not self.missing_triggers


# ---------------------------------------------------------------- counting anew


def refresh(engine: Engine, *, at_most: int = AT_MOST, month: date | None = None) -> Refreshed:
    """Count anew the sums that no longer hold, newest first; `month` (its first day) alone where it is given."""
    done = Refreshed()
    days = _marked(engine, DAY, month)
    if days and engine.dialect.name == "sqlite":
        with writing(engine) as connection:
            connection.execute(update(touched_sums).where(touched_sums.c.seen.is_(False)).values(seen=True))
    for day in days:
        if done.days >= at_most:
            done.is_all = False
            return done
        done.is_all &= _refresh_day(engine, day)
        done.days += 1
    for first in _marked(engine, MONTH, month):
        refreshed = _refresh_month(engine, first)
        done.months += refreshed
        done.is_all &= refreshed
    return done


def _marked(engine: Engine, grain: str, month: date | None) -> list[date]:
    c = touched_sums.c
    query = select(c.first).where(c.grain == grain).distinct().order_by(c.first.desc())
    if month is not None:
        query = query.where(c.first >= month, c.first < next_month(month))
    with reading(engine) as connection:
        return list(connection.scalars(query))


@dataclass(slots=True)
class _View:
    """What one view of the database says: whose turn it was, the marks, the sums that follow from the rows."""

    generation: int
    marks: dict[int, str]
    sums: dict[Key, KeptSums]


def _refresh_day(engine: Engine, day: date) -> bool:
    """Whether the day was counted anew, and not meanwhile by somebody else."""
    with reading(engine) as connection:
        view = _view(connection, DAY, day)
        codes = sorted(set(view.marks.values()))
        wanted = [calls.c.local_date == day, _is_of(codes)]
        counted = {code or "": sums for (code, _), sums in counted_by_departement_and_day(connection, wanted).items()}
        whole = KeptSums()
        others = [call_sums.c.departement.not_in([*codes, FRANCE])]
        for sums in (*counted.values(), *_kept(connection, DAY, day, day, others).values()):
            whole.add(sums)
    view.sums = {(code, DAY, day): counted.get(code, KeptSums()) for code in codes}
    view.sums[FRANCE, DAY, day] = whole
    return not codes or _write(engine, view, owed_months=codes)


def _refresh_month(engine: Engine, first: date) -> bool:
    """Whether the month was added up anew; not while one of its days no longer holds: nobody would read it."""
    last = next_month(first) - timedelta(days=1)
    is_whole = False
    while not is_whole:
        with reading(engine) as connection:
            view = _view(connection, MONTH, first)
            codes = sorted(set(view.marks.values()))
            is_whole = len(codes) <= CODES_AT_ONCE
            codes = codes[:CODES_AT_ONCE]
            view.marks = {number: code for number, code in view.marks.items() if code in set(codes)}
            touched = touched_sums.c
            if connection.scalar(
                select(touched.id).where(touched.grain == DAY, touched.first.between(first, last)).limit(1)
            ):
                return False
            days = _kept(connection, MONTH, first, last, [call_sums.c.departement.in_([*codes, FRANCE])], days=True)
        view.sums = {(code, MONTH, first): KeptSums() for code in (*codes, FRANCE)}
        for (code, _, _), sums in days.items():
            view.sums[code, MONTH, first].add(sums)
        if codes and not _write(engine, view):
            return False
    return True


def _view(connection: Connection, grain: str, first: date) -> _View:
    c = touched_sums.c
    generation = connection.scalar(select(sums_generation.c.number))
    found = connection.execute(select(c.id, c.departement).where(c.grain == grain, c.first == first))
    return _View(int(generation or 0), {number: code for number, code in found}, {})  # noqa: C416 - a row is no pair


def _kept(
    connection: Connection, grain: str, since: date, until: date, conditions: Sequence[Any], *, days: bool = False
) -> dict[Key, KeptSums]:
    """The kept sums between two days; those of days for a month with `days`."""
    c, wordings = call_sums.c, known_wordings(connection)
    query = select(call_sums).where(c.grain == (DAY if days else grain), c.first.between(since, until), *conditions)
    return {
        (row.departement, row.grain, row.first): KeptSums.of_row(row, wordings) for row in connection.execute(query)
    }


def _is_of(codes: Collection[str]) -> Any:
    named = calls.c.departement.in_(sorted(set(codes) - {""}))
    return or_(named, calls.c.departement.is_(None)) if "" in codes else named


def _write(engine: Engine, view: _View, owed_months: Collection[str] = ()) -> bool:
    """Write the sums of a view and take its marks away; False when somebody wrote sums since."""
    ids = _numbers_of(engine, {wording for sums in view.sums.values() for wording in sums.wordings()})
    c, empty = call_sums.c, KeptSums()
    lines = [
        {"departement": code, "grain": grain, "first": first, **sums.to_row(ids)}
        for (code, grain, first), sums in view.sums.items()
        if sums != empty
    ]
    (_, grain, first), *_ = view.sums
    codes = [code for code, _, _ in view.sums]
    number = sums_generation.c.number
    with writing(engine) as connection:
        turn = update(sums_generation).where(number == view.generation).values(number=number + 1)
        if connection.execute(turn).rowcount != 1:
            return False
        connection.execute(delete(call_sums).where(c.grain == grain, c.first == first, c.departement.in_(codes)))
        if lines:
            connection.execute(insert(call_sums), lines)
        for some in _in_pieces(list(view.marks)):
            connection.execute(delete(touched_sums).where(touched_sums.c.id.in_(some)))
        _mark(connection, [(code, MONTH, first.replace(day=1)) for code in owed_months])
    return True


def _numbers_of(engine: Engine, wordings: Collection[Wording]) -> dict[Wording, int]:
    """The number of each wording, given to those that have none."""
    with reading(engine) as connection:
        known = {wording: int(number) for number, wording in known_wordings(connection).items()}
    new = [dict(zip(WORDING, wording, strict=True)) for wording in sorted(set(wordings) - set(known))]
    if not new:
        return known
    with writing(engine) as connection:
        connection.execute(insert_for(connection, cited_wordings).on_conflict_do_nothing(), new)
        return {wording: int(number) for number, wording in known_wordings(connection).items()}


def _mark(connection: Connection, keys: Iterable[Key]) -> None:
    marks = [
        {"grain": grain, "first": first, "departement": "" if code == FRANCE else code, "seen": False}
        for code, grain, first in keys
    ]
    if marks:
        connection.execute(insert(touched_sums), marks)


def _in_pieces(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), IDS_AT_ONCE):
        yield ids[start : start + IDS_AT_ONCE]


# ---------------------------------------------------------------- building again, checking


def rebuild(engine: Engine, told: Callable[[date], None] = lambda _month: None) -> int:
    """Count every sum anew from the rows, month by month, newest first; returns how many months, `told` of each.

    Calls may be taken meanwhile, and figures are exact all along: one month at a time is answered from its rows.
    """
    months = _months(engine)
    for first in months:
        told(first)
        with writing(engine) as connection:
            _mark(connection, [(code, DAY, day) for code, day in _days_of(connection, first)])
        refresh(engine, month=first)
    return len(months)


def check(engine: Engine) -> CheckedSums:
    """Compare every sum that should hold with its rows, month by month; one that differs is marked, to be mended."""
    with reading(engine) as connection:
        found = CheckedSums(0, [], _missing_triggers(connection))
    for first in _months(engine):
        with reading(engine) as connection:
            compared, different = _check_month(connection, first)
        found.compared += compared
        found.different += different
        if different:
            with writing(engine) as connection:
                _mark(connection, [(one.departement, one.grain, one.first) for one in different])
    if found.different:
        log.error("%d sums of calls were not what the rows add up to: they are counted anew", len(found.different))
    if found.missing_triggers:
        log.error("triggers of the database are missing: %s", ", ".join(found.missing_triggers))
    return found


def _check_month(connection: Connection, first: date) -> tuple[int, list[WrongSum]]:
    last = next_month(first) - timedelta(days=1)
    c = touched_sums.c
    query = select(c.grain, c.first, c.departement).where(c.first.between(first, last)).distinct()
    marked = {(code, grain, day) for grain, day, code in connection.execute(query)}
    right: dict[Key, KeptSums] = {}
    for (code, day), sums in counted_by_departement_and_day(
        connection, [calls.c.local_date.between(first, last)]
    ).items():
        for key in ((code or "", DAY, day), (FRANCE, DAY, day), (code or "", MONTH, first), (FRANCE, MONTH, first)):
            right.setdefault(key, KeptSums()).add(sums)
    kept = _kept(connection, DAY, first, last, [], days=True) | _kept(connection, MONTH, first, first, [])
    touched_days = {day for _, grain, day in marked if grain == DAY}
    touched_in_month = {code for code, grain, _ in marked}

    def holds(key: Key) -> bool:
        code, grain, day = key
        if grain == MONTH:
            return not (marked if code == FRANCE else code in touched_in_month)
        return day not in touched_days if code == FRANCE else key not in marked

    compared = [key for key in sorted({*right, *kept}) if holds(key)]
    empty = KeptSums()
    return len(compared), [WrongSum(*key) for key in compared if right.get(key, empty) != kept.get(key, empty)]


def _missing_triggers(connection: Connection) -> list[str]:
    if connection.dialect.name == "postgresql":
        query = "select tgname from pg_trigger where not tgisinternal and tgenabled <> 'D'"
    else:
        query = "select name from sqlite_master where type = 'trigger'"
    there = set(connection.scalars(text(query)))
    return [name for name in TRIGGERS if name not in there]


def _months(engine: Engine) -> list[date]:
    """The months that have calls or sums, newest first."""
    days = (calls.c.local_date, call_sums.c.first)
    with reading(engine) as connection:
        ends = [connection.scalar(select(side(day))) for day in days for side in (func.min, func.max)]
    known = [day for day in ends if day is not None]
    found, first = [], min(known).replace(day=1) if known else None
    while first is not None and first <= max(known):
        found.append(first)
        first = next_month(first)
    return found[::-1]


def _days_of(connection: Connection, first: date) -> list[tuple[str, date]]:
    """Each (département, day) of a month that has calls or sums."""
    last = next_month(first) - timedelta(days=1)
    c, s = calls.c, call_sums.c
    of_calls = select(func.coalesce(c.departement, ""), c.local_date).where(c.local_date.between(first, last))
    of_sums = select(s.departement, s.first).where(and_(s.grain == DAY, s.first.between(first, last)))
    both = union(of_calls, of_sums.where(s.departement != FRANCE))
    return [(code, day) for code, day in connection.execute(both)]
