"""Heavy work that somebody asked for: where it stands, how long it may take, which is taken up next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from records.refusals import ChangeRefused
from records.working.turns import LEASE, SLACK

KEPT_FOR = timedelta(days=3)
"""How long a result waits for whoever asked for it; then it is deleted."""
SENT_KEPT_FOR = timedelta(days=1)
"""How long a file that was sent stays, when nobody went on with it."""
MOST_TRIES = 3
"""How often a work is begun; whatever kills its process each time does not go on for ever."""
MOST_WAITING = 20
"""How many works of all accounts may wait or be done at once."""
KNOWN_FROM = 5
"""Percents from which what is left is told by what went before."""


class WorkState(StrEnum):
    """Where a work stands."""

    WAITING = "waiting"
    UNDER_WAY = "under way"
    DONE = "done"
    FAILED = "failed"


UNFINISHED = (WorkState.WAITING, WorkState.UNDER_WAY)


@dataclass(frozen=True, slots=True)
class HeavyWork:
    """One work; `parameters` and `result` by kind, `total` None: not counted yet, `size` the result's file in bytes."""

    id: int
    kind: str
    account: str
    parameters: Mapping[str, Any]
    asked_at: datetime
    state: WorkState
    tries: int
    holder: str | None
    leased_until: datetime | None
    started_at: datetime | None
    progress: int
    total: int | None
    ended_at: datetime | None
    result: Mapping[str, Any]
    size: int | None
    error: str | None

    @property
    def is_under_way(self) -> bool:
        """Whether something is still to come of it."""
        return self.state in UNFINISHED

    @property
    def percent(self) -> int:
        """How much of it is done, from 0 to 100; the last hundredth is its end."""
        if self.state is WorkState.DONE:
            return 100
        return min(99, self.progress * 100 // self.total) if self.total else 0

    def left(self, now: datetime) -> timedelta | None:
        """How long it may still take, by what went before; None when nothing tells."""
        if self.state is not WorkState.UNDER_WAY or self.started_at is None or self.percent < KNOWN_FROM:
            return None
        return max(timedelta(), now - self.started_at) * (100 - self.percent) / self.percent

    def is_alive(self, now: datetime) -> bool:
        """Whether the process that has it gave a sign of life lately."""
        until = self.leased_until
        return self.state is WorkState.UNDER_WAY and until is not None and now < until <= now + LEASE + SLACK


class HouseFull(ChangeRefused):
    """Too many works wait; ask again in `RETRY_AFTER` seconds. The message is a French sentence."""


RETRY_AFTER = 60


class UnderWay(ChangeRefused):
    """The account has a work under way already, `work`; the message is a French sentence."""

    def __init__(self, sentence: str, work: HeavyWork) -> None:
        super().__init__(sentence)
        self.work = work


def next_to_do(unfinished: Sequence[HeavyWork], now: datetime) -> HeavyWork | None:
    """The one to begin now: the oldest that waits, or whose process is silent."""
    free = [one for one in unfinished if not one.is_alive(now)]
    return min(free, key=lambda one: (one.asked_at, one.id), default=None)
