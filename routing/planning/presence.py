"""« Absent pour l'instant »: until when (decision 21)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from routing.calendar.public_holidays import KEPT_BY_DEFAULT, holiday_on
from routing.departements import timezone_of
from routing.directory.people import Person

LONGEST = timedelta(days=60)


def absent_until(person: Person, at: datetime, usage_holidays: Collection[str] = KEPT_BY_DEFAULT) -> datetime:
    """The moment (UTC) at which an absence declared « pour l'instant » at `at` (aware) ends.

    It is the person's next opening on a working day; the next local midnight for 24/7; 60 days later at most.
    """
    local = at.astimezone(timezone_of(person.departement))
    limit = at + LONGEST
    opening = person.hours.next_opening(local)
    while opening is not None and opening < limit:
        day = opening.astimezone(local.tzinfo).date()
        if person.hours.always or not holiday_on(person.departement, day, usage_holidays):
            return opening
        opening = person.hours.next_opening(opening.astimezone(local.tzinfo))
    return limit
