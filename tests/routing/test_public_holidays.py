"""Public holidays by département, beside a calendar computed here in another way."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from routing.calendar.public_holidays import KEPT_BY_DEFAULT, holiday_on, own_days, with_own_days
from routing.departements import departements

FIXED = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)]
OWN_DAYS = {
    "57": [(12, 26)],
    "67": [(12, 26)],
    "68": [(12, 26)],
    "971": [(5, 27)],
    "972": [(5, 22)],
    "973": [(6, 10)],
    "974": [(12, 20)],
    "976": [(4, 27)],
    "977": [(10, 9)],
    "978": [(5, 28)],
    "987": [(3, 5)],
    "988": [(9, 24)],
}


def easter(year: int) -> date:
    """Easter Sunday by Gauss's rule with the Gregorian corrections, which hold until 2199."""
    moon = (19 * (year % 19) + 24) % 30
    sunday = (2 * (year % 4) + 4 * (year % 7) + 6 * moon + 5) % 7
    ahead = moon + sunday
    if moon == 29 and sunday == 6:
        ahead -= 7
    if moon == 28 and sunday == 6 and year % 19 > 10:
        ahead -= 7
    return date(year, 3, 22) + timedelta(days=ahead)


def expected(code: str, year: int) -> set[date]:
    """The days off of a département in a year, as long as nobody turned a switch."""
    sunday = easter(year)
    days = {date(year, month, day) for month, day in [*FIXED, *OWN_DAYS.get(code, [])]}
    days |= {sunday + timedelta(days=ahead) for ahead in (1, 39, 50)}
    if code == "987":
        days.add(date(year, 6, 29) if year <= 2024 else date(year, 11, 20))
    if code in {"57", "67", "68", "987"}:
        days.add(sunday - timedelta(days=2))
    return days


@pytest.mark.parametrize(
    "code", ["*", "75", "57", "67", "68", "971", "972", "973", "974", "976", "977", "978", "986", "987", "988"]
)
def test_the_days_off_from_2024_to_2050(code: str) -> None:
    for year in range(2024, 2051):
        first = date(year, 1, 1)
        days = (first + timedelta(days=each) for each in range(365 + (year % 4 == 0)))
        assert {day for day in days if holiday_on(code, day)} == expected(code, year)


@pytest.mark.parametrize(
    ("code", "day", "name"),
    [
        ("75", date(2026, 12, 25), "Noël"),
        ("67", date(2026, 4, 3), "Vendredi saint"),
        ("57", date(2026, 12, 26), "Saint-Étienne"),
        ("974", date(2026, 12, 20), "Abolition de l'esclavage"),
        ("*", date(2026, 5, 14), "Ascension"),
    ],
)
def test_a_holiday_has_a_french_name(code: str, day: date, name: str) -> None:
    assert holiday_on(code, day) == name


USAGE = [
    ("971", date(2026, 3, 12)),
    ("971", date(2026, 4, 3)),
    ("971", date(2026, 7, 21)),
    ("972", date(2026, 7, 21)),
    ("978", date(2026, 7, 21)),
    ("986", date(2026, 4, 28)),
    ("986", date(2026, 7, 29)),
]


@pytest.mark.parametrize(("code", "day"), USAGE)
def test_a_day_off_by_usage_counts_only_where_it_is_turned_on(code: str, day: date) -> None:
    assert holiday_on(code, day) is None
    assert holiday_on(code, day, {"75"}) is None
    assert holiday_on(code, day, {code})


@pytest.mark.parametrize(
    ("code", "day", "name"),
    [
        ("987", date(2027, 3, 5), "Arrivée de l'Évangile"),
        ("987", date(2027, 3, 26), "Vendredi saint"),
        ("987", date(2026, 11, 20), "Matāri'i"),
        ("988", date(2027, 9, 24), "Fête de la Citoyenneté"),
    ],
)
def test_the_own_days_of_polynesie_and_nouvelle_caledonie_count_until_they_are_turned_off(
    code: str, day: date, name: str
) -> None:
    assert holiday_on(code, day) == name
    assert holiday_on(code, day, {code}) == name
    assert holiday_on(code, day, KEPT_BY_DEFAULT - {code}) is None


def test_the_own_days_of_a_territory_are_those_that_the_state_does_not_have() -> None:
    a_year = date(2026, 11, 24), date(2027, 11, 24)
    assert with_own_days() == ("971", "972", "978", "986", "987", "988")
    assert own_days("987", *a_year) == (
        (date(2027, 3, 5), "Arrivée de l'Évangile"),
        (date(2027, 3, 26), "Vendredi saint"),
        (date(2027, 11, 20), "Matāri'i"),
    )
    assert own_days("988", *a_year) == ((date(2027, 9, 24), "Fête de la Citoyenneté"),)
    assert [own_days(code, *a_year) for code in ("*", "75", "57", "67", "974", "975")] == [()] * 6


def test_every_departement_has_christmas_off() -> None:
    assert all(holiday_on(code, date(2026, 12, 25)) for code in departements())
