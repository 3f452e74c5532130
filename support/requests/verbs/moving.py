"""What every verb of a request does: as whom, what the table says, the row, the step, the line of the trail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from records.database import Connection
from records.desks.acting import Acting
from records.refusals import ChangeRefused
from routing.calendar.hours import Hours
from routing.calendar.open_time import after_open_days
from support.requests.request import PhoneExchange, Request, exists_for, parties_of
from support.requests.states import (
    ANSWERING,
    PROMISES,
    Move,
    MoveRefused,
    Party,
    RequestState,
    Standing,
    advance,
    moves_of,
)
from support.requests.store import add_event, change_exchange, change_request, planned_exchange, read_request

TRAIL = {
    Move.OPEN: "demande ouverte", Move.COMPLETE: "demande complétée", Move.TAKE: "demande prise",
    Move.ASSIGN: "demande attribuée", Move.ANSWER: "réponse à une demande", Move.ASK: "précision demandée",
    Move.ADD: "précision ajoutée", Move.RECLASSIFY: "motif d'une demande", Move.HAND_BACK: "demande rendue au niveau 1",
    Move.ESCALATE: "demande escaladée", Move.PLAN: "échange planifié", Move.CANCEL_EXCHANGE: "échange annulé",
    Move.HOLD_EXCHANGE: "échange tenu", Move.OPEN_TICKET: "ticket ouvert", Move.CHANGE_TICKET: "ticket changé",
    Move.CONFIRM: "motif d'une demande confirmé", Move.CLIMB: "demande passée au niveau 2",
    Move.LINK: "demande reliée à un appel", Move.MERGE: "demandes réunies", Move.RATE: "avis sur une demande",
    Move.CLOSE: "demande close", Move.WITHDRAW: "demande retirée", Move.REOPEN: "demande rouverte",
}  # fmt: skip
"""What the trail says of each move."""

_PROMISED_AGAIN = frozenset({Move.ANSWER, Move.ASK, Move.OPEN_TICKET, Move.CHANGE_TICKET})
"""Moves after which the same state promises anew; after others it still owes what it owed."""


def party_of(acting: Acting, asked: Request, move: Move) -> Party:
    """As whom the move is made: whoever works on the request before whoever asks; MoveRefused when as neither."""
    if not exists_for(asked, move):
        raise MoveRefused("Cela ne se fait que pour une demande écrite.")
    parties = parties_of(asked, acting.account)
    if not parties:
        raise MoveRefused("Vous pouvez lire cette demande, pas la faire avancer.")
    for party in (Party.DESK, Party.ASKER):
        if party in parties and move in moves_of(asked.standing, {party}):
            return party
    advance(asked.standing, move, min(parties))  # says why not
    raise AssertionError(move)


def _due_at(asked: Request, to: Standing, move: Move, at: datetime, hours: Hours) -> datetime | None:
    """When the promise of the state is overdue; a planned exchange is due at its own end, which its verb gives."""
    promise = PROMISES[to.state]
    if promise is None:
        return None
    is_new = to != asked.standing or (move in _PROMISED_AGAIN and to.state is not RequestState.PLANNED)
    if not is_new or promise.open_days is None:
        return asked.due_at
    return after_open_days(at, promise.open_days, hours)


def make_move(
    acting: Acting,
    connection: Connection,
    asked: Request,
    move: Move,
    *,
    hours: Hours,
    text: str = "",
    data: Mapping[str, Any] | None = None,
    values: Mapping[str, Any] | None = None,
    party: Party | None = None,
    ends_ticket: bool = False,
) -> Request:
    """Write one move: the row, its step, its line of the trail."""
    party = party or party_of(acting, asked, move)
    to = advance(asked.standing, move, party)
    if ends_ticket and to.state is RequestState.TECHNICAL:
        to = to._replace(state=RequestState.TAKEN)
    changes: dict[str, Any] = {
        "state": str(to.state), "desk": str(to.desk), "due_at": _due_at(asked, to, move, acting.at, hours),
    }  # fmt: skip
    if party is Party.DESK and move is not Move.REOPEN:
        changes["taken_at"] = asked.taken_at or acting.at
        changes["owner"] = asked.owner or acting.by
    if move in ANSWERING:
        changes["first_answer_at"] = asked.first_answer_at or acting.at
    if to.desk is not asked.desk:
        changes["owner"] = None
    change_request(connection, asked, {**changes, **(values or {})})
    add_event(connection, asked.id, at=acting.at, by=acting.by, move=move, text=text, data=data or {})
    acting.note(connection, TRAIL[move], str(asked.id))
    return as_it_stands(connection, asked.id)


def as_it_stands(connection: Connection, number: int) -> Request:
    """The request as it now is; ChangeRefused when it is none any more."""
    found = read_request(connection, number)
    if found is None:
        raise ChangeRefused("Cette demande n’existe plus.")
    return found


def end_exchange(connection: Connection, exchange: PhoneExchange, state: str) -> dict[str, int]:
    """Write how an exchange ended (`held`, `cancelled`); returns what its step says."""
    return {"exchange": exchange.id, "sequence": change_exchange(connection, exchange, {"state": state})}


def without_exchange(acting: Acting, connection: Connection, asked: Request, move: Move) -> Request:
    """The request without the exchange that nobody will hold, once the move may be made: one more step says so."""
    party_of(acting, asked, move)
    exchange = planned_exchange(connection, asked.id)
    if exchange is None:
        return asked
    data = end_exchange(connection, exchange, "cancelled")
    change_request(connection, asked, {})
    add_event(
        connection, asked.id, at=acting.at, by=acting.by, move=Move.CANCEL_EXCHANGE, text="", data=data
    )  # fmt: skip
    return as_it_stands(connection, asked.id)
