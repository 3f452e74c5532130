"""What is done to a written request besides answering: its motif confirmed, doubles merged, a call linked, a rating.

Every verb takes and raises what those of `support.requests.working` do.
"""

from __future__ import annotations

from typing import Any

from records.database import Connection
from records.desks.acting import Acting
from records.desks.desk_calls import read_call
from records.refusals import ChangeRefused
from routing.calendar.hours import Hours
from support.requests.reading import read_text
from support.requests.request import Request, is_double_of, may_climb
from support.requests.states import Move, MoveRefused, Party
from support.requests.store import (
    add_event,
    change_request,
    doubles_of,
    events_of,
    read_request,
)
from support.requests.verbs.moving import as_it_stands, make_move, party_of, without_exchange

OVERDUE = "delai"
"""The rule by which a request climbs."""
RATINGS = range(1, 6)


def confirm(acting: Acting, connection: Connection, asked: Request, *, hours: Hours) -> Request:
    """Say that the motif that was written is the right one; said twice, it is said once."""
    party = party_of(acting, asked, Move.CONFIRM)
    if is_classified(connection, asked):
        return asked
    return make_move(acting, connection, asked, Move.CONFIRM, hours=hours, party=party)


def is_classified(connection: Connection, asked: Request) -> bool:
    """Whether somebody of a desk has said what the request is about."""
    return any(step.move in {Move.CONFIRM, Move.RECLASSIFY} for step in events_of(connection, asked.id))


def link(acting: Acting, connection: Connection, asked: Request, *, call_id: str, hours: Hours) -> Request:
    """Link a call about the same matter, instead of the one that was; an empty id links none."""
    party, wanted = party_of(acting, asked, Move.LINK), call_id or None
    if wanted == asked.linked_call_id:
        raise ChangeRefused("Choisissez un appel de la liste.", "appel")
    call = read_call(connection, wanted) if wanted else None
    is_readable = call is not None and (acting.account is None or acting.account.may_read(call.departement))
    if wanted and not is_readable:
        raise ChangeRefused("Choisissez un appel de la liste.", "appel")
    return make_move(
        acting, connection, asked, Move.LINK, hours=hours, party=party, data={"call": wanted},
        values={"linked_call_id": wanted},
    )  # fmt: skip


def merge(acting: Acting, connection: Connection, asked: Request, *, into: int, hours: Hours) -> Request:
    """Close a double in favour of the request that is kept, which takes over the doubles that the closed one had.

    What is answered to the kept one is answered to whoever wrote the double as well (`working.answer`, `.close`).
    """
    party_of(acting, asked, Move.MERGE)
    kept = read_request(connection, into)
    is_readable = kept is not None and (acting.account is None or acting.account.may_read(kept.departement))
    if kept is None or not is_readable or not is_double_of(asked, kept):
        raise ChangeRefused(
            "Choisissez une demande écrite par la même personne, ou pour le même département.", "demande"
        )  # fmt: skip
    if kept.closed_at is not None:
        raise ChangeRefused(f"La demande n° {kept.id} est close : rouvrez-la d’abord.", "demande")
    asked = without_exchange(acting, connection, asked, Move.MERGE)
    merged = make_move(
        acting, connection, asked, Move.MERGE, hours=hours, data={"into": kept.id},
        values={"closed_at": acting.at, "merged_into": kept.id},
    )  # fmt: skip
    for double in doubles_of(connection, asked.id):
        change_request(connection, double, {"merged_into": kept.id})
    change_request(connection, kept, {})
    data: dict[str, Any] = {"merged": asked.id}
    add_event(connection, kept.id, at=acting.at, by=acting.by, move=Move.ADD, text="", data=data)
    return merged


def climb(acting: Acting, connection: Connection, asked: Request, *, hours: Hours) -> Request:
    """Hand to the national desk, once, what the local desk has left overdue; MoveRefused where `may_climb` says no."""
    if acting.account is not None or not may_climb(asked, acting.at):
        raise MoveRefused("Cette demande ne passe pas d’elle-même au niveau 2.")
    return make_move(
        acting, connection, asked, Move.CLIMB, hours=hours, party=Party.SERVICE, data={"rule": OVERDUE},
        values={"climbed_at": acting.at},
    )  # fmt: skip


def rate(
    acting: Acting, connection: Connection, asked: Request, *, rating: int, text: str = "", hours: Hours
) -> Request:  # fmt: skip
    """Say how well one was helped, 1 (not at all) to 5, with a word or none; the last opinion holds."""
    if acting.account is not None and acting.account.email != asked.created_by:
        raise MoveRefused("Seule la personne qui a posé la demande peut faire cela.")
    party = party_of(acting, asked, Move.RATE)
    if rating not in RATINGS:
        raise ChangeRefused("Choisissez une note de 1 à 5.", "note")
    word = read_text(text, "texte", optional=True)
    if rating == asked.rating and not word:
        return as_it_stands(connection, asked.id)
    return make_move(
        acting, connection, asked, Move.RATE, hours=hours, party=party, text=word, data={"rating": rating},
        values={"rating": rating},
    )  # fmt: skip
