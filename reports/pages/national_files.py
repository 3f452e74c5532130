"""The files of the national dashboard: what each chart and table shows, as lines of a CSV."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from records.counting.figures import calls_per_hour, motive_tallies, tallies_by_day, tallies_by_departement
from records.counting.tally import Scope
from records.database import Connection
from reports.figures.chart_tables import MOTIVE_HEADINGS, POINT_HEADINGS, motive_rows, point_rows
from reports.figures.dashboard import DAYS, curve, heat, needing_help
from reports.figures.definitions import DEFINITIONS, Figures, figures, motives
from reports.figures.periods import Period
from reports.figures.places import rows_by_region, shown_everywhere
from reports.figures.requests import MOTIVE_HEADINGS as REQUEST_MOTIVE_HEADINGS
from reports.figures.rising import HEADINGS as RISING_HEADINGS
from reports.figures.summary import figures_of_requests, rising_motives, trends_of
from reports.figures.trends import csv_table
from reports.pages.context import Reports
from routing.departements import departements

Table = tuple[Sequence[str], list[list[object]]]
NO_DEPARTEMENT = "sans"
EVERY_FIGURE = tuple(definition.heading for definition in DEFINITIONS)
UNKNOWN = "—"


def _is_filtered(scope: Scope) -> bool:
    return scope.niveau is not None or scope.thematique is not None


def _departements(_desk: Reports, connection: Connection, scope: Scope) -> Table:
    sums = tallies_by_departement(connection, scope)
    rows: list[list[object]] = []
    for code in sorted(sums, key=lambda code: code or "~"):
        shown = figures(sums[code], is_filtered=_is_filtered(scope)).shown()
        place = departements().get(code or "")
        name = place.name if place else NO_DEPARTEMENT
        rows.append([code or "", name, *shown.values()])
    return ["Département", "Nom", *EVERY_FIGURE], rows


def _regions(_desk: Reports, connection: Connection, scope: Scope) -> Table:
    sums = tallies_by_departement(connection, scope)
    region = "" if scope.departements is None else departements()[scope.departements[0]].region
    found = rows_by_region(sums, region, is_filtered=_is_filtered(scope))
    return ["Région", *EVERY_FIGURE], [[name, *shown.values()] for name, shown in found]


def _helped(desk: Reports, connection: Connection, scope: Scope) -> Table:
    places: Mapping[str, Figures] = shown_everywhere(tallies_by_departement(connection, scope))
    helped = [] if _is_filtered(scope) else needing_help(places, desk.answer_target)
    rows: list[list[object]] = []
    for one in helped:
        shown = one.figures.shown()
        numbers = (shown[name] for name in ("recus", "taux_decroche", "attente_mediane_secondes"))
        lost, why = one.figures.appels_perdus, ", ".join(one.reasons)
        rows.append([one.code, departements()[one.code].name, lost, why, *numbers])
    headings = (
        "Département",
        "Nom",
        "Appels perdus",
        "Pourquoi",
        "Appels reçus",
        "Taux de décroché",
        "Attente médiane",
    )
    return headings, rows


def _curve(desk: Reports, connection: Connection, scope: Scope) -> Table:
    days = tallies_by_day(connection, scope)
    points = curve(days, Period(scope.since, scope.until), desk.today(), is_filtered=_is_filtered(scope))
    return POINT_HEADINGS, [list(row) for row in point_rows(points)]


def _trends(desk: Reports, connection: Connection, scope: Scope) -> Table:
    return csv_table(trends_of(connection, scope, desk.today(), desk.answer_target)[1])


def _hours(name: str) -> Callable[[Reports, Connection, Scope], Table]:
    def file(_desk: Reports, connection: Connection, scope: Scope) -> Table:
        lines = getattr(heat(calls_per_hour(connection, scope)), name)
        unknown: list[object] = [UNKNOWN] * 24
        rows: list[list[object]] = [
            [day, *(unknown if _is_filtered(scope) else line)] for day, line in zip(DAYS, lines, strict=True)
        ]
        return ["Jour", *(f"{hour} h" for hour in range(24))], rows

    return file


def _motives(_desk: Reports, connection: Connection, scope: Scope) -> Table:
    return MOTIVE_HEADINGS, [list(row) for row in motive_rows(motives(motive_tallies(connection, scope)))]


def _rising(_desk: Reports, connection: Connection, scope: Scope) -> Table:
    found = rising_motives(connection, scope, motive_tallies(connection, scope))
    return RISING_HEADINGS, [list(one.row()) for one in found]


def _requests(desk: Reports, connection: Connection, scope: Scope) -> Table:
    found = figures_of_requests(connection, scope, desk.national_hours, desk.clock())
    return REQUEST_MOTIVE_HEADINGS, [list(motive) for motive in found.every_motive]


FILES: Mapping[str, Callable[[Reports, Connection, Scope], Table]] = {
    "aide": _helped, "departements": _departements, "regions": _regions, "courbe": _curve, "tendances": _trends,
    "heures": _hours("received"), "perdus": _hours("lost"), "motifs": _motives, "hausses": _rising,
    "demandes": _requests,
}  # fmt: skip
"""What each file holds, by the name that its address has."""
