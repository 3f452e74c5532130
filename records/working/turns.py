"""Whose turn is it? A due time of a job is done once, by whichever process of whichever machine took it first.

Pure: the rows of one job and the moment go in. A clock may be wrong and be put right, in either direction: what was
done « later than now » is forgotten, so that nothing waits for a time that has passed already, and nothing comes twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

LEASE = timedelta(seconds=20)
"""How long a process has the work after a sign of life, one each five seconds: another has it within 30 s."""
SLACK = timedelta(seconds=60)
"""By how much a moment may be ahead of ours and still be believed."""
MOST_TRIES = 5
"""How often one due time is begun: what kills its process each time does not go on for ever."""


@dataclass(frozen=True, slots=True)
class Run:
    """One due time of a job: who took it, until when, how it ended; `news` is what it told `/health`, as JSON."""

    job: str
    slot: datetime
    holder: str
    leased_until: datetime
    tries: int
    done_at: datetime | None = None
    failed: bool = False
    news: str | None = None

    def is_alive(self, now: datetime) -> bool:
        """Whether whoever has it may be at work; a lease that ends too late was written by a wrong clock."""
        return self.done_at is None and now < self.leased_until <= now + LEASE + SLACK


class DueTurn(Enum):
    """What becomes of a due time."""

    OURS = auto()
    """Do it."""
    FIRST = auto()
    """A daily job that was never due before: note its time, and begin with the next one."""
    GIVEN_UP = auto()
    """It was begun too often: note that it failed."""
    NOT_OURS = auto()
    """It is done, or somebody does it or its predecessor."""


def turn(runs: Sequence[Run], slot: datetime, now: datetime, *, is_daily: bool) -> DueTurn:
    """What to do about the due time `slot`; `runs` are the rows of the job."""
    believed = [run for run in runs if not is_of_the_future(run, now)]
    if any(run.is_alive(now) for run in believed):
        return DueTurn.NOT_OURS
    this = next((run for run in believed if run.slot == slot), None)
    if this is None:
        if any(run.slot > slot for run in believed):
            return DueTurn.NOT_OURS
        return DueTurn.FIRST if is_daily and not runs else DueTurn.OURS
    if this.done_at is not None:
        return DueTurn.NOT_OURS
    return DueTurn.GIVEN_UP if this.tries >= MOST_TRIES else DueTurn.OURS


def is_of_the_future(run: Run, now: datetime) -> bool:
    """Whether it was due at a time that has not come: the clock was wrong then, or is wrong now."""
    return run.slot > now + SLACK
