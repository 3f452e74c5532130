"""The periods that people name."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from routing.calendar.periods import named_periods


def _days(key: str, today: date) -> tuple[date, date]:
    return named_periods(today)[key][1:]


@pytest.mark.parametrize(
    ("key", "first", "last"),
    [
        ("today", date(2026, 11, 26), date(2026, 11, 26)),
        ("yesterday", date(2026, 11, 25), date(2026, 11, 25)),
        ("week", date(2026, 11, 23), date(2026, 11, 26)),
        ("last_week", date(2026, 11, 16), date(2026, 11, 22)),
        ("month", date(2026, 11, 1), date(2026, 11, 26)),
        ("last_month", date(2026, 10, 1), date(2026, 10, 31)),
        ("days30", date(2026, 10, 28), date(2026, 11, 26)),
        ("quarter", date(2026, 10, 1), date(2026, 11, 26)),
        ("year", date(2026, 1, 1), date(2026, 11, 26)),
    ],
)
def test_each_period_has_its_days(key: str, first: date, last: date) -> None:
    assert _days(key, date(2026, 11, 26)) == (first, last)


def test_last_month_of_january_is_december_of_the_year_before() -> None:
    assert _days("last_month", date(2027, 1, 31)) == (date(2026, 12, 1), date(2026, 12, 31))


def test_last_month_of_march_ends_on_the_last_of_february() -> None:
    assert _days("last_month", date(2028, 3, 31)) == (date(2028, 2, 1), date(2028, 2, 29))


def test_no_period_ends_after_today_or_before_it_begins() -> None:
    for number in range(800):
        today = date(2026, 1, 1) + timedelta(days=number)
        for _, first, last in named_periods(today).values():
            assert first <= last <= today
