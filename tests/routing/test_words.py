"""Dates and hours in words."""

from __future__ import annotations

from datetime import date

import pytest

from routing.calendar.words import say_date, say_day, say_day_of_month, say_minutes, say_moment, write_moment
from routing.departements import PARIS, timezone_of
from tests.routing.desks import moment


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "minuit"),
        (1440, "minuit"),
        (15, "zéro heure 15"),
        (60, "1 heure"),
        (75, "1 heure 15"),
        (540, "9 heures"),
        (570, "9 heures 30"),
        (725, "12 heures 5"),
        (1320, "22 heures"),
        (1560, "2 heures"),
    ],
)
def test_an_hour_is_said(minutes: int, said: str) -> None:
    assert say_minutes(minutes) == said


def test_the_first_of_a_month_is_said_premier() -> None:
    assert say_day_of_month(date(2027, 1, 1)) == "premier janvier"
    assert say_date(date(2026, 12, 7)) == "lundi 7 décembre"


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 11, 24), "aujourd'hui"),
        (date(2026, 11, 25), "demain"),
        (date(2026, 11, 26), "jeudi 26 novembre"),
        (date(2027, 1, 1), "vendredi premier janvier"),
        (date(2027, 11, 24), "mercredi 24 novembre 2027"),
        (date(2026, 11, 23), "lundi 23 novembre"),
    ],
)
def test_a_day_is_said_from_today(day: date, said: str) -> None:
    assert say_day(day, date(2026, 11, 24)) == said


@pytest.mark.parametrize(
    ("at", "now", "code", "said"),
    [
        ("2026-12-07T08:00", "2026-11-24T20:00", "75", "lundi 7 décembre à 9 heures"),
        ("2026-11-24T13:00", "2026-11-24T12:00", "75", "aujourd'hui à 14 heures"),
        ("2026-11-25T08:30", "2026-11-24T20:00", "75", "demain à 9 heures 30"),
        ("2026-11-24T23:30", "2026-11-24T22:30", "75", "demain à zéro heure 30"),
        ("2026-11-25T05:00", "2026-11-24T20:30", "974", "aujourd'hui à 9 heures"),
        ("2026-11-25T18:00", "2026-11-24T20:30", "987", "demain à 8 heures"),
    ],
)
def test_a_moment_is_said_in_local_time(at: str, now: str, code: str, said: str) -> None:
    """« Demain » is the département's own tomorrow."""
    assert say_moment(moment(at), moment(now), timezone_of(code)) == said


def test_a_moment_is_written_in_full() -> None:
    assert write_moment(moment("2026-12-07T08:30"), PARIS) == "lundi 7 décembre 2026 à 9 h 30"
    assert write_moment(moment("2027-01-01T08:00"), PARIS) == "vendredi 1er janvier 2027 à 9 h"
