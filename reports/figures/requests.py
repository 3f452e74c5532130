"""What the figures say of requests: how many, how they came, about what, who answers, and how long they wait.

Requests of the telephone (escalations) and written ones stand side by side; they stand beside the figures of calls and
are never added to them (decision 48). One piece of code counts for pages, files, workbook and command (decision 63).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from records.counting.requests import LOCAL, Avoided, CountedRequest
from reports.figures.definitions import share, show
from routing.calendar.hours import Hours
from routing.calendar.open_time import after_open_days, open_seconds

PROMISED_OPEN_DAYS = 2
CLOCKS_CHANGE = timedelta(hours=2)
SHOWN_MOTIVES = 10
CHANNELS: Mapping[str, str] = {"phone": "Téléphone", "form": "Formulaire", "mail": "Courriel"}
MOTIVE_HEADINGS = ("Thématique", "Motif", "Sous-motif", "Demandes", "Évitées")
CHANNEL_HEADINGS = ("Canal", "Reçues", "Répondues", "Première réponse, médiane", "Première réponse, 90e centile")
NOTE = (
    "Une demande compte au jour de son ouverture, à l’heure de son département : celles du téléphone sont les appels "
    "escaladés, les autres sont écrites par formulaire ou par courriel. Les délais sont comptés depuis ce moment, aux "
    "heures d’ouverture de l’équipe nationale. La médiane partage les demandes en deux moitiés ; neuf sur dix n’ont "
    "pas attendu plus longtemps que le 90e centile. Ces chiffres ne s’ajoutent pas à ceux des appels."
)


@dataclass(frozen=True, slots=True)
class RequestFigure:
    """One figure of requests: its French name, its value and how that is shown, what it counts.

    `value` is a number, open seconds, or a share of 1; None when it is unknown.
    """

    name: str
    label: str
    value: float | None
    shown: str
    meaning: str


@dataclass(frozen=True, slots=True)
class ChannelFigures:
    """What came by one channel; waits in open seconds."""

    channel: str
    received: int
    answered: int
    median: float | None
    ninth_tenth: float | None

    def row(self) -> tuple[str, ...]:
        """Its line of the table."""
        numbers = (show("count", self.received), show("count", self.answered))
        return (CHANNELS[self.channel], *numbers, show_open(self.median), show_open(self.ninth_tenth))


RequestMotive = tuple[str, str, str, int, int]
"""Thématique, motif, sous-motif; how many requests, how many avoided."""


@dataclass(frozen=True, slots=True)
class RequestFigures:
    """The figures of some requests, by channel, and what they are about, most cited first."""

    figures: tuple[RequestFigure, ...]
    channels: tuple[ChannelFigures, ...]
    every_motive: tuple[RequestMotive, ...]
    note: str = NOTE

    @property
    def motives(self) -> tuple[RequestMotive, ...]:
        """The most cited."""
        return self.every_motive[:SHOWN_MOTIVES]

    @property
    def more_motives(self) -> int:
        """How many others there are."""
        return len(self.every_motive) - len(self.motives)

    def values(self) -> dict[str, float | None]:
        """Each figure by its name."""
        return {figure.name: figure.value for figure in self.figures}

    def to_json(self) -> dict[str, Any]:
        """Figures, channels and motives under the names of docs/contract.md."""
        channels = [
            {"canal": one.channel, "recues": one.received, "repondues": one.answered,
             "reponse_mediane": one.median, "reponse_p90": one.ninth_tenth}
            for one in self.channels
        ]  # fmt: skip
        names = ("thematique", "motif", "sous_motif", "demandes", "evitees")
        motives = [dict(zip(names, motive, strict=True)) for motive in self.every_motive]
        return {**self.values(), "canaux": channels, "motifs": motives}


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


def answer_seconds(one: CountedRequest, hours: Hours) -> int | None:
    """The open time between a request and its first answer; None when it has none."""
    return None if one.first_answer_at is None else open_seconds(one.created_at, one.first_answer_at, hours)


def request_figures(
    found: Sequence[CountedRequest], avoided: Sequence[Avoided], hours: Hours, now: datetime
) -> RequestFigures:
    """The figures of these requests, and of those avoided, at a moment, by the national team's open hours."""

    def waits(moment: Callable[[CountedRequest], datetime | None]) -> list[int]:
        return [open_seconds(one.created_at, at, hours) for one in found if (at := moment(one)) is not None]

    delays = (
        ("prise", "Prise en charge", waits(lambda one: one.taken_at), "le moment où quelqu’un s’en occupe"),
        ("reponse", "Première réponse", waits(lambda one: one.first_answer_at),
         "la première réponse (une question posée en retour n’en est pas une)"),
        ("cloture", "Clôture", waits(lambda one: None if one.is_withdrawn else one.closed_at),
         "la clôture avec un résultat"),
    )  # fmt: skip
    figures = [*_counts(found, avoided), *_shares(found, hours, now)]
    for name, label, seconds, what in delays:
        for suffix, words, part in (("mediane", "médiane", 0.5), ("p90", "90e centile", 0.9)):
            meaning, value = f"Temps d’ouverture entre la demande et {what}, {words}.", percentile(seconds, part)
            figures.append(
                RequestFigure(f"{name}_{suffix}", f"{label}, {words}", value, show_open(value), meaning)
            )  # fmt: skip
    figures.append(_opinion(found))
    channels = tuple(_of_channel(channel, found, hours) for channel in CHANNELS)
    return RequestFigures(tuple(figures), channels, _motives(found, avoided))


def _counts(found: Sequence[CountedRequest], avoided: Sequence[Avoided]) -> list[RequestFigure]:
    numbers = (
        ("recues", "Demandes reçues", len(found), "Demandes ouvertes dans la période, par tous les canaux."),
        ("evitees", "Demandes évitées", len(avoided),
         "Fois où une réponse affichée avant l’envoi du formulaire a suffi : rien n’a été envoyé."),
        ("closes", "Demandes closes", sum(one.closed_at is not None and not one.is_withdrawn for one in found),
         "Demandes reçues closes avec un résultat (retirée ou réunie avec une autre, une demande n’en a pas)."),
        ("repondues_niveau_1", "Répondues au niveau 1", len(_at_level_1(found)),
         "Demandes écrites dont la première réponse est venue des référents du département."),
    )  # fmt: skip
    return [RequestFigure(name, label, value, show("count", value), what) for name, label, value, what in numbers]


def _shares(found: Sequence[CountedRequest], hours: Hours, now: datetime) -> list[RequestFigure]:
    answered = [one for one in found if one.is_written and one.answered_by is not None]
    in_time, due = _answered_in_time(found, hours, now)
    rates = (
        ("taux_niveau_1", "Part répondue au niveau 1", share(len(_at_level_1(found)), len(answered)),
         "Part des demandes répondues au niveau 1 parmi les demandes écrites qui ont eu leur première réponse."),
        ("deux_jours", "Répondues en deux jours ouvrés", share(in_time, due),
         ("Part des demandes dont la première réponse est venue sous deux jours ouvrés, parmi celles qui ont eu leur "
          "réponse ou l’attendent depuis plus longtemps.")),
    )  # fmt: skip
    return [RequestFigure(name, label, value, show("rate", value), what) for name, label, value, what in rates]


def _at_level_1(found: Sequence[CountedRequest]) -> list[CountedRequest]:
    return [one for one in found if one.is_written and one.answered_by == LOCAL]


def _opinion(found: Sequence[CountedRequest]) -> RequestFigure:
    ratings = [one.rating for one in found if one.rating is not None]
    mean = share(sum(ratings), len(ratings))
    shown = "—" if mean is None else f"{mean:.1f} sur 5".replace(".", ",")
    return RequestFigure(
        "avis", "Avis moyen", mean, shown, "Moyenne des avis, de 1 à 5, donnés par les personnes qui ont écrit."
    )


def _of_channel(channel: str, found: Sequence[CountedRequest], hours: Hours) -> ChannelFigures:
    own = [one for one in found if one.channel == channel]
    waits = [seconds for one in own if (seconds := answer_seconds(one, hours)) is not None]
    return ChannelFigures(channel, len(own), len(waits), percentile(waits, 0.5), percentile(waits, 0.9))


def _motives(found: Sequence[CountedRequest], avoided: Sequence[Avoided]) -> tuple[RequestMotive, ...]:
    asked, spared = (Counter((one.thematique, one.motif, one.sous_motif) for one in some) for some in (found, avoided))
    listed = sorted({*asked, *spared}, key=lambda wording: (-asked[wording], -spared[wording], wording))
    return tuple((*wording, asked[wording], spared[wording]) for wording in listed)


def _answered_in_time(found: Sequence[CountedRequest], hours: Hours, now: datetime) -> tuple[int, int]:
    """How many were answered within the open days promised, and of how many this can be said already."""
    in_time = late = 0
    for one in found:
        if one.first_answer_at is not None and _is_in_time(one.created_at, one.first_answer_at, hours):
            in_time += 1
        elif one.first_answer_at is not None or not _is_in_time(one.created_at, one.closed_at or now, hours):
            late += 1
    return in_time, in_time + late


def _is_in_time(created: datetime, answered: datetime, hours: Hours) -> bool:
    """Whether this is within the open days promised; asked of the whole day first, which most often says it."""
    soonest, latest = _limits(created.astimezone(UTC).date(), hours)
    if answered <= soonest:
        return True
    return answered <= latest and answered <= after_open_days(created, PROMISED_OPEN_DAYS, hours)


@lru_cache(maxsize=4096)
def _limits(day: date, hours: Hours) -> tuple[datetime, datetime]:
    """Between what moments the promise of every request of a day (UTC) ends; clocks may change in between."""
    ends = (datetime.combine(day, time(), UTC) + timedelta(days=days) for days in (0, 1))
    soonest, latest = (after_open_days(end, PROMISED_OPEN_DAYS, hours) for end in ends)
    return soonest - CLOCKS_CHANGE, latest + CLOCKS_CHANGE


def show_open(seconds: float | None) -> str:
    """Open time for a French reader: « 3 h 20 », « 45 min », « — » when unknown."""
    if seconds is None:
        return "—"
    hours, minutes = divmod(int(seconds / 60 + 0.5), 60)
    return f"{hours} h {minutes:02d}" if hours else f"{minutes} min"
