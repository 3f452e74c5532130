"""Which sous-motifs rise: more than before, by more than chance, often enough to be worth a look (decision 80)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from records.counting.tally import MotiveTally

LEAST_CALLS = 10
LEAST_GROWTH = 1.5
DEVIATIONS = 2
HEADINGS = ("Thématique", "Motif", "Sous-motif", "Appels", "Période précédente", "Un an avant")
RULE = (
    f"Un sous-motif monte quand il est cité au moins {LEAST_CALLS} fois dans la période, au moins moitié plus que dans "
    "la période précédente et que dans les mêmes jours un an avant, et que l’écart dépasse ce que le hasard explique. "
    "Les plus fortes hausses viennent d’abord."
)
Wording = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Rising:
    """A sous-motif that rises: how often it was cited now, in the period before, and a year before (None: unknown)."""

    thematique: str
    motif: str
    sous_motif: str
    now: int
    previous: int
    year_before: int | None

    def row(self) -> tuple[object, ...]:
        """Its line of the table."""
        past = "—" if self.year_before is None else self.year_before
        return (self.thematique, self.motif, self.sous_motif, self.now, self.previous, past)


def rising(
    now: Iterable[MotiveTally], previous: Iterable[MotiveTally], year_before: Sequence[MotiveTally]
) -> list[Rising]:
    """The sous-motifs that rise by `RULE`, the greatest gap first."""
    counts, past = _counted(now), _counted(previous)
    older = _counted(year_before) if year_before else None
    found = []
    for wording, number in counts.items():
        references = [past[wording], *([older[wording]] if older is not None else [])]
        if number >= LEAST_CALLS and all(_is_more(number, reference) for reference in references):
            found.append(Rising(*wording, number, past[wording], older[wording] if older is not None else None))
    return sorted(found, key=lambda one: (one.previous - one.now, one.thematique, one.motif, one.sous_motif))


def _is_more(number: int, reference: int) -> bool:
    return number >= LEAST_GROWTH * reference and number - reference > DEVIATIONS * sqrt(number + reference)


def _counted(cited: Iterable[MotiveTally]) -> Counter[Wording]:
    found: Counter[Wording] = Counter()
    for one in cited:
        found[(one.thematique, one.motif, one.sous_motif)] += one.count
    return found
