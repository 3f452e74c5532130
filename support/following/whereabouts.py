"""Where a request is, in words for whoever wrote it: who has it, who answered, what comes next and by when.

Its sender reads the names of those who work on it, with their team: who deals with somebody's matter is no secret from
him (article L. 111-2 of the code des relations entre le public et l’administration); neither address nor telephone.
"""

from __future__ import annotations

from collections.abc import Sequence

from routing.calendar.words import write_moment
from routing.departements import departements, timezone_of
from support.requests.request import Request, RequestEvent
from support.requests.states import MOVES, PROMISES, Move, RequestState, WhichDesk

NATIONAL_TEAM = "l’équipe nationale"


def team(desk: WhichDesk, departement: str | None) -> str:
    """« les référents SI SIAO de Paris », « l’équipe nationale »."""
    known = departements().get(departement or "")
    if desk is WhichDesk.NATIONAL or known is None:
        return NATIONAL_TEAM
    return f"les référents SI SIAO {_typographic(known.de)}"


def of_team(desk: WhichDesk, departement: str | None) -> str:
    """« des référents SI SIAO de Paris », « de l’équipe nationale »."""
    named = team(desk, departement)
    return f"des {named.removeprefix('les ')}" if named.startswith("les ") else f"de {named}"


_TECHNICAL_TEAM = {
    "new": "L’équipe technique est saisie", "in_progress": "L’équipe technique est au travail",
    "resolved": "L’équipe technique a terminé", "refused": "L’équipe technique n’interviendra pas",
}  # fmt: skip


def technical_team(step: RequestEvent) -> str:
    """Where the technical team is since a step of the ticket; "" when the step says nothing of it."""
    return _TECHNICAL_TEAM.get(str(step.data.get("state")), "")


def _typographic(text: str) -> str:
    return text.replace("'", "’")


def desk_before(steps: Sequence[RequestEvent], step: RequestEvent, asked: Request) -> WhichDesk:
    """The desk that had the request when a step was made; the opening says the first one."""
    desk = asked.desk
    for earlier in steps:
        if earlier.id >= step.id:
            break
        rule = MOVES.get(earlier.move)
        if earlier.move is Move.OPEN and "desk" in earlier.data:
            desk = WhichDesk(earlier.data["desk"])
        elif rule is not None and rule.desk:
            desk = rule.desk
    return desk


def awaited(asked: Request) -> str:
    """What comes next, and by when on the département's own clock; "" when nothing is promised."""
    promise = PROMISES[asked.state]
    if promise is None or asked.due_at is None:
        return ""
    when = write_moment(asked.due_at, timezone_of(asked.departement))
    match asked.state:
        case RequestState.WAITING:
            return f"Votre précision est attendue avant le {when}."
        case RequestState.PLANNED:
            return ""
        case RequestState.TAKEN if asked.first_answer_at is not None:
            return f"Suite attendue avant le {when}."
        case _:
            what = promise.what
            return f"{what[0].upper()}{what[1:]} attendue avant le {when}."


def whereabouts(asked: Request, owner: str) -> str:
    """Where the request is, in a sentence; `owner`: the name of whoever works on it, or ""."""
    has = team(asked.desk, asked.departement)
    match asked.state:
        case RequestState.CLOSED if asked.merged_into:
            return f"Elle est réunie avec la demande n° {asked.merged_into}, qui porte sur le même sujet."
        case RequestState.CLOSED:
            return "Elle est close : vous n’attendez plus de réponse." if asked.is_withdrawn else "Elle est close."
        case RequestState.OPEN:
            return (
                f"{has[0].upper()}{has[1:]} vont la prendre en charge."
                if has.startswith("les")
                else (f"{has[0].upper()}{has[1:]} va la prendre en charge.")
            )
        case RequestState.WAITING:
            return f"{_worker(owner, asked)} attend une précision de votre part."
        case RequestState.TECHNICAL:
            return f"L’équipe technique intervient ; {_lower(_worker(owner, asked))} suit votre demande."
        case _:
            return f"{_worker(owner, asked)} s’en occupe."


def _worker(owner: str, asked: Request) -> str:
    named = of_team(asked.desk, asked.departement)
    return f"{owner}, {named}," if owner else f"Une personne {named}"


def _lower(text: str) -> str:
    return text[0].lower() + text[1:] if text.startswith("Une ") else text
