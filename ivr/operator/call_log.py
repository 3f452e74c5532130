"""The operator's own list of calls, in our words: what webhooks told us is compared with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from records.facts import LegStatus


class OperatorUnavailable(Exception):  # noqa: N818 - named as what happened
    """The operator did not answer as expected; the French reason. Try again later."""


@dataclass(frozen=True, slots=True)
class LoggedLeg:
    """One référent's telephone, rung during a call. Moments are UTC, seconds whole."""

    leg: str
    to: str
    status: LegStatus
    started: datetime | None
    ended: datetime | None
    seconds: int


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """One inbound call that has ended, with its legs. `caller` is E.164, None when withheld."""

    call: str
    caller: str | None
    dialled: str
    status: LegStatus
    started: datetime
    ended: datetime | None
    seconds: int
    legs: tuple[LoggedLeg, ...] = ()


@dataclass(frozen=True, slots=True)
class ListedRecording:
    """One message recorded by our documents, of any call of the account. `status`: as in the RECORDING_READY fact."""

    recording: str
    call: str
    status: str
    seconds: int
    made: datetime


class CallLog(Protocol):
    """A telephone operator's list of calls, and of what was recorded in them."""

    def ended_since(self, since: datetime) -> Iterator[LoggedCall]:
        """The inbound calls begun at `since` (aware) or later that have ended; raises OperatorUnavailable."""

    def recordings_since(self, since: datetime) -> Iterator[ListedRecording]:
        """The recordings made at `since` (aware) or later that are done with; raises OperatorUnavailable."""
