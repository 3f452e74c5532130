"""What is an alarm of the line, and when it is over: from the legs rung lately, and the calls of past weeks.

A leg fails when the operator could not ring it at all. Who is busy, refuses or does not answer has been reached.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from records.facts import AttemptResult
from routing.calendar.public_holidays import holiday_on
from routing.departements import NATIONAL, PARIS, departements
from routing.planning.coverage import Cover, coverage
from routing.snapshot import Snapshot

IN_A_ROW = 3
HOUR = timedelta(hours=1)
LEAST_LEGS = 6
"""Legs of an hour under which their half says nothing: one bad number beside a colleague who answers makes a half."""

LOOKED_BACK = timedelta(days=7)
"""How far back the last three legs of a number may lie: most numbers are rung less than once a day."""

WEEKS = 4


class AlarmKind(StrEnum):
    """What is wrong."""

    NUMBER = "number"
    LEGS = "legs"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class RungLeg:
    """One telephone that was rung. `error` is the operator's own name of why it could not be, empty when not told."""

    at: datetime
    phone: str
    result: AttemptResult
    error: str = ""

    @property
    def has_failed(self) -> bool:
        """Whether it was never rung."""
        return self.result is AttemptResult.FAILED


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something is wrong since `since` (UTC). `phone`: the number that cannot be rung; `failed` of so many `legs`."""

    kind: AlarmKind
    since: datetime
    phone: str = ""
    failed: int = 0
    legs: int = 0
    error: str = ""
    usual: float = 0.0
    """Calls that such an hour usually brings."""

    @property
    def key(self) -> str:
        """What the alarm is about: one of each is open at a time."""
        return f"{self.kind}:{self.phone}"


@dataclass(frozen=True, slots=True)
class Hour:
    """One whole hour of the clock of Paris, and the same hour of the weeks before; UTC."""

    start: datetime
    before: tuple[datetime, ...]

    @property
    def end(self) -> datetime:
        """Its end."""
        return self.start + HOUR


# ---------------------------------------------------------------- numbers


def failing_numbers(legs: Iterable[RungLeg], phones: Collection[str]) -> Iterator[Alarm]:
    """The numbers of the directory whose last three legs have failed. `legs` stand in the order rung."""
    for phone, told in _by_phone(legs).items():
        run = _trailing_failures(told)
        if len(run) >= IN_A_ROW and phone in phones:
            error = next((leg.error for leg in reversed(run) if leg.error), "")
            yield Alarm(AlarmKind.NUMBER, run[-1].at, phone, len(run), len(run), error)


def is_reached_again(legs: Iterable[RungLeg], phone: str) -> bool:
    """Whether a number that failed has been reached since; nothing heard of it tells nothing."""
    told = _by_phone(legs).get(phone, [])
    return len(told) > len(run := _trailing_failures(told)) and len(run) < IN_A_ROW


def _by_phone(legs: Iterable[RungLeg]) -> Mapping[str, list[RungLeg]]:
    """A leg that was cut off before anybody knew tells nothing of its number."""
    found: defaultdict[str, list[RungLeg]] = defaultdict(list)
    for leg in legs:
        if leg.result is not AttemptResult.CANCELED:
            found[leg.phone].append(leg)
    return found


def _trailing_failures(told: Sequence[RungLeg]) -> Sequence[RungLeg]:
    length = next((n for n, leg in enumerate(reversed(told)) if not leg.has_failed), len(told))
    return told[len(told) - length :]


# ---------------------------------------------------------------- all legs


def failing_hour(legs: Sequence[RungLeg], at: datetime) -> Alarm | None:
    """The alarm when half of the legs of the last hour have failed, unless one number did that has had its own."""
    last = _of_last_hour(legs, at)
    failed = [leg.phone for leg in last if leg.has_failed]
    if len(last) < LEAST_LEGS or 2 * len(failed) < len(last):
        return None
    if len(set(failed)) == 1 and _has_failed_in_a_row(_by_phone(legs)[failed[0]]):
        return None
    return Alarm(AlarmKind.LEGS, at, "", len(failed), len(last))


def _has_failed_in_a_row(told: Sequence[RungLeg]) -> bool:
    return any(len(_trailing_failures(told[: n + 1])) >= IN_A_ROW for n in range(len(told)))


def is_ringing_again(legs: Iterable[RungLeg], at: datetime) -> bool:
    """Whether fewer than half of the legs of the last hour have failed; an hour without any tells nothing."""
    last = _of_last_hour(legs, at)
    return 2 * sum(leg.has_failed for leg in last) < len(last)


def _of_last_hour(legs: Iterable[RungLeg], at: datetime) -> list[RungLeg]:
    return [leg for leg in legs if at - HOUR < leg.at <= at]


# ---------------------------------------------------------------- no calls


def hour_before(at: datetime) -> Hour:
    """The last whole hour before `at`, on the clock of Paris, and that of the four weeks before."""
    start = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0) - HOUR
    local = start.astimezone(PARIS)
    weeks = (local - timedelta(weeks=week) for week in range(1, WEEKS + 1))
    return Hour(start, tuple(week.astimezone(UTC) for week in weeks))


def silent_hour(hour: Hour, calls: int, before: Sequence[int], snapshot: Snapshot) -> Alarm | None:
    """The alarm when nobody called in an hour of opening that had calls in each of the last four weeks."""
    if calls or not all(before) or not is_open(snapshot, hour):
        return None
    return Alarm(AlarmKind.SILENCE, hour.start, usual=sum(before) / len(before))


def is_open(snapshot: Snapshot, hour: Hour) -> bool:
    """Whether somebody answered for at least one département during the whole hour, on a day that is no holiday."""
    day = hour.start.astimezone(PARIS).date()
    if holiday_on(NATIONAL, day, snapshot.rules.usage_holidays):
        return False
    return any(_is_covered(snapshot, hour, code) for code in departements())


def _is_covered(snapshot: Snapshot, hour: Hour, code: str) -> bool:
    ranges = coverage(snapshot, hour.start, hour.end, [code])
    return all(one.cover in {Cover.LOCAL, Cover.NATIONAL} for one in ranges)
