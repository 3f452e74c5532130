"""What is done to a request: each verb checks, writes the row, the step of its history and the line of the trail.

Every verb is given the transaction, the request as its author saw it, and returns the request as it then stands. It
raises MoveRefused where the table forbids the move, ChangeRefused for what was typed, Overtaken when somebody changed
the request since; `hours` are those of the national team, by which promises are counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
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
from support.answers.filling import check_filled
from support.requests.reading import LONGEST_SUBJECT, read_address, read_text
from support.requests.request import PhoneExchange, Request, Ticket, may_part
from support.requests.states import (
    PROMISES,
    TICKET_MOVES,
    TICKET_OVER,
    Move,
    MoveRefused,
    Party,
    RequestState,
    TicketKind,
    TicketState,
    WhichDesk,
    may_reopen,
)
from support.requests.store import (
    add_event,
    add_exchange,
    add_request,
    add_ticket,
    change_exchange,
    change_request,
    change_ticket_state,
    doubles_of,
    planned_exchange,
    request_of,
    tickets_of,
)
from support.requests.verbs.moving import TRAIL, end_exchange, make_move, party_of, without_exchange

PREFIXES = {TicketKind.INCIDENT: "INC", TicketKind.EVOLUTION: "EVO", TicketKind.INTERVENTION: "INT"}
USUAL_HOURS = read_hours("")
SERVICE = "service"
"""In whose name a step stands that nobody made."""


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
        make_move(
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
    if asked.is_written:
        del values["reply_to"]  # it was proved to receive mail
    party = party_of(acting, asked, Move.COMPLETE)
    before = {name: getattr(asked, name) for name in values if getattr(asked, name) != values[name]}
    if not before:
        return asked
    return make_move(
        acting, connection, asked, Move.COMPLETE, hours=hours, party=party, values=values,
        data={"before": before, "after": {name: values[name] for name in before}},
    )  # fmt: skip


def add(
    acting: Acting, connection: Connection, asked: Request, *, text: str, data: Mapping[str, Any] | None = None,
    hours: Hours,
) -> Request:  # fmt: skip
    """Add to what is asked, or answer the desk's question; `data` tells of a mail what is not its text."""
    return make_move(acting, connection, asked, Move.ADD, hours=hours, text=read_text(text, "texte"), data=data)


def withdraw(
    acting: Acting, connection: Connection, asked: Request, *, text: str = "", solved: bool | None = None,
    hours: Hours = USUAL_HOURS,
) -> Request:  # fmt: skip
    """Take the request back; the call's statut follows `solved`, None where its author says it otherwise."""
    plain = read_text(text, "texte", optional=True)
    asked = without_exchange(acting, connection, asked, Move.WITHDRAW)
    after = make_move(
        acting, connection, asked, Move.WITHDRAW, hours=hours, text=plain, data={"solved": solved},
        values={"closed_at": acting.at},
    )  # fmt: skip
    _part_doubles(acting, connection, asked, hours)
    if solved is not None:
        restate(connection, asked.call_id, by=acting.by, at=acting.at, solved=solved)
    return after


def reopen(
    acting: Acting, connection: Connection, asked: Request, *, text: str, data: Mapping[str, Any] | None = None,
    hours: Hours,
) -> Request:  # fmt: skip
    """Open a closed request again within fifteen days; its call is escalated again, and not solved.

    A double that was merged is parted so by the desk, and by nobody else.
    """
    if asked.closed_at is not None and not may_reopen(asked.closed_at, acting.at):
        again = "écrivez-en une nouvelle" if asked.is_written else "escaladez l’appel de nouveau"
        raise MoveRefused(f"Cette demande est close depuis plus de quinze jours : {again}.")
    party = party_of(acting, asked, Move.REOPEN)
    if not may_part(asked, {party}):
        raise MoveRefused(f"Cette demande est réunie avec la demande n° {asked.merged_into} : la réponse y est donnée.")
    values = {"closed_at": None, "result": None, "merged_into": None}
    after = make_move(
        acting, connection, asked, Move.REOPEN, hours=hours, party=party, text=read_text(text, "texte"), values=values,
        data={**(data or {}), **({"parted": asked.merged_into} if asked.merged_into else {})},
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
    return make_move(acting, connection, asked, move, hours=hours, data=data, values={"owner": owner})


def hand_back(acting: Acting, connection: Connection, asked: Request, *, text: str, hours: Hours) -> Request:
    """Give the request back to the département's own desk, with the reason."""
    if asked.desk is WhichDesk.NATIONAL and not (asked.departement and colleagues(connection, asked.departement)):
        raise MoveRefused("Personne n’a de compte dans ce département : la demande reste au niveau 2.")
    reason = read_text(text, "texte")
    asked = without_exchange(acting, connection, asked, Move.HAND_BACK)
    return make_move(acting, connection, asked, Move.HAND_BACK, hours=hours, text=reason)


def escalate(acting: Acting, connection: Connection, asked: Request, *, text: str, hours: Hours) -> Request:
    """Hand the request to the national team (again), with the reason."""
    return make_move(acting, connection, asked, Move.ESCALATE, hours=hours, text=read_text(text, "texte"))


# ---------------------------------------------------------------- what is said


def answer(acting: Acting, connection: Connection, asked: Request, *, text: str, hours: Hours) -> Request:
    """Answer whoever asked, and whoever wrote its doubles; the request stays open until it is closed."""
    said = check_filled(read_text(text, "texte"), "texte")
    after = make_move(acting, connection, asked, Move.ANSWER, hours=hours, text=said)
    _answer_doubles(acting, connection, asked, said)
    return after


def ask(acting: Acting, connection: Connection, asked: Request, *, text: str, hours: Hours) -> Request:
    """Ask something back: the request waits for whoever asked."""
    return make_move(acting, connection, asked, Move.ASK, hours=hours, text=read_text(text, "texte"))


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
    after = make_move(
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
    result = check_filled(read_text(text, "texte"), "texte")
    asked = without_exchange(acting, connection, asked, Move.CLOSE)
    after = make_move(
        acting, connection, asked, Move.CLOSE, hours=hours, text=result, data={"solved": solved},
        values={"closed_at": acting.at, "result": result},
    )  # fmt: skip
    _answer_doubles(acting, connection, asked, result)
    restate(connection, asked.call_id, by=acting.by, at=acting.at, solved=solved)
    return after


def _answer_doubles(acting: Acting, connection: Connection, asked: Request, text: str) -> None:
    """Say the same to whoever else wrote about it: one more step on each double, closed as it is."""
    for double in doubles_of(connection, asked.id):
        if double.created_by.casefold() == asked.created_by.casefold():
            continue
        change_request(connection, double, {"first_answer_at": double.first_answer_at or acting.at})
        data = {"from": asked.id, "desk": str(asked.desk)}
        add_event(connection, double.id, at=acting.at, by=acting.by, move=Move.ANSWER, text=text, data=data)


def _part_doubles(acting: Acting, connection: Connection, asked: Request, hours: Hours) -> None:
    """Open again what others wrote about it: nobody would answer them any more. Not in the name of whoever withdrew."""
    service = replace(acting, by=SERVICE, account=None)
    for double in doubles_of(connection, asked.id):
        if double.created_by.casefold() != asked.created_by.casefold():
            make_move(
                service, connection, double, Move.REOPEN, hours=hours, party=Party.DESK, data={"parted": asked.id},
                values={"closed_at": None, "merged_into": None},
            )  # fmt: skip


# ---------------------------------------------------------------- a telephone exchange


def plan(
    acting: Acting, connection: Connection, asked: Request, *, starts_at: datetime, minutes: int, text: str = "",
    hours: Hours,
) -> Request:  # fmt: skip
    """Propose a telephone exchange, or move the one that is planned."""
    party = party_of(acting, asked, Move.PLAN)
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
    return make_move(
        acting, connection, asked, Move.PLAN, hours=hours, party=party, data=data,
        text=read_text(text, "texte", optional=True), values={"due_at": planned.ends_at},
    )  # fmt: skip


def cancel_exchange(acting: Acting, connection: Connection, asked: Request, *, text: str, hours: Hours) -> Request:
    """Cancel the planned exchange, with a word (another moment that would suit)."""
    word = read_text(text, "texte")
    party, exchange = party_of(acting, asked, Move.CANCEL_EXCHANGE), _now_planned(connection, asked.id)
    data = end_exchange(connection, exchange, "cancelled")
    return make_move(
        acting, connection, asked, Move.CANCEL_EXCHANGE, hours=hours, party=party, text=word, data=data
    )  # fmt: skip


def hold_exchange(acting: Acting, connection: Connection, asked: Request, *, text: str, hours: Hours) -> Request:
    """Say that the exchange took place, and what was said."""
    said = read_text(text, "texte")
    party, exchange = party_of(acting, asked, Move.HOLD_EXCHANGE), _now_planned(connection, asked.id)
    if exchange.starts_at > acting.at:
        raise MoveRefused("L’échange n’a pas encore commencé.")
    data = end_exchange(connection, exchange, "held")
    return make_move(acting, connection, asked, Move.HOLD_EXCHANGE, hours=hours, party=party, text=said, data=data)


def _now_planned(connection: Connection, number: int) -> PhoneExchange:
    exchange = planned_exchange(connection, number)
    if exchange is None:
        raise MoveRefused("Aucun échange n’est planifié.")
    return exchange


# ---------------------------------------------------------------- a technical ticket


def open_ticket(
    acting: Acting, connection: Connection, asked: Request, *, kind: str, title: str, hours: Hours
) -> Request:  # fmt: skip
    """Open a technical ticket; one at a time."""
    party = party_of(acting, asked, Move.OPEN_TICKET)
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
    return make_move(acting, connection, asked, Move.OPEN_TICKET, hours=hours, party=party, text=plain, data=data)


def change_ticket(
    acting: Acting, connection: Connection, asked: Request, *, state: str, text: str = "", hours: Hours
) -> Request:  # fmt: skip
    """Move the request's ticket to another state; once it is over, the request is to be answered."""
    party = party_of(acting, asked, Move.CHANGE_TICKET)
    word = read_text(text, "texte", optional=True)
    ticket = next(iter(tickets_of(connection, asked.id)), None)
    if ticket is None:
        raise MoveRefused("Cette demande n’a pas de ticket.")
    if state not in TICKET_MOVES[ticket.state]:
        raise ChangeRefused("Le ticket ne peut pas passer à cet état.", "etat")
    change_ticket_state(connection, ticket, TicketState(state), acting.at)
    data = {"reference": ticket.reference, "kind": str(ticket.kind), "state": state, "before": str(ticket.state)}
    return make_move(
        acting, connection, asked, Move.CHANGE_TICKET, hours=hours, party=party, text=word, data=data,
        ends_ticket=TicketState(state) in TICKET_OVER,
    )  # fmt: skip


def _open_ticket(connection: Connection, number: int) -> Ticket | None:
    return next((one for one in tickets_of(connection, number) if one.state not in TICKET_OVER), None)
