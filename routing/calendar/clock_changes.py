"""Local minutes as UTC moments, on the two nights of the year when clocks change as on all the others."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

DAY = 24 * 60
"""Minutes of a day."""


def zone_of(local: datetime) -> tzinfo:
    """The time zone of a local moment; ValueError when it has none."""
    if local.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return local.tzinfo


@lru_cache(maxsize=4096)
def clock_changes(day: date, zone: tzinfo) -> bool:
    """Whether clocks change on that local day."""
    return _at(day, 0, zone).utcoffset() != _at(day, DAY, zone).utcoffset()


def earliest(day: date, minute: int, zone: tzinfo) -> datetime:
    """The first moment (UTC) at which clocks show that minute of the day, or jump over it."""
    wall = _at(day, minute, zone)
    if not clock_changes(wall.date(), zone):
        return wall.astimezone(UTC)
    return _jumped(wall) or wall.astimezone(UTC)


def latest(day: date, minute: int, zone: tzinfo) -> datetime:
    """The last moment (UTC) at which clocks show that minute of the day, or jump over it."""
    wall = _at(day, minute, zone)
    if not clock_changes(wall.date(), zone):
        return wall.astimezone(UTC)
    return _jumped(wall) or wall.replace(fold=1).astimezone(UTC)


def _at(day: date, minute: int, zone: tzinfo) -> datetime:
    days, rest = divmod(minute, DAY)
    return datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), zone)


def _jumped(wall: datetime) -> datetime | None:
    """For a wall time that clocks jump over, the moment of the jump (UTC); None for a time that exists."""
    zone = zone_of(wall)
    before, after = wall.utcoffset(), wall.replace(fold=1).utcoffset()
    if before is None or after is None or after <= before:
        return None
    moment = wall.replace(fold=1).astimezone(UTC).replace(second=0, microsecond=0)
    while moment.astimezone(zone).utcoffset() == before:
        moment += timedelta(minutes=1)
    return moment
