"""A workbook written in the background: where it stands, who may take it, when it is taken up again or forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from records.refusals import ChangeRefused
from reports.figures.periods import Period

KEPT_FOR = timedelta(days=3)
"""How long a file waits for whoever asked for it; then it is deleted."""
SILENT_AFTER = timedelta(seconds=60)
"""One that was started and gave no sign of life for so long is taken up again from its beginning."""
MOST_TRIES = 3
"""How often a workbook is begun; whatever kills its writer each time does not go on for ever."""
MOST_WAITING = 3
"""How many workbooks of one reader may wait."""
TOLD_ROWS = 1_000
"""Calls between two words of how far a workbook is."""
DIRECT_ROWS = 20_000
"""Up to so many calls a workbook is written at once, while its reader waits: some two seconds."""


class PreparedState(StrEnum):
    """Where a workbook stands; the value is what a reader sees."""

    WAITING = "en attente"
    WRITING = "en cours"
    READY = "prêt"
    FAILED = "échec"


class PreparingRefused(ChangeRefused):
    """A workbook that is not prepared; the message is a French sentence."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """One workbook that somebody asked for; `departement` None is France, `expected` None: not counted yet."""

    id: int
    departement: str | None
    period: Period
    with_pivot: bool
    asked_by: str
    asked_at: datetime
    tries: int
    started_at: datetime | None
    written: int
    expected: int | None
    told_at: datetime | None
    ready_at: datetime | None
    file: str | None
    size: int | None
    failed_at: datetime | None
    error: str | None

    @property
    def state(self) -> PreparedState:
        """Where it stands."""
        if self.ready_at is not None:
            return PreparedState.READY
        if self.failed_at is not None:
            return PreparedState.FAILED
        return PreparedState.WAITING if self.started_at is None else PreparedState.WRITING

    @property
    def is_under_way(self) -> bool:
        """Whether something is still to come of it."""
        return self.state in {PreparedState.WAITING, PreparedState.WRITING}

    @property
    def percent(self) -> int:
        """How much of it is written, from 0 to 100; the last hundredth is the file put together."""
        if self.state is PreparedState.READY:
            return 100
        if not self.expected:
            return 0
        return min(99, self.written * 100 // self.expected)

    @property
    def is_ending(self) -> bool:
        """Whether (nearly) every call is written: the file is being put together."""
        return self.expected is not None and self.expected - self.written < TOLD_ROWS

    @property
    def file_name(self) -> str:
        """What the file is called for its reader."""
        place = self.departement or "france"
        return f"suivi-{place}-{self.period.since}-{self.period.until}{'-tcd' if self.with_pivot else ''}.xlsx"

    @property
    def reference(self) -> str:
        """What the trail says of whoever takes it."""
        return reference_of(self.departement, self.period)

    def is_silent(self, now: datetime) -> bool:
        """Whether whoever writes it has given no sign of life for too long."""
        return self.state is PreparedState.WRITING and (self.told_at is None or self.told_at < now - SILENT_AFTER)


def reference_of(departement: str | None, period: Period) -> str:
    """How the trail names a workbook, asked for or taken."""
    return f"{departement or 'france'} {period.since} {period.until}"


def next_to_write(unfinished: list[Prepared], now: datetime) -> Prepared | None:
    """The one to begin now: none while another is being written; the oldest first, a silent one again."""
    if any(one.state is PreparedState.WRITING and not one.is_silent(now) for one in unfinished):
        return None
    return min(unfinished, key=lambda one: (one.asked_at, one.id), default=None)
