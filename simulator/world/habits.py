"""What the operator's documents leave open, and what the network may do: the simulation plays both ways."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Habits:
    """Behaviours that are not documented (decisions 5 and 7); a call must end well whichever holds.

    `keeps_typed_ahead`: keys pressed while nothing is asked reach the next Gather. `others_ring_on`: while one
    telephone of a Dial is picked up and screened, the others go on ringing. `knows_overrides`: the fragment of an
    address is obeyed, as documented; a compatible engine may know nothing of it. The statuses are the operator's words.
    """

    keeps_typed_ahead: bool = True
    others_ring_on: bool = True
    refused_screening_is: str = "completed"
    left_while_ringing_is: str = "canceled"
    left_unanswered_is: str = "no-answer"
    silent_recording_is: str = "completed"
    tells_bridged: bool = True
    knows_overrides: bool = True


@dataclass(frozen=True, slots=True)
class Mischief:
    """What happens to webhooks on their way; the same seed does the same again.

    `delay`: callbacks come up to that many seconds late, so in any order. `doubles`, `losses`: share of the
    callbacks, 0 to 1. `repeats`: after how many seconds each request for a document is sent once more; its answer
    must be the same and is not followed. `moment_in_address`: a pattern of what a later repetition of the document
    that decides may say differently, since it names the moment of the decision.
    """

    seed: int = 0
    delay: float = 0.0
    doubles: float = 0.0
    losses: float = 0.0
    repeats: tuple[float, ...] = ()
    moment_in_address: str = ""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long a webhook may take at most, in seconds: to connect, to be answered, and with its repetitions."""

    connect: float = 5.0
    read: float = 15.0
    total: float = 15.0
