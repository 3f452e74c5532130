"""What an import makes of the figures of each month: the sums of its lines beside those of the tables.

The figures themselves are made by `reports.figures.definitions`, of sums that are added: those that
`records.counting` counted, and those of the lines that come and go.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from records.counting.tally import Tally
from reports.figures.definitions import Figures, figures
from reports.importing.deciding.choices import Choices
from reports.importing.deciding.difference import Difference
from reports.importing.deciding.planning import plan_of
from reports.workbook.columns import HistoryRow


@dataclass(frozen=True, slots=True)
class MonthEffect:
    """The figures of one month as they are and as they would be."""

    month: date
    """Its first day."""
    before: Figures
    after: Figures

    @property
    def changes(self) -> bool:
        """Whether any figure changes."""
        return self.before != self.after


def sums_of(rows: Iterable[HistoryRow], sign: int = 1) -> dict[date, Counter[str]]:
    """The sums of treated calls by month (its first day), or what is taken away with them."""
    found: dict[date, Counter[str]] = {}
    for row in rows:
        sums = found.setdefault(row.day.replace(day=1), Counter())
        sums["treated"] += sign
        if row.seconds is not None:
            sums["talk_known"] += sign
            sums["talk_seconds"] += sign * row.seconds
        if row.is_qualified:
            sums["qualified"] += sign
            sums["resolution_known"] += sign * (row.resolved is not None)
            sums["resolved"] += sign * bool(row.resolved)
            sums["escalation_known"] += sign * (row.escalated is not None)
            sums["escalated"] += sign * bool(row.escalated)
    return found


def figures_of_lines(rows: Iterable[HistoryRow]) -> Figures:
    """The figures of the lines of a file by themselves."""
    total: Counter[str] = Counter()
    for sums in sums_of(rows).values():
        total.update(sums)
    return figures(_tally(total))


def _tally(sums: Mapping[str, int]) -> Tally:
    values: dict[str, Any] = dict(sums)
    return Tally(**values)


def effect(
    found: Difference, choices: Choices, ours: Mapping[date, Tally], months: Iterable[date]
) -> list[MonthEffect]:
    """What these decisions make of each of these months, and of every other one that changes.

    `ours` are the sums of the tables by month (its first day).
    """
    plan = plan_of(found, choices)
    gone = sums_of((one.now for one in plan.corrections), sign=-1)
    come = sums_of((*(one.row for one in plan.additions), *(one.becomes for one in plan.corrections)))
    effects = []
    for month in sorted({*months, *gone, *come}):
        now = ours.get(month, Tally())
        later = now + _tally(gone.get(month, Counter())) + _tally(come.get(month, Counter()))
        effects.append(MonthEffect(month, figures(now), figures(later)))
    return effects
