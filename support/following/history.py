"""The history of a request as whoever wrote it reads it: what he did, what was said to him, where it went.

What a desk does among itself is not in it: who was given what, the words with which one desk hands it to the other,
the ticket's own words, calls that were linked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from records.wording import explained
from routing.calendar.words import write_moment
from routing.departements import timezone_of
from support.following.whereabouts import desk_before, of_team, team, technical_team
from support.requests.request import Request, RequestEvent
from support.requests.states import Move, WhichDesk


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line: when (UTC), what, by whom (« vous », a name and a team, or nobody), and what was said."""

    step: int
    at: datetime
    what: str
    who: str = ""
    text: str = ""
    is_said: bool = False
    """Whether a desk says it to the sender: what he came to read."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """What came with it by mail: what is quoted, the files that were refused."""


_SAID = {
    Move.ANSWER: "Réponse", Move.ASK: "Une précision vous est demandée",
    Move.HOLD_EXCHANGE: "Compte rendu de l’échange téléphonique",
}  # fmt: skip
_OWN = {
    Move.OPEN: "Demande envoyée", Move.COMPLETE: "Demande complétée", Move.ADD: "Précision",
    Move.WITHDRAW: "Demande close", Move.REOPEN: "Demande rouverte",
    Move.CANCEL_EXCHANGE: "Échange téléphonique annulé",
}  # fmt: skip


def history(asked: Request, steps: Sequence[RequestEvent], names: Mapping[str, str]) -> list[HistoryLine]:
    """Every line that the sender reads, oldest first."""
    found, is_taken = [], False
    for step in steps:
        if step.move in {Move.TAKE, Move.ASSIGN}:
            if is_taken:
                continue
            is_taken = True
        elif step.move in {Move.HAND_BACK, Move.ESCALATE, Move.CLIMB}:
            is_taken = False  # whoever takes it at its new desk is news again
        if (line := _line(asked, steps, step, names)) is not None:
            found.append(line)
    return found


def _line(
    asked: Request, steps: Sequence[RequestEvent], step: RequestEvent, names: Mapping[str, str]
) -> HistoryLine | None:  # fmt: skip
    if step.by == asked.created_by:
        if step.move not in _OWN:
            return None
        text = "" if step.move is Move.OPEN else step.text
        return HistoryLine(step.id, step.at, _OWN[step.move], "vous", text, data=step.data)
    if step.data.get("third"):
        who = "quelqu’un à qui votre courriel a été transmis"
        return HistoryLine(step.id, step.at, _OWN[Move.ADD], who, step.text, data=step.data)
    by = step.data.get("owner", step.by) if step.move is Move.ASSIGN else step.by
    name, desk = names.get(str(by).casefold(), ""), desk_before(steps, step, asked)
    of = of_team(desk, asked.departement)
    who = f"{name}, {of}" if name else f"une personne {of}"
    if step.move in _SAID:
        return HistoryLine(step.id, step.at, _SAID[step.move], who, step.text, is_said=True)
    if step.move is Move.CLOSE:
        how = "problème résolu" if step.data.get("solved") else "problème non résolu"
        return HistoryLine(step.id, step.at, f"Demande close : {how}", who, step.text, is_said=True)
    if step.move in {Move.PLAN, Move.CANCEL_EXCHANGE}:
        return HistoryLine(step.id, step.at, _exchange(asked, step), who, step.text, is_said=True)
    if what := _moved(asked, step):
        return HistoryLine(step.id, step.at, what, who if step.move in {Move.TAKE, Move.ASSIGN} else "")
    return None


def _moved(asked: Request, step: RequestEvent) -> str:
    """A step of a desk whose words stay there; "" when nothing of it concerns the sender."""
    match step.move:
        case Move.TAKE | Move.ASSIGN:
            return "Prise en charge"
        case Move.HAND_BACK:
            return f"Transmise : {team(WhichDesk.LOCAL, asked.departement)}"
        case Move.ESCALATE:
            return f"Transmise : {team(WhichDesk.NATIONAL, None)}"
        case Move.CLIMB:
            return f"Délai dépassé : transmise à {team(WhichDesk.NATIONAL, None)}"
        case Move.RECLASSIFY:
            return f"Motif précisé : {explained(str(step.data['after'][2]))}"
        case Move.OPEN_TICKET | Move.CHANGE_TICKET:
            return technical_team(step)
        case Move.MERGE:
            return f"Réunie avec la demande n° {step.data.get('into')}, sur le même sujet"
        case Move.ADD if "merged" in step.data:
            return f"Réunie avec la demande n° {step.data['merged']}, sur le même sujet"
        case Move.WITHDRAW:
            return "Demande close dans votre département"
        case Move.REOPEN:
            return "Demande rouverte"
        case _:
            return ""


def _exchange(asked: Request, step: RequestEvent) -> str:
    if step.move is Move.CANCEL_EXCHANGE:
        return "Échange téléphonique annulé"
    starts = write_moment(datetime.fromisoformat(step.data["starts_at"]), timezone_of(asked.departement))
    moved = "déplacé" if step.data.get("before") else "proposé"
    return f"Échange téléphonique {moved} : {starts}, {step.data['minutes']} minutes"
