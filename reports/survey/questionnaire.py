"""The monthly survey (decision 34): when it is open, what is filled in, what a correction must say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from records.typed.durations import read_duration
from records.wording import Entry, Wording, fold_words
from reports.figures.definitions import BY_NAME
from reports.figures.periods import Period
from reports.survey.followed import Followed
from reports.survey.sums import FIGURES
from routing.departements import PARIS

OPENS_ON = 28
CLOSES_ON = 2
LONGEST_TEXT = 2_000
_WRITTEN = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


class Stage(StrEnum):
    """Where a month's survey stands; the value is what a reader sees."""

    COMING = "à venir"
    OPEN = "ouverte"
    CLOSED = "close"


class Reminder(StrEnum):
    """The mails of a survey: three that leave by themselves, and the one that somebody asks for."""

    OPENING = "ouverture"
    FIRST = "rappel"
    AFTER = "retard"
    ASKED = "relance"


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


def stage(month: Period, now: datetime, *, is_opened: bool = False) -> Stage:
    """Where the survey of a month stands at a moment (aware); `is_opened`: somebody has opened it, early perhaps."""
    if now >= closes_at(month):
        return Stage.CLOSED
    return Stage.OPEN if is_opened or now >= opens_at(month) else Stage.COMING


def is_late(month: Period, now: datetime) -> bool:
    """Whether an answer sent now is late: accepted, and marked."""
    return now >= closes_at(month)


def reminders_due(month: Period, now: datetime, opened_at: datetime | None = None) -> list[Reminder]:
    """The mails whose day has come: on opening (early perhaps), on the 1st, and after the end."""
    first = datetime.combine(month.until + timedelta(days=1), time(8), PARIS)
    usual = opens_at(month) + timedelta(hours=8)
    is_early = opened_at is not None and opened_at < opens_at(month)
    moments = {
        Reminder.OPENING: opened_at if opened_at is not None and is_early else usual,
        Reminder.FIRST: first,
        Reminder.AFTER: closes_at(month) + timedelta(hours=8),
    }
    return [kind for kind, moment in moments.items() if moment <= now]


def month_in_question(day: date) -> date:
    """The first day of the month whose survey people answer on `day`: the current one from the 28th, else the last."""
    return day.replace(day=1) if day.day >= OPENS_ON else (day.replace(day=1) - timedelta(days=1)).replace(day=1)


@dataclass(frozen=True, slots=True)
class Correction:
    """What a département says instead of a computed figure, and why; `withdrawn_at` None: it stands."""

    id: int
    figure: str
    value: float
    computed: float | None
    reason: str
    by: str
    at: datetime
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None


def lines(
    filled: Mapping[str, float | None], labels: Mapping[str, str], corrections: Iterable[Correction] = ()
) -> list[SurveyFigure]:
    """The lines of a survey, the last correction that stands of each figure beside what we computed."""
    standing = {one.figure: one for one in corrections if one.withdrawn_at is None}
    found = []
    for key, computed in filled.items():
        last = standing.get(key)
        found.append(
            SurveyFigure(
                key, labels[key], shown_as(key), computed, last.value if last else None, last.reason if last else ""
            )
        )
    return found


def labels_of(tracked: Iterable[Followed]) -> dict[str, str]:
    """The French label of each figure of a survey, in its order."""
    found = dict(FIGURES)
    for one in tracked:
        found[f"nombre:{one.key}"] = f"{one.label} : nombre de demandes"
        found[f"duree:{one.key}"] = f"{one.label} : durée moyenne"
    return found


def shown_as(key: str) -> str:
    """How a figure of the survey is shown: `count`, `duration` or `rate`."""
    kind, _, name = key.partition(":")
    if name:
        return "count" if kind == "nombre" else "duration"
    return BY_NAME[key].shown_as


def read_correction(key: str, value: str, reason: str, labels: Mapping[str, str]) -> tuple[float, str]:
    """The corrected value (rates from 0 to 1, durations in seconds, counts whole) and its reason, or SurveyRefused."""
    if key not in labels:
        raise SurveyRefused("Ce chiffre ne fait pas partie de l'enquête.")
    why = read_text(reason, f"Dites pourquoi « {labels[key]} » est corrigé.")
    kind = shown_as(key)
    if kind == "duration":
        try:
            return float(read_duration(value)), why
        except ValueError as refusal:
            raise SurveyRefused(f"« {labels[key]} » : {refusal}") from None
    number = _number(value, labels[key])
    if kind == "rate":
        if number > 100:  # noqa: PLR2004 - percent
            raise SurveyRefused(f"« {labels[key]} » : un taux ne dépasse pas 100 %.")
        return number / 100, why
    if not number.is_integer():
        raise SurveyRefused(f"« {labels[key]} » : « {value.strip()[:40]} » n'est pas un nombre entier.")
    return number, why


def _number(value: str, label: str) -> float:
    text = "".join(value.split()).replace(",", ".").removesuffix("%")
    number = float(text) if _WRITTEN.fullmatch(text) else -1.0
    if not 0 <= number <= 1e7:  # noqa: PLR2004 - nonsense
        raise SurveyRefused(f"« {label} » : « {value.strip()[:40]} » n'est pas un nombre.")
    return number


def read_text(text: str, otherwise: str = "") -> str:
    """The text without its outer spaces; SurveyRefused when empty (if `otherwise` says so) or too long."""
    kept = text.replace("\x00", "").strip()
    if otherwise and not kept:
        raise SurveyRefused(otherwise)
    if len(kept) > LONGEST_TEXT:
        raise SurveyRefused(f"Le texte dépasse {LONGEST_TEXT} caractères.")
    return kept


def read_tracked(text: str, entries: Iterable[Entry]) -> tuple[Wording, ...]:
    """The sous-motifs to follow, one per line, in the nomenclature's wording; SurveyRefused says what is wrong.

    A line is a sous-motif, or « motif > sous-motif » where two motifs have one of that name.
    """
    by_fold: dict[str, list[Wording]] = {}
    for entry in entries:
        by_fold.setdefault(fold_words(entry.wording.sous_motif), []).append(entry.wording)
    found: dict[Wording, None] = {}
    for written in filter(None, map(str.strip, text.splitlines())):
        found[_meant(written, by_fold)] = None
    if not found:
        raise SurveyRefused("La liste des sous-motifs suivis est vide.")
    return tuple(found)


def _meant(written: str, by_fold: Mapping[str, Sequence[Wording]]) -> Wording:
    *places, name = (part.strip() for part in written.split(">"))
    same = by_fold.get(fold_words(name), ())
    for place in places:
        same = [each for each in same if fold_words(place) in {each.folded[0], each.folded[1]}]
    if not same:
        raise SurveyRefused(f"« {written[:80]} » n'est pas un sous-motif de la nomenclature.")
    if len(same) > 1:
        ways = " ou ".join(f"« {written_tracked(each, by_fold)} »" for each in same)
        raise SurveyRefused(f"Plusieurs motifs ont un sous-motif « {name[:80]} » : écrivez {ways}.")
    return same[0]


def written_tracked(wording: Wording, by_fold: Mapping[str, Sequence[Wording]]) -> str:
    """How a followed sous-motif is typed: its name, behind its motif (and thématique) where others have that name."""
    same = by_fold.get(fold_words(wording.sous_motif), ())
    if len(same) <= 1 or not wording.motif:
        return wording.sous_motif
    if sum(each.folded[1] == wording.folded[1] for each in same) == 1:
        return f"{wording.motif} > {wording.sous_motif}"
    return f"{wording.thematique} > {wording.motif} > {wording.sous_motif}"


def typed_list(tracked: Iterable[Wording], entries: Iterable[Entry]) -> str:
    """The list as its form shows it: what `read_tracked` reads back as the same."""
    by_fold: dict[str, list[Wording]] = {}
    for entry in entries:
        by_fold.setdefault(fold_words(entry.wording.sous_motif), []).append(entry.wording)
    return "\n".join(written_tracked(wording, by_fold) for wording in tracked)
