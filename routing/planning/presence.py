"""« Absent, jusqu’à quand ? »: what a half-day, today, tomorrow or a day mean for one person (decision 44)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from routing.calendar.clock_changes import DAY, earliest
from routing.calendar.public_holidays import holiday_on
from routing.calendar.words import write_moment
from routing.departements import timezone_of
from routing.directory.people import Person
from routing.planning.desk import closure_at
from routing.snapshot import Snapshot

LOOK_AHEAD = timedelta(days=60)
LONGEST_HALF = timedelta(hours=6)
"""A longer opening is a day without a pause for lunch: it has two halves."""

LUNCH = 13 * 60
"""Minutes since midnight at which the halves of such a day part."""

Period = tuple[datetime, datetime]


class AwayFor(StrEnum):
    """How long somebody is away from now on; a day is counted to its end."""

    HALF_DAY = "half_day"
    TODAY = "today"
    TOMORROW = "tomorrow"


def away_until(snapshot: Snapshot, person: Person, choice: AwayFor, at: datetime) -> datetime | None:
    """When an absence that begins at `at` (aware) ends (UTC); None when nobody would be missed until then.

    A half-day is the one under way, else the next one, whatever the days off and closures before it. Today and tomorrow
    end at local midnight; they are refused where the person is expected at no moment of them, since such an absence
    would end before the first call that it was meant for.
    """
    half = next(half_days(snapshot, person, at), None)
    if half is None or choice is AwayFor.HALF_DAY:
        return half and half[1]
    today = at.astimezone(timezone_of(person.departement)).date()
    last = today if choice is AwayFor.TODAY else today + timedelta(days=1)
    end = end_of_day(person, last)
    return end if half[0] < end else None


def half_days(snapshot: Snapshot, person: Person, at: datetime) -> Iterator[Period]:
    """The half-days (UTC) at which the person is expected, from the one under way at `at` on, for sixty days."""
    zone = timezone_of(person.departement)
    eve = at.astimezone(zone).date() - timedelta(days=1)
    for ahead in range(LOOK_AHEAD.days):
        openings = person.hours.openings(eve + timedelta(days=ahead), zone)
        for start, end in sorted(half for opening in openings for half in _halves(opening, person)):
            if end > at and _is_expected(snapshot, person, max(start, at)):
                yield start, end


def _is_expected(snapshot: Snapshot, person: Person, moment: datetime) -> bool:
    """Whether a moment of the person's hours is neither a day off nor closed."""
    day = moment.astimezone(timezone_of(person.departement)).date()
    is_day_off = holiday_on(person.departement, day, snapshot.rules.usage_holidays) and not person.hours.always
    return not is_day_off and closure_at(snapshot, person.departement, moment) is None


def whole_days(person: Person, first: date, last: date) -> Period:
    """These days, the last one included, of the person's own calendar (UTC); OverflowError beyond all calendars."""
    return earliest(first, 0, timezone_of(person.departement)), end_of_day(person, last)


def end_of_day(person: Person, day: date) -> datetime:
    """The midnight (UTC) that ends a day of the person's own calendar."""
    return earliest(day, DAY, timezone_of(person.departement))


def at_hour(person: Person, day: date, hour: time) -> datetime:
    """An hour of a day by the person's own clock, in UTC; one that clocks jump over is the moment of the jump."""
    return earliest(day, hour.hour * 60 + hour.minute, timezone_of(person.departement))


def as_days(person: Person, start: datetime, end: datetime) -> tuple[date, date] | None:
    """First and last day of a period that begins and ends at the person's midnights; None for any other."""
    zone = timezone_of(person.departement)
    first, after = start.astimezone(zone).date(), end.astimezone(zone).date()
    last = after - timedelta(days=1)
    return (first, last) if first <= last and whole_days(person, first, last) == (start, end) else None


def said_period(person: Person, start: datetime, end: datetime) -> str:
    """The period by the person's own clock: « le … », « du … au … inclus »; with hours unless it is whole days."""
    zone = timezone_of(person.departement)
    first, hour = write_moment(start, zone).split(" à ")
    last, end_hour = write_moment(end, zone).split(" à ")
    is_from_midnight = start == earliest(start.astimezone(zone).date(), 0, zone)
    if end == earliest(end.astimezone(zone).date(), 0, zone):
        last, end_hour = write_moment(end - timedelta(minutes=1), zone).split(" à ")[0], ""
    if first == last and not end_hour:
        return f"le {first}" if is_from_midnight else f"le {first} à partir de {hour}"
    since = first if is_from_midnight else f"{first} à {hour}"
    return f"du {since} au {last} {f'à {end_hour}' if end_hour else 'inclus'}"


def _halves(opening: Period, person: Person) -> Iterator[Period]:
    start, end = opening
    lunch = earliest(start.astimezone(timezone_of(person.departement)).date(), LUNCH, timezone_of(person.departement))
    if end - start > LONGEST_HALF and start < lunch < end:
        yield start, lunch
        yield lunch, end
    else:
        yield opening
