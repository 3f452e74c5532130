"""What the figures say of requests: how many, how they came, about what, who answers, and how long they wait.

Requests of the telephone (escalations) and written ones stand side by side; they stand beside the figures of calls and
are never added to them (decision 48). One piece of code counts for pages, files, workbook and command (decision 63).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import chain
from typing import Any

from records.counting.requests import About, AskedMoments, AskedRequests, CountedRequest
from reports.figures.definitions import share, show
from routing.calendar.hours import Hours
from routing.calendar.open_time import after_open_days, microseconds, open_clock, open_seconds

PROMISED_OPEN_DAYS = 2
EPOCH, A_DAY, CLOCKS_CHANGE = datetime(1970, 1, 1, tzinfo=UTC), 86_400_000_000, 7_200_000_000
"""Moments are counted in microseconds from here; a day, and how far a clock that changes may move a promise."""
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


def request_figures(asked: AskedRequests, avoided: Counter[About], hours: Hours, now: datetime) -> RequestFigures:
    """The figures of these requests, and of those avoided, at a moment, by the national team's open hours."""
    taken, closed, by_channel = _waits(asked.moments, hours, now)
    for waits in (taken, closed, *by_channel.values()):
        waits.sort()
    answered = sorted(chain.from_iterable(by_channel.values()))
    delays = (
        ("prise", "Prise en charge", taken, "le moment où quelqu’un s’en occupe"),
        ("reponse", "Première réponse", answered,
         "la première réponse (une question posée en retour n’en est pas une)"),
        ("cloture", "Clôture", closed, "la clôture avec un résultat"),
    )  # fmt: skip
    figures = [*_counts(asked, avoided, len(closed)), *_shares(asked, hours, now)]
    for name, label, seconds, what in delays:
        for suffix, words, part in (("mediane", "médiane", 0.5), ("p90", "90e centile", 0.9)):
            meaning, value = f"Temps d’ouverture entre la demande et {what}, {words}.", percentile(seconds, part)
            figures.append(
                RequestFigure(f"{name}_{suffix}", f"{label}, {words}", value, show_open(value), meaning)
            )  # fmt: skip
    figures.append(_opinion(asked))
    received = Counter(asked.moments.channel)
    channels = tuple(_of_channel(channel, received[channel], by_channel.get(channel, [])) for channel in CHANNELS)
    return RequestFigures(tuple(figures), channels, _motives(asked.about, avoided))


def _waits(moments: AskedMoments, hours: Hours, now: datetime) -> tuple[list[int], list[int], dict[str, list[int]]]:
    """Open seconds until each request was taken, and was closed with a result; until it was answered, by channel."""
    created, ends = moments.created, (moments.taken, moments.answered, moments.resolved)
    known = [microseconds(now), *created, *(at for at in chain.from_iterable(ends) if at is not None)]
    open_until = open_clock(hours, _moment(min(known)), _moment(max(known)))
    so_far = open_until(created)

    def waits(later: Sequence[int | None]) -> list[int | None]:
        """The open seconds until what happened later to each request, None where it has not."""
        until = open_until([begin if end is None else end for end, begin in zip(later, created, strict=True)])
        return [
            None if end is None else (at_end - at_begin) // 1_000_000 if end > begin else 0
            for end, begin, at_end, at_begin in zip(later, created, until, so_far, strict=True)
        ]

    taken, answered, closed = map(waits, ends)
    each = list(zip(answered, moments.channel, strict=True))
    by_channel = {
        channel: [wait for wait, way in each if wait is not None and way == channel] for channel in set(moments.channel)
    }
    return _known(taken), _known(closed), by_channel


def _known(waits: Sequence[int | None]) -> list[int]:
    return [wait for wait in waits if wait is not None]


def _moment(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)


def _counts(asked: AskedRequests, avoided: Counter[About], closed: int) -> list[RequestFigure]:
    numbers = (
        ("recues", "Demandes reçues", len(asked.moments.created),
         "Demandes ouvertes dans la période, par tous les canaux."),
        ("evitees", "Demandes évitées", avoided.total(),
         "Fois où une réponse affichée avant l’envoi du formulaire a suffi : rien n’a été envoyé."),
        ("closes", "Demandes closes", closed,
         "Demandes reçues closes avec un résultat (retirée ou réunie avec une autre, une demande n’en a pas)."),
        ("repondues_niveau_1", "Répondues au niveau 1", asked.answered_at_level_1,
         "Demandes écrites dont la première réponse est venue des référents du département."),
    )  # fmt: skip
    return [RequestFigure(name, label, value, show("count", value), what) for name, label, value, what in numbers]


def _shares(asked: AskedRequests, hours: Hours, now: datetime) -> list[RequestFigure]:
    in_time, due = _answered_in_time(asked.moments, hours, now)
    rates = (
        ("taux_niveau_1", "Part répondue au niveau 1", share(asked.answered_at_level_1, asked.written_answered),
         "Part des demandes répondues au niveau 1 parmi les demandes écrites qui ont eu leur première réponse."),
        ("deux_jours", "Répondues en deux jours ouvrés", share(in_time, due),
         ("Part des demandes dont la première réponse est venue sous deux jours ouvrés, parmi celles qui ont eu leur "
          "réponse ou l’attendent depuis plus longtemps.")),
    )  # fmt: skip
    return [RequestFigure(name, label, value, show("rate", value), what) for name, label, value, what in rates]


def _opinion(asked: AskedRequests) -> RequestFigure:
    ratings = asked.ratings
    mean = share(sum(rating * number for rating, number in ratings.items()), ratings.total())
    shown = "—" if mean is None else f"{mean:.1f} sur 5".replace(".", ",")
    return RequestFigure(
        "avis", "Avis moyen", mean, shown, "Moyenne des avis, de 1 à 5, donnés par les personnes qui ont écrit."
    )


def _of_channel(channel: str, received: int, waits: Sequence[int]) -> ChannelFigures:
    return ChannelFigures(channel, received, len(waits), percentile(waits, 0.5), percentile(waits, 0.9))


def _motives(asked: Counter[About], spared: Counter[About]) -> tuple[RequestMotive, ...]:
    listed = sorted({*asked, *spared}, key=lambda wording: (-asked[wording], -spared[wording], wording))
    return tuple((*wording, asked[wording], spared[wording]) for wording in listed)


def _answered_in_time(moments: AskedMoments, hours: Hours, now: datetime) -> tuple[int, int]:
    """How many were answered within the open days promised, and of how many this can be said already."""
    in_time = late = 0
    at_last = microseconds(now)
    days: dict[int, tuple[int, int]] = {}

    def is_in_time(created: int, answered: int) -> bool:
        """Whether this is within the open days promised; asked of the whole day first, which most often says it."""
        day = created // A_DAY
        if day not in days:
            days[day] = _promised(day, hours) - CLOCKS_CHANGE, _promised(day + 1, hours) + CLOCKS_CHANGE
        soonest, latest = days[day]
        if answered <= soonest:
            return True
        return answered <= latest and _moment(answered) <= after_open_days(_moment(created), PROMISED_OPEN_DAYS, hours)

    for created, answered, closed in zip(moments.created, moments.answered, moments.closed, strict=True):
        if answered is not None and is_in_time(created, answered):
            in_time += 1
        elif answered is not None or not is_in_time(created, at_last if closed is None else closed):
            late += 1
    return in_time, in_time + late


@lru_cache(maxsize=4096)
def _promised(day: int, hours: Hours) -> int:
    """When the promise of a request asked as a day (UTC) begins comes to its end."""
    return microseconds(after_open_days(_moment(day * A_DAY), PROMISED_OPEN_DAYS, hours))


def show_open(seconds: float | None) -> str:
    """Open time for a French reader: « 3 h 20 », « 45 min », « — » when unknown."""
    if seconds is None:
        return "—"
    hours, minutes = divmod(int(seconds / 60 + 0.5), 60)
    return f"{hours} h {minutes:02d}" if hours else f"{minutes} min"
