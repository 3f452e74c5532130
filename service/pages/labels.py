"""The French words of the pages: moments, durations, numbers, outcomes. Registered as the templates' filters."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from routing.calendar.words import MONTHS
from routing.departements import NATIONAL, departements, timezone_of
from routing.phones import mask_phone, show_phone

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
ATTEMPTS = {
    "accepted": "a pris l’appel",
    "no_answer": "n’a pas répondu",
    "busy": "occupé",
    "refused": "décroché, non pris",
    "failed": "numéro en échec",
    "canceled": "sonnerie interrompue",
}
ROLES = {"referent": "Référent", "national": "Équipe nationale", "admin": "Administration"}


def masked(number: str | None) -> str:
    """The caller's number with its middle hidden, or that it was withheld."""
    return mask_phone(number) if number else "Numéro masqué"


def phone(number: str) -> str:
    """A number as people write it."""
    return show_phone(number)


def departement_name(code: str | None) -> str:
    """« Paris (75) », « Équipe nationale », « Département non donné »."""
    if code == NATIONAL:
        return "Équipe nationale"
    found = departements().get(code or "")
    return f"{found.name} ({code})" if found else code or "Département non donné"


def hour(moment: datetime, code: str | None = None) -> str:
    """« 10 h 42 », in the département's own time."""
    return f"{moment.astimezone(timezone_of(code)):%-H h %M}"


def second(moment: datetime, code: str | None = None) -> str:
    """« 10:42:07 », in the département's own time: for a story told to the second."""
    return f"{moment.astimezone(timezone_of(code)):%H:%M:%S}"


def day_and_hour(moment: datetime, code: str | None = None, today: date | None = None) -> str:
    """« 24 novembre 2026 à 10 h 42 » in the département's own time; « aujourd’hui » when `today` is that day."""
    local = moment.astimezone(timezone_of(code)).date()
    words = "aujourd’hui" if local == today else written_day(local)
    return f"{words} à {hour(moment, code)}"


def local_day(moment: datetime, code: str | None = None) -> str:
    """The day of a moment, in the département's own time: « 24 novembre 2026 »."""
    return written_day(moment.astimezone(timezone_of(code)).date())


def written_day(day: date) -> str:
    """« 24 novembre 2026 », « 1er janvier 2027 »."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number} {MONTHS[day.month - 1]} {day.year}"


def duration(seconds: int | None) -> str:
    """« 4 min 05 s », « 45 s »."""
    if seconds is None:
        return "—"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def counted(number: int, one: str, many: str) -> str:
    """« 1 appel », « 12 appels », « 0 appel »: in French one says the singular below two."""
    return f"{number:,} ".replace(",", "\u202f") + (one if abs(number) < 2 else many)  # noqa: PLR2004


def outcome_label(call: Any) -> str:
    """What became of a call, with the reason when nobody took it."""
    reason = REASONS.get(call.absence_reason or "", "")
    words: str = OUTCOMES.get(call.outcome, call.outcome)
    return f"{words} ({reason})" if reason else words


def attempt_label(result: str | None) -> str:
    """How ringing one person ended."""
    return ATTEMPTS.get(result or "", "sonne")


FILTERS = {
    function.__name__: function
    for function in (
        masked,
        phone,
        departement_name,
        hour,
        second,
        day_and_hour,
        local_day,
        written_day,
        duration,
        counted,
        outcome_label,
        attempt_label,
    )
}
