"""A person is away: the verbs that say so, change it and take it back, for oneself or for a colleague (decision 44)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from records.database import Connection
from records.desks.acting import Acting
from records.in_force.rules import RuleKind, change_rule, remove_rule, rule_ever_set, rules_set
from records.refusals import ChangeRefused
from routing.calendar.words import write_moment
from routing.departements import timezone_of
from routing.directory.people import Person
from routing.planning.presence import AwayFor, away_until, half_days, said_period
from routing.rules import Absence
from routing.snapshot import Snapshot
from service.directory.away_letters import owe_letters
from service.directory.declaring import check_period, write_rule
from service.directory.publishing import refresh_rules
from service.directory.rules import absence_of
from service.directory.snapshots import SnapshotFile
from service.settings import Settings

LONGEST_AWAY = timedelta(days=366)
NEW = 0
"""The number of an absence that is not declared yet."""


class AlreadyAway(ChangeRefused):
    """The person is away then already: `standing` is that absence, which can be changed instead."""

    def __init__(self, person: Person, standing: Absence) -> None:
        super().__init__(
            f"{person.name} est déjà en absence {said_period(person, standing.start, standing.end)} "
            f"(n° {standing.id}). Prolongez ou modifiez cette absence.", "end",
        )  # fmt: skip
        self.standing = standing


def period_of(snapshot: Snapshot, person: Person, choice: AwayFor, at: datetime) -> tuple[datetime, datetime]:
    """From now to the end of this half-day, of today, of tomorrow; ChangeRefused when no call would ring until then."""
    end = away_until(snapshot, person, choice, at)
    if end is not None:
        return at, end
    half = next(half_days(snapshot, person, at), None)
    if half is None:
        raise ChangeRefused("Personne n’est attendu sur cette ligne : aucune absence n’est à déclarer.", "until")
    back = write_moment(half[0], timezone_of(person.departement))
    raise ChangeRefused(f"Aucun appel ne sonne d’ici là, le prochain peut sonner le {back} : allez plus loin.", "until")


def checked_absence(
    snapshot: Snapshot, person: Person, suppleant: Person | None, *, start: datetime, end: datetime, at: datetime
) -> Absence:
    """The absence, not declared yet.

    ChangeRefused for a period that is over, turned round or longer than 366 days, and for a suppléant who is the same
    person, cannot be rung, or stands on no line of the person's départements; AlreadyAway as the snapshot says.
    """
    absence = _checked(snapshot, person, suppleant, start=start, end=end, at=at)
    _check_free(person, absence, (one for one in snapshot.absences(person.id) if one.end > at))
    return absence


def changed_absence(
    snapshot: Snapshot, person: Person, suppleant: Person | None, number: int, *, start: datetime, end: datetime,
    at: datetime,
) -> Absence:  # fmt: skip
    """The absence of this number as it would be, not changed yet; refused as above."""
    made = _checked(snapshot, person, suppleant, start=start, end=end, at=at)
    absence = Absence(number, person.id, made.start, made.end, made.suppleant)
    _check_free(person, absence, (one for one in snapshot.absences(person.id) if one.end > at))
    return absence


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
    """Declare an absence and return its number; whoever must know is told by mail. ChangeRefused as above."""
    absence = _checked(snapshot, person, suppleant, start=start, end=end, at=acting.at)
    with SnapshotFile(settings.var_dir).locked(), acting.writing() as connection:
        _check_free(person, absence, _standing(connection, snapshot, person, acting.at))
        number = write_rule(acting, connection, RuleKind.ABSENCE, _values(absence))
        owe_letters(acting, connection, number, _told(snapshot, acting, person, {absence.suppleant}))
    refresh_rules(acting.engine, settings, acting.at)
    return number


def declare_away_for(
    acting: Acting, settings: Settings, snapshot: Snapshot, person: Person, choice: AwayFor
) -> Absence:  # fmt: skip
    """Declare an absence that begins now and return it; ChangeRefused as above."""
    start, end = period_of(snapshot, person, choice, acting.at)
    number = declare_absence(acting, settings, snapshot, person=person, suppleant=None, start=start, end=end)
    return Absence(number, person.id, start, end)


def change_absence(
    acting: Acting,
    settings: Settings,
    snapshot: Snapshot,
    number: int,
    *,
    person: Person,
    suppleant: Person | None,
    start: datetime,
    end: datetime,
) -> None:
    """Give a person's absence another period or suppléant; the former suppléant is told too. ChangeRefused as above."""
    made = _checked(snapshot, person, suppleant, start=start, end=end, at=acting.at)
    absence = Absence(number, person.id, made.start, made.end, made.suppleant)
    with SnapshotFile(settings.var_dir).locked(), acting.writing() as connection:
        standing = _standing(connection, snapshot, person, acting.at)
        before = next((one for one in standing if one.id == number), None)
        if before is None:
            raise ChangeRefused(f"Rien n’est réglé sous le numéro {number}.", "number")
        _check_free(person, absence, standing)
        change_rule(connection, RuleKind.ABSENCE, number, {**_values(absence), "person": before.person})
        acting.note(connection, "réglage absence modifié", str(number))
        owe_letters(
            acting, connection, number, _told(snapshot, acting, person, {absence.suppleant, before.suppleant})
        )  # fmt: skip
    refresh_rules(acting.engine, settings, acting.at)


def withdraw_absence(acting: Acting, settings: Settings, snapshot: Snapshot, number: int) -> None:
    """Take an absence back; whoever was to stand in is told. ChangeRefused when there is none, or none any more."""
    with acting.writing() as connection:
        row = rule_ever_set(connection, RuleKind.ABSENCE, number)
        if row is None or not remove_rule(connection, RuleKind.ABSENCE, number, at=acting.at):
            raise ChangeRefused(f"Rien n’est réglé sous le numéro {number}.", "number")
        acting.note(connection, f"réglage {RuleKind.ABSENCE} retiré", str(number))
        person = snapshot.person("", row["person"])
        if row["end"] > acting.at and person is not None:
            owe_letters(acting, connection, number, _told(snapshot, acting, person, {row["suppleant"]}))
    refresh_rules(acting.engine, settings, acting.at)


def stand_ins(snapshot: Snapshot, person: Person) -> list[Person]:
    """Who may take this person's rang: whoever can be rung in the same départements, each once."""
    found = (line for code in _codes(snapshot, person) for line in snapshot.lines(code))
    others = (line for line in found if line.is_ringable and line.identity != person.identity)
    return list({line.id: line for line in others}.values())


def _checked(
    snapshot: Snapshot, person: Person, suppleant: Person | None, *, start: datetime, end: datetime, at: datetime
) -> Absence:
    check_period(start, end, at)
    if end - start > LONGEST_AWAY:
        raise ChangeRefused("Une absence dure un an au plus.", "end")
    if suppleant is not None:
        _check_suppleant(snapshot, person, suppleant)
    return Absence(NEW, person.id, start, end, suppleant.id if suppleant else None)


def _check_free(person: Person, absence: Absence, standing: Iterable[Absence]) -> None:
    """AlreadyAway when another absence of the person has a moment in common with this one."""
    for other in standing:
        if other.id != absence.id and other.start < absence.end and absence.start < other.end:
            raise AlreadyAway(person, other)


def _standing(connection: Connection, snapshot: Snapshot, person: Person, at: datetime) -> list[Absence]:
    """The person's absences that are not over, as the database has them, under whichever of his lines."""
    own = {line.id for line in snapshot.people if line.identity == person.identity}
    rows = rules_set(connection, RuleKind.ABSENCE, ending_after=at)
    return [absence_of(row) for row in rows if row["person"] in own]


def _told(snapshot: Snapshot, acting: Acting, person: Person, stand_ins_ids: Collection[str | None]) -> set[str]:
    """The addresses to write to: those who stand in, or did; the person, unless he speaks for himself."""
    found = [snapshot.person(person.departement, one) for one in stand_ins_ids if one]
    told = {one.email.casefold() for one in found if one and one.email}
    own = (person.email or "").casefold()
    return told | ({own} - {"", acting.by.casefold()})


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


def _values(absence: Absence) -> Mapping[str, Any]:
    return {
        "person": absence.person, "start": absence.start, "end": absence.end, "suppleant": absence.suppleant,
    }  # fmt: skip
