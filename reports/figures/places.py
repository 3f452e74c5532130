"""The tables of places: départements and regions, a line for each, and what is in neither."""

from __future__ import annotations

from collections.abc import Mapping

from records.counting.tally import Tally, total
from records.wording import plain
from reports.figures.definitions import Figures, figures
from routing.departements import departements

COLUMNS: Mapping[str, str] = {
    "recus": "Reçus", "taux_decroche": "Décroché", "appels_perdus": "Perdus", "taux_60_secondes": "En 60 s",
    "attente_mediane_secondes": "Attente médiane", "attente_p90_secondes": "Attente, 90e centile",
    "nombre_appels": "Traités", "duree_moyenne_secondes": "Durée moyenne", "taux_resolution": "Résolus",
    "taux_escalade": "Escaladés", "qualifies": "Qualifiés", "appels_repetes": "Répétés",
}  # fmt: skip
"""The figures of a table of places, each under a heading that leaves room for the others."""
NOTE = (
    "Appels reçus, part décrochée, appels perdus, part décrochée en 60 secondes ; attentes et durées en minutes et "
    "secondes ; appels traités, parts résolue et escaladée au national, appels qualifiés, appels répétés."
)
OUTSIDE, WHOLE = "Sans département", "Ensemble"


def headings_of(place: str) -> tuple[str, ...]:
    """The headings of a table of places, the first one named so."""
    return (place, *COLUMNS.values())


def shown_everywhere(sums: Mapping[str | None, Tally]) -> dict[str, Figures]:
    """The figures of each known département."""
    return {code: figures(each) for code, each in sums.items() if code is not None and code in departements()}


def rows_by_region(
    sums: Mapping[str | None, Tally], only: str = "", *, is_filtered: bool = False
) -> list[tuple[str, dict[str, str]]]:
    """Each region as the sum of its départements by name, calls of none, and all together; `only` that region."""
    found: dict[str, list[Tally]] = {one.region: [] for one in departements().values() if only in {"", one.region}}
    outside = []
    for code, each in sums.items():
        place = departements().get(code or "")
        if place is None:
            outside.append(each)
        elif place.region in found:
            found[place.region].append(each)
    lines = [(name, total(found[name])) for name in sorted(found, key=plain)]
    if not only:
        lines += [*([(OUTSIDE, total(outside))] if outside else []), (WHOLE, total(sums.values()))]
    return [(name, figures(each, is_filtered=is_filtered).shown()) for name, each in lines]
