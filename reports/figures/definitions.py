"""What the figures say: rates and means of a tally, each with the French sentence that defines it.

The workbook, the pages, the survey and `svi figures` all take their figures from here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from math import ceil
from typing import Any

from records.counting.tally import MotiveTally, Tally

DAYS_NOTE = (
    "Chaque appel compte au jour de son département, à l'heure locale (à l'heure de Paris quand aucun département "
    "n'a été donné) ; le premier et le dernier jour de la période sont compris."
)

MEDIAN, NINE_TENTHS = 0.5, 0.9
HOURS_A_DAY = 24


@dataclass(frozen=True, slots=True)
class Motive:
    """One line of « Motifs les plus cités par les utilisateurs ». The mean is in seconds, None when unknown."""

    niveau: str
    thematique: str
    motif: str
    sous_motif: str
    nombre: int
    duree_moyenne_secondes: float | None


def share(part: int, whole: int) -> float | None:
    """Part / whole, None when the whole is empty."""
    return part / whole if whole else None


def percentile(counts: Mapping[int, int], share: float) -> float | None:
    """The value that this share (0 to 1) of values given with their number does not exceed, None when there is none.

    Nearest rank; the middle of the two in between where the share falls between them, for the median alone.
    """
    size = sum(counts.values())
    if not size:
        return None
    rank = size * share
    if share == MEDIAN and not size % 2:
        return (_at(counts, int(rank) - 1) + _at(counts, int(rank))) / 2
    return float(_at(counts, max(ceil(round(rank, 9)) - 1, 0)))


def _at(counts: Mapping[int, int], place: int) -> int:
    """The value at this place of all values in their order, the first one being 0."""
    values = sorted(value for value, number in counts.items() if number)
    passed = list(accumulate(counts[value] for value in values))
    return values[min(bisect_right(passed, place), len(values) - 1)]


def median(counts: Mapping[int, int]) -> float | None:
    """The median of values given with their number, None when there is none."""
    return percentile(counts, MEDIAN)


def middle(values: Iterable[float | None]) -> float | None:
    """The median of the known values (the national median is the one of the départements), None when all are None."""
    known = sorted(value for value in values if value is not None)
    if not known:
        return None
    return (known[(len(known) - 1) // 2] + known[len(known) // 2]) / 2


@dataclass(frozen=True, slots=True)
class Definition:
    """One figure: all that there is to know of it. A list and a page take it from here, in this order."""

    name: str
    """Its name in the contract."""
    label: str
    meaning: str
    """What it counts, for a reader."""
    shown_as: str
    """`count`, `duration` or `rate`."""
    formula: Callable[[Tally], float | None]
    """Its value: means and medians in seconds, rates from 0 to 1, None when there is nothing."""
    behind: str
    """The calls that one looks at behind it, by the name that `records.counting.drill_down` gives them."""
    is_of_qualified: bool = False
    """Whether it means something among the calls of one level or thématique: only qualified calls carry one."""

    @property
    def heading(self) -> str:
        """Its label with the unit of a duration, which is shown as « 08:10 »."""
        return f"{self.label} (min:s)" if self.shown_as == "duration" else self.label

    def show(self, value: float | None) -> str:
        """The figure as a French reader sees it."""
        return show(self.shown_as, value)


FOUR = ("nombre_appels", "duree_moyenne_secondes", "taux_resolution", "taux_escalade")
"""The figures of the ministry’s workbook, which an import changes."""
DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        "nombre_appels", "Nombre d'appels",
        "Appels traités par les référents : décrochés, saisis à la main ou importés d'un classeur.", "count",
        formula=lambda tally: tally.treated, behind="treated", is_of_qualified=True,
    ),
    Definition(
        "duree_moyenne_secondes", "Durée en moyenne par appel",
        "Durée moyenne de conversation des appels traités dont la durée est connue.", "duration",
        formula=lambda tally: share(tally.talk_seconds, tally.talk_known), behind="talk_known", is_of_qualified=True,
    ),
    Definition(
        "taux_resolution", "Taux de résolution",
        "Part des appels résolus parmi les appels traités et qualifiés dont on a dit s'ils sont résolus.", "rate",
        formula=lambda tally: share(tally.resolved, tally.resolution_known), behind="resolved", is_of_qualified=True,
    ),
    Definition(
        "taux_escalade", "Taux d'escalade au national",
        "Part des appels escaladés parmi les appels traités et qualifiés dont on a dit s'ils le sont.", "rate",
        formula=lambda tally: share(tally.escalated, tally.escalation_known), behind="escalated", is_of_qualified=True,
    ),
    Definition(
        "qualifies", "Appels qualifiés", "Appels traités dont le motif a été enregistré.", "count",
        formula=lambda tally: tally.qualified, behind="qualified", is_of_qualified=True,
    ),
    Definition(
        "recus", "Appels reçus", "Appels téléphoniques au cours desquels un département a été donné.", "count",
        formula=lambda tally: tally.received, behind="received",
    ),
    Definition(
        "taux_decroche", "Taux de décroché", "Part des appels reçus auxquels quelqu'un a répondu.", "rate",
        formula=lambda tally: share(tally.received_answered, tally.received), behind="received_answered",
    ),
    Definition(
        "absences", "Messages d'absence", "Appels qui ont entendu le message d'absence et n'ont rien laissé.", "count",
        formula=lambda tally: tally.absences, behind="absences",
    ),
    Definition(
        "messages", "Messages laissés", "Appels terminés par un message vocal.", "count",
        formula=lambda tally: tally.messages, behind="messages",
    ),
    Definition(
        "rappels", "Rappels demandés", "Appels terminés par une demande de rappel.", "count",
        formula=lambda tally: tally.callbacks, behind="callbacks",
    ),
    Definition(
        "abandons_menu", "Abandons au menu", "Appels raccrochés avant que quelqu'un ne soit appelé.", "count",
        formula=lambda tally: tally.abandoned_menu, behind="abandoned_menu",
    ),
    Definition(
        "abandons_sonnerie", "Abandons pendant la sonnerie", "Appels raccrochés pendant la sonnerie.", "count",
        formula=lambda tally: tally.abandoned_ringing, behind="abandoned_ringing",
    ),
    Definition(
        "attente_mediane_secondes", "Attente médiane",
        "Attente médiane des appels reçus, du département donné à la réponse ou à la fin.", "duration",
        formula=lambda tally: median(tally.waits), behind="waited",
    ),
    Definition(
        "attente_p90_secondes", "Attente, 90e centile",
        "Neuf appels reçus sur dix n'ont pas attendu plus longtemps, du département donné à la réponse ou à la fin.",
        "duration", formula=lambda tally: percentile(tally.waits, NINE_TENTHS), behind="waited",
    ),
    Definition(
        "taux_60_secondes", "Décrochés en 60 secondes",
        "Part des appels reçus auxquels quelqu'un a répondu en 60 secondes au plus.", "rate",
        formula=lambda tally: share(tally.answered_soon, tally.received), behind="answered_soon",
    ),
    Definition(
        "appels_perdus", "Appels perdus",
        "Appels reçus auxquels personne n'a répondu et qui n'ont laissé ni message ni demande de rappel.", "count",
        formula=lambda tally: tally.lost, behind="lost",
    ),
    Definition(
        "appels_repetes", "Appels répétés",
        "Appels reçus d'un numéro qui avait déjà appelé le même département plus tôt le même jour.", "count",
        formula=lambda tally: tally.repeats, behind="repeats",
    ),
)  # fmt: skip
CALLBACK_NOTE = (
    "Temps écoulé entre un message ou une demande de rappel et le moment où c'est traité, nuits et fins de semaine "
    "comprises, pour ceux de la période qui le sont. Ce délai n'est montré qu'au tableau de bord national."
)
BY_NAME: Mapping[str, Definition] = {definition.name: definition for definition in DEFINITIONS}


NOTHING = Tally()


@dataclass(frozen=True)
class Figures:
    """The value of every figure declared, under its name; each name is an attribute too. `tally`: what made them."""

    values: Mapping[str, float | None]
    tally: Tally = NOTHING

    def __getattr__(self, name: str) -> Any:
        """The value of a figure; AttributeError for one that is not declared."""
        if name not in BY_NAME:
            raise AttributeError(name)
        return self.values[name]

    def to_json(self) -> dict[str, Any]:
        """The figures under the contract's names."""
        return dict(self.values)

    def shown(self) -> dict[str, str]:
        """Every figure as a French reader sees it."""
        return {definition.name: definition.show(self.values[definition.name]) for definition in DEFINITIONS}


def figures(tally: Tally, *, is_filtered: bool = False) -> Figures:
    """The figures of one tally; of calls of one level or thématique, only those that mean something (decision 81)."""
    values = {
        definition.name: definition.formula(tally) if definition.is_of_qualified or not is_filtered else None
        for definition in DEFINITIONS
    }
    return Figures(values, tally)


def motives(tallies: Iterable[MotiveTally]) -> list[Motive]:
    """The motives, most cited first, then in the order of their wording."""
    found = [
        Motive(t.niveau, t.thematique, t.motif, t.sous_motif, t.count, share(t.talk_seconds, t.talk_known))
        for t in tallies
    ]
    return sorted(found, key=lambda m: (-m.nombre, m.niveau, m.thematique, m.motif, m.sous_motif))


def show(shown_as: str, value: float | None) -> str:
    """A figure for a French reader: « 1 234 », « 08:10 », « 50,0 % », or « — » when unknown."""
    if value is None:
        return "—"
    if shown_as == "rate":
        return f"{value * 100:.1f}".replace(".", ",") + " %"
    if shown_as == "duration":
        return show_duration(value)
    return f"{value:,.0f}".replace(",", " ")


def show_delay(minutes: float | None) -> str:
    """Elapsed minutes for a French reader: « 45 min », « 3 h 05 », « 2 j 4 h », « — » when unknown."""
    if minutes is None:
        return "—"
    hours, left = divmod(int(minutes + 0.5), 60)
    if hours >= HOURS_A_DAY:
        return f"{hours // HOURS_A_DAY} j {hours % HOURS_A_DAY} h"
    return f"{hours} h {left:02d}" if hours else f"{left} min"


def show_duration(seconds: float) -> str:
    """Minutes and seconds: 490 → « 08:10 », an hour or more too (« 75:00 »)."""
    whole = int(seconds + 0.5)
    return f"{whole // 60:02d}:{whole % 60:02d}"
