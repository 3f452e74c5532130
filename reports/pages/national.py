"""The national dashboard: an overview for whoever decides, and behind it trends, motives and requests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.counting.drill_down import waiting
from records.counting.figures import (
    callback_delays,
    calls_per_hour,
    motive_tallies,
    tallies_by_departement_and_day,
    tally,
)
from records.counting.requests import received_requests
from records.counting.tally import total
from records.database import Connection, writing
from records.desks.permissions import Permission
from reports.figures.chart_tables import POINT_HEADINGS, point_rows
from reports.figures.dashboard import (
    ANSWERED,
    DAYS,
    RECEIVED_AND_TREATED,
    beside,
    curve,
    heat,
    needing_help,
    point_chart,
    shade,
)
from reports.figures.definitions import BY_NAME, DAYS_NOTE, DEFINITIONS, Figures, figures, motives, show
from reports.figures.delays import delays_of
from reports.figures.map_measures import INSET, INSET_CODES, MEASURES, OVERSEAS, coloured, offered
from reports.figures.periods import EARLIEST
from reports.figures.places import COLUMNS, NOTE, headings_of, rows_by_region
from reports.figures.requests import CHANNEL_HEADINGS
from reports.figures.requests import MOTIVE_HEADINGS as REQUEST_MOTIVE_HEADINGS
from reports.figures.rising import HEADINGS as RISING_HEADINGS
from reports.figures.rising import RULE
from reports.figures.summary import FRANCE, figures_of_requests, regions, rising_motives, trends_of
from reports.figures.told import help_rule, summary_of
from reports.figures.trends import HEADINGS as TREND_HEADINGS
from reports.figures.trends import year_before
from reports.pages.context import Asked, Filters, Reports, asked_period, csv_answer
from reports.pages.national_files import FILES
from reports.radar.store import open_alerts, put_aside
from routing.departements import departements

SHOWN_MOTIVES, SHOWN_HELPED = 15, 10
TILES = (
    "recus", "taux_decroche", "nombre_appels", "appels_perdus", "taux_60_secondes", "duree_moyenne_secondes",
    "attente_mediane_secondes", "attente_p90_secondes", "taux_resolution", "taux_escalade", "abandons_menu",
    "abandons_sonnerie", "absences", "appels_repetes",
)  # fmt: skip
PARTS = (
    ("national", "Vue d’ensemble"), ("national_trends", "Tendances"), ("national_motives", "Motifs"),
    ("national_requests", "Demandes"),
)  # fmt: skip
"""The pages of the dashboard, by endpoint; all of them keep the period and the filters."""
FIRST_HOUR, LAST_HOUR = 7, 19
"""Hours shown even when nobody called."""
Shown = Callable[[Reports, Connection, Asked, Filters], dict[str, Any]]


def add(pages: Blueprint, desk: Reports) -> None:
    """The pages under `/national`."""

    def page(endpoint: str, shown: Shown) -> Callable[[], str]:
        def view() -> str:
            desk.check(Permission.READ_NATIONAL_FIGURES)
            asked, filters = asked_period(request.args, desk.today()), Filters.asked(request.args)
            with desk.reading() as connection:
                given = _framed(desk, connection, asked, filters) | shown(desk, connection, asked, filters)
                return render_template(f"reports/national/{endpoint}.html", here=endpoint, **given)

        return view

    for (endpoint, _), (rule, shown) in zip(PARTS, _SHOWN, strict=True):
        pages.add_url_rule(rule, endpoint, page(endpoint, shown))

    @pages.get(f"/national/<any({', '.join(FILES)}):what>.csv")
    def national_csv(what: str) -> Response:
        desk.check(Permission.READ_NATIONAL_FIGURES)
        asked, filters = asked_period(request.args, desk.today()), Filters.asked(request.args)
        with desk.reading() as connection:
            headings, rows = FILES[what](desk, connection, filters.scope(asked.period))
        return csv_answer(f"{what}-{asked.period.since}-{asked.period.until}", headings, rows)

    @pages.post("/national/alertes")
    def set_alert_aside() -> ResponseReturnValue:
        desk.check(Permission.SET_ALERTS_ASIDE)
        with writing(desk.engine) as connection:
            put_aside(connection, request.form.get("alerte", "")[:300], desk.reader().email, desk.clock())
        return redirect(url_for(".national"), 303)


def _framed(desk: Reports, connection: Connection, asked: Asked, filters: Filters) -> dict[str, Any]:
    """What every page of the dashboard has: its period, its filters, the way to the others."""
    return {
        "asked": asked, "filters": filters, "is_filtered": filters.is_of_qualified, "kept": {},
        "ends": dict(filters.query(), **asked.query()),
        "parts_of": PARTS, "place": filters.region or FRANCE, "regions": [(name, name) for name in regions()],
        "thematiques": [(t, t) for t in desk.wordings(connection, desk.today()).thematiques()], "show": show,
    }  # fmt: skip


def _overview(desk: Reports, connection: Connection, asked: Asked, filters: Filters) -> dict[str, Any]:
    scope, is_filtered = filters.scope(asked.period), filters.is_of_qualified
    sums, days = tallies_by_departement_and_day(connection, scope)
    before = figures(tally(connection, filters.scope(asked.period.previous())), is_filtered=is_filtered)
    now = figures(total(sums.values()), is_filtered=is_filtered)
    places = {
        code: figures(each, is_filtered=is_filtered)
        for code, each in sums.items()
        if code is not None and code in departements()
    }
    points = curve(days, asked.period, desk.today(), is_filtered=is_filtered)
    rising = rising_motives(connection, scope, motive_tallies(connection, scope))
    helped = [] if is_filtered else needing_help(places, desk.answer_target)
    delays = None if is_filtered else delays_of(callback_delays(connection, scope))
    defined = [(d.name, d.shown_as) for d in DEFINITIONS]
    compared = {one.name: one for one in beside(now, before, places.values(), defined)}
    return {
        "now": now, "shown": now.shown(), "delays": delays,
        "tiles": [name for name in TILES if BY_NAME[name].is_of_qualified or not is_filtered],
        "labels": {d.name: d.heading for d in DEFINITIONS}, "meanings": {d.name: d.meaning for d in DEFINITIONS},
        "compared": compared, "departements": departements(), "days_note": DAYS_NOTE,
        "summary": summary_of(compared, helped, rising, desk.answer_target, is_filtered=is_filtered),
        "help": helped[:SHOWN_HELPED], "all_helped": len(helped), "help_rule": help_rule(desk.answer_target),
        "points": points, "point_headings": POINT_HEADINGS, "point_rows": point_rows,
        "curves": _curves(points, desk.answer_target, is_filtered=is_filtered),
        "places": _places(places, filters),
        "place_columns": COLUMNS, "place_headings": headings_of("Département"), "places_note": NOTE,
        "by_region": rows_by_region(sums, filters.region, is_filtered=is_filtered), "known_regions": regions(),
        "region_headings": headings_of("Région"),
        **_map(desk, places, is_filtered=is_filtered),
        "waiting": _waiting(desk, connection, filters), "alerts": open_alerts(connection, desk.clock()),
        "requested": received_requests(connection, scope),
        "always": {**({"region": filters.region} if filters.region else {}), "du": EARLIEST, "au": desk.today()},
    }  # fmt: skip


def _trends(desk: Reports, connection: Connection, asked: Asked, filters: Filters) -> dict[str, Any]:
    months, trends = trends_of(connection, filters.scope(asked.period), desk.today(), desk.answer_target)
    return {"months": months, "trends": trends, "trend_headings": TREND_HEADINGS, **_hours(connection, filters, asked)}


def _motives(_desk: Reports, connection: Connection, asked: Asked, filters: Filters) -> dict[str, Any]:
    scope = filters.scope(asked.period)
    every_motive = motive_tallies(connection, scope)
    cited, rising = motives(every_motive), rising_motives(connection, scope, every_motive)
    return {
        "cited": cited[:SHOWN_MOTIVES], "more_motives": max(len(cited) - SHOWN_MOTIVES, 0), "days_note": DAYS_NOTE,
        "rising": [one.row() for one in rising], "rising_headings": RISING_HEADINGS, "rising_rule": RULE,
    }  # fmt: skip


def _requests(desk: Reports, connection: Connection, asked: Asked, filters: Filters) -> dict[str, Any]:
    return {
        "requested": figures_of_requests(connection, filters.scope(asked.period), desk.national_hours, desk.clock()),
        "channel_headings": CHANNEL_HEADINGS, "request_motive_headings": REQUEST_MOTIVE_HEADINGS,
    }  # fmt: skip


_SHOWN = (
    ("/national", _overview), ("/national/tendances", _trends), ("/national/motifs", _motives),
    ("/national/demandes", _requests),
)  # fmt: skip
"""The address of each part, and what it is given besides its frame."""


def _map(desk: Reports, places: dict[str, Figures], *, is_filtered: bool) -> dict[str, Any]:
    """The map in the measure that the address names, and what else it may show."""
    choices = offered(is_filtered=is_filtered)
    asked = request.args.get("mesure", "")
    measure = asked if asked in dict(choices) else choices[0][0]
    return {
        "map": coloured(measure, places), "measures": choices, "outlines": desk.outlines, "overseas": OVERSEAS,
        "inset": INSET, "inset_codes": INSET_CODES, "kept": {"mesure": asked} if asked in MEASURES else {},
    }  # fmt: skip


def _curves(points: Any, target: float, *, is_filtered: bool) -> list[tuple[str, str, Any]]:
    """The drawings of the period: their key, their caption, the drawing."""
    if is_filtered:
        return [("courbe", "Appels traités", point_chart(points, {"nombre_appels": "Appels traités"}))]
    return [
        ("courbe", "Appels reçus et appels traités", point_chart(points, RECEIVED_AND_TREATED)),
        ("courbe-decroche", "Taux de décroché", point_chart(points, ANSWERED, target=target)),
    ]


def _hours(connection: Connection, filters: Filters, asked: Asked) -> dict[str, Any]:
    """Calls by day of the week and hour, all days of the year before too; nothing where only qualified calls count."""
    periods = (asked.period, year_before(asked.period))
    table, older = (
        heat({} if filters.is_of_qualified else calls_per_hour(connection, filters.scope(each))) for each in periods
    )
    busy = [hour for hour in range(24) if any(line[hour] for line in table.received)]
    return {
        "heat": table, "older": older, "days": DAYS, "shade": shade,
        "hours": range(min([FIRST_HOUR, *busy]), max([LAST_HOUR, *busy]) + 1),
        "most": max(map(max, table.received)), "most_lost": max(map(max, table.lost)),
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


def _places(places: dict[str, Figures], filters: Filters) -> list[tuple[str, str, dict[str, str]]]:
    """One line per département of the filter, those without calls too."""
    codes = regions()[filters.region] if filters.region else list(departements())
    nothing = figures(total([]), is_filtered=filters.is_of_qualified)
    return [(code, departements()[code].name, places.get(code, nothing).shown()) for code in codes]
