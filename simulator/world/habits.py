"""What the operator's documents leave open, and what the network may do: the simulation plays both ways."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Habits:
    """Behaviours that are not documented (decisions 5 and 7); a call must end well whichever holds.

    `keeps_typed_ahead`: keys pressed while nothing is asked reach the next Gather. `others_ring_on`: while one
    telephone of a Dial is picked up and screened, the others go on ringing. `silence_is_empty`: a recording in which
    nobody spoke is an empty one, after which no action is asked for. `legs_fall_back`: a telephone that is rung and
    whose document cannot be had follows the fallback of the number that was called. `knows_overrides`: the fragment of
    an address is obeyed, as documented; a compatible engine may know nothing of it. `signs_fragment`: it stands in the
    address that is signed, though it is not sent. The statuses are the operator's
    words. `repeats_headers`: a trunk's headers come with every request of a call, not with the first alone. Not a habit
    but a setting of the account: `closed_countries`, two letters each, whose numbers it may not call.
    """

    keeps_typed_ahead: bool = True
    others_ring_on: bool = True
    refused_screening_is: str = "completed"
    left_while_ringing_is: str = "canceled"
    left_unanswered_is: str = "no-answer"
    silence_is_empty: bool = True
    silent_recording_is: str = "completed"
    tells_bridged: bool = True
    legs_fall_back: bool = False
    repeats_headers: bool = False
    closed_countries: frozenset[str] = frozenset()
    knows_overrides: bool = True
    signs_fragment: bool = False


@dataclass(frozen=True, slots=True)
class Mischief:
    """What happens to webhooks on their way; the same seed does the same again.

    `delay`: callbacks come up to that many seconds late, so in any order. `doubles`, `losses`: share of the
    callbacks, 0 to 1. `repeats`: after how many seconds each request for a document is sent once more; its answer
    must be the same and is not followed. `unreachable`: a pattern of addresses whose documents cannot be had; with
    `answers_too_late` the request arrives and is answered all the same, after the operator has given up waiting.
    `moment_in_address`: a pattern of what a later repetition of the document
    that decides may say differently, since it names the moment of the decision.
    """

    seed: int = 0
    delay: float = 0.0
    doubles: float = 0.0
    losses: float = 0.0
    repeats: tuple[float, ...] = ()
    unreachable: str = ""
    answers_too_late: bool = False
    moment_in_address: str = ""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long a webhook may take at most, in seconds: to connect, to be answered, and with its repetitions."""

    connect: float = 5.0
    read: float = 15.0
    total: float = 15.0
