"""What a survey counts, as sums: a région and France are added up, and only then divided (decision 78)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from records.counting.tally import MotiveTally, Tally
from records.wording import Wording
from reports.figures.definitions import figures, share
from reports.survey.followed import Followed, Renames, is_about

Sums = Mapping[str, int]
"""Whole numbers by name: those of `TALLIED`, and for each sous-motif `nombre:`, `connues:` and `secondes:` its key."""
Filled = dict[str, float | None]
"""The figures of the survey by key, None where there is nothing."""
TALLIED = (
    "treated", "talk_known", "talk_seconds", "resolution_known", "resolved", "escalation_known", "escalated",
)  # fmt: skip
FIGURES: Mapping[str, str] = {
    "nombre_appels": "Nombre d'appels reçus",
    "duree_moyenne_secondes": "Durée moyenne",
    "taux_resolution": "Taux de résolution (%)",
    "taux_escalade": "Taux d'escalade (%)",
}


def sums_of(
    tally: Tally, cited: Iterable[MotiveTally], tracked: Sequence[Followed], renames: Renames = ()
) -> dict[str, int]:
    """The sums of one département."""
    found = {name: int(getattr(tally, name)) for name in TALLIED}
    motives = [(Wording(one.thematique, one.motif, one.sous_motif), one) for one in cited]
    for each in tracked:
        same = [motive for wording, motive in motives if is_about(wording, each, renames)]
        found[f"nombre:{each.key}"] = sum(motive.count for motive in same)
        found[f"connues:{each.key}"] = sum(motive.talk_known for motive in same)
        found[f"secondes:{each.key}"] = sum(motive.talk_seconds for motive in same)
    return found


def added(parts: Iterable[Sums]) -> dict[str, int]:
    """The sums of several together."""
    whole: Counter[str] = Counter()
    for part in parts:
        whole.update(part)
    return dict(whole)


def filled(sums: Sums, tracked: Sequence[Followed]) -> Filled:
    """The figures that the sums make."""
    values: dict[str, Any] = {name: sums.get(name, 0) for name in TALLIED}
    counted = figures(Tally(**values)).values
    found: Filled = {key: counted[key] for key in FIGURES}
    for each in tracked:
        found[f"nombre:{each.key}"] = sums.get(f"nombre:{each.key}", 0)
        found[f"duree:{each.key}"] = share(sums.get(f"secondes:{each.key}", 0), sums.get(f"connues:{each.key}", 0))
    return found
