"""Thirteen months up to the end of a period, beside the same months a year before.

The last month stops where the period does, and so does its month of the year before: the same days are compared.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from records.counting.tally import MotiveTally, Tally
from reports.figures.definitions import BY_NAME, figures, show
from reports.figures.drawing import Chart, Series, draw
from reports.figures.periods import Period, french_month, month_of

SHOWN = 13
MEASURES = (
    "recus", "nombre_appels", "taux_decroche", "appels_perdus", "taux_60_secondes", "attente_mediane_secondes",
    "attente_p90_secondes", "taux_resolution", "taux_escalade", "appels_repetes",
)  # fmt: skip
LEVELS = (("1", "niveau-1"), ("1/2", "niveau-1-2"), ("2", "niveau-2"))
SHORT = ("janv.", "févr.", "mars", "avril", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")
NOW, BEFORE = "Ces treize mois", "Un an avant"
HEADINGS = ("Mois", "Valeur", BEFORE, "Écart")
Months = Mapping[date, Tally]
Cited = Mapping[date, Sequence[MotiveTally]]


@dataclass(frozen=True, slots=True)
class TrendMonths:
    """The months of a trend, oldest first, the last one cut where the period or today cuts it."""

    now: tuple[Period, ...]
    before: tuple[Period, ...]
    is_partial: bool
    """Whether the last month is not whole."""

    @property
    def since_and_until(self) -> tuple[Period, Period]:
        """All days of this year's months, and all of the year before."""
        return Period(self.now[0].since, self.now[-1].until), Period(self.before[0].since, self.before[-1].until)


@dataclass(frozen=True, slots=True)
class Trend:
    """One measure over the months; values as its definition gives them, None where nothing is known."""

    key: str
    label: str
    shown_as: str
    meaning: str
    months: TrendMonths
    now: tuple[float | None, ...]
    before: tuple[float | None, ...]
    target: float | None = None

    def rows(self) -> list[tuple[str, ...]]:
        """Its table: month, value, value a year before, difference; a month that is not whole says so."""
        found: list[tuple[str, ...]] = []
        for at, (month, here, past) in enumerate(zip(self.months.now, self.now, self.before, strict=True)):
            is_cut = self.months.is_partial and at == len(self.months.now) - 1
            name = french_month(month.since) + (f" (incomplet, jusqu’au {month.until.day})" if is_cut else "")
            shown = (show(self.shown_as, here), show(self.shown_as, past))
            found.append((name, *shown, gap(here, past, self.shown_as)))
        return found

    def chart(self) -> Chart:
        """Its drawing: this year and the year before, the target where it has one."""
        labels = [short_month(month.since) for month in self.months.now]
        partial = frozenset({len(labels) - 1}) if self.months.is_partial else frozenset()
        series = (Series(NOW, self.now), Series(BEFORE, self.before))
        return draw(labels, series, self.shown_as, partial=partial, target=self.target)


def short_month(day: date) -> str:
    """« nov. 26 »."""
    return f"{SHORT[day.month - 1]} {day:%y}"


def months_until(until: date, today: date) -> TrendMonths:
    """The months of a trend that ends on a day, today at the latest."""
    end = min(until, today)
    first = end.year * 12 + end.month - SHOWN
    whole = [month_of(date(index // 12, index % 12 + 1, 1)) for index in range(first, first + SHOWN)]
    now = (*whole[:-1], Period(whole[-1].since, end))
    return TrendMonths(now, tuple(map(year_before, now)), end < whole[-1].until or end == today)


def year_before(period: Period) -> Period:
    """The same days a year before; whole months stay whole, the 29th of February is the 28th."""
    since, until = (_year_back(day) for day in (period.since, period.until))
    return Period(since, month_of(until).until if period == month_of(period.since) else until)


def _year_back(day: date) -> date:
    return date(day.year - 1, day.month, min(day.day, monthrange(day.year - 1, day.month)[1]))


def trends(
    months: TrendMonths,
    counted: tuple[Months, Months],
    cited: tuple[Cited, Cited],
    *,
    is_filtered: bool,
    target: float,
) -> list[Trend]:
    """Every measure over the months: what is counted and cited in them, and in those of the year before.

    Where one level or thématique is chosen, only the measures that mean something. A month before the first call of all
    is unknown.
    """
    known_since = min((*counted[0], *counted[1]), default=date.max)
    years = (months.now, months.before)
    of_months = [
        [figures(some.get(month.since, Tally())) if month.since >= known_since else None for month in starts]
        for some, starts in zip(counted, years, strict=True)
    ]
    found = []
    for name in MEASURES:
        one = BY_NAME[name]
        if one.is_of_qualified or not is_filtered:
            now, before = (tuple(None if each is None else each.values[name] for each in line) for line in of_months)
            aim = target if name == "taux_decroche" else None
            found.append(Trend(name, one.label, one.shown_as, one.meaning, months, now, before, aim))
    for niveau, key in LEVELS:
        label, meaning = f"Appels de niveau {niveau}", f"Appels traités et qualifiés au niveau {niveau}."
        now, before = (_at_level(niveau, some, starts, known_since) for some, starts in zip(cited, years, strict=True))
        if niveau != "1/2" or any((*now, *before)):
            found.append(Trend(key, label, "count", meaning, months, now, before))
    return found


def _at_level(niveau: str, cited: Cited, months: Sequence[Period], known_since: date) -> tuple[float | None, ...]:
    return tuple(
        sum(one.count for one in cited.get(month.since, ()) if one.niveau == niveau)
        if month.since >= known_since else None
        for month in months
    )  # fmt: skip


def gap(now: float | None, before: float | None, shown_as: str) -> str:
    """What changed, for a French reader: « + 12 », « − 3,2 points », « + 00:10 », « = », « — » when unknown."""
    if now is None or before is None:
        return "—"
    if show(shown_as, now) == show(shown_as, before):
        return "="
    sign, size = ("+", now - before) if now > before else ("−", before - now)
    if shown_as == "rate":
        points = f"{size * 100:.1f}".replace(".", ",")
        return f"{sign} {points} {'point' if size * 100 < 2 else 'points'}"  # noqa: PLR2004 - two is many
    return f"{sign} {show(shown_as, size)}"


def csv_table(found: Sequence[Trend]) -> tuple[list[str], list[list[object]]]:
    """All trends as one file, a line for each measure and month; whoever has the numbers needs no difference."""
    rows: list[list[object]] = [[trend.label, *row[:-1]] for trend in found for row in trend.rows()]
    return ["Mesure", *HEADINGS[:-1]], rows
