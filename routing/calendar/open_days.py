"""Open days: Monday to Friday without public holidays, in local time; what waits for one of them is late."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta

from routing.calendar.public_holidays import KEPT_BY_DEFAULT, holiday_on
from routing.departements import timezone_of

_SATURDAY = 5


def due_at(created_at: datetime, departement: str, usage: Collection[str] = KEPT_BY_DEFAULT) -> datetime:
    """When a task becomes late (UTC): one open day after it came, in the département's own time.

    Open days are Monday to Friday without public holidays; what comes on another day counts from the next open one.
    """
    zone = timezone_of(departement)
    local = created_at.astimezone(zone)
    day, hour = local.date(), local.time()
    if not _is_open(day, departement, usage):
        day, hour = _next_open(day, departement, usage), time(0)
    return datetime.combine(_next_open(day, departement, usage), hour, zone).astimezone(UTC)


def _is_open(day: date, departement: str, usage: Collection[str]) -> bool:
    return day.weekday() < _SATURDAY and holiday_on(departement, day, usage) is None


def _next_open(day: date, departement: str, usage: Collection[str]) -> date:
    day += timedelta(days=1)
    while not _is_open(day, departement, usage):
        day += timedelta(days=1)
    return day
