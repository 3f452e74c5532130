"""Overdue requests that climb, by this machine's settings."""

from __future__ import annotations

from records.database import Engine
from routing.calendar.hours import read_hours
from service.clock import now
from service.settings import Settings
from support.routes.climbing import Climbing


def climbing(settings: Settings, engine: Engine) -> Climbing:
    """The work on requests that their local desk left overdue."""
    return Climbing(engine, now, read_hours(settings.national_hours))
