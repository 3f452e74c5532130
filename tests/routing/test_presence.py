"""« Absent, jusqu’à quand ? »: an absence always covers the calls that it was meant for."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from routing.directory.people import Person
from routing.planning.desk import desk_at
from routing.planning.presence import AwayFor, as_days, at_hour, away_until, half_days, said_period, whole_days
from routing.rules import Absence
from tests.routing.desks import NATION, A, closure, moment, person, rules, snapshot

HALF, TODAY, TOMORROW = AwayFor.HALF_DAY, AwayFor.TODAY, AwayFor.TOMORROW
LONG = person("Long", hours="lun-ven 09:00-17:00")
REUNION, NOUMEA, TAHITI = (person(f"Loin{code}", code) for code in ("974", "988", "987"))
GUADELOUPE = person("Loin971", "971")
NIGHT_DESK = person("Nuit", hours="lun-dim 20:00-06:00")


@pytest.mark.parametrize(
    ("who", "at", "choice", "until"),
    [
        # 9 h – 12 h and 14 h – 17 h in Paris, a Tuesday of November (UTC+1)
        (A, "2026-11-24T08:30", HALF, "2026-11-24T11:00"),
        (A, "2026-11-24T11:30", HALF, "2026-11-24T16:00"),
        (A, "2026-11-24T14:00", HALF, "2026-11-24T16:00"),
        (A, "2026-11-24T17:00", HALF, "2026-11-25T11:00"),
        (A, "2026-11-27T17:00", HALF, "2026-11-30T11:00"),
        (A, "2026-12-24T17:00", HALF, "2026-12-28T11:00"),
        (A, "2026-11-24T06:00", TODAY, "2026-11-24T23:00"),
        (A, "2026-11-24T15:59", TODAY, "2026-11-24T23:00"),
        (A, "2026-11-24T17:00", TOMORROW, "2026-11-25T23:00"),
        (A, "2026-11-24T08:30", TOMORROW, "2026-11-25T23:00"),
        # without a pause for lunch, a day has two halves
        (LONG, "2026-11-24T09:00", HALF, "2026-11-24T12:00"),
        (LONG, "2026-11-24T12:30", HALF, "2026-11-24T16:00"),
        (LONG, "2026-11-24T18:00", HALF, "2026-11-25T12:00"),
        # day and night
        (NATION, "2026-12-25T02:00", HALF, "2026-12-25T12:00"),
        (NATION, "2026-12-25T14:00", HALF, "2026-12-25T23:00"),
        (NATION, "2026-12-25T14:00", TODAY, "2026-12-25T23:00"),
        (NIGHT_DESK, "2026-11-24T22:00", HALF, "2026-11-25T05:00"),
        (NIGHT_DESK, "2026-11-25T03:00", HALF, "2026-11-25T05:00"),
        # overseas, by their own clocks
        (REUNION, "2026-11-24T04:30", HALF, "2026-11-24T08:00"),
        (REUNION, "2026-11-24T09:00", TODAY, "2026-11-24T20:00"),
        (NOUMEA, "2026-11-24T21:00", HALF, "2026-11-25T01:00"),
        (NOUMEA, "2026-11-24T21:00", TODAY, "2026-11-25T13:00"),
        (GUADELOUPE, "2026-11-24T20:00", TOMORROW, "2026-11-26T04:00"),
        (TAHITI, "2026-11-24T18:30", HALF, "2026-11-24T22:00"),
        # the nights when clocks change
        (NATION, "2026-03-28T23:30", TODAY, "2026-03-29T22:00"),
        (NATION, "2026-10-24T22:30", TODAY, "2026-10-25T23:00"),
        (person("Dimanche", hours="dim 02h-04h"), "2026-10-24T20:00", HALF, "2026-10-25T03:00"),
    ],
)
def test_an_absence_ends_when_its_author_said(who: Person, at: str, choice: AwayFor, until: str) -> None:
    assert away_until(snapshot([who]), who, choice, moment(at)) == moment(until)


@pytest.mark.parametrize(
    ("who", "at", "choice"),
    [
        (A, "2026-11-24T17:00", TODAY),
        (A, "2026-11-27T17:00", TOMORROW),
        (A, "2026-11-11T09:00", TODAY),
        (A, "2026-12-24T17:00", TOMORROW),
        (REUNION, "2026-11-24T14:00", TODAY),
    ],
)
def test_an_absence_that_would_end_before_the_first_call_is_none(who: Person, at: str, choice: AwayFor) -> None:
    """Said in the evening, « aujourd’hui » is over before the next morning's calls."""
    assert away_until(snapshot([who]), who, choice, moment(at)) is None


def test_a_half_day_waits_for_the_end_of_a_closure() -> None:
    closed = rules(closed=(closure("01", "2026-11-24T00:00", "2026-11-25T23:00"),))
    assert away_until(snapshot([A], closed), A, HALF, moment("2026-11-24T08:30")) == moment("2026-11-26T11:00")


@pytest.mark.parametrize("who", [A, LONG, REUNION, NOUMEA, TAHITI, GUADELOUPE, NIGHT_DESK, NATION])
@pytest.mark.parametrize("choice", list(AwayFor))
def test_whenever_it_is_said_the_next_call_that_it_is_meant_for_does_not_ring(who: Person, choice: AwayFor) -> None:
    """Every hour of three weeks around the end of summer time, All Saints and the 11th of November."""
    shot = snapshot([who])
    for hours in range(24 * 21):
        at = moment("2026-10-24T00:07") + timedelta(hours=hours)
        until = away_until(shot, who, choice, at)
        if until is None:
            assert choice is not HALF
            continue
        start, _end = next(half_days(shot, who, at))
        first = max(start, at)
        assert first < until
        assert desk_at(shot, who.departement, first).rangs
        away = snapshot([who], rules(away=(Absence(1, who.id, at, until),)))
        assert not desk_at(away, who.departement, first).rangs


def test_whole_days_are_those_of_the_persons_own_calendar() -> None:
    first, last = date(2026, 12, 24), date(2026, 12, 28)
    assert whole_days(A, first, last) == (moment("2026-12-23T23:00"), moment("2026-12-28T23:00"))
    assert whole_days(NOUMEA, first, last) == (moment("2026-12-23T13:00"), moment("2026-12-28T13:00"))
    for who in (A, NOUMEA, TAHITI, REUNION):
        assert as_days(who, *whole_days(who, first, last)) == (first, last)
    assert as_days(A, moment("2026-12-24T08:00"), moment("2026-12-28T23:00")) is None


def test_the_days_of_the_nights_when_clocks_change_have_23_and_25_hours() -> None:
    for day, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25)):
        start, end = whole_days(A, day, day)
        assert (end - start).total_seconds() == hours * 3600


def test_an_hour_that_clocks_jump_over_is_the_moment_of_the_jump() -> None:
    assert at_hour(A, date(2026, 3, 29), time(2, 30)) == moment("2026-03-29T01:00")
    assert at_hour(REUNION, date(2026, 3, 29), time(2, 30)) == moment("2026-03-28T22:30")


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2026-11-24T23:00", "2026-11-25T23:00", "le mercredi 25 novembre 2026"),
        ("2026-11-24T23:00", "2026-11-27T23:00", "du mercredi 25 novembre 2026 au vendredi 27 novembre 2026 inclus"),
        ("2026-11-24T10:07", "2026-11-24T23:00", "le mardi 24 novembre 2026 à partir de 11 h 07"),
        (
            "2026-11-24T10:07",
            "2026-11-25T23:00",
            "du mardi 24 novembre 2026 à 11 h 07 au mercredi 25 novembre 2026 inclus",
        ),
        ("2026-11-24T10:00", "2026-11-24T11:00", "du mardi 24 novembre 2026 à 11 h au mardi 24 novembre 2026 à 12 h"),
        ("2026-10-24T22:00", "2026-10-25T23:00", "le dimanche 25 octobre 2026"),
    ],
)
def test_a_period_in_words(start: str, end: str, words: str) -> None:
    assert said_period(A, moment(start), moment(end)) == words
