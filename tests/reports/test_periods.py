"""Periods are local days, both included; what is not a period is a French sentence."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.figures.periods import Period, PeriodRefused, read_day, read_month, read_period

TODAY = date(2026, 11, 24)


def test_both_ends_are_included() -> None:
    assert read_period("2026-11-01", "30/11/2026").days == 30
    assert read_period("2026-11-01", "2026-11-01").days == 1


@pytest.mark.parametrize(
    ("period", "previous"),
    [
        (Period(date(2026, 11, 1), date(2026, 11, 30)), Period(date(2026, 10, 1), date(2026, 10, 31))),
        (Period(date(2026, 1, 1), date(2026, 3, 31)), Period(date(2025, 10, 1), date(2025, 12, 31))),
        (Period(date(2028, 3, 1), date(2028, 3, 31)), Period(date(2028, 2, 1), date(2028, 2, 29))),
        (Period(date(2026, 11, 2), date(2026, 11, 8)), Period(date(2026, 10, 26), date(2026, 11, 1))),
    ],
)
def test_a_period_is_compared_with_the_one_just_before(period: Period, previous: Period) -> None:
    assert period.previous() == previous


@given(st.dates(date(2025, 1, 1), date(2026, 12, 31)), st.integers(0, 90))
def test_weeks_cover_the_period_once(since: date, days: int) -> None:
    period = Period(since, since + timedelta(days=days))
    weeks = period.weeks()
    assert sum(week.days for week in weeks) == period.days
    assert all(week.since.weekday() == 0 for week in weeks[1:])
    assert all(week.until.weekday() == 6 for week in weeks[:-1])


@pytest.mark.parametrize(
    ("since", "until", "reason"),
    [
        ("2026-11-30", "2026-11-01", "se termine (1er novembre 2026) avant de commencer (30 novembre 2026)"),
        ("2026-13-01", "2026-11-01", "« 2026-13-01 » n'est pas une date"),
        ("31/02/2026", "2026-11-01", "n'est pas une date"),
        ("", "2026-11-01", "« » n'est pas une date"),
        ("0001-01-01", "9999-12-31", "dix ans au plus"),
        ("hier", "2026-11-01", "« hier » n'est pas une date"),
    ],
)
def test_what_is_not_a_period_is_a_sentence(since: str, until: str, reason: str) -> None:
    with pytest.raises(PeriodRefused) as refusal:
        read_period(since, until)
    assert reason.replace("« »", "«  »") in str(refusal.value)


def test_a_month_in_the_future_is_a_sentence_and_the_current_one_is_not() -> None:
    assert read_month("2026-11", TODAY).until == date(2026, 11, 30)
    with pytest.raises(PeriodRefused, match="décembre 2026 n'a pas commencé"):
        read_month("2026-12", TODAY)
    for text in ("2026-13", "novembre", "2026-1", "", "0000-01"):
        with pytest.raises(PeriodRefused, match="n'est pas un mois"):
            read_month(text, TODAY)


def test_a_day_is_read_in_both_writings() -> None:
    assert read_day("24/11/2026") == read_day(" 2026-11-24 ") == TODAY
