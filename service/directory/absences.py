"""A person is away, for a period or for now: the verbs that say so, and who may stand in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from records.database import Connection
from records.desks.acting import Acting
from records.in_force.rules import RuleKind, rules_set
from records.refusals import ChangeRefused
from routing.directory.people import Person
from routing.planning.presence import absent_until
from routing.rules import Absence
from routing.snapshot import Snapshot
from service.directory.declaring import check_period, write_rule
from service.directory.publishing import refresh_rules
from service.settings import Settings

LONGEST_AWAY = timedelta(days=366)
NEW = 0
"""The number of an absence that is not declared yet."""


def checked_absence(
    snapshot: Snapshot, person: Person, suppleant: Person | None, *, start: datetime, end: datetime, at: datetime
) -> Absence:
    """The absence, not declared yet.

    ChangeRefused for a period that is over, turned round or longer than 366 days, and for a suppléant who is the same
    person, cannot be rung, or stands on no line of the person's départements.
    """
    check_period(start, end, at)
    if end - start > LONGEST_AWAY:
        raise ChangeRefused("Une absence dure un an au plus.", "end")
    if suppleant is not None:
        _check_suppleant(snapshot, person, suppleant)
    return Absence(NEW, person.id, start, end, suppleant.id if suppleant else None)


def declare_absence(
    acting: Acting,
    settings: Settings,
    snapshot: Snapshot,
    *,
    person: Person,
    suppleant: Person | None,
    start: datetime,
    end: datetime,
) -> int:
    """Declare an absence and return its number; said twice, word for word, it stays one. ChangeRefused as above."""
    return _declare(acting, settings, checked_absence(snapshot, person, suppleant, start=start, end=end, at=acting.at))


def declare_absent_for_now(acting: Acting, settings: Settings, snapshot: Snapshot, person: Person) -> Absence:
    """Declare « absent pour l'instant » and return it; the absence that is under way when there is one."""
    for absence in snapshot.absences(person.id):
        if absence.start <= acting.at < absence.end:
            return absence
    absence = absent_for_now(snapshot, person, acting.at)
    return replace(absence, id=_declare(acting, settings, absence))


def _declare(acting: Acting, settings: Settings, absence: Absence) -> int:
    values = _values(absence)
    with acting.writing() as connection:
        number = _standing(connection, values, acting.at) or write_rule(acting, connection, RuleKind.ABSENCE, values)
    refresh_rules(acting.engine, settings, acting.at)
    return number


def _standing(connection: Connection, values: Mapping[str, Any], at: datetime) -> int | None:
    """The number of the very same absence, None when it is not declared yet."""
    rows = rules_set(connection, RuleKind.ABSENCE, ending_after=at)
    return next((row["id"] for row in rows if {name: row[name] for name in values} == values), None)


def absent_for_now(snapshot: Snapshot, person: Person, at: datetime) -> Absence:
    """« Absent pour l'instant », not declared yet: until the person's next opening (decision 21)."""
    return Absence(NEW, person.id, at, absent_until(person, at, snapshot.rules.usage_holidays))


def stand_ins(snapshot: Snapshot, person: Person) -> list[Person]:
    """Who may take this person's rang: whoever can be rung in the same départements, each once."""
    found = (line for code in _codes(snapshot, person) for line in snapshot.lines(code))
    others = (line for line in found if line.is_ringable and line.identity != person.identity)
    return list({line.id: line for line in others}.values())


def _check_suppleant(snapshot: Snapshot, person: Person, suppleant: Person) -> None:
    if suppleant.identity == person.identity:
        raise ChangeRefused("Une personne ne peut pas se suppléer elle-même.", "suppleant")
    if suppleant.id in {one.id for one in stand_ins(snapshot, person)}:
        return
    if not suppleant.is_ringable:
        raise ChangeRefused("Ce suppléant n’a pas de ligne qui puisse sonner.", "suppleant")
    raise ChangeRefused("Le suppléant doit avoir une ligne dans le même département.", "suppleant")


def _codes(snapshot: Snapshot, person: Person) -> list[str]:
    return sorted({line.departement for line in snapshot.people if line.identity == person.identity})


def _values(absence: Absence) -> dict[str, Any]:
    return {
        "person": absence.person, "start": absence.start, "end": absence.end, "suppleant": absence.suppleant,
    }  # fmt: skip
