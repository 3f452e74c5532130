"""What the figures say of requests to level 2: how many, about what, and how long they wait, in open hours.

They stand beside those of calls and are never added to them (decision 48).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from records.counting.requests import CountedRequest
from reports.figures.definitions import share, show
from routing.calendar.hours import Hours
from routing.calendar.open_time import after_open_days, open_seconds

PROMISED_OPEN_DAYS = 2
SHOWN_MOTIVES = 10
NOTE = (
    "Une demande compte au jour de son ouverture, à l’heure de son département. Les délais sont comptés depuis ce "
    "moment, aux heures d’ouverture de l’équipe nationale. La médiane partage les demandes en deux moitiés ; neuf sur "
    "dix n’ont pas attendu plus longtemps que le 90e centile. Ces chiffres ne s’ajoutent pas à ceux des appels."
)


@dataclass(frozen=True, slots=True)
class RequestFigure:
    """One figure of requests: its French name, its value as a reader sees it, what it counts."""

    name: str
    label: str
    shown: str
    meaning: str


@dataclass(frozen=True, slots=True)
class RequestFigures:
    """The figures of some requests, and what they are about, most cited first: wording, number."""

    figures: tuple[RequestFigure, ...]
    motives: tuple[tuple[str, str, str, int], ...]
    more_motives: int
    note: str = NOTE


def percentile(values: Sequence[int], part: float) -> float | None:
    """The value that this part of the values (0 to 1) does not exceed: nearest rank, the middle of two for the median.

    None when there is none.
    """
    if not values:
        return None
    ordered = sorted(values)
    rank = len(ordered) * part
    place = int(rank)
    if part == 0.5 and place == rank:  # noqa: PLR2004 - the median
        return (ordered[place - 1] + ordered[place]) / 2
    return ordered[min(place if place < rank else place - 1, len(ordered) - 1)]


def request_figures(found: Sequence[CountedRequest], hours: Hours, now: datetime) -> RequestFigures:
    """The figures of these requests at a moment, by the national team's open hours."""

    def waits(moment: Callable[[CountedRequest], datetime | None]) -> list[int]:
        return [open_seconds(one.created_at, at, hours) for one in found if (at := moment(one)) is not None]

    closed = [one for one in found if one.closed_at and not one.is_withdrawn]
    in_time, due = _answered_in_time(found, hours, now)
    delays = (
        ("prise", "Prise en charge", waits(lambda one: one.taken_at), "le moment où quelqu’un de l’équipe s’en occupe"),
        ("reponse", "Première réponse", waits(lambda one: one.first_answer_at),
         "la première réponse (une question posée en retour n’en est pas une)"),
        ("cloture", "Clôture", waits(lambda one: None if one.is_withdrawn else one.closed_at),
         "la clôture avec un résultat"),
    )  # fmt: skip
    figures = [
        RequestFigure("ouvertes", "Demandes ouvertes", show("count", len(found)), "Demandes ouvertes dans la période."),
        RequestFigure("closes", "Demandes closes", show("count", len(closed)),
                      "Celles d’entre elles qui sont closes avec un résultat (une demande retirée n’en a pas)."),
        RequestFigure("deux_jours", "Répondues en deux jours ouvrés", show("rate", share(in_time, due)),
                      "Part des demandes dont la première réponse est venue sous deux jours ouvrés, parmi celles qui "
                      "ont eu leur réponse ou l’attendent depuis plus longtemps."),
    ]  # fmt: skip
    for name, label, seconds, what in delays:
        for suffix, words, part in (("mediane", "médiane", 0.5), ("p90", "90e centile", 0.9)):
            meaning = f"Temps d’ouverture entre la demande et {what}, {words}."
            figures.append(
                RequestFigure(f"{name}_{suffix}", f"{label}, {words}", _show_open(percentile(seconds, part)), meaning)
            )
    cited = Counter((one.thematique, one.motif, one.sous_motif) for one in found)
    listed = sorted(cited.items(), key=lambda item: (-item[1], item[0]))
    motives = tuple((*wording, number) for wording, number in listed[:SHOWN_MOTIVES])
    return RequestFigures(tuple(figures), motives, max(len(listed) - SHOWN_MOTIVES, 0))


def _answered_in_time(found: Sequence[CountedRequest], hours: Hours, now: datetime) -> tuple[int, int]:
    """How many were answered within the open days promised, and of how many this can be said already."""
    in_time = late = 0
    for one in found:
        limit = after_open_days(one.created_at, PROMISED_OPEN_DAYS, hours)
        if one.first_answer_at is not None and one.first_answer_at <= limit:
            in_time += 1
        elif one.first_answer_at is not None or (one.closed_at or now) > limit:
            late += 1
    return in_time, in_time + late


def _show_open(seconds: float | None) -> str:
    """Open time for a French reader: « 3 h 20 », « 45 min », « — » when unknown."""
    if seconds is None:
        return "—"
    hours, minutes = divmod(int(seconds / 60 + 0.5), 60)
    return f"{hours} h {minutes:02d}" if hours else f"{minutes} min"
