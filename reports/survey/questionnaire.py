"""The monthly survey (decision 34): when it is open, what is filled in, what a correction must say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from records.counting.tally import MotiveTally
from records.typed.durations import read_duration
from records.wording import fold_words
from reports.figures.definitions import BY_NAME, Figures, share
from reports.figures.periods import Period

PARIS = ZoneInfo("Europe/Paris")
OPENS_ON = 28
CLOSES_ON = 2
TRACKED: tuple[str, ...] = (
    "Accès au compte",
    "Compte utilisateur",
    "Gestion des notifications",
    "Ajout/retrait d'une personne à une demande",
    "Utilisation des indicateurs métiers",
)
"""The five sous-motifs that the ministry follows; the national team edits the list of each month."""
FIGURES: Mapping[str, str] = {
    "nombre_appels": "Nombre d'appels reçus",
    "duree_moyenne_secondes": "Durée moyenne",
    "taux_resolution": "Taux de résolution (%)",
    "taux_escalade": "Taux d'escalade (%)",
}
LONGEST_TEXT = 2_000


class Stage(StrEnum):
    """Where a month's survey stands; the value is what a reader sees."""

    COMING = "à venir"
    OPEN = "ouverte"
    CLOSED = "close"


class Reminder(StrEnum):
    """The three mails of a survey."""

    OPENING = "ouverture"
    FIRST = "rappel"
    AFTER = "retard"


class SurveyRefused(ValueError):  # noqa: N818 - the house says what happened
    """An answer or a correction that cannot be kept; the message is a French sentence."""


@dataclass(frozen=True, slots=True)
class SurveyFigure:
    """One figure of the survey: computed by us, and perhaps corrected with a reason. Both are kept."""

    key: str
    label: str
    shown_as: str
    computed: float | None
    corrected: float | None = None
    reason: str = ""


def opens_at(month: Period) -> datetime:
    """The 28th at midnight, Paris time."""
    return datetime.combine(month.since.replace(day=OPENS_ON), time(), PARIS)


def closes_at(month: Period) -> datetime:
    """The end of the 2nd of the next month, Paris time: figures freeze then."""
    return datetime.combine(month.until + timedelta(days=CLOSES_ON + 1), time(), PARIS)


def stage(month: Period, now: datetime) -> Stage:
    """Where the survey of a month stands at a moment (aware)."""
    if now < opens_at(month):
        return Stage.COMING
    return Stage.OPEN if now < closes_at(month) else Stage.CLOSED


def is_late(month: Period, now: datetime) -> bool:
    """Whether an answer sent now is late: accepted, and marked."""
    return now >= closes_at(month)


def reminders_due(month: Period, now: datetime) -> list[Reminder]:
    """The mails whose day has come: on opening, on the 1st, and after the end."""
    first = datetime.combine(month.until + timedelta(days=1), time(8), PARIS)
    moments = {
        Reminder.OPENING: opens_at(month) + timedelta(hours=8),
        Reminder.FIRST: first,
        Reminder.AFTER: closes_at(month) + timedelta(hours=8),
    }
    return [kind for kind, moment in moments.items() if moment <= now]


def month_in_question(day: date) -> date:
    """The first day of the month whose survey people answer on `day`: the current one from the 28th, else the last."""
    return day.replace(day=1) if day.day >= OPENS_ON else (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def fill(figures: Figures, cited: Iterable[MotiveTally], tracked: Sequence[str] = TRACKED) -> dict[str, float | None]:
    """The survey's figures as they are computed, by key; a tracked sous-motif has `nombre:` and `duree:`."""
    filled: dict[str, float | None] = {key: figures.values[key] for key in FIGURES}
    cited = list(cited)
    for name in tracked:
        same = [motive for motive in cited if fold_words(motive.sous_motif) == fold_words(name)]
        filled[f"nombre:{name}"] = sum(motive.count for motive in same)
        filled[f"duree:{name}"] = share(sum(m.talk_seconds for m in same), sum(m.talk_known for m in same))
    return filled


def lines(filled: Mapping[str, float | None], corrections: Iterable[Mapping[str, Any]] = ()) -> list[SurveyFigure]:
    """The lines of a survey, the last correction of each figure beside what we computed."""
    corrected = {str(correction["figure"]): correction for correction in corrections}
    found = []
    for key, computed in filled.items():
        last = corrected.get(key)
        found.append(
            SurveyFigure(
                key,
                label(key),
                shown_as(key),
                computed,
                None if last is None else float(last["value"]),
                "" if last is None else str(last["reason"]),
            )
        )
    return found


def label(key: str) -> str:
    """The French label of a figure of the survey."""
    kind, _, name = key.partition(":")
    if not name:
        return FIGURES[key]
    return f"{name} : {'nombre de demandes' if kind == 'nombre' else 'durée moyenne'}"


def shown_as(key: str) -> str:
    """How a figure of the survey is shown: `count`, `duration` or `rate`."""
    kind, _, name = key.partition(":")
    if name:
        return "count" if kind == "nombre" else "duration"
    return BY_NAME[key].shown_as


def read_correction(key: str, value: str, reason: str, keys: Iterable[str]) -> tuple[float, str]:
    """The corrected value (rates from 0 to 1, durations in seconds) and its reason, or SurveyRefused."""
    if key not in set(keys):
        raise SurveyRefused("Ce chiffre ne fait pas partie de l'enquête.")
    why = read_text(reason, f"Dites pourquoi « {label(key)} » est corrigé.")
    if shown_as(key) == "duration":
        try:
            return float(read_duration(value)), why
        except ValueError as refusal:
            raise SurveyRefused(f"« {label(key)} » : {refusal}") from None
    text = value.strip().replace(",", ".").replace(" ", "").replace("\xa0", "").removesuffix("%")
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not 0 <= number <= 1e7:  # noqa: PLR2004 - nonsense
        raise SurveyRefused(f"« {label(key)} » : « {value.strip()[:40]} » n'est pas un nombre.")
    if shown_as(key) == "rate":
        if number > 100:  # noqa: PLR2004 - percent
            raise SurveyRefused(f"« {label(key)} » : un taux ne dépasse pas 100 %.")
        number /= 100
    return number, why


def read_text(text: str, otherwise: str = "") -> str:
    """The text without its outer spaces; SurveyRefused when empty (if `otherwise` says so) or too long."""
    kept = text.replace("\x00", "").strip()
    if otherwise and not kept:
        raise SurveyRefused(otherwise)
    if len(kept) > LONGEST_TEXT:
        raise SurveyRefused(f"Le texte dépasse {LONGEST_TEXT} caractères.")
    return kept


def read_tracked(text: str, known: Iterable[str]) -> tuple[str, ...]:
    """The sous-motifs to follow, one per line, in the nomenclature's wording; SurveyRefused for an unknown one."""
    by_fold = {fold_words(name): name for name in known}
    found: dict[str, None] = {}
    for written in filter(None, map(str.strip, text.splitlines())):
        name = by_fold.get(fold_words(written))
        if name is None:
            raise SurveyRefused(f"« {written[:80]} » n'est pas un sous-motif de la nomenclature.")
        found[name] = None
    if not found:
        raise SurveyRefused("La liste des sous-motifs suivis est vide.")
    return tuple(found)
