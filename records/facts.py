"""The words that every room shares: the facts of a call, its row, and the closed lists they use.

A fact is what one webhook told us, written once to the journal. Its identity is (call, kind, n, who): a webhook
delivered twice writes the same fact twice, and the ledger keeps one. Nothing here reads a clock, a file or a table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

NATIONAL = "*"
"""The code of the national team where a département is expected (docs/contract.md#the-directory-file)."""

SHORTEST_MESSAGE = 2
"""Seconds under which a message is empty (decision 10)."""

LONGEST_SCREENING = 15
"""Seconds: a leg that was picked up for longer was talked on; screening takes twelve (decision 4)."""


class Source(StrEnum):
    """Where a call row comes from (docs/contract.md#a-call)."""

    WEBHOOK = "webhook"
    RECONCILIATION = "reconciliation"
    IMPORT = "import"
    MANUAL = "manual"


class GivenBy(StrEnum):
    """How the département was given (docs/contract.md#a-call)."""

    KEYPAD = "keypad"
    SPEECH = "speech"
    MEMORY = "memory"


class Outcome(StrEnum):
    """What became of a call (docs/contract.md#a-call)."""

    IN_PROGRESS = "in_progress"
    ANSWERED = "answered"
    MESSAGE = "message"
    CALLBACK = "callback"
    ABSENCE = "absence"
    ABANDONED_RINGING = "abandoned_ringing"
    ABANDONED_MENU = "abandoned_menu"
    MISSED = "missed"


class AbsenceReason(StrEnum):
    """Why nobody took the call (docs/contract.md#a-call)."""

    CLOSED = "closed"
    HOLIDAY = "holiday"
    AWAY = "away"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REFUSED = "refused"
    FAILED = "failed"
    NO_REFERENT = "no_referent"


class AnsweredBy(StrEnum):
    """Which desk took the call (docs/contract.md#a-call)."""

    LOCAL = "local"
    NATIONAL = "national"
    OVERFLOW = "overflow"


class AttemptResult(StrEnum):
    """How ringing one person ended (docs/contract.md#a-call)."""

    ACCEPTED = "accepted"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REFUSED = "refused"
    FAILED = "failed"
    CANCELED = "canceled"


class FactKind(StrEnum):
    """What a fact tells. The shape of `Fact.data` stands beside each kind."""

    # the caller's own leg; n is the number of the document whose answer brought the event
    ARRIVED = "arrived"  # {caller: E.164|null, hidden: bool by a carrier, dialled, forwarded_from?, version}
    PRESSED = "pressed"  # {step, keys}
    SPOKE = "spoke"  # {step, text, confidence?}
    SILENT = "silent"  # {step}
    SAID = "said"  # {step, prompts: [prompt id, …]} what the answer to this webhook said
    DEPARTEMENT_GIVEN = "departement_given"  # {departement, by: GivenBy}
    PLANNED = "planned"  # {departement, desk: AnsweredBy, rangs: [[id…]…], reason?, version, because: [sentence…]}
    RANG_RUNG = "rang_rung"  # {desk: AnsweredBy, people: [{id, name, phone, screened: bool}]}
    RING_ENDED = "ring_ended"  # {status, bridged: bool, leg?, seconds?, caller_gone: bool}
    ABSENCE_SAID = "absence_said"  # {reason: AbsenceReason}
    CALLBACK_ASKED = "callback_asked"  # {number: E.164|null} null: to be typed (withheld or refused)
    CALLBACK_TYPED = "callback_typed"  # {number: E.164}
    CALLBACK_CONFIRMED = "callback_confirmed"  # {of: n of CALLBACK_ASKED or CALLBACK_TYPED}
    CALLBACK_DENIED = "callback_denied"  # {of: n}
    MESSAGE_LEFT = "message_left"  # {recording, seconds, caller_gone: bool}
    RECORDING_READY = "recording_ready"  # {recording, status, seconds, timestamp?} who = the recording's id
    RECORDING_SILENT = "recording_silent"  # {} its audio was heard and holds nothing; n = 0, who = the recording's id
    LED_OUT = "led_out"  # {why: "documents" | "loop" | "redial" | "withheld" | "full"} a limit or a loop
    APOLOGISED = "apologised"  # {error, rang?} the document n failed, of a leg when `who`; `rang`: n of what was rung
    # a référent's leg; who = the person's short id, n = the number of the document that rang
    PICKED_UP = "picked_up"  # {leg} the screening document was requested
    ACCEPTED = "accepted"  # {leg} pressed 1
    REFUSED = "refused"  # {leg, keys} picked up, did not press 1
    LEG_STARTED = "leg_started"  # {leg} initiated
    LEG_RINGING = "leg_ringing"  # {leg}
    LEG_ANSWERED = "leg_answered"  # {leg, timestamp?}
    LEG_ENDED = "leg_ended"  # {leg, status: LegStatus, seconds, timestamp?}
    # the operator about the whole call; n = 0
    ENDED = "ended"  # {status, seconds, timestamp?, caller, hidden?: bool, dialled}
    # the operator's own log, read afterwards; n = 0
    LOGGED = "logged"  # {status, started, ended, seconds, caller, dialled, legs: [{leg, to, status, seconds}]}


class LegStatus(StrEnum):
    """How the operator says a leg, or the inbound call itself, ended."""

    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened in one call. `at` is UTC, the moment we received it."""

    call: str
    kind: FactKind
    n: int
    at: datetime
    who: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    source: Source = Source.WEBHOOK

    @property
    def key(self) -> tuple[str, FactKind, int, str]:
        """The identity of the fact: the same webhook delivered twice gives the same key."""
        return (self.call, self.kind, self.n, self.who)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One person rung during a call."""

    person: str
    referent: str
    phone: str
    result: AttemptResult | None
    """None while it rings."""


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call, folded from its facts. Durations are whole seconds, moments are UTC.

    `is_hidden`: a carrier did not say who called (decision 41); only the memory of callers asks, it is not kept.
    """

    call_id: str
    caller: str | None
    dialled: str | None
    departement: str | None
    departement_given_by: GivenBy | None
    outcome: Outcome
    absence_reason: AbsenceReason | None
    answered_by: AnsweredBy | None
    referent: str | None
    referent_id: str | None
    referent_phone: str | None
    started_at: datetime
    ended_at: datetime | None
    wait_seconds: int | None
    talk_seconds: int | None
    total_seconds: int | None
    attempts: tuple[Attempt, ...]
    message_seconds: int | None
    recording: str | None
    callback_number: str | None
    callback_confirmed: bool
    source: Source
    is_hidden: bool = False
