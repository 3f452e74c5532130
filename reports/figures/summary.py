"""The same figures for every face: the command, the workbook, the pages and the monthly mail ask here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from records.counting.figures import (
    motive_tallies,
    motive_tallies_by_month,
    tallies_by_month,
    tally_and_motives,
)
from records.counting.requests import asked_requests, avoided_requests
from records.counting.tally import MotiveTally, Scope
from records.wording import plain
from reports.figures.definitions import figures, motives
from reports.figures.periods import Period, PeriodRefused
from reports.figures.requests import RequestFigures, request_figures
from reports.figures.rising import Rising, rising
from reports.figures.trends import Trend, TrendMonths, months_until, trends, year_before
from routing.calendar.hours import Hours
from routing.departements import Departement, departements, normalise_code

FRANCE = "France entière"


def scope_of(period: Period, codes: Sequence[str] | None = None, niveau: str = "", thematique: str = "") -> Scope:
    """The scope of a period, over these départements or (None) France."""
    return Scope(
        period.since, period.until, None if codes is None else tuple(codes), niveau or None, thematique or None
    )


def read_departement(text: str) -> Departement:
    """The département meant by a code; PeriodRefused names an unknown one."""
    try:
        return departements()[normalise_code(text)]
    except (ValueError, KeyError):
        raise PeriodRefused(f"« {text[:20]} » : ce département n'existe pas.") from None


def regions() -> dict[str, list[str]]:
    """The codes of each region, in the order of their names."""
    found: dict[str, list[str]] = {}
    for code, departement in departements().items():
        found.setdefault(departement.region, []).append(code)
    return {name: found[name] for name in sorted(found, key=plain)}


def figures_json(connection: Any, scope: Scope) -> dict[str, Any]:
    """The figures of a scope under the contract's names, motives included."""
    sums, cited = tally_and_motives(connection, scope)
    listed = [{name: getattr(motive, name) for name in motive.__slots__} for motive in motives(cited)]
    return {**figures(sums).to_json(), "motifs": listed}


def figures_of_requests(connection: Any, scope: Scope, hours: Hours, now: datetime) -> RequestFigures:
    """The figures of the requests of a scope, beside those of its calls (decision 48)."""
    return request_figures(asked_requests(connection, scope), avoided_requests(connection, scope), hours, now)


def trends_of(connection: Any, scope: Scope, today: date, target: float) -> tuple[TrendMonths, list[Trend]]:
    """The months up to the end of a scope beside those of the year before: one question for each year and kind."""
    months = months_until(scope.until, today)
    now, before = (replace(scope, since=days.since, until=days.until) for days in months.since_and_until)
    counted = (tallies_by_month(connection, now), tallies_by_month(connection, before))
    cited = (motive_tallies_by_month(connection, now), motive_tallies_by_month(connection, before))
    is_filtered = scope.niveau is not None or scope.thematique is not None
    return months, trends(months, counted, cited, is_filtered=is_filtered, target=target)


def rising_motives(connection: Any, scope: Scope, cited: Sequence[MotiveTally]) -> list[Rising]:
    """The sous-motifs that rise in a scope, whose wordings are `cited`."""
    period = Period(scope.since, scope.until)
    earlier = (replace(scope, since=days.since, until=days.until) for days in (period.previous(), year_before(period)))
    return rising(cited, *(motive_tallies(connection, each) for each in earlier))
