"""What goes into one workbook, read from the calls of a scope while it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, tzinfo
from types import MappingProxyType
from typing import Any

from records.counting.figures import tallies_by_day, tallies_by_departement, tally_and_motives
from records.counting.history import TreatedCall, treated_calls
from records.counting.requests import added_up, avoided_requests, counted_requests
from records.counting.tally import Scope
from records.wording import Entry
from reports.figures.definitions import figures
from reports.figures.periods import Period, french_day, month_of
from reports.figures.requests import request_figures
from reports.figures.summary import FRANCE, scope_of
from reports.workbook.book import WorkbookContent
from reports.workbook.columns import HistoryRow
from reports.workbook.requests import RequestsContent
from reports.workbook.results import DRAWN_MONTHS, Month
from routing.calendar.hours import Hours, read_hours
from routing.departements import Departement, timezone_of

USUAL_HOURS = read_hours("")
NO_PROFILES: Mapping[str, str] = MappingProxyType({})


def history_row(call: TreatedCall) -> HistoryRow:
    """A stored call as the workbook shows it."""
    return HistoryRow(
        call.caller, call.day, call.talk_seconds, call.thematique or "", call.motif or "", call.sous_motif or "",
        call.niveau or "", call.resolved, call.escalated, call.call_id, call.departement, call.by_telephone,
    )  # fmt: skip


def workbook_content(
    connection: Any,
    period: Period,
    *,
    departement: Departement | None,
    entries: Sequence[Entry],
    today: date,
    show_phone: Callable[[str], str],
    phones_are_masked: bool = False,
    hours: Hours = USUAL_HOURS,
    profiles: Mapping[str, str] = NO_PROFILES,
    with_pivot: bool = False,
    at: datetime | None = None,
) -> WorkbookContent:
    """The workbook of a département, or (None) of France. Its rows of calls are read while it is written.

    `hours` are those of the national team, by which requests wait; `profiles`, what the profiles of users are called;
    `at`, the moment that the feet of its pages tell beside the day.
    """
    scope = scope_of(period, None if departement is None else [departement.code])
    sums, cited = tally_and_motives(connection, scope)
    return WorkbookContent(
        title=f"{departement.name} ({departement.code})" if departement else FRANCE,
        period=period,
        made_on=_made_on(today, at, timezone_of(departement.code if departement else None)),
        rows=_rows(connection, scope),
        figures=figures(sums),
        motives=cited,
        months=months(connection, scope),
        entries=entries,
        show_phone=show_phone,
        phones_are_masked=phones_are_masked,
        departements=() if departement else _by_departement(connection, scope),
        requests=_requests(connection, scope, hours, profiles),
        with_pivot=with_pivot,
    )


def _made_on(today: date, at: datetime | None, timezone: tzinfo) -> str:
    if at is None:
        return french_day(today)
    local = at.astimezone(timezone)
    return f"{french_day(local.date())} à {local:%H:%M}"


def _requests(connection: Any, scope: Scope, hours: Hours, profiles: Mapping[str, str]) -> RequestsContent:
    found, avoided = counted_requests(connection, scope), avoided_requests(connection, scope)
    end = datetime.combine(scope.until, time.max, timezone_of(None))
    return RequestsContent(found, request_figures(added_up(found), avoided, hours, end), hours, profiles)


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
