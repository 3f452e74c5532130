"""The French words of the pages: moments, durations, numbers, outcomes. Registered as the templates' filters."""

from __future__ import annotations

from datetime import datetime

from records.calls.words import outcome_label
from records.counting.words import agreed, counted, of_name
from records.typed.durations import say_duration
from records.wording import explained
from routing.calendar.hours import Hours
from routing.calendar.words import written_day
from routing.departements import NATIONAL, departements, timezone_of
from routing.phones import mask_phone, show_phone
from support.attachments.told import say_kind, say_size, scan_badge

ATTEMPTS = {
    "accepted": "a pris l’appel",
    "no_answer": "n’a pas répondu",
    "busy": "occupé",
    "refused": "décroché, non pris",
    "failed": "numéro en échec",
    "canceled": "sonnerie interrompue",
}
ROLES = {"referent": "Référent", "national": "Équipe nationale", "admin": "Administration"}


_NEAR = {0: "aujourd’hui", 1: "hier", -1: "demain"}


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


def day_and_hour(moment: datetime, code: str | None = None, now: datetime | None = None) -> str:
    """« 24 novembre 2026 à 10 h 42 » in the département's own time; « aujourd’hui », « hier », seen from `now`."""
    day = _near(moment, code, now) or local_day(moment, code)
    return f"{day} à {hour(moment, code)}"


def deadline(moment: datetime, code: str | None = None, now: datetime | None = None) -> str:
    """« avant le 26 novembre 2026 à 9 h 00 », in the département's own time; « demain avant 9 h 00 », from `now`."""
    near = _near(moment, code, now)
    return f"{near} avant {hour(moment, code)}" if near else f"avant le {day_and_hour(moment, code)}"


def _near(moment: datetime, code: str | None, now: datetime | None) -> str:
    """« hier », « aujourd’hui », « demain » by the département's own calendar; "" for another day, or without `now`."""
    zone = timezone_of(code)
    return _NEAR.get((now.astimezone(zone).date() - moment.astimezone(zone).date()).days, "") if now else ""


def local_day(moment: datetime, code: str | None = None) -> str:
    """The day of a moment, in the département's own time: « 24 novembre 2026 »."""
    return written_day(moment.astimezone(timezone_of(code)).date())


def duration(seconds: int | None) -> str:
    """« 4 min 05 », « 45 s », « — » when unknown."""
    return "—" if seconds is None else say_duration(int(seconds))


def opening_hours(hours: Hours) -> str:
    """The hours as a reader sees them: those of the file, but for `24/7`."""
    return "jour et nuit" if hours.always else hours.show()


def sentence(reason: str | None) -> str:
    """A reason as a sentence: « le numéro manque » → « Le numéro manque. »; nothing stays nothing."""
    return f"{reason[0].upper()}{reason[1:].rstrip('.')}." if reason else ""


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
        deadline,
        local_day,
        written_day,
        duration,
        counted,
        agreed,
        of_name,
        opening_hours,
        sentence,
        explained,
        outcome_label,
        attempt_label,
        scan_badge,
    )
} | {"said_duration": say_duration, "said_kind": say_kind, "said_size": say_size}
