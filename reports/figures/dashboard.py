"""What the result pages show, made of tallies: curves, the heat map of hours and days, who needs help."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from records.counting.tally import HourCount, Tally, total
from records.counting.words import counted
from reports.figures.definitions import BY_NAME, Figures, figures, middle, show
from reports.figures.drawing import Chart, Series, draw
from reports.figures.periods import Period

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
DAILY_UP_TO = 45
"""Days of a period up to which a curve has a point a day; a longer one has a point a week."""
SHADES = 5
WEEK_DAYS = 7
SIGNS = {"up": "↗", "down": "↘", "same": "=", "": ""}
ENOUGH_CALLS = 10
"""Calls under which a share says nothing about a département."""
LEAST_ANSWERED, LONGEST_WAIT, LEAST_QUALIFIED = 0.7, 30, 0.7


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a curve: a day or a week."""

    label: str
    period: Period
    figures: Figures
    remark: str = ""
    """Why it cannot be compared with its neighbours: a day or a week that is not whole."""


def by_week(days: Mapping[date, Tally], period: Period, today: date, *, is_filtered: bool = False) -> list[Point]:
    """A point per calendar week of the period that has begun, weeks without calls included."""
    weeks = (week for week in period.weeks() if week.since <= today)
    return [_point(days, week, _of_week(week, today), is_filtered=is_filtered) for week in weeks]


def curve(days: Mapping[date, Tally], period: Period, today: date, *, is_filtered: bool = False) -> list[Point]:
    """A point per day of a short period, per week of a long one."""
    if period.days > DAILY_UP_TO:
        return by_week(days, period, today, is_filtered=is_filtered)
    each = (day for day in _days(period) if day <= today)
    return [
        _point(days, Period(day, day), "journée en cours" if day == today else "", is_filtered=is_filtered)
        for day in each
    ]  # fmt: skip


def _of_week(week: Period, today: date) -> str:
    passed = min(week.days, (today - week.since).days)
    if passed == WEEK_DAYS:
        return ""
    return f"semaine incomplète : {counted(passed, 'jour entier', 'jours entiers')} sur 7"


def _point(days: Mapping[date, Tally], period: Period, remark: str, *, is_filtered: bool) -> Point:
    inside = (days[day] for day in _days(period) if day in days)
    return Point(f"{period.since:%d/%m}", period, figures(total(inside), is_filtered=is_filtered), remark)


RECEIVED_AND_TREATED = {"recus": "Appels reçus", "nombre_appels": "Appels traités"}
ANSWERED = {"taux_decroche": "Taux de décroché"}


def point_chart(points: Sequence[Point], names: Mapping[str, str], *, target: float | None = None) -> Chart:
    """The curves of some figures, which are shown alike, over these points; `names` says what each is called."""
    series = [Series(label, tuple(point.figures.values[name] for point in points)) for name, label in names.items()]
    partial = frozenset(at for at, point in enumerate(points) if point.remark)
    labels = [point.label for point in points]
    return draw(labels, series, BY_NAME[next(iter(names))].shown_as, partial=partial, target=target)


def _days(period: Period) -> Iterable[date]:
    return (period.since + timedelta(days=index) for index in range(period.days))


@dataclass(frozen=True, slots=True)
class Heat:
    """Calls received, and of them the lost, by day of the week (Monday first) and local hour: seven lines of 24."""

    received: tuple[tuple[int, ...], ...]
    lost: tuple[tuple[int, ...], ...]


def heat(hours: Mapping[tuple[int, int], HourCount]) -> Heat:
    """Both tables, made of what each (day of the week, local hour) counts."""
    nothing = HourCount(0, 0)
    lines = [[hours.get((day, hour), nothing) for hour in range(24)] for day in range(7)]
    received = tuple(tuple(one.received for one in line) for line in lines)
    return Heat(received, tuple(tuple(one.lost for one in line) for line in lines))


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


def needing_help(by_departement: Mapping[str, Figures], target: float) -> list[Help]:
    """Départements that lose calls under the target, answer late or qualify little; the most calls lost first."""
    found = []
    for code, each in by_departement.items():
        reasons = tuple(_reasons(each, target))
        if reasons:
            found.append(Help(code, each, reasons))
    return sorted(found, key=lambda one: (-one.figures.appels_perdus, one.figures.taux_decroche or 0, one.code))


def _reasons(each: Figures, target: float) -> Iterable[str]:
    if each.appels_perdus >= ENOUGH_CALLS and (each.taux_decroche or 0) < target:
        yield counted(each.appels_perdus, "appel perdu", "appels perdus")
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

    @property
    def sign(self) -> str:
        """The trend as one character."""
        return SIGNS[self.trend]


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
            Compared(
                name, show(shown_as, here), show(shown_as, past), show(shown_as, usual), _trend(here, past, shown_as)
            )
        )
    return found


def _trend(now: float | None, before: float | None, shown_as: str) -> str:
    """Two values that a reader sees alike are the same."""
    if now is None or before is None:
        return ""
    return "same" if show(shown_as, now) == show(shown_as, before) else "up" if now > before else "down"
