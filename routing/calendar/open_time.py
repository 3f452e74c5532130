"""Open time: how long a desk was open between two moments, and the moment so many open days later."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import repeat
from typing import NamedTuple

from routing.calendar.hours import Hours
from routing.calendar.public_holidays import KEPT_BY_DEFAULT, holiday_on
from routing.departements import NATIONAL, timezone_of

_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_LONG_AGO = -(10**18)
"""Before any moment, in microseconds."""
_FARTHEST = 400
"""Days after which a desk that has not opened is taken for one that never does."""


class _Opening(NamedTuple):
    """One opening: the local day on which it begins, and its ends (UTC)."""

    day: date
    start: datetime
    end: datetime


def open_seconds(
    start: datetime,
    end: datetime,
    hours: Hours,
    departement: str = NATIONAL,
    usage: Collection[str] = KEPT_BY_DEFAULT,
) -> int:
    """Seconds between two moments (aware) in which the desk was open; 0 when the end comes first.

    An opening that begins on a public holiday does not count, but for 24/7 (decision 20).
    """
    if end <= start:
        return 0
    open_until = open_clock(hours, start, end, departement, usage)
    before, after = open_until([microseconds(start), microseconds(end)])
    return (after - before) // 1_000_000


def open_clock(
    hours: Hours,
    first: datetime,
    last: datetime,
    departement: str = NATIONAL,
    usage: Collection[str] = KEPT_BY_DEFAULT,
) -> Callable[[Sequence[int]], list[int]]:
    """How many microseconds one desk was open until each of some moments (their `microseconds`), many at a time.

    For moments between two (aware); the difference of two of them is the open time in between.
    """
    added = _added_up(hours, departement, frozenset(usage), first.year - 1, last.year + 2)
    # Of each opening what was open before it, its start and its end; before the first one stands one that never lasted.
    openings = [(0, _LONG_AGO, _LONG_AGO), *zip(added.before, added.starts, added.ends, strict=True)]

    def until(moments: Sequence[int]) -> list[int]:
        found = map(openings.__getitem__, map(bisect_right, repeat(added.starts), moments))
        return [
            before + (moment if moment < end else end) - start  # noqa: FURB136 - `min` takes twice the time
            for moment, (before, start, end) in zip(moments, found, strict=True)
        ]

    return until


def microseconds(moment: datetime) -> int:
    """A moment (aware) as a number since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


@dataclass(frozen=True, slots=True)
class _AddedUp:
    """Openings that do not overlap, in microseconds since 1970, and how long those before each were open in all."""

    starts: list[int]
    ends: list[int]
    before: list[int]


@lru_cache(maxsize=64)
def _added_up(hours: Hours, departement: str, usage: frozenset[str], first_year: int, after_last: int) -> _AddedUp:
    added, total, counted_to = _AddedUp([], [], []), 0, 0
    day, last = date(first_year, 1, 1), date(after_last, 1, 1)
    openings_on = _openings_of(hours, departement, usage)
    while day < last:
        for opening in openings_on(day):
            start, end = max(counted_to, microseconds(opening.start)), microseconds(opening.end)
            if end > start:
                added.starts.append(start)
                added.ends.append(end)
                added.before.append(total)
                total, counted_to = total + end - start, end
        day += timedelta(days=1)
    return added


def after_open_days(
    moment: datetime, days: int, hours: Hours, departement: str = NATIONAL, usage: Collection[str] = KEPT_BY_DEFAULT
) -> datetime:
    """The moment (UTC) `days` open days after `moment` (aware), at the same local hour.

    What comes while the desk is closed counts from its next opening. Where the day found is closed at that hour, it is
    the first open moment after. ValueError for hours without any opening.
    """
    zone = timezone_of(departement)
    begins = _open_at(moment, hours, departement, usage)
    if days <= 0:
        return begins.at.astimezone(UTC)
    local = begins.at.astimezone(zone)
    seen = {begins.day}
    for opening in _openings(begins.at, hours, departement, usage):
        if opening.day <= begins.day:
            continue
        seen.add(opening.day)
        if len(seen) > days:
            late = local.date() - begins.day  # an opening that runs overnight
            wanted = datetime.combine(opening.day + late, local.time(), zone).astimezone(UTC)
            return _open_at(max(wanted, opening.start), hours, departement, usage).at.astimezone(UTC)
    raise ValueError("des horaires sans ouverture")


def month_has_opened(moment: datetime, hours: Hours, departement: str = NATIONAL) -> bool:
    """Whether the desk's first open day of the month has come, or is over."""
    zone = timezone_of(departement)
    today = moment.astimezone(zone).date()
    first = after_open_days(datetime.combine(today.replace(day=1), time(), zone), 0, hours, departement)
    return today >= first.astimezone(zone).date()


class _Open(NamedTuple):
    """An open moment, and the local day whose opening it is in."""

    at: datetime
    day: date


def _open_at(moment: datetime, hours: Hours, departement: str, usage: Collection[str]) -> _Open:
    """The first open moment from `moment` on; ValueError for hours without any."""
    for opening in _openings(moment, hours, departement, usage):
        if opening.end > moment:
            return _Open(max(moment, opening.start), opening.day)
    raise ValueError("des horaires sans ouverture")


def _openings(
    since: datetime, hours: Hours, departement: str, usage: Collection[str], until: datetime | None = None
) -> Iterator[_Opening]:
    """The openings from the eve of `since` on, in order, without those of public holidays."""
    zone, kept = timezone_of(departement), frozenset(usage)
    day = since.astimezone(zone).date() - timedelta(days=1)
    last = until.astimezone(zone).date() if until else day + timedelta(days=_FARTHEST)
    openings_on = _openings_of(hours, departement, kept)
    while day <= last:
        yield from openings_on(day)
        day += timedelta(days=1)


@lru_cache(maxsize=512)
def _openings_of(hours: Hours, departement: str, usage: frozenset[str]) -> Callable[[date], tuple[_Opening, ...]]:
    """The openings of a desk that begin on a day; its hours, long to compare, are looked up once for all days."""

    @lru_cache(maxsize=1024)
    def openings_on(day: date) -> tuple[_Opening, ...]:
        if not hours.always and holiday_on(departement, day, usage) is not None:
            return ()
        return tuple(_Opening(day, start, end) for start, end in hours.openings(day, timezone_of(departement)))

    return openings_on
