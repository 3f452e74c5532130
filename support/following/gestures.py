"""What the sender may do on his page: each form, the verb that it calls, what it reads, what is said afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from records.refusals import ChangeRefused
from records.typed.numbers import typed_number
from support.requests import working
from support.requests.request import Request
from support.requests.states import Move
from support.requests.verbs import sorting

Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SenderGesture:
    """One form: `label` opens it; `takes_files`: a text may be left out where files say enough."""

    move: Move
    verb: Callable[..., Request]
    label: str
    said: str
    read: Callable[[Form], dict[str, Any]]
    takes_files: bool = False


def _text(form: Form) -> dict[str, Any]:
    return {"text": form.get("texte", "")}


_REASONS = {"repondu": True, "inutile": False}


def _ended(form: Form) -> dict[str, Any]:
    why = form.get("pourquoi", "")
    if why not in _REASONS:
        raise ChangeRefused("Dites si vous avez votre réponse.", "pourquoi")
    return {"solved": _REASONS[why], **_text(form)}


def _opinion(form: Form) -> dict[str, Any]:
    return {"rating": typed_number(form.get("avis", ""), 1) or 0, **_text(form)}


GESTURES: Mapping[str, SenderGesture] = {
    "preciser": SenderGesture(
        Move.ADD, working.add, "Ajouter une précision ou un fichier", "C’est ajouté à votre demande.", _text,
        takes_files=True,
    ),
    "annuler-echange": SenderGesture(
        Move.CANCEL_EXCHANGE, working.cancel_exchange, "Annuler l’échange téléphonique",
        "L’échange téléphonique est annulé.", _text,
    ),
    "clore": SenderGesture(
        Move.WITHDRAW, working.withdraw, "Clore ma demande", "Votre demande est close.", _ended
    ),
    "avis": SenderGesture(Move.RATE, sorting.rate, "Donner mon avis", "Merci, votre avis est noté.", _opinion),
    "rouvrir": SenderGesture(
        Move.REOPEN, working.reopen, "Rouvrir ma demande", "Votre demande est rouverte.", _text
    ),
}  # fmt: skip
"""Each form by the last word of its address, in the order of the page."""

OPINIONS = (
    (5, "Tout à fait"), (4, "Plutôt oui"), (3, "En partie"), (2, "Plutôt non"), (1, "Pas du tout"),
)  # fmt: skip
"""« Cette réponse vous a-t-elle aidé ? »"""
