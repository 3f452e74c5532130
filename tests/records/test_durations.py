"""How long something lasted, as people type it."""

from __future__ import annotations

import pytest

from records.typed.durations import DoubtfulDuration, check_duration, doubt_about, read_duration, say_duration


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
        "", "  ", "six", "5 à 10 min", "<1 min", "1,240", "6,5", "6.30", "6 30", "6:5", "6:75", "6 min 75", "1 h 75", "-6", "+6", "6-7",
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
