"""Open hours counted, and open days added: across nights, holidays, and the nights when clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.calendar.hours import Hours, read_hours
from routing.calendar.open_time import after_open_days, open_seconds
from routing.departements import timezone_of

OFFICE = read_hours("")
ALWAYS = read_hours("24/7")
NIGHT = read_hours("ven-sam 20:00-08:00; dim 07:00-09:00")
PARIS = timezone_of(None)
HOUR = 3600


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [
        ("2026-11-24 09:00", "2026-11-24 17:00", 6),
        ("2026-11-24 11:30", "2026-11-24 14:30", 1),
        ("2026-11-27 16:00", "2026-11-30 10:00", 2),  # Friday to Monday
        ("2026-12-24 16:00", "2026-12-28 10:00", 2),  # Christmas is a Friday
        ("2026-11-28 09:00", "2026-11-29 17:00", 0),  # a weekend
        ("2026-11-24 17:00", "2026-11-24 09:00", 0),  # the end comes first
    ],
)
def test_only_open_hours_are_counted(since: str, until: str, hours: int) -> None:
    assert open_seconds(at(since), at(until), OFFICE) == hours * HOUR


def test_a_desk_that_is_always_open_counts_the_real_hours_of_the_nights_when_clocks_change() -> None:
    assert open_seconds(at("2026-10-25 00:00"), at("2026-10-26 00:00"), ALWAYS) == 25 * HOUR
    assert open_seconds(at("2026-03-29 00:00"), at("2026-03-30 00:00"), ALWAYS) == 23 * HOUR
    assert open_seconds(at("2026-12-25 00:00"), at("2026-12-26 00:00"), ALWAYS) == 24 * HOUR


def test_an_opening_that_runs_overnight_is_counted_once_where_the_next_begins_within_it() -> None:
    assert open_seconds(at("2026-11-28 20:00"), at("2026-11-29 12:00"), NIGHT) == 13 * HOUR


@pytest.mark.parametrize(
    ("came", "days", "due"),
    [
        ("2026-11-24 10:00", 1, "2026-11-25 10:00"),
        ("2026-11-24 10:00", 2, "2026-11-26 10:00"),
        ("2026-11-27 15:00", 1, "2026-11-30 15:00"),  # Friday: Monday at the same hour
        ("2026-11-27 18:00", 1, "2026-12-01 09:00"),  # after hours: it counts from Monday, 9
        ("2026-11-24 12:30", 1, "2026-11-25 14:00"),  # at noon: from 14
        ("2026-12-24 10:00", 1, "2026-12-28 10:00"),  # Christmas is a Friday
        ("2026-10-23 10:00", 1, "2026-10-26 10:00"),  # clocks change between
        ("2026-11-24 10:00", 0, "2026-11-24 10:00"),
    ],
)
def test_open_days_are_added_at_the_same_hour(came: str, days: int, due: str) -> None:
    assert after_open_days(at(came), days, OFFICE).astimezone(PARIS) == at(due)


def test_where_the_day_found_is_closed_at_that_hour_it_is_the_next_opening() -> None:
    uneven = read_hours("lun-jeu 09:00-17:00; ven 09:00-12:00")
    assert after_open_days(at("2026-11-26 16:00"), 1, uneven).astimezone(PARIS) == at("2026-11-30 09:00")


moments = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the bounds have none
weeks = st.sampled_from([OFFICE, ALWAYS, NIGHT, read_hours("lun 09:00-10:00; jeu 22:00-06:00")])


@settings(deadline=None)
@given(moments, moments, moments, weeks)
def test_open_time_adds_up_and_never_exceeds_the_time_that_passed(
    one: datetime, two: datetime, three: datetime, hours: Hours
) -> None:
    first, second, third = sorted((one, two, three))
    first, second, third = (each.replace(microsecond=0) for each in (first, second, third))
    parts = open_seconds(first, second, hours) + open_seconds(second, third, hours)
    whole = open_seconds(first, third, hours)
    assert parts == whole
    assert 0 <= whole <= (third - first).total_seconds()


@settings(deadline=None)
@given(moments, st.integers(0, 12), weeks)
def test_a_promise_ends_while_the_desk_is_open_and_a_longer_one_later(came: datetime, days: int, hours: Hours) -> None:
    due = after_open_days(came, days, hours)
    later = after_open_days(came, days + 1, hours)
    assert came <= due < later
    assert open_seconds(due, due + timedelta(minutes=1), hours) > 0


@settings(deadline=None)
@given(moments, moments, st.integers(0, 5), weeks)
def test_who_comes_later_is_promised_no_earlier_moment(one: datetime, two: datetime, days: int, hours: Hours) -> None:
    first, second = sorted((one, two))
    assert after_open_days(first, days, hours) <= after_open_days(second, days, hours)
