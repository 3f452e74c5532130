"""What the result pages show, made of tallies: curves, the heat map of hours and days, who needs help."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from records.counting.tally import HourCount, Tally, total
from records.counting.words import counted
from reports.figures.definitions import Figures, figures, middle, show
from reports.figures.periods import Period

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
DAILY_UP_TO = 45
"""Days of a period up to which a curve has a point a day; a longer one has a point a week."""
SHADES = 5
ENOUGH_CALLS = 10
"""Calls under which a share says nothing about a département."""
LEAST_ANSWERED, LONGEST_WAIT, LEAST_QUALIFIED = 0.7, 30, 0.7


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a curve: a day or a week."""

    label: str
    period: Period
    figures: Figures


def by_week(days: Mapping[date, Tally], period: Period) -> list[Point]:
    """A point per calendar week of the period, weeks without calls included."""
    return [_point(days, week, f"{week.since:%d/%m}") for week in period.weeks()]


def curve(days: Mapping[date, Tally], period: Period) -> list[Point]:
    """A point per day of a short period, per week of a long one."""
    if period.days > DAILY_UP_TO:
        return by_week(days, period)
    each = (period.since + timedelta(days=index) for index in range(period.days))
    return [_point(days, Period(day, day), f"{day:%d/%m}") for day in each]


def _point(days: Mapping[date, Tally], period: Period, label: str) -> Point:
    inside = (days[day] for day in _days(period) if day in days)
    return Point(label, period, figures(total(inside)))


def _days(period: Period) -> Iterable[date]:
    return (period.since + timedelta(days=index) for index in range(period.days))


def heat(hours: Mapping[tuple[int, int], HourCount]) -> list[list[int]]:
    """Calls received by day of the week (Monday first) and local hour: seven lines of 24 numbers."""
    return [[hours[day, hour].received if (day, hour) in hours else 0 for hour in range(24)] for day in range(7)]


def shade(number: int, most: int) -> int:
    """The shade of a cell of the heat map: 0 for none, then 1 to 5."""
    if not number or not most:
        return 0
    return min(SHADES, 1 + number * SHADES // (most + 1))


@dataclass(frozen=True, slots=True)
class Help:
    """A département that may need help, and the French reasons."""

    code: str
    figures: Figures
    reasons: tuple[str, ...]


def needing_help(by_departement: Mapping[str, Figures]) -> list[Help]:
    """Départements with a low answer rate, long waits or many unqualified calls, the worst first."""
    found = []
    for code, each in by_departement.items():
        reasons = tuple(_reasons(each))
        if reasons:
            found.append(Help(code, each, reasons))
    return sorted(found, key=lambda one: (-len(one.reasons), one.figures.taux_decroche or 0, one.code))


def _reasons(each: Figures) -> Iterable[str]:
    if each.recus >= ENOUGH_CALLS and (each.taux_decroche or 0) < LEAST_ANSWERED:
        yield f"décroché {show('rate', each.taux_decroche)}"
    if each.recus >= ENOUGH_CALLS and (each.attente_mediane_secondes or 0) > LONGEST_WAIT:
        yield f"attente {show('duration', each.attente_mediane_secondes)}"
    if each.nombre_appels >= ENOUGH_CALLS and each.qualifies < LEAST_QUALIFIED * each.nombre_appels:
        left = counted(each.nombre_appels - each.qualifies, "appel", "appels")
        yield f"{left} à qualifier sur {each.nombre_appels}"


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure beside the previous period and the national median (the median of the départements)."""

    name: str
    now: str
    before: str
    national: str
    trend: str
    """`up`, `down`, `same`, or nothing when one of the two is unknown."""


def beside(
    now: Figures, before: Figures, others: Iterable[Figures], definitions: Iterable[tuple[str, str]]
) -> list[Compared]:
    """Each figure (name, how it is shown) beside what it was and what it usually is elsewhere."""
    known = [each for each in others if each.nombre_appels]
    found = []
    for name, shown_as in definitions:
        here, past = now.values[name], before.values[name]
        usual = middle(each.values[name] for each in known)
        found.append(
            Compared(name, show(shown_as, here), show(shown_as, past), show(shown_as, usual), _trend(here, past))
        )
    return found


def _trend(now: float | None, before: float | None) -> str:
    if now is None or before is None:
        return ""
    return "same" if now == before else "up" if now > before else "down"
