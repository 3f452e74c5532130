"""What became of a call, in French: one set of words for pages and files."""

from __future__ import annotations

from typing import Any

OUTCOMES = {
    "in_progress": "En cours",
    "answered": "Répondu",
    "message": "Message laissé",
    "callback": "Rappel demandé",
    "absence": "Message d’absence entendu",
    "abandoned_ringing": "Raccroché pendant la sonnerie",
    "abandoned_menu": "Raccroché au menu",
    "missed": "Manqué",
}
REASONS = {
    "closed": "fermé",
    "holiday": "jour férié",
    "away": "référent absent",
    "no_answer": "pas de réponse",
    "busy": "occupé",
    "refused": "décroché, non pris",
    "failed": "numéro en échec",
    "no_referent": "aucun référent",
}


def outcome_label(call: Any) -> str:
    """What became of a call, with the reason when nobody took it."""
    reason = REASONS.get(call.absence_reason or "", "")
    words: str = OUTCOMES.get(call.outcome, call.outcome)
    return f"{words} ({reason})" if reason else words
