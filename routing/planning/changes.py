"""The moments at which the answer of a desk may change: nothing else does, so nothing else has to be tried."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import date, datetime, timedelta, tzinfo

from routing.calendar.clock_changes import earliest
from routing.calendar.hours import Hours
from routing.departements import timezone_of
from routing.directory.people import Person
from routing.snapshot import Snapshot


def openings_and_rules(snapshot: Snapshot, code: str, start: datetime, days: int) -> Iterator[datetime]:
    """In order, the moments (UTC) at which a silent desk may begin to ring, for that many days from `start` on.

    They are openings, local midnights, and the bounds of closures and absences; some lie before `start`.
    """
    people = _concerned(snapshot, code)
    weeks = {(person.hours, timezone_of(person.departement)) for person in people}
    zones = {timezone_of(code)} | {zone for _hours, zone in weeks}
    openings = (_starts(hours, start, zone, days) for hours, zone in weeks)
    midnights = (_midnights(start, zone, days) for zone in zones)
    return heapq.merge(sorted(_bounds_of_rules(snapshot, people)), *openings, *midnights)


def changes(snapshot: Snapshot, code: str, start: datetime, days: int) -> Iterator[datetime]:
    """The moments (UTC, in no order) at which anything about the desk may change, closings included."""
    yield from openings_and_rules(snapshot, code, start, days)
    for person in _concerned(snapshot, code):
        zone = timezone_of(person.departement)
        for day in _days(start - timedelta(days=1), zone, days + 1):
            yield from (end for _begin, end in person.hours.openings(day, zone))


def _concerned(snapshot: Snapshot, code: str) -> list[Person]:
    """The lines of the desk that can be rung, and the suppléants named for their absences."""
    lines = [line for line in snapshot.lines(code) if line.is_ringable]
    named = [
        snapshot.person(code, absence.suppleant)
        for line in lines
        for absence in snapshot.absences(line.id)
        if absence.suppleant is not None
    ]
    return [*lines, *(person for person in named if person is not None)]


def _bounds_of_rules(snapshot: Snapshot, people: list[Person]) -> Iterator[datetime]:
    for closure in snapshot.rules.closures:
        yield from (closure.start, closure.end)
    for person in people:
        for absence in snapshot.absences(person.id):
            yield from (absence.start, absence.end)


def _days(start: datetime, zone: tzinfo, days: int) -> Iterator[date]:
    first = start.astimezone(zone).date()
    return (first + timedelta(days=ahead) for ahead in range(days + 2))


def _starts(hours: Hours, start: datetime, zone: tzinfo, days: int) -> Iterator[datetime]:
    for day in _days(start, zone, days):
        yield from sorted(begin for begin, _end in hours.openings(day, zone))


def _midnights(start: datetime, zone: tzinfo, days: int) -> Iterator[datetime]:
    return (earliest(day, 0, zone) for day in _days(start, zone, days))
