"""How long something lasted, as people type it."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.typed.durations import (
    LONGEST,
    Doubt,
    DoubtfulDuration,
    DurationRefused,
    ReadDuration,
    Unit,
    check_duration,
    doubt_about,
    read_duration,
    say_duration,
    understand_duration,
)


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        ("390", 390), ("390 s", 390), ("390s", 390), ("390 sec", 390), ("390 secondes", 390), ("1 seconde", 1),
        ("6", 6), ("0045", 45), ("6:30", 390), ("06:30", 390), ("90:00", 5400), ("0:45", 45), ("1:05:00", 3900),
        ("6 min", 360), ("6min", 360), ("6 mn", 360), ("6 m", 360), ("6 minutes", 360), ("1 minute", 60),
        ("6,5 min", 390), ("6.5 min", 390), ("6,25 min", 375), ("6,5min", 390), ("6 min 30", 390), ("6 min 30 s", 390),
        ("6min30", 390), ("6 minutes et 30 secondes", 390), ("6’30", 390), ("6'30\"", 390), ("6′30″", 390),
        ("6'", 360), ("6'5''", 365), ("1 h 05", 3900), ("1h05", 3900), ("1 h", 3600), ("2 heures", 7200),
        ("1 h 05 min", 3900), ("1 h 05 min 30", 3930), ("1,5 h", 5400), ("  6\u00a0MIN\u202f30 ", 390), ("6 min.", 360),
        ("12 h", 43_200),
    ],
)  # fmt: skip
def test_what_people_write_is_read(typed: str, seconds: int) -> None:
    assert read_duration(typed) == seconds


@pytest.mark.parametrize(
    "typed",
    [
        "", "  ", "six", "5 à 10 min", "<1 min", "1,240",
        "6,5", "6.30", "6 30", "6:5", "6:75", "6 min 75", "1 h 75", "-6", "+6", "6-7",
        "6 min ou 7", "1:2:3", "6e2", "٦", "6 h h", "min", "6 jours", "6;30", "99:99:99", "1234567",
        "<b>6</b>", "6:30:",
    ],
)  # fmt: skip
def test_what_may_mean_either_is_refused_with_examples(typed: str) -> None:
    with pytest.raises(ValueError, match="Exemples : 390"):
        read_duration(typed)


@pytest.mark.parametrize("typed", ["0", "0 min", "0:00", "13 h", "999999", "12 h 01"])
def test_no_time_at_all_and_more_than_half_a_day_are_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="une seconde à douze heures"):
        read_duration(typed)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(6, "6 s"), (60, "1 min"), (390, "6 min 30"), (365, "6 min 05"), (3600, "1 h"), (3630, "1 h 00 min 30"),
     (3900, "1 h 05"), (3930, "1 h 05 min 30")],
)  # fmt: skip
def test_a_duration_is_said_back(seconds: int, said: str) -> None:
    assert say_duration(seconds) == said


def test_what_is_said_back_reads_as_the_same_duration() -> None:
    for seconds in (*range(1, 4000), 7200, 43_199, 43_200):
        assert read_duration(say_duration(seconds)) == seconds


def test_a_small_number_alone_and_more_than_an_hour_are_asked_about() -> None:
    assert doubt_about("6") == "6 s, est-ce bien cela ? Pour des minutes, écrivez « 6 min »."
    assert "1 h 05" in doubt_about("1 h 05")
    for typed in ("6 s", "0:45", "390", "60", "6 min", "1 h"):
        assert doubt_about(typed) == ""


def test_a_confirmation_holds_for_the_duration_that_was_shown_and_no_other() -> None:
    assert check_duration("6", "6") == 6
    assert check_duration("390", "") == 390
    for typed, confirmed in (("6", ""), ("7", "6"), ("1 h 05", "390"), ("65 min", "1")):
        with pytest.raises(DoubtfulDuration):
            check_duration(typed, confirmed)


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        ("4'10''", 250), ("4 min 10", 250), ("4mn 10s", 250), ("4m10s", 250), ("45''", 45), ("1h05", 3900),
        ("0h04", 240), ("04h10", 15_000), ("4 minutes et 10 secondes", 250), ("1 heure et 5 minutes", 3900),
        ("4 : 10", 250),
        ("4:10 min", 250), ("1:05 h", 3900), ("½ h", 1800), ("1/2h", 1800), ("1 h ½", 5400), ("3/4 h", 2700),
        ("une demi-heure", 1800), ("un quart d’heure", 900), ("PT4M10S", 250), ("PT45S", 45), ("240 sec.", 240),
        ("10 mins", 600), ("1 240", 1240), ("1 240 s", 1240), ("1\u202f240,00", 1240), ("1.240,00", 1240),
        ("1,240.00", 1240), ("240,00", 240), ("env. 5 min", 300), ("~5 min", 300), ("environ 1 h", 3600),
    ],
)  # fmt: skip
def test_more_of_what_people_write(typed: str, seconds: int) -> None:
    assert understand_duration(typed).seconds == seconds


@pytest.mark.parametrize(
    ("typed", "why"),
    [("1,240", "1240 ou 1,240"), ("1.240", "1240 ou 1,240"), ("3.5", "en secondes ou en minutes"), ("1/2", ""),
     ("PT", ""), ("5-10 min", ""), ("1:05:00 h", ""), ("1:2:3 min", "")],
)  # fmt: skip
def test_what_has_two_meanings_is_refused_and_says_which(typed: str, why: str) -> None:
    with pytest.raises(DurationRefused, match="n’est pas claire") as refused:
        understand_duration(typed)
    assert why in refused.value.why


def test_a_number_alone_counts_in_the_unit_of_its_column() -> None:
    assert understand_duration("4", Unit.MINUTES) == ReadDuration(240)
    assert understand_duration("3,5", Unit.MINUTES) == ReadDuration(210)
    assert understand_duration("240 s", Unit.MINUTES) == ReadDuration(240)
    assert understand_duration(4) == ReadDuration(4, Doubt.BARE, 240)
    with pytest.raises(DurationRefused, match="12 min 20 ou 12 min 12"):
        understand_duration("12.20", Unit.MINUTES)


def test_what_is_about_or_a_spreadsheet_made_of_it_has_its_doubt() -> None:
    assert understand_duration("environ 6 min") == ReadDuration(360, Doubt.ABOUT)
    assert understand_duration(time(12, 20)) == ReadDuration(740, Doubt.CLOCK, 44_400)
    assert understand_duration(timedelta(hours=25, minutes=10)) == ReadDuration(1510, Doubt.CLOCK, 90_600)
    assert understand_duration(1 / 360) == ReadDuration(240, Doubt.FRACTION)
    assert understand_duration("00:04") == ReadDuration(4, Doubt.CLOCK, 240)
    assert doubt_about("environ 6 min") == "L’appel a-t-il bien duré 6 min ?"
    assert doubt_about("6,30 min") == "L’appel a-t-il bien duré 6 min 18 ?"


@given(st.integers(1, LONGEST))
def test_every_duration_is_read_back_as_it_is_said_and_as_a_spreadsheet_keeps_it(seconds: int) -> None:
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    for written in (
        say_duration(seconds), f"{seconds} s", f"{hours}:{minutes:02d}:{rest:02d}",
        f"{hours}h{minutes:02d}m{rest:02d}s", seconds,
    ):  # fmt: skip
        assert understand_duration(written).seconds == seconds
    for kept in (timedelta(seconds=seconds), seconds / 86_400):
        assert seconds in understand_duration(kept).possible


@given(st.one_of(st.text(max_size=30), st.floats(), st.integers(), st.timedeltas(), st.times()))
def test_anything_at_all_is_read_or_refused(written: str | float | timedelta | time) -> None:
    for unit in Unit:
        try:
            assert 0 <= understand_duration(written, unit).seconds <= LONGEST
        except DurationRefused:
            continue
