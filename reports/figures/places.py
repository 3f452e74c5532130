"""The tables of places: départements and regions, a line for each, and what is in neither."""

from __future__ import annotations

from collections.abc import Mapping

from records.counting.tally import Tally, total
from reports.figures.definitions import BY_NAME, Figures, figures
from routing.departements import departements

COLUMNS = (
    "recus", "taux_decroche", "appels_perdus", "taux_60_secondes", "attente_mediane_secondes", "attente_p90_secondes",
    "nombre_appels", "duree_moyenne_secondes", "taux_resolution", "taux_escalade", "qualifies", "appels_repetes",
)  # fmt: skip
OUTSIDE, WHOLE = "Sans département", "Ensemble"


def headings_of(place: str) -> tuple[str, ...]:
    """The headings of a table of places, the first one named so."""
    return (place, *(BY_NAME[name].heading for name in COLUMNS))


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
    lines = [(name, total(found[name])) for name in sorted(found)]
    if not only:
        lines += [*([(OUTSIDE, total(outside))] if outside else []), (WHOLE, total(sums.values()))]
    return [(name, figures(each, is_filtered=is_filtered).shown()) for name, each in lines]
