"""What can happen in a call, in our own words: the operator's words stay in ivr/operator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from records.facts import LegStatus


@dataclass(frozen=True, slots=True)
class Arrived:
    """A call comes in. `forwarded_from` is E.164, or None when the operator does not say."""

    dialled: str
    forwarded_from: str | None = None


@dataclass(frozen=True, slots=True)
class Pressed:
    """Keys were pressed: one or more of `0-9`, `*`."""

    keys: str


@dataclass(frozen=True, slots=True)
class Spoke:
    """Words were understood; `confidence` is 0 to 1, or None when the recogniser gives none."""

    text: str
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Silent:
    """We asked and nothing came."""


@dataclass(frozen=True, slots=True)
class RingEnded:
    """A rang stopped ringing or talking. `seconds` count from the pick-up of the leg that the operator names.

    `is_bridged` is None when the operator does not say whether two people were connected, and it cannot be told.
    """

    status: LegStatus
    is_bridged: bool | None
    leg: str | None = None
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class MessageLeft:
    """The caller stopped recording; `seconds` as the operator says at once (its callback wins later)."""

    recording: str | None
    seconds: int


@dataclass(frozen=True, slots=True)
class PickedUp:
    """A référent's telephone was picked up and asks what to say to him."""


Event: TypeAlias = Arrived | Pressed | Spoke | Silent | RingEnded | MessageLeft | PickedUp
