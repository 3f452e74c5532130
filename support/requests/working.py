"""What is done to a request: each verb checks, writes the row, the step of its history and the line of the trail."""

from __future__ import annotations

from records.database import Connection
from records.desks.acting import Acting
from records.wording import Wording
from support.requests.request import Request
from support.requests.states import Move, RequestState, WhichDesk
from support.requests.store import add_event, add_request, change_request, number_of

LONGEST_SUBJECT = 200


def open_for_call(
    acting: Acting,
    connection: Connection,
    *,
    call_id: str,
    departement: str | None,
    wording: Wording,
    niveau: str,
    description: str,
) -> int:
    """The number of the call's request to the national team: the one that it has, or a new one."""
    values = {
        "channel": "phone", "sender": "referent", "call_id": call_id, "departement": departement, "version": 1,
        "subject": f"{wording.motif} : {wording.sous_motif}"[:LONGEST_SUBJECT], "description": description,
        **wording._asdict(), "niveau": niveau, "reply_to": acting.by, "desk": str(WhichDesk.NATIONAL),
        "state": str(RequestState.OPEN), "created_at": acting.at, "created_by": acting.by,
    }  # fmt: skip
    number = add_request(connection, values)
    if number is None:
        return number_of(connection, call_id)
    add_event(connection, number, at=acting.at, by=acting.by, move=Move.OPEN, text=description, data={})
    acting.note(connection, "demande ouverte", str(number))
    return number


def withdraw(acting: Acting, connection: Connection, asked: Request) -> None:
    """Take the request back."""
    change_request(connection, asked, {"state": str(RequestState.CLOSED), "closed_at": acting.at})
    add_event(connection, asked.id, at=acting.at, by=acting.by, move=Move.WITHDRAW, text="", data={"solved": None})
    acting.note(connection, "demande retirée", str(asked.id))
