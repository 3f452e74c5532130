"""The same figures for every face: the command, the workbook, the pages and the monthly mail ask here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

from records.figures import tallies_by_day, tallies_by_departement, tally_and_motives
from records.history import treated_calls
from records.tally import Scope
from reports.columns import HistoryRow
from reports.figures import figures, motives
from reports.intake import history_row
from reports.periods import Period, PeriodRefused, french_day, month_of
from reports.wording import Entry
from reports.workbook import WorkbookContent
from reports.workbook_results import DRAWN_MONTHS, Month
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
    return dict(sorted(found.items()))


def figures_json(connection: Any, scope: Scope) -> dict[str, Any]:
    """The figures of a scope under the contract's names, motives included."""
    sums, cited = tally_and_motives(connection, scope)
    listed = [{name: getattr(motive, name) for name in motive.__slots__} for motive in motives(cited)]
    return {**figures(sums).to_json(), "motifs": listed}


def workbook_content(
    connection: Any,
    period: Period,
    *,
    departement: Departement | None,
    entries: Sequence[Entry],
    today: date,
    show_phone: Callable[[str], str],
    phones_are_masked: bool = False,
) -> WorkbookContent:
    """The workbook of a département, or (None) of France. Its rows are read while it is written."""
    scope = scope_of(period, None if departement is None else [departement.code])
    sums, cited = tally_and_motives(connection, scope)
    return WorkbookContent(
        title=f"{departement.name} ({departement.code})" if departement else FRANCE,
        period=period,
        made_on=french_day(today),
        rows=_rows(connection, scope),
        figures=figures(sums),
        motives=cited,
        months=months(connection, scope),
        entries=entries,
        show_phone=show_phone,
        phones_are_masked=phones_are_masked,
        departements=() if departement else _by_departement(connection, scope),
    )


def _rows(connection: Any, scope: Scope) -> Iterator[HistoryRow]:
    return map(history_row, treated_calls(connection, scope))


def _by_departement(connection: Any, scope: Scope) -> list[tuple[str, Any]]:
    found = tallies_by_departement(connection, scope)
    return [(code or "sans", figures(found[code])) for code in sorted(found, key=lambda code: code or "~")]


def months(connection: Any, scope: Scope) -> list[Month]:
    """The treated calls of the last months of a scope, twelve at most, months without calls included."""
    counts: dict[date, int] = {}
    day = scope.since.replace(day=1)
    while day <= scope.until:
        counts[day] = 0
        day = date.fromordinal(month_of(day).until.toordinal() + 1)
    for local_day, sums in tallies_by_day(connection, scope).items():
        counts[local_day.replace(day=1)] += sums.treated
    return list(counts.items())[-DRAWN_MONTHS:]
