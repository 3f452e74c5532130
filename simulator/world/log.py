"""The operator's own log: every call, every leg, every recording, as its REST interface tells them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

FINAL = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


@dataclass(slots=True)
class LogEntry:
    """One leg: an inbound call, or a telephone rung for it. Moments are UTC.

    `headers`: those beginning with `X-` with which a trunk delivered it.
    """

    sid: str
    from_: str
    to: str
    direction: str
    started_at: datetime
    parent_sid: str | None = None
    forwarded_from: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    status: str = "ringing"
    answered_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        """Whether the leg has reached a status that it never leaves."""
        return self.status in FINAL

    @property
    def seconds(self) -> int:
        """Whole seconds from pick-up to the end; 0 when it was never answered or is not over."""
        if self.answered_at is None or self.ended_at is None:
            return 0
        return round((self.ended_at - self.answered_at).total_seconds())


@dataclass(slots=True)
class LoggedRecording:
    """One recording of a caller."""

    sid: str
    call_sid: str
    started_at: datetime
    seconds: int
    status: str = "completed"
    is_silent: bool = False
    source: str = "RecordVerb"


@dataclass(slots=True)
class Log:
    """What the operator remembers, oldest first, and what went wrong on its side."""

    calls: dict[str, LogEntry] = field(default_factory=dict)
    recordings: dict[str, LoggedRecording] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def legs_of(self, parent_sid: str) -> list[LogEntry]:
        """The telephones rung for a call, in the order they were rung."""
        return [call for call in self.snapshot() if call.parent_sid == parent_sid]

    def snapshot(self) -> Iterable[LogEntry]:
        """The calls as they are now; calls that come in meanwhile disturb nobody."""
        return tuple(self.calls.values())
