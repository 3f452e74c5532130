"""The states of a request, who may move it, and what each state promises: one table, read by verbs, pages and tests."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum, auto
from typing import NamedTuple

from records.refusals import ChangeRefused


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
    """Who moves a request: whoever asks, whoever works at the desk that has it, the service once a promise is over."""

    ASKER = auto()
    DESK = auto()
    SERVICE = auto()


class Move(StrEnum):
    """What can be done to a request; each is a step of its history."""

    OPEN = "open"
    COMPLETE = "complete"
    TAKE = "take"
    ASSIGN = "assign"
    ANSWER = "answer"
    ASK = "ask"
    ADD = "add"
    CONFIRM = "confirm"
    RECLASSIFY = "reclassify"
    HAND_BACK = "hand_back"
    ESCALATE = "escalate"
    CLIMB = "climb"
    PLAN = "plan"
    CANCEL_EXCHANGE = "cancel_exchange"
    HOLD_EXCHANGE = "hold_exchange"
    OPEN_TICKET = "open_ticket"
    CHANGE_TICKET = "change_ticket"
    LINK = "link"
    MERGE = "merge"
    CLOSE = "close"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"
    RATE = "rate"


_S = RequestState
_NOT_CLOSED = frozenset(RequestState) - {_S.CLOSED}


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may make a move, from which states, and where it leads.

    `to` is the state after it, None for the one before; `to_when` overrides it for some of the states before; `desk`
    is where the request goes, None for where it is; `at` the desk at which the move exists, None for both.
    """

    by: frozenset[Party]
    frm: frozenset[RequestState] = _NOT_CLOSED
    to: RequestState | None = None
    to_when: Mapping[RequestState, RequestState] = field(default_factory=dict)
    desk: WhichDesk | None = None
    at: WhichDesk | None = None


_DESK, _ASKER, _SERVICE = frozenset({Party.DESK}), frozenset({Party.ASKER}), frozenset({Party.SERVICE})
_BEGUN = {_S.OPEN: _S.TAKEN}
_DONE_WITH = {_S.OPEN: _S.TAKEN, _S.PLANNED: _S.TAKEN}

MOVES: Mapping[Move, Rule] = {
    Move.COMPLETE: Rule(_ASKER, frozenset({_S.OPEN})),
    Move.TAKE: Rule(_DESK, to_when=_BEGUN),
    Move.ASSIGN: Rule(_DESK, to_when=_BEGUN),
    Move.ANSWER: Rule(_DESK, to_when={**_BEGUN, _S.WAITING: _S.TAKEN}),
    Move.ASK: Rule(_DESK, to=_S.WAITING),
    Move.ADD: Rule(_ASKER, to_when={_S.WAITING: _S.TAKEN}),
    Move.CONFIRM: Rule(_DESK),
    Move.RECLASSIFY: Rule(_DESK),
    Move.HAND_BACK: Rule(_DESK, to=_S.OPEN, desk=WhichDesk.LOCAL, at=WhichDesk.NATIONAL),
    Move.ESCALATE: Rule(_DESK, to=_S.OPEN, desk=WhichDesk.NATIONAL, at=WhichDesk.LOCAL),
    Move.CLIMB: Rule(_SERVICE, frozenset({_S.OPEN, _S.TAKEN}), to=_S.OPEN, desk=WhichDesk.NATIONAL, at=WhichDesk.LOCAL),
    Move.PLAN: Rule(_DESK, to=_S.PLANNED, at=WhichDesk.NATIONAL),
    Move.CANCEL_EXCHANGE: Rule(_DESK | _ASKER, to_when=_DONE_WITH),
    Move.HOLD_EXCHANGE: Rule(_DESK, to_when=_DONE_WITH, at=WhichDesk.NATIONAL),
    Move.OPEN_TICKET: Rule(_DESK, to=_S.TECHNICAL, at=WhichDesk.NATIONAL),
    Move.CHANGE_TICKET: Rule(_DESK, at=WhichDesk.NATIONAL),
    Move.LINK: Rule(_DESK),
    Move.MERGE: Rule(_DESK, to=_S.CLOSED),
    Move.CLOSE: Rule(_DESK, to=_S.CLOSED),
    Move.WITHDRAW: Rule(_ASKER, to=_S.CLOSED),
    Move.REOPEN: Rule(_ASKER | _DESK, frozenset({_S.CLOSED}), to=_S.OPEN),
    Move.RATE: Rule(_ASKER, frozenset({_S.CLOSED})),
}
"""Every move but OPEN, which makes the request. What is not here cannot be done."""


class Standing(NamedTuple):
    """Where a request is: its state, and the desk that has it."""

    state: RequestState
    desk: WhichDesk


class MoveRefused(ChangeRefused):
    """A move that the table does not know there; the text is the reason, in French."""


def advance(now: Standing, move: Move, party: Party) -> Standing:
    """Where the move leads; MoveRefused when the table does not let this party make it there."""
    rule = MOVES.get(move)
    if rule is None:
        raise MoveRefused("Une demande ne s’ouvre qu’une fois.")
    if now.state not in rule.frm:
        raise MoveRefused(_WRONG_STATE[now.state])
    if rule.at not in {None, now.desk}:
        raise MoveRefused(_WRONG_DESK[now.desk])
    if party not in rule.by:
        raise MoveRefused(_WRONG_PARTY[party])
    return Standing(rule.to_when.get(now.state, rule.to or now.state), rule.desk or now.desk)


_WRONG_STATE = {
    **dict.fromkeys(_NOT_CLOSED - {_S.OPEN}, "Cette demande est déjà prise en charge : ajoutez une précision."),
    _S.OPEN: "Cette demande n’est pas close.",
    _S.CLOSED: "Cette demande est close : rouvrez-la d’abord.",
}
_WRONG_DESK = {
    WhichDesk.LOCAL: "Cette demande est au niveau 1 : le référent la traite.",
    WhichDesk.NATIONAL: "Cette demande est déjà au niveau 2.",
}
_WRONG_PARTY = {
    Party.ASKER: "Seule l’équipe qui traite la demande peut faire cela.",
    Party.DESK: "Seule la personne qui a posé la demande peut faire cela.",
    Party.SERVICE: "Le service ne fait pas cela de lui-même.",
}


def moves_of(now: Standing, parties: Collection[Party]) -> tuple[Move, ...]:
    """What these parties may do there, in the order of the table."""
    return tuple(
        move
        for move, rule in MOVES.items()
        if now.state in rule.frm and rule.at in {None, now.desk} and rule.by & set(parties)
    )


ANSWERING = frozenset({Move.ANSWER, Move.HOLD_EXCHANGE, Move.HAND_BACK, Move.CLOSE})
"""The moves of the desk that answer: the first of them stops the clock « réponse ». A question is no answer."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What a state promises: `open_days` of the national team's until `what`; None when it depends on a day set.

    `what` is feminine, so that pages can go on with « attendue avant le … ».
    """

    what: str
    open_days: int | None


PROMISES: Mapping[RequestState, Promise | None] = {
    _S.OPEN: Promise("prise en charge", 1),
    _S.TAKEN: Promise("réponse", 2),
    _S.WAITING: Promise("précision de qui a posé la demande", 5),
    _S.PLANNED: Promise("suite de l’échange téléphonique", None),
    _S.TECHNICAL: Promise("suite du ticket", 10),
    _S.CLOSED: None,
}

REOPENED_WITHIN_DAYS = 15
"""Days after its closing within which the référent may open a request again."""


def may_reopen(closed_at: datetime | None, at: datetime) -> bool:
    """Whether a request closed then may still be opened again."""
    return closed_at is not None and at <= closed_at + timedelta(days=REOPENED_WITHIN_DAYS)


class TicketKind(StrEnum):
    """What a technical ticket asks for."""

    INCIDENT = "incident"
    EVOLUTION = "evolution"
    INTERVENTION = "intervention"


class TicketState(StrEnum):
    """How far a technical ticket is."""

    NEW = "new"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    REFUSED = "refused"


TICKET_MOVES: Mapping[TicketState, frozenset[TicketState]] = {
    TicketState.NEW: frozenset({TicketState.IN_PROGRESS, TicketState.RESOLVED, TicketState.REFUSED}),
    TicketState.IN_PROGRESS: frozenset({TicketState.RESOLVED, TicketState.REFUSED}),
    TicketState.RESOLVED: frozenset({TicketState.IN_PROGRESS}),
    TicketState.REFUSED: frozenset(),
}
"""Where a ticket may go: one that did not hold goes on, a refused one is over."""

TICKET_OVER = frozenset({TicketState.RESOLVED, TicketState.REFUSED})
"""What leaves the request to be answered: it is no longer technical."""
