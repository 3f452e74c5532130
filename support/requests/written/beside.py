"""What stands beside a written request on its page: the text that answers it, its doubles, calls of the same matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from records.database import Connection
from records.desks.desk_calls import DeskCall
from routing.departements import departements
from support.answers.filling import fill
from support.answers.local import FAREWELL, whole_text
from support.answers.ready import CALL_AGAIN, Answer
from support.answers.store import paragraphs_for
from support.desk import Desk
from support.requests.request import Request, RequestEvent, moves_now
from support.requests.states import Move
from support.requests.store import doubles_of
from support.requests.written.store import calls_proposed, doubles_proposed

OF_A_CALL = "Suite à votre appel à l'assistance SI SIAO"
"""How the texts as delivered begin: whoever wrote has not called."""
WRITE_AGAIN = "Si la difficulté continue, dites-le-nous par le lien de suivi de votre demande."


@dataclass(frozen=True, slots=True)
class Beside:
    """`ready`: the ready text with its fields filled, empty where there is none; `doubles`: merged into the request."""

    ready: str = ""
    is_classified: bool = True
    doubles: Sequence[Request] = ()
    proposed: Sequence[Request] = ()
    calls: Sequence[DeskCall] = ()
    also_told: Sequence[Request] = field(default=())
    """The doubles of other senders, to whom an answer goes as well."""


def beside(
    desk: Desk, connection: Connection, asked: Request, steps: Sequence[RequestEvent], answer: Answer | None
) -> Beside:
    """What the reader finds beside the request; of a call's request its ready text alone."""
    ready = ready_text(desk, connection, asked, answer) if answer else ""
    if not asked.is_written:
        return Beside(ready)
    reader, now = desk.reader(), desk.clock()
    moves = moves_now(asked, reader, now, None, ())
    doubles = doubles_of(connection, asked.id)
    return Beside(
        ready,
        any(step.move in {Move.CONFIRM, Move.RECLASSIFY} for step in steps),
        doubles,
        doubles_proposed(connection, asked, reader.scope) if Move.MERGE in moves else (),
        calls_proposed(connection, asked, now) if Move.LINK in moves else (),
        [one for one in doubles if one.created_by.casefold() != asked.created_by.casefold()],
    )


def ready_text(desk: Desk, connection: Connection, asked: Request, answer: Answer) -> str:
    """The written answer, its fields filled; to whoever wrote with what the département adds, and with a signature."""
    if not asked.is_written:
        return fill(answer.written, _known(desk, asked))
    local = paragraphs_for(connection, answer.wording).get(asked.departement or "")
    text = whole_text(answer.written, local.told() if local and local.text else "")
    text = text.replace(OF_A_CALL, f"Suite à votre demande n° {asked.id} à l’assistance SI SIAO")
    text = text.replace(CALL_AGAIN, WRITE_AGAIN)
    name = desk.reader().name
    signed = f"{text.rstrip()}\n{name}" if name and text.rstrip().rstrip(",").endswith(FAREWELL) else text
    return fill(signed, _known(desk, asked))


def _known(desk: Desk, asked: Request) -> dict[str, str]:
    """What fields may ask for, by their names."""
    place = departements().get(asked.departement or "")
    siao = next((person.siao for person in desk.people() if person.departement == asked.departement), "")
    return {
        "prénom": asked.prenom or "",
        "nom": asked.nom or "",
        "numéro de la demande": str(asked.id),
        "numéro": str(asked.id),
        "objet": asked.subject,
        "département": place.name if place else "",
        "SIAO": siao,
        "référent": desk.reader().name,
        "thématique": asked.wording.thematique,
        "motif": asked.wording.motif,
        "sous-motif": asked.wording.sous_motif,
    }
