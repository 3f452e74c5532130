"""What calls tell: the département to offer first, who calls without end, which desk has as many hunts as it takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile

from records.facts import NATIONAL, CallRow, Outcome

LOOKED_AT = 5
"""How many of the last calls count (decision 15)."""

SWITCHBOARD = 3
"""A number that names so many départements belongs to a switchboard: nothing is offered."""

LONGEST_HUNT = 90
"""Seconds after which a hunt is over even if nobody tells: the choice of the département, then 75 s (decision 4)."""

CLOCKS_APART = 60
"""Seconds by which the clerk's clock may be ahead of a worker's: they share one machine."""

DeskOf = Callable[[str, str], str | None]
"""The code of a person's desk, by the département called for and the short id; None for somebody unknown."""


@dataclass(frozen=True, slots=True)
class PastCall:
    """A call, without its number; moments are epoch seconds. `is_served`: answered, a message or a callback.

    One that goes on counts as if it had ended when it began, and names no département.
    """

    call: str
    started: int
    ended: int
    departement: str | None
    is_served: bool


@dataclass(frozen=True, slots=True)
class RedialLimits:
    """So many calls within `window`, one after the other and none of them served, are too many; for `pause`.

    `calls`: of one number; `withheld`: of all who show none to one desk; `at_once`: hunts going on at one desk.
    """

    calls: int = 12
    withheld: int = 15
    at_once: int = 15
    window: timedelta = timedelta(minutes=10)
    pause: timedelta = timedelta(minutes=15)


def usual_departement(calls: Iterable[PastCall], since: int) -> str | None:
    """The département of the last call, or None: none since then, or three of them in the last five calls."""
    known = sorted((one for one in calls if one.departement and one.ended >= since), key=_by_end)[-LOOKED_AT:]
    if not known or len({one.departement for one in known}) >= SWITCHBOARD:
        return None
    return known[-1].departement


def flagged_until(calls: Iterable[PastCall], most: int, now: int, limits: RedialLimits, before: int) -> int:
    """Until when who called so is capped: set by one call too many, lifted by a served one, else as `before`.

    What counts is the calls since the last served one, at the same moment or not, for one département or for many.
    """
    recent = within(calls, now, limits.window)
    unserved = list(takewhile(lambda one: not one.is_served, reversed(recent)))
    if len(unserved) >= most:
        return now + int(limits.pause.total_seconds())
    return 0 if len(unserved) < len(recent) else before


def desk_called(row: CallRow, desk_of: DeskOf) -> str | None:
    """The desk that a call is counted for: whose people were rung last, else that of the département given."""
    rung = desk_of(row.departement or NATIONAL, row.attempts[-1].person) if row.attempts else None
    return rung or row.departement or (NATIONAL if row.attempts else None)


def desk_hunted(row: CallRow, desk_of: DeskOf) -> str | None:
    """The desk that rings, or is about to ring, for a call in which nobody was reached yet; None when none does."""
    rings = any(one.result is None for one in row.attempts)
    is_waiting = row.ended_at is None and row.outcome is Outcome.IN_PROGRESS and row.wait_seconds is None
    if not is_waiting or not (rings or row.departement):
        return None
    return desk_called(row, desk_of) if rings else row.departement


def full_desks(hunts: Iterable[tuple[str, int]], now: int, limits: RedialLimits) -> frozenset[str]:
    """The desks with as many hunts as they take; each hunt is its desk and the moment at which it is over anyhow."""
    going_on = Counter(desk for desk, until in hunts if lasts(until, now, LONGEST_HUNT))
    return frozenset(desk for desk, count in going_on.items() if count >= limits.at_once)


def lasts(until: int, now: int, longest: int) -> bool:
    """Whether what ends at `until` goes on; what would go on beyond its `longest` was marked by a wrong clock."""
    return now < until <= now + longest + CLOCKS_APART


def within(calls: Iterable[PastCall], now: int, window: timedelta) -> list[PastCall]:
    """The calls that ended in the last `window`, oldest first."""
    return sorted((one for one in calls if now - window.total_seconds() < one.ended <= now), key=_by_end)


def _by_end(call: PastCall) -> tuple[int, str]:
    return (call.ended, call.call)
