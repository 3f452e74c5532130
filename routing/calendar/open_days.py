"""What waits for a desk is late after one open day, at an hour at which a desk is open."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from routing.calendar.hours import read_hours
from routing.calendar.open_time import after_open_days
from routing.calendar.public_holidays import KEPT_BY_DEFAULT

USUAL = read_hours("")
"""The hours of a desk that has given none."""


def due_at(created_at: datetime, departement: str, usage: Collection[str] = KEPT_BY_DEFAULT) -> datetime:
    """When a task becomes late (UTC): one open day after it came, in the département's own time and usual hours.

    Open days are Monday to Friday without public holidays; what comes while desks are closed counts from the next
    opening, so that nobody reads a promise for midnight.
    """
    return after_open_days(created_at, 1, USUAL, departement, usage)
