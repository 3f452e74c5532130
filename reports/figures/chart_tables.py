"""The tables that stand beside charts, as lines for a page and for a CSV file."""

from __future__ import annotations

from collections.abc import Iterable

from reports.figures.dashboard import Point
from reports.figures.definitions import BY_NAME, Motive, show

MOTIVE_HEADINGS = ("Niveau", "Thématique", "Motif", "Sous motif", "Nombre", "Durée moyenne (min:s)")
COUNTS = ("recus", "nombre_appels")
RATES = ("taux_decroche", "duree_moyenne_secondes", "taux_resolution", "taux_escalade")
POINT_HEADINGS = ("Début", "Fin", *(BY_NAME[name].heading for name in (*COUNTS, *RATES)), "Remarque")


def motive_rows(cited: Iterable[Motive]) -> list[tuple[object, ...]]:
    """The motives as lines of a table."""
    return [
        (m.niveau, m.thematique, m.motif, m.sous_motif, m.nombre, show("duration", m.duree_moyenne_secondes))
        for m in cited
    ]


def point_rows(points: Iterable[Point]) -> list[tuple[object, ...]]:
    """The points of a curve as lines of a table."""
    rows: list[tuple[object, ...]] = []
    for point in points:
        shown = point.figures.shown()
        ends = (f"{point.period.since:%d/%m/%Y}", f"{point.period.until:%d/%m/%Y}")
        counts = (shown[name] if (number := point.figures.values[name]) is None else number for name in COUNTS)
        rows.append((*ends, *counts, *(shown[name] for name in RATES), point.remark))
    return rows
