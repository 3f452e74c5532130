"""One desk at one moment: for each of its lines, whether it can be rung, and what stands in the way."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from routing.calendar.public_holidays import holiday_on
from routing.departements import timezone_of
from routing.directory.people import Person
from routing.rules import Absence, Closure
from routing.snapshot import Snapshot

CLOSED = "closed"
HOLIDAY = "holiday"
AWAY = "away"
NO_REFERENT = "no_referent"


class LineState(StrEnum):
    """What a line of the desk does at the moment."""

    RINGS = "rings"
    REPLACED = "replaced"
    AWAY = "away"
    HOLIDAY = "holiday"
    CLOSED = "closed"


class Verdict(NamedTuple):
    """What one line does, and why: its holder's absence and the suppléant who was named for it."""

    line: Person
    state: LineState
    absence: Absence | None = None
    suppleant: Person | None = None


class DeskState(NamedTuple):
    """A desk at a moment: `rangs` are short ids, same tuple = together; `reason` says why nobody rings.

    `reason` is `closed`, `holiday`, `away`, or `no_referent` when no line of the desk can ever be rung.
    """

    code: str
    local: datetime
    closure: Closure | None
    holiday: str | None
    verdicts: tuple[Verdict, ...]
    rangs: tuple[tuple[str, ...], ...]
    reason: str | None


def desk_at(snapshot: Snapshot, code: str, at: datetime) -> DeskState:
    """Who of the desk `code` (a département or `*`) rings at `at` (aware), or the reason why nobody does."""
    local = at.astimezone(timezone_of(code))
    lines = [line for line in snapshot.lines(code) if line.is_ringable]
    closure = closure_at(snapshot, code, at)
    holiday = holiday_on(code, local.date(), snapshot.rules.usage_holidays)
    if not lines:
        return DeskState(code, local, closure, holiday, (), (), NO_REFERENT)
    if closure:
        return DeskState(code, local, closure, holiday, (), (), CLOSED)
    verdicts = tuple(_verdict(snapshot, line, holiday, local) for line in lines)
    rangs = _rangs(verdicts)
    return DeskState(code, local, closure, holiday, verdicts, rangs, None if rangs else _reason(verdicts))


def closure_at(snapshot: Snapshot, code: str, at: datetime) -> Closure | None:
    """The exceptional closure of the département, or of all of them and the national team, in force at `at`."""
    for closure in snapshot.rules.closures:
        if (closure.departement is None or closure.departement == code) and closure.start <= at < closure.end:
            return closure
    return None


def absence_at(snapshot: Snapshot, person_id: str, at: datetime) -> Absence | None:
    """The absence of that person in force at `at`; of several, the one that ends last."""
    current = [absence for absence in snapshot.absences(person_id) if absence.start <= at < absence.end]
    return max(current, key=lambda absence: absence.end, default=None)


def _verdict(snapshot: Snapshot, line: Person, holiday: str | None, local: datetime) -> Verdict:
    absence = absence_at(snapshot, line.id, local)
    if absence is None:
        return Verdict(line, _state(line, holiday, local))
    suppleant = _suppleant(snapshot, line, absence)
    if suppleant and _can_stand_in(snapshot, suppleant, line, holiday, local):
        return Verdict(line, LineState.REPLACED, absence, suppleant)
    state = _state(line, holiday, local)
    return Verdict(line, LineState.AWAY if state is LineState.RINGS else state, absence, suppleant)


def _state(line: Person, holiday: str | None, local: datetime) -> LineState:
    """What the line does when its holder is there; 24/7 ignores holidays (decision 20)."""
    if line.hours.always:
        return LineState.RINGS
    if holiday:
        return LineState.HOLIDAY
    return LineState.RINGS if line.hours.is_open(local) else LineState.CLOSED


def _suppleant(snapshot: Snapshot, line: Person, absence: Absence) -> Person | None:
    """The named suppléant's own line: in the same département where he has one, else elsewhere."""
    if absence.suppleant is None:
        return None
    suppleant = snapshot.person(line.departement, absence.suppleant)
    return suppleant if suppleant and suppleant.is_ringable else None


def _can_stand_in(snapshot: Snapshot, suppleant: Person, line: Person, holiday: str | None, local: datetime) -> bool:
    """Whether the suppléant is there, by his own hours, days off, closures and absences."""
    if absence_at(snapshot, suppleant.id, local):
        return False
    if suppleant.departement == line.departement:
        return _state(suppleant, holiday, local) is LineState.RINGS
    if closure_at(snapshot, suppleant.departement, local):
        return False
    own = local.astimezone(timezone_of(suppleant.departement))
    own_holiday = holiday_on(suppleant.departement, own.date(), snapshot.rules.usage_holidays)
    return _state(suppleant, holiday or own_holiday, own) is LineState.RINGS


def _rangs(verdicts: tuple[Verdict, ...]) -> tuple[tuple[str, ...], ...]:
    """Who rings by rang, in the directory's order; nobody twice: the first place counts."""
    by_rang: dict[int, list[str]] = {}
    for verdict in verdicts:
        ringing = verdict.line if verdict.state is LineState.RINGS else verdict.suppleant
        if verdict.state in {LineState.RINGS, LineState.REPLACED} and ringing:
            by_rang.setdefault(verdict.line.rang or 0, []).append(ringing.id)
    seen: set[str] = set()
    rangs = []
    for rang in sorted(by_rang):
        fresh = tuple(dict.fromkeys(person for person in by_rang[rang] if person not in seen))
        seen.update(fresh)
        if fresh:
            rangs.append(fresh)
    return tuple(rangs)


def _reason(verdicts: tuple[Verdict, ...]) -> str:
    """Why nobody rings: a holiday, else an absence, else the hours (decision 20).

    An absence counts when it is what keeps a line silent now, or when everybody is away.
    """
    states = {verdict.state for verdict in verdicts}
    if LineState.HOLIDAY in states:
        return HOLIDAY
    if LineState.AWAY in states or all(verdict.absence for verdict in verdicts):
        return AWAY
    return CLOSED
