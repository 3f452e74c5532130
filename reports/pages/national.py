"""The national dashboard: figures, map, curves, hours and days, motives, who needs help, alerts of the radar."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.counting.drill_down import waiting
from records.counting.figures import (
    calls_per_hour,
    motive_tallies,
    tallies_by_day,
    tallies_by_departement,
    tallies_by_departement_and_day,
    tally,
)
from records.counting.tally import Scope, total
from records.csv_cells import csv_of
from records.database import Connection, writing
from records.desks.permissions import Permission
from reports.figures.chart_tables import MOTIVE_HEADINGS, POINT_HEADINGS, motive_rows, point_rows
from reports.figures.dashboard import DAYS, beside, curve, heat, needing_help, shade
from reports.figures.definitions import DAYS_NOTE, DEFINITIONS, Figures, figures, motives, show
from reports.figures.periods import EARLIEST
from reports.figures.requests import CHANNEL_HEADINGS
from reports.figures.requests import MOTIVE_HEADINGS as REQUEST_MOTIVE_HEADINGS
from reports.figures.summary import FRANCE, figures_of_requests, regions
from reports.pages.context import Asked, Filters, Reports, address, asked_period
from reports.radar.store import open_alerts, put_aside
from routing.departements import departements

NOT_DRAWN = frozenset({"975", "977", "978", "986", "987", "988"})
"""Collectivités that the map does not draw; the table under it shows them."""
SHOWN_MOTIVES = 15
TILES = (
    "recus", "taux_decroche", "nombre_appels", "duree_moyenne_secondes", "attente_mediane_secondes", "taux_resolution",
    "taux_escalade", "abandons_menu", "abandons_sonnerie", "absences",
)  # fmt: skip
FIRST_HOUR, LAST_HOUR = 7, 19
"""Hours shown even when nobody called."""


def add(pages: Blueprint, desk: Reports) -> None:
    """The pages under `/national`."""

    @pages.get("/national")
    def national() -> str:
        desk.check(Permission.READ_NATIONAL_FIGURES)
        asked, filters = asked_period(request.args, desk.today()), Filters.asked(request.args)
        with desk.reading() as connection:
            return render_template("reports/national.html", **_shown(desk, connection, asked, filters))

    @pages.get("/national/<any(departements, courbe, heures, motifs, demandes):what>.csv")
    def national_csv(what: str) -> Response:
        desk.check(Permission.READ_NATIONAL_FIGURES)
        asked, filters = asked_period(request.args, desk.today()), Filters.asked(request.args)
        with desk.reading() as connection:
            scope = filters.scope(asked.period)
            if what == "demandes":
                found = figures_of_requests(connection, scope, desk.national_hours, desk.clock())
                headings, rows = list(REQUEST_MOTIVE_HEADINGS), [list(motive) for motive in found.every_motive]
            else:
                headings, rows = _table(connection, what, scope, asked)
        name = f"{what}-{asked.period.since}-{asked.period.until}.csv"
        disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(csv_of(headings, rows), mimetype="text/csv", headers=disposition)

    @pages.post("/national/alertes")
    def set_alert_aside() -> ResponseReturnValue:
        desk.check(Permission.SET_ALERTS_ASIDE)
        with writing(desk.engine) as connection:
            put_aside(connection, request.form.get("alerte", "")[:300], desk.reader().email, desk.clock())
        return redirect(url_for(".national"), 303)


def _shown(desk: Reports, connection: Connection, asked: Asked, filters: Filters) -> dict[str, Any]:
    scope = filters.scope(asked.period)
    sums, days = tallies_by_departement_and_day(connection, scope)
    before = figures(tally(connection, filters.scope(asked.period.previous())))
    now = figures(total(sums.values()))
    places = {code: figures(each) for code, each in sums.items() if code is not None and code in departements()}
    cited = motives(motive_tallies(connection, scope))
    hours = _heat(connection, scope)
    defined = [(d.name, d.shown_as) for d in DEFINITIONS]
    return {
        "asked": asked, "filters": filters, "address": address,
        "regions": [(name, name) for name in regions()],
        "thematiques": [(t, t) for t in desk.wordings(connection, desk.today()).thematiques()], "days_note": DAYS_NOTE,
        "place": filters.region or FRANCE, "now": now, "shown": now.shown(), "tiles": TILES,
        "labels": {d.name: d.heading for d in DEFINITIONS}, "meanings": {d.name: d.meaning for d in DEFINITIONS},
        "compared": {one.name: one for one in beside(now, before, places.values(), defined)},
        "places": _places(places, filters), "departements": departements(),
        "map_data": json.dumps(_on_map(places)), "not_drawn": NOT_DRAWN,
        "points": curve(days, asked.period), "point_headings": POINT_HEADINGS, "point_rows": point_rows,
        "cited": cited[:SHOWN_MOTIVES], "more_motives": max(len(cited) - SHOWN_MOTIVES, 0), "show": show,
        "help": needing_help(places), "hours": _hours(hours), "days": DAYS, "heat": hours, "shade": shade,
        "most": max(map(max, hours)), "waiting": _waiting(desk, connection, filters),
        "alerts": open_alerts(connection, desk.clock()), "has_charts": desk.has_charts,
        "requested": figures_of_requests(connection, scope, desk.national_hours, desk.clock()),
        "channel_headings": CHANNEL_HEADINGS, "request_motive_headings": REQUEST_MOTIVE_HEADINGS,
        "always": {**({"region": filters.region} if filters.region else {}), "du": EARLIEST, "au": desk.today()},
    }  # fmt: skip


def _waiting(desk: Reports, connection: Connection, filters: Filters) -> Any:
    codes = tuple(regions()[filters.region]) if filters.region else None
    return waiting(connection, one_open_day_before(desk.clock()), codes)


def one_open_day_before(now: datetime) -> datetime:
    """The same hour one working day (Monday to Friday) earlier: what was left before is overdue (decision 35)."""
    earlier = now - timedelta(days=1)
    while earlier.weekday() > 4:  # noqa: PLR2004 - Friday
        earlier -= timedelta(days=1)
    return earlier


def _places(places: dict[str, Figures], filters: Filters) -> list[tuple[str, str, Figures, dict[str, str]]]:
    """One line per département of the filter, those without calls too."""
    codes = regions()[filters.region] if filters.region else list(departements())
    nothing = figures(total([]))
    found = []
    for code in codes:
        each = places.get(code, nothing)
        found.append((code, departements()[code].name, each, each.shown()))
    return found


def _on_map(places: dict[str, Figures]) -> dict[str, float]:
    """The answer rate in percent of the départements that the map draws."""
    return {
        code: round(each.taux_decroche * 100, 1)
        for code, each in places.items()
        if code not in NOT_DRAWN and each.taux_decroche is not None
    }


def _heat(connection: Connection, scope: Scope) -> list[list[int]]:
    return heat(calls_per_hour(connection, scope))


def _hours(table: list[list[int]]) -> range:
    busy = [hour for hour in range(24) if any(line[hour] for line in table)]
    return range(min([FIRST_HOUR, *busy]), max([LAST_HOUR, *busy]) + 1)


def _table(connection: Connection, what: str, scope: Scope, asked: Asked) -> tuple[list[str], list[list[object]]]:
    """Headings and lines of one chart's CSV."""
    if what == "courbe":
        points = curve(tallies_by_day(connection, scope), asked.period)
        return list(POINT_HEADINGS), [list(row) for row in point_rows(points)]
    if what == "motifs":
        cited = motives(motive_tallies(connection, scope))
        return list(MOTIVE_HEADINGS), [list(row) for row in motive_rows(cited)]
    if what == "heures":
        lines = zip(DAYS, _heat(connection, scope), strict=True)
        return ["Jour", *(f"{hour} h" for hour in range(24))], [[day, *line] for day, line in lines]
    sums = tallies_by_departement(connection, scope)
    codes = sorted(sums, key=lambda code: code or "~")
    shown = [(code or "", figures(sums[code]).shown()) for code in codes]
    named = [(code, departements()[code].name if code in departements() else "sans") for code, _ in shown]
    rows: list[list[object]] = [
        [*name, *(values[d.name] for d in DEFINITIONS)] for name, (_, values) in zip(named, shown, strict=True)
    ]
    return ["Département", "Nom", *(d.heading for d in DEFINITIONS)], rows
