"""What is done to a request: each verb checks, writes the row, the step of its history and the line of the trail.

Every verb is given the transaction, the request as its author saw it, and returns the request as it then stands. It
raises MoveRefused where the table forbids the move, ChangeRefused for what was typed, Overtaken when somebody changed
the request since; `hours` are those of the national team, by which promises are counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from records.database import Connection
from records.desks.accounts import colleagues
from records.desks.acting import Acting
from records.desks.level_2 import restate
from records.refusals import ChangeRefused, one_line
from records.wording import Entry, Wording
from routing.calendar.hours import Hours, read_hours
from routing.calendar.open_time import after_open_days
from routing.departements import timezone_of
from support.requests.reading import LONGEST_SUBJECT, read_address, read_text
from support.requests.request import PhoneExchange, Request, Ticket, parties_of
from support.requests.states import (
    ANSWERING,
    PROMISES,
    TICKET_MOVES,
    TICKET_OVER,
    Move,
    MoveRefused,
    Party,
    RequestState,
    Standing,
    TicketKind,
    TicketState,
    WhichDesk,
    advance,
    may_reopen,
    moves_of,
)
from support.requests.store import (
    add_event,
    add_exchange,
    add_request,
    add_ticket,
    change_exchange,
    change_request,
    change_ticket_state,
    planned_exchange,
    read_request,
    request_of,
    tickets_of,
)

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

PREFIXES = {TicketKind.INCIDENT: "INC", TicketKind.EVOLUTION: "EVO", TicketKind.INTERVENTION: "INT"}
_PROMISED_AGAIN = frozenset({Move.ANSWER, Move.ASK, Move.OPEN_TICKET, Move.CHANGE_TICKET})
"""Moves after which the same state promises anew; after others it still owes what it owed."""
USUAL_HOURS = read_hours("")


# ---------------------------------------------------------------- what every verb does


def _party(acting: Acting, asked: Request, move: Move) -> Party:
    """As whom the move is made: whoever works on the request before whoever asks; MoveRefused when as neither."""
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


def _move(
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
    party = party or _party(acting, asked, move)
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
    return _now(connection, asked.id)


def _now(connection: Connection, number: int) -> Request:
    found = read_request(connection, number)
    if found is None:
        raise ChangeRefused("Cette demande n’existe plus.")
    return found


# ---------------------------------------------------------------- asked


def open_for_call(
    acting: Acting,
    connection: Connection,
    *,
    call_id: str,
    departement: str | None,
    wording: Wording,
    niveau: str,
    description: str,
    hours: Hours = USUAL_HOURS,
) -> int:
    """The number of the call's request to the national team: the one that it has, opened again, or a new one."""
    values = {
        "channel": "phone", "sender": "referent", "call_id": call_id, "departement": departement, "version": 1,
        "subject": _subject(wording), "description": description, **wording._asdict(), "niveau": niveau,
        "reply_to": acting.by, "desk": str(WhichDesk.NATIONAL), "state": str(RequestState.OPEN),
        "created_at": acting.at, "created_by": acting.by,
        "due_at": after_open_days(acting.at, PROMISES[RequestState.OPEN].open_days or 0, hours),  # type: ignore[union-attr]
    }  # fmt: skip
    number = add_request(connection, values)
    if number is None:
        return _open_again(acting, connection, call_id, hours)
    add_event(connection, number, at=acting.at, by=acting.by, move=Move.OPEN, text=description, data={})
    acting.note(connection, TRAIL[Move.OPEN], str(number))
    return number


def _open_again(acting: Acting, connection: Connection, call_id: str, hours: Hours) -> int:
    """The number of the request that the call has; a closed one is opened again: the call is escalated anew."""
    asked = request_of(connection, call_id)
    if asked is None:
        raise ChangeRefused("La demande de cet appel n’existe plus.")
    if asked.state is RequestState.CLOSED:
        values = {"closed_at": None, "result": None, "owner": None, "desk": str(WhichDesk.NATIONAL)}
        _move(
            acting, connection, asked, Move.REOPEN, hours=hours, party=Party.ASKER, values=values, data={"owner": None},
            text="L’appel est escaladé de nouveau.",
        )  # fmt: skip
    return asked.id


def _subject(wording: Wording) -> str:
    return f"{wording.motif} : {wording.sous_motif}"[:LONGEST_SUBJECT]


def complete(
    acting: Acting, connection: Connection, asked: Request, *, subject: str, description: str, reply_to: str,
    hours: Hours,
) -> Request:  # fmt: skip
    """Change what is asked, as long as nobody has taken it; both versions stand in the history."""
    values = {
        "subject": one_line(subject, "objet", LONGEST_SUBJECT), "description": read_text(description, "description"),
        "reply_to": read_address(reply_to, "reponse"),
    }  # fmt: skip
    party = _party(acting, asked, Move.COMPLETE)
    before = {name: getattr(asked, name) for name in values if getattr(asked, name) != values[name]}
    if not before:
        return asked
    return _move(
        acting, connection, asked, Move.COMPLETE, hours=hours, party=party, values=values,
        data={"before": before, "after": {name: values[name] for name in before}},
    )  # fmt: skip


def add(acting: Acting, connection: Connection, asked: Request, *, text: str, hours: Hours) -> Request:
    """Add to what is asked, or answer the desk's question."""
    return _move(acting, connection, asked, Move.ADD, hours=hours, text=read_text(text, "texte"))


def withdraw(
    acting: Acting, connection: Connection, asked: Request, *, text: str = "", solved: bool | None = None,
    hours: Hours = USUAL_HOURS,
) -> Request:  # fmt: skip
    """Take the request back; the call's statut follows `solved`, None where its author says it otherwise."""
    plain = read_text(text, "texte", optional=True)
    asked = _without_exchange(acting, connection, asked, Move.WITHDRAW)
    after = _move(
        acting, connection, asked, Move.WITHDRAW, hours=hours, text=plain, data={"solved": solved},
        values={"closed_at": acting.at},
    )  # fmt: skip
    if solved is not None:
        restate(connection, asked.call_id, by=acting.by, at=acting.at, solved=solved)
    return after


def reopen(acting: Acting, connection: Connection, asked: Request, *, text: str, hours: Hours) -> Request:
    """Open a closed request again within fifteen days; its call is escalated again, and not solved."""
    if asked.closed_at is not None and not may_reopen(asked.closed_at, acting.at):
        raise MoveRefused("Cette demande est close depuis plus de quinze jours : escaladez l’appel de nouveau.")
    values = {"closed_at": None, "result": None}
    after = _move(
        acting, connection, asked, Move.REOPEN, hours=hours, text=read_text(text, "texte"), values=values
    )  # fmt: skip
    restate(connection, asked.call_id, by=acting.by, at=acting.at, solved=False)
    return after


# ---------------------------------------------------------------- who works on it


def take(acting: Acting, connection: Connection, asked: Request, *, hours: Hours) -> Request:
    """Work on the request oneself, whoever had it before."""
    return _give(acting, connection, asked, Move.TAKE, acting.by, hours=hours)


def assign(acting: Acting, connection: Connection, asked: Request, *, owner: str, hours: Hours) -> Request:
    """Give the request to somebody of the desk that has it."""
    desk = asked.departement if asked.desk is WhichDesk.LOCAL else None
    if owner not in {account.email for account in colleagues(connection, desk)}:
        raise ChangeRefused("Choisissez une personne de l’équipe qui traite la demande.", "personne")
    return _give(acting, connection, asked, Move.TAKE if owner == acting.by else Move.ASSIGN, owner, hours=hours)


def _give(acting: Acting, connection: Connection, asked: Request, move: Move, owner: str, *, hours: Hours) -> Request:
    if asked.owner == owner and asked.state is not RequestState.OPEN:
        raise MoveRefused("C’est déjà le cas." if move is Move.ASSIGN else "Vous vous en occupez déjà.", "personne")
    data = {"owner": owner, "before": asked.owner}
    return _move(acting, connection, asked, move, hours=hours, data=data, values={"owner": owner})


def hand_back(acting: Acting, connection: Connection, asked: Request, *, text: str, hours: Hours) -> Request:
    """Give the request back to the département's own desk, with the reason."""
    if asked.desk is WhichDesk.NATIONAL and not (asked.departement and colleagues(connection, asked.departement)):
        raise MoveRefused("Personne n’a de compte dans ce département : la demande reste au niveau 2.")
    reason = read_text(text, "texte")
    asked = _without_exchange(acting, connection, asked, Move.HAND_BACK)
    return _move(acting, connection, asked, Move.HAND_BACK, hours=hours, text=reason)


def escalate(acting: Acting, connection: Connection, asked: Request, *, text: str, hours: Hours) -> Request:
    """Hand the request to the national team (again), with the reason."""
    return _move(acting, connection, asked, Move.ESCALATE, hours=hours, text=read_text(text, "texte"))


# ---------------------------------------------------------------- what is said


def answer(acting: Acting, connection: Connection, asked: Request, *, text: str, hours: Hours) -> Request:
    """Answer whoever asked; the request stays open until it is closed."""
    return _move(acting, connection, asked, Move.ANSWER, hours=hours, text=read_text(text, "texte"))


def ask(acting: Acting, connection: Connection, asked: Request, *, text: str, hours: Hours) -> Request:
    """Ask something back: the request waits for whoever asked."""
    return _move(acting, connection, asked, Move.ASK, hours=hours, text=read_text(text, "texte"))


def reclassify(
    acting: Acting, connection: Connection, asked: Request, *, entry: Entry | None, hours: Hours
) -> Request:  # fmt: skip
    """Give the request another motif; its call's qualification gets a new version with the same (decision 55)."""
    if entry is None:
        raise ChangeRefused(
            "Choisissez un sous-motif de la liste, avec sa thématique et son motif.", "sous_motif"
        )  # fmt: skip
    niveau = entry.niveau_when(escalated=True)
    if entry.wording == asked.wording and niveau == asked.niveau:
        raise ChangeRefused("C’est déjà le motif de cette demande.", "sous_motif")
    values = {**entry.wording._asdict(), "niveau": niveau}
    if asked.subject == _subject(asked.wording):
        values["subject"] = _subject(entry.wording)
    after = _move(
        acting, connection, asked, Move.RECLASSIFY, hours=hours, values=values,
        data={"before": list(asked.wording), "after": list(entry.wording), "niveau": niveau},
    )  # fmt: skip
    restate(connection, asked.call_id, by=acting.by, at=acting.at, wording=entry.wording, niveau=niveau)
    return after


def close(
    acting: Acting, connection: Connection, asked: Request, *, text: str, solved: bool | None, hours: Hours
) -> Request:  # fmt: skip
    """Close with a result; the call is then solved or goes on, as `solved` says."""
    if solved is None:
        raise ChangeRefused("Dites si le problème est résolu.", "resolu")
    result = read_text(text, "texte")
    asked = _without_exchange(acting, connection, asked, Move.CLOSE)
    after = _move(
        acting, connection, asked, Move.CLOSE, hours=hours, text=result, data={"solved": solved},
        values={"closed_at": acting.at, "result": result},
    )  # fmt: skip
    restate(connection, asked.call_id, by=acting.by, at=acting.at, solved=solved)
    return after


# ---------------------------------------------------------------- a telephone exchange


def plan(
    acting: Acting, connection: Connection, asked: Request, *, starts_at: datetime, minutes: int, text: str = "",
    hours: Hours,
) -> Request:  # fmt: skip
    """Propose a telephone exchange, or move the one that is planned."""
    party = _party(acting, asked, Move.PLAN)
    exchange, before = planned_exchange(connection, asked.id), None
    when = {"starts_at": starts_at, "minutes": minutes, "proposed_by": acting.by, "proposed_at": acting.at}
    if exchange is None:
        new = {"request_id": asked.id, "uid": str(uuid4()), "sequence": 0, "state": "planned"}
        number, sequence = add_exchange(connection, {**new, **when}), 0
    else:
        number, before = exchange.id, exchange.starts_at.isoformat()
        sequence = change_exchange(connection, exchange, when)
    data = {
        "exchange": number, "starts_at": starts_at.isoformat(), "minutes": minutes, "sequence": sequence,
        "before": before,
    }  # fmt: skip
    planned = _now_planned(connection, asked.id)
    return _move(
        acting, connection, asked, Move.PLAN, hours=hours, party=party, data=data,
        text=read_text(text, "texte", optional=True), values={"due_at": planned.ends_at},
    )  # fmt: skip


def cancel_exchange(acting: Acting, connection: Connection, asked: Request, *, text: str, hours: Hours) -> Request:
    """Cancel the planned exchange, with a word (another moment that would suit)."""
    word = read_text(text, "texte")
    party, exchange = _party(acting, asked, Move.CANCEL_EXCHANGE), _now_planned(connection, asked.id)
    data = _ended(connection, exchange, "cancelled")
    return _move(
        acting, connection, asked, Move.CANCEL_EXCHANGE, hours=hours, party=party, text=word, data=data
    )  # fmt: skip


def hold_exchange(acting: Acting, connection: Connection, asked: Request, *, text: str, hours: Hours) -> Request:
    """Say that the exchange took place, and what was said."""
    said = read_text(text, "texte")
    party, exchange = _party(acting, asked, Move.HOLD_EXCHANGE), _now_planned(connection, asked.id)
    if exchange.starts_at > acting.at:
        raise MoveRefused("L’échange n’a pas encore commencé.")
    data = _ended(connection, exchange, "held")
    return _move(acting, connection, asked, Move.HOLD_EXCHANGE, hours=hours, party=party, text=said, data=data)


def _now_planned(connection: Connection, number: int) -> PhoneExchange:
    exchange = planned_exchange(connection, number)
    if exchange is None:
        raise MoveRefused("Aucun échange n’est planifié.")
    return exchange


def _ended(connection: Connection, exchange: PhoneExchange, state: str) -> dict[str, int]:
    return {"exchange": exchange.id, "sequence": change_exchange(connection, exchange, {"state": state})}


def _without_exchange(acting: Acting, connection: Connection, asked: Request, move: Move) -> Request:
    """The request without the exchange that nobody will hold, once the move may be made: one more step says so."""
    _party(acting, asked, move)
    exchange = planned_exchange(connection, asked.id)
    if exchange is None:
        return asked
    data = _ended(connection, exchange, "cancelled")
    change_request(connection, asked, {})
    add_event(
        connection, asked.id, at=acting.at, by=acting.by, move=Move.CANCEL_EXCHANGE, text="", data=data
    )  # fmt: skip
    return _now(connection, asked.id)


# ---------------------------------------------------------------- a technical ticket


def open_ticket(
    acting: Acting, connection: Connection, asked: Request, *, kind: str, title: str, hours: Hours
) -> Request:  # fmt: skip
    """Open a technical ticket; one at a time."""
    party = _party(acting, asked, Move.OPEN_TICKET)
    if kind not in set(TicketKind):
        raise ChangeRefused("Choisissez un incident, une évolution ou une intervention.", "nature")
    plain = one_line(title, "titre", LONGEST_SUBJECT)
    if open_one := _open_ticket(connection, asked.id):
        raise MoveRefused(f"Le ticket {open_one.reference} est encore ouvert.")
    year = acting.at.astimezone(timezone_of(None)).year
    values = {
        "request_id": asked.id, "kind": kind, "state": str(TicketState.NEW), "title": plain, "opened_at": acting.at,
        "opened_by": acting.by, "changed_at": acting.at,
    }  # fmt: skip
    reference = add_ticket(connection, f"{PREFIXES[TicketKind(kind)]}-{year}-", values)
    data = {"reference": reference, "kind": kind, "state": str(TicketState.NEW), "before": None}
    return _move(acting, connection, asked, Move.OPEN_TICKET, hours=hours, party=party, text=plain, data=data)


def change_ticket(
    acting: Acting, connection: Connection, asked: Request, *, state: str, text: str = "", hours: Hours
) -> Request:  # fmt: skip
    """Move the request's ticket to another state; once it is over, the request is to be answered."""
    party = _party(acting, asked, Move.CHANGE_TICKET)
    word = read_text(text, "texte", optional=True)
    ticket = next(iter(tickets_of(connection, asked.id)), None)
    if ticket is None:
        raise MoveRefused("Cette demande n’a pas de ticket.")
    if state not in TICKET_MOVES[ticket.state]:
        raise ChangeRefused("Le ticket ne peut pas passer à cet état.", "etat")
    change_ticket_state(connection, ticket, TicketState(state), acting.at)
    data = {"reference": ticket.reference, "kind": str(ticket.kind), "state": state, "before": str(ticket.state)}
    return _move(
        acting, connection, asked, Move.CHANGE_TICKET, hours=hours, party=party, text=word, data=data,
        ends_ticket=TicketState(state) in TICKET_OVER,
    )  # fmt: skip


def _open_ticket(connection: Connection, number: int) -> Ticket | None:
    return next((one for one in tickets_of(connection, number) if one.state not in TICKET_OVER), None)
