"""The first moment at which somebody of a desk can be rung again."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import takewhile

from routing.clock_changes import earliest
from routing.departements import timezone_of
from routing.desk import desk_at
from routing.hours import Hours
from routing.people import Person
from routing.snapshot import Snapshot

HORIZON_DAYS = 60


def reopening(snapshot: Snapshot, code: str, at: datetime) -> datetime | None:
    """The first moment (UTC) after `at` at which the desk rings anybody; None when there is none within 60 days.

    What rings changes only where an opening, a local day, a closure or an absence begins or ends: those are tried.
    """
    start = at.astimezone(UTC)
    since, found = snapshot.reopenings.get(code, (start, start))
    if since <= start < found:
        return found
    moment = _search(snapshot, code, start)
    if moment:
        snapshot.reopenings[code] = (start, moment)
    return moment


def _search(snapshot: Snapshot, code: str, start: datetime) -> datetime | None:
    limit = start + timedelta(days=HORIZON_DAYS)
    tried = start
    for moment in takewhile(lambda each: each <= limit, _moments(snapshot, code, start)):
        if moment > tried:
            tried = moment
            if desk_at(snapshot, code, moment).rangs:
                return moment
    return None


def _moments(snapshot: Snapshot, code: str, start: datetime) -> Iterator[datetime]:
    """Every moment (UTC) from `start` on at which the answer may change, in order."""
    people = _concerned(snapshot, code)
    weeks = {(person.hours, timezone_of(person.departement)) for person in people}
    zones = {timezone_of(code)} | {zone for _hours, zone in weeks}
    openings = (_openings(hours, start, zone) for hours, zone in weeks)
    midnights = (_midnights(start, zone) for zone in zones)
    return heapq.merge(sorted(_bounds_of_rules(snapshot, people)), *openings, *midnights)


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


def _days(start: datetime, zone: tzinfo) -> Iterator[date]:
    first = start.astimezone(zone).date()
    return (first + timedelta(days=ahead) for ahead in range(HORIZON_DAYS + 2))


def _openings(hours: Hours, start: datetime, zone: tzinfo) -> Iterator[datetime]:
    for day in _days(start, zone):
        yield from sorted(begin for begin, _end in hours.openings(day, zone))


def _midnights(start: datetime, zone: tzinfo) -> Iterator[datetime]:
    return (earliest(day, 0, zone) for day in _days(start, zone))
