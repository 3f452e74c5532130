"""A request that was written: how it is opened, on the desk to which the table sends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from records.database import Connection
from records.desks.acting import Acting
from records.refusals import ChangeRefused
from records.wording import Entry
from routing.calendar.hours import Hours
from routing.calendar.open_time import after_open_days
from routing.requests.table import Routed
from support.requests.request import Request
from support.requests.states import PROMISES, Move, RequestState
from support.requests.store import add_event, add_request, read_request
from support.requests.verbs.moving import TRAIL


@dataclass(frozen=True, slots=True)
class Written:
    """What was written, checked: `channel` is `form` or `mail`, `sender` `user` or `referent`, `email` proved."""

    channel: str
    sender: str
    departement: str
    nom: str
    prenom: str
    profil: str
    email: str
    entry: Entry
    subject: str
    description: str


def file_request(
    acting: Acting, connection: Connection, written: Written, routed: Routed, *, hours: Hours
) -> Request:  # fmt: skip
    """The new request; its first step says by which rule it went where."""
    promise = PROMISES[RequestState.OPEN]
    values: dict[str, Any] = {
        "channel": written.channel, "sender": written.sender, "departement": written.departement, "version": 1,
        "subject": written.subject, "description": written.description, **written.entry.wording._asdict(),
        "niveau": written.entry.niveau, "reply_to": written.email, "desk": str(routed.desk),
        "state": str(RequestState.OPEN), "created_at": acting.at, "created_by": written.email, "nom": written.nom,
        "prenom": written.prenom, "profil": written.profil, "route": routed.rule,
        "due_at": after_open_days(acting.at, promise.open_days or 0, hours) if promise else None,
    }  # fmt: skip
    number = add_request(connection, values)
    if number is None:
        raise ChangeRefused("Cette demande existe déjà.")
    add_event(
        connection, number, at=acting.at, by=written.email, move=Move.OPEN, text=written.description,
        data={"desk": str(routed.desk), "rule": routed.rule},
    )  # fmt: skip
    acting.note(connection, TRAIL[Move.OPEN], str(number))
    opened = read_request(connection, number)
    if opened is None:
        raise ChangeRefused("Cette demande n’existe plus.")
    return opened
