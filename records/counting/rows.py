"""Sums counted from the rows themselves, by SQL on SQLite and PostgreSQL: what every kept sum must be equal to.

Each function takes the conditions that the calls fulfil and the names of the columns by which they are told apart
(`KEYS`), and gives for each group its own part of a tally.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, and_, case, cast, func, or_, select

from records.counting.hours import OTHER_CLOCKS, local_hour
from records.counting.tally import SAID, SOON, SUMS
from records.facts import NATIONAL, Outcome, Source
from records.schema.desk_tables import qualifications
from records.schema.tables import calls, desk_tasks

BY_TELEPHONE = (Source.WEBHOOK, Source.RECONCILIATION)
ERASED_BY = "effacement"
"""Who is said to have handled a callback whose number was erased: nobody was called back."""

is_answered = calls.c.outcome == Outcome.ANSWERED
is_telephone = calls.c.source.in_(BY_TELEPHONE)
is_treated = or_(and_(is_telephone, is_answered), calls.c.source.in_((Source.MANUAL, Source.IMPORT)))
is_received = and_(is_telephone, calls.c.departement.is_not(None), calls.c.departement != NATIONAL)
is_qualified = qualifications.c.call_id.is_not(None)
LOST = (Outcome.ABSENCE, Outcome.ABANDONED_RINGING, Outcome.ABANDONED_MENU, Outcome.MISSED)


def _outcome(outcome: Outcome) -> ColumnElement[bool]:
    return and_(is_telephone, calls.c.outcome == outcome)


WHO = func.coalesce(calls.c.caller_fingerprint, calls.c.caller)
"""What stands for the caller's number: it stays when the number goes, so that figures do not change (decision 96)."""

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
    "answered_soon": and_(is_received, is_answered, calls.c.wait_seconds <= SOON),
    "lost": and_(is_received, calls.c.outcome.in_(LOST)),
}
"""What each sum of a tally counts, call by call."""

KEYS = {"departement": calls.c.departement, "day": calls.c.local_date}
Conditions = Sequence[ColumnElement[bool]]
Group = tuple[Any, ...]
"""The values of the columns by which calls are told apart, in the order asked for."""

Wording = tuple[str, str, str, str]
WORDING = ("niveau", "thematique", "motif", "sous_motif")
CITED = ("count", "talk_known", "talk_seconds", "resolution_known", "resolved", "escalation_known", "escalated")
"""The sums of a wording."""
_BEFORE_IT_IS_SAID = tuple(name for name in SUMS if name not in {*SAID, "repeats"})
_CALLS = ("treated", "talk_known", "talk_seconds", *_BEFORE_IT_IS_SAID)


def sums(connection: Connection, conditions: Conditions, keys: Sequence[str]) -> dict[Group, Counter[str]]:
    """Every sum of a tally."""
    columns = [KEYS[key] for key in keys]
    query = select(*columns, *map(_sum, _CALLS)).where(*conditions).group_by(*columns)
    found = _counters(connection, query, len(keys), _CALLS)
    said = select(*columns, func.count(), *_flags()).select_from(_qualified()).where(*conditions, is_treated)
    for more in (
        _counters(connection, said.group_by(*columns), len(keys), ("qualified", *CITED[3:])),
        _repeats(connection, conditions, columns),
    ):
        for group, numbers in more.items():
            found.setdefault(group, Counter()).update(numbers)
    return found


def waits(connection: Connection, conditions: Conditions, keys: Sequence[str]) -> dict[Group, Counter[int]]:
    """How many received calls waited how many seconds."""
    columns, wait = [KEYS[key] for key in keys], calls.c.wait_seconds
    query = select(*columns, wait, func.count()).where(*conditions, is_received, wait.is_not(None))
    return _histogram(connection, query.group_by(*columns, wait))


def delays(connection: Connection, conditions: Conditions, keys: Sequence[str]) -> dict[Group, Counter[int]]:
    """How many messages and callbacks were handled after how many whole minutes."""
    columns, task = [KEYS[key] for key in keys], desk_tasks.c
    created, handled = (_second(connection, moment) for moment in (task.created_at, task.handled_at))
    minutes = case((handled > created, (handled - created) // 60), else_=0)
    is_done = and_(task.handled_at.is_not(None), func.coalesce(task.handled_by, "") != ERASED_BY)
    joined = calls.join(desk_tasks, task.call_id == calls.c.call_id)
    seconds = select(*columns, minutes.label("minutes")).select_from(joined).where(*conditions, is_done).subquery()
    grouped = list(seconds.c)
    found: dict[Group, Counter[int]] = {}
    for *group, late, number in connection.execute(select(*grouped, func.count()).group_by(*grouped)):
        found.setdefault(tuple(group), Counter())[int(late)] += int(number)
    return found


def hours(connection: Connection, conditions: Conditions, keys: Sequence[str]) -> dict[Group, Counter[tuple[int, int]]]:
    """Received calls by hour of the week on the clock of their département: (hour, 0), and of them the lost (hour, 1).

    Hour 0 is Monday from midnight to one o'clock.
    """
    columns, day = [KEYS[key] for key in keys], calls.c.local_date
    place = case((calls.c.departement.in_(sorted(OTHER_CLOCKS)), calls.c.departement), else_=None)
    if connection.dialect.name == "postgresql":
        hour = func.to_char(func.timezone("UTC", calls.c.started_at), "YYYY-MM-DD HH24")
    else:
        hour = func.substr(calls.c.started_at, 1, 13)
    told = select(*columns, place.label("place"), day.label("on"), hour.label("hour"), COUNTED["lost"].label("is_lost"))
    each = told.where(*conditions, is_received).subquery()
    lost = func.sum(case((each.c.is_lost, 1), else_=0))
    grouped = [*list(each.c)[:-1]]
    found: dict[Group, Counter[tuple[int, int]]] = {}
    for *group, code, on, utc_hour, number, gone in connection.execute(
        select(*grouped, func.count(), lost).group_by(*grouped)
    ):
        place_in_week = on.weekday() * 24 + local_hour(code, utc_hour)
        counted = found.setdefault(tuple(group), Counter())
        counted[place_in_week, 0] += int(number)
        if gone:
            counted[place_in_week, 1] += int(gone)
    return found


def cited(
    connection: Connection, conditions: Conditions, keys: Sequence[str]
) -> dict[Group, dict[Wording, tuple[int, ...]]]:
    """The sums (`CITED`) of each wording (`WORDING`) that treated calls carry."""
    columns = [KEYS[key] for key in keys]
    wording, talk = [qualifications.c[name] for name in WORDING], calls.c.talk_seconds
    numbers = (func.count(), func.count(talk), func.coalesce(func.sum(talk), 0), *_flags())
    query = select(*columns, *wording, *numbers).select_from(_qualified()).where(*conditions, is_treated)
    found: dict[Group, dict[Wording, tuple[int, ...]]] = {}
    for row in map(tuple, connection.execute(query.group_by(*columns, *wording))):
        niveau, thematique, motif, sous_motif, *counted = row[len(keys) :]
        words = (niveau, thematique, motif, sous_motif)
        found.setdefault(row[: len(keys)], {})[words] = tuple(map(int, counted))
    return found


def _sum(name: str) -> Any:
    if name == "talk_seconds":
        return func.coalesce(func.sum(case((is_treated, calls.c.talk_seconds), else_=0)), 0)
    return func.coalesce(func.sum(case((COUNTED[name], 1), else_=0)), 0)


def _flags() -> tuple[Any, ...]:
    """How many said whether, and how many said yes: resolved, then escalated."""
    said = (qualifications.c.resolved, qualifications.c.escalated)
    return tuple(
        part
        for answer in said
        for part in (func.count(answer), func.coalesce(func.sum(case((answer.is_(True), 1), else_=0)), 0))
    )


def _qualified() -> Any:
    return calls.join(qualifications, qualifications.c.call_id == calls.c.call_id)


def _repeats(connection: Connection, conditions: Conditions, columns: Sequence[Any]) -> dict[Group, Counter[str]]:
    c, number = calls.c, func.count().label("number")
    same = [c.departement.label("place"), c.local_date.label("on"), WHO.label("who")]
    kept = [column.label(f"key_{index}") for index, column in enumerate(columns)]
    each = select(*kept, *same, number).where(*conditions, is_received, WHO.is_not(None))
    several = each.group_by(*columns, c.departement, c.local_date, WHO).having(func.count() > 1).subquery()
    grouped = list(several.c)[: len(columns)]
    again = select(*grouped, func.sum(several.c.number - 1)).group_by(*grouped)
    return {tuple(group): Counter(repeats=int(more or 0)) for *group, more in connection.execute(again)}


def _second(connection: Connection, moment: Any) -> Any:
    """The whole second of a moment, since 1970."""
    if connection.dialect.name == "postgresql":
        return cast(func.floor(func.extract("epoch", moment)), BigInteger)
    return func.unixepoch(moment, type_=BigInteger)


def _counters(connection: Connection, query: Select[Any], keys: int, names: Sequence[str]) -> dict[Group, Counter[str]]:
    return {
        row[:keys]: Counter(dict(zip(names, map(int, row[keys:]), strict=True)))
        for row in map(tuple, connection.execute(query))
    }


def _histogram(connection: Connection, query: Select[Any]) -> dict[Group, Counter[int]]:
    found: dict[Group, Counter[int]] = {}
    for *group, value, number in connection.execute(query):
        found.setdefault(tuple(group), Counter())[int(value)] = int(number)
    return found
