"""What a caller's past calls tell: the département to offer first, and whether he redials without end."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

LOOKED_AT = 5
"""How many of the last calls count (decision 15)."""

SWITCHBOARD = 3
"""A number that names so many départements belongs to a switchboard: nothing is offered, nothing is limited."""


@dataclass(frozen=True, slots=True)
class PastCall:
    """An ended call, without its number; moments are epoch seconds. `is_served`: answered, a message or a callback."""

    call: str
    started: int
    ended: int
    departement: str | None
    is_served: bool


@dataclass(frozen=True, slots=True)
class RedialLimits:
    """So many calls within `window`, none of them served, are a redial without end; it is remembered for `pause`."""

    calls: int = 12
    window: timedelta = timedelta(minutes=10)
    pause: timedelta = timedelta(minutes=15)


def usual_departement(calls: Iterable[PastCall], since: int) -> str | None:
    """The département of the last call, or None: none since then, or three of them in the last five calls."""
    known = sorted((one for one in calls if one.departement and one.ended >= since), key=_by_end)[-LOOKED_AT:]
    if not known or len({one.departement for one in known}) >= SWITCHBOARD:
        return None
    return known[-1].departement


def redials_without_end(calls: Iterable[PastCall], now: int, limits: RedialLimits) -> bool:
    """Whether one person calls again and again and hangs up each time."""
    recent = within(calls, now, limits.window)
    return len(recent) >= limits.calls and not is_ordinary(recent)


def is_ordinary(recent: Collection[PastCall]) -> bool:
    """Whether calls show ordinary use: one was served, two ran at once (several people), or many départements."""
    names = {one.departement for one in recent if one.departement}
    return any(one.is_served for one in recent) or len(names) >= SWITCHBOARD or _overlap(recent)


def within(calls: Iterable[PastCall], now: int, window: timedelta) -> list[PastCall]:
    """The calls that ended in the last `window`, oldest first."""
    return sorted((one for one in calls if now - window.total_seconds() < one.ended <= now), key=_by_end)


def _overlap(calls: Collection[PastCall]) -> bool:
    """Whether two calls ran at the same moment: one person has one telephone at the ear."""
    ordered = sorted(calls, key=lambda one: (one.started, one.ended))
    return any(later.started < earlier.ended for earlier, later in pairwise(ordered))


def _by_end(call: PastCall) -> tuple[int, str]:
    return (call.ended, call.call)
