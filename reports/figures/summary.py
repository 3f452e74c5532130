"""The same figures for every face: the command, the workbook, the pages and the monthly mail ask here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from records.counting.figures import tally_and_motives
from records.counting.requests import counted_avoided, counted_requests
from records.counting.tally import Scope
from reports.figures.definitions import figures, motives
from reports.figures.periods import Period, PeriodRefused
from reports.figures.requests import RequestFigures, request_figures
from routing.calendar.hours import Hours
from routing.departements import Departement, departements, normalise_code, timezone_of

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
    return dict(sorted(found.items()))


def figures_json(connection: Any, scope: Scope) -> dict[str, Any]:
    """The figures of a scope under the contract's names, motives included."""
    sums, cited = tally_and_motives(connection, scope)
    listed = [{name: getattr(motive, name) for name in motive.__slots__} for motive in motives(cited)]
    return {**figures(sums).to_json(), "motifs": listed}


def figures_of_requests(connection: Any, scope: Scope, hours: Hours, now: datetime) -> RequestFigures:
    """The figures of the requests of a scope, beside those of its calls (decision 48)."""
    found = counted_requests(connection, scope, timezone_of)
    return request_figures(found, counted_avoided(connection, scope, timezone_of), hours, now)
