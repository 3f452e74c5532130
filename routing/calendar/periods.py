"""The periods that people name, « cette semaine », « mois dernier »: one list for every page with a period."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta


def named_periods(today: date) -> Mapping[str, tuple[str, date, date]]:
    """Key → French label, first day, last day, both included; a period that goes on ends today."""
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    quarter = first.replace(month=first.month - (first.month - 1) % 3)
    return {
        "today": ("Aujourd’hui", today, today),
        "yesterday": ("Hier", today - timedelta(days=1), today - timedelta(days=1)),
        "week": ("Cette semaine", monday, today),
        "last_week": ("Semaine dernière", monday - timedelta(days=7), monday - timedelta(days=1)),
        "month": ("Ce mois-ci", first, today),
        "last_month": ("Mois dernier", (first - timedelta(days=1)).replace(day=1), first - timedelta(days=1)),
        "days30": ("30 derniers jours", today - timedelta(days=29), today),
        "quarter": ("Ce trimestre", quarter, today),
        "year": ("Cette année", today.replace(month=1, day=1), today),
    }
