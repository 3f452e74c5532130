"""The states of a request, who may move it, and what each state promises: one table, read by verbs, pages and tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto


class RequestState(StrEnum):
    """How far a request is; the values are those of docs/contract.md#a-request."""

    OPEN = "open"
    TAKEN = "taken"
    WAITING = "waiting"
    PLANNED = "planned"
    TECHNICAL = "technical"
    CLOSED = "closed"


class WhichDesk(StrEnum):
    """Who works on a request: the département's référents (level 1) or the national team (level 2)."""

    LOCAL = "local"
    NATIONAL = "national"


class Party(StrEnum):
    """Who moves a request: whoever asks, or whoever works at the desk that has it."""

    ASKER = auto()
    DESK = auto()


class Move(StrEnum):
    """What can be done to a request; each is a step of its history."""

    OPEN = "open"
    TAKE = "take"
    ASSIGN = "assign"
    ANSWER = "answer"
    ASK = "ask"
    ADD = "add"
    RECLASSIFY = "reclassify"
    HAND_BACK = "hand_back"
    ESCALATE = "escalate"
    PLAN = "plan"
    CANCEL_EXCHANGE = "cancel_exchange"
    HOLD_EXCHANGE = "hold_exchange"
    OPEN_TICKET = "open_ticket"
    CHANGE_TICKET = "change_ticket"
    CLOSE = "close"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"


_S = RequestState
_WORKED_ON = frozenset({_S.TAKEN, _S.WAITING, _S.PLANNED, _S.TECHNICAL})
_NOT_CLOSED = frozenset(RequestState) - {_S.CLOSED}


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may make a move, from which states, and where it leads.

    `to` is the state after it, None for the one before; `to_when` overrides it for some of the states before; `desk`
    is where the request goes, None for where it is; `at` the desk at which the move exists, None for both.
    """

    by: frozenset[Party]
    frm: frozenset[RequestState]
    to: RequestState | None = None
    to_when: Mapping[RequestState, RequestState] | None = None
    desk: WhichDesk | None = None
    at: WhichDesk | None = None


_DESK, _ASKER = frozenset({Party.DESK}), frozenset({Party.ASKER})
_BACK_TO_WORK = {_S.WAITING: _S.TAKEN}

MOVES: Mapping[Move, Rule] = {
    Move.TAKE: Rule(_DESK, _NOT_CLOSED, to_when={_S.OPEN: _S.TAKEN}),
    Move.ASSIGN: Rule(_DESK, _NOT_CLOSED, to_when={_S.OPEN: _S.TAKEN}),
    Move.ANSWER: Rule(_DESK, _NOT_CLOSED, to_when={_S.OPEN: _S.TAKEN, _S.WAITING: _S.TAKEN}),
    Move.ASK: Rule(_DESK, _NOT_CLOSED, to=_S.WAITING),
    Move.ADD: Rule(_ASKER, _NOT_CLOSED, to_when=_BACK_TO_WORK),
    Move.RECLASSIFY: Rule(_DESK, _NOT_CLOSED),
    Move.HAND_BACK: Rule(_DESK, _NOT_CLOSED, to=_S.OPEN, desk=WhichDesk.LOCAL, at=WhichDesk.NATIONAL),
    Move.ESCALATE: Rule(_DESK, _NOT_CLOSED, to=_S.OPEN, desk=WhichDesk.NATIONAL, at=WhichDesk.LOCAL),
    Move.PLAN: Rule(_DESK, _NOT_CLOSED, to=_S.PLANNED),
    Move.CANCEL_EXCHANGE: Rule(_DESK | _ASKER, frozenset({_S.PLANNED}), to=_S.TAKEN),
    Move.HOLD_EXCHANGE: Rule(_DESK, frozenset({_S.PLANNED}), to=_S.TAKEN),
    Move.OPEN_TICKET: Rule(_DESK, _NOT_CLOSED, to=_S.TECHNICAL),
    Move.CHANGE_TICKET: Rule(_DESK, frozenset({_S.TECHNICAL}), to=None),
    Move.CLOSE: Rule(_DESK, _NOT_CLOSED, to=_S.CLOSED),
    Move.WITHDRAW: Rule(_ASKER, _NOT_CLOSED, to=_S.CLOSED),
    Move.REOPEN: Rule(_ASKER | _DESK, frozenset({_S.CLOSED}), to=_S.OPEN),
}
"""Every move but OPEN, which makes the request. What is not here cannot be done."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What a state promises: `open_days` of the national team's until `what`; None when it depends on a day set."""

    what: str
    open_days: int | None


PROMISES: Mapping[RequestState, Promise | None] = {
    _S.OPEN: Promise("prise en charge", 1),
    _S.TAKEN: Promise("réponse", 2),
    _S.WAITING: Promise("précision du référent", 5),
    _S.PLANNED: Promise("échange téléphonique", None),
    _S.TECHNICAL: Promise("nouvelles du ticket", 10),
    _S.CLOSED: None,
}

REOPENED_WITHIN_DAYS = 15
"""Days after its closing within which the référent may open a request again."""
