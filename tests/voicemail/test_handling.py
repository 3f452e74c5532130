"""Waiting times and durations as people read and type them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.service.directories import MOMENT
from voicemail.handling import read_duration, say_waited


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        ("", None),
        ("  ", None),
        ("390", 390),
        ("6:30", 390),
        ("6 min", 360),
        ("6 min 30", 390),
        ("0:45", 45),
    ],
)
def test_a_duration_is_read_as_it_is_typed(typed: str, seconds: int | None) -> None:
    assert read_duration(typed) == seconds


@pytest.mark.parametrize("typed", ["six", "6", "-1", "0", "6:75", "13 h", "1e3", "٣", "9" * 50])
def test_what_is_no_duration_is_refused_in_a_sentence(typed: str) -> None:
    with pytest.raises(ValueError, match=r"durée|est-ce bien cela"):
        read_duration(typed)


@pytest.mark.parametrize(
    ("waited", "said"),
    [
        (timedelta(seconds=-5), "depuis 0 minute"),
        (timedelta(minutes=1), "depuis 1 minute"),
        (timedelta(minutes=59), "depuis 59 minutes"),
        (timedelta(hours=25), "depuis 25 heures"),
        (timedelta(days=3), "depuis 3 jours"),
    ],
)
def test_how_long_it_has_waited_is_said_in_words(waited: timedelta, said: str) -> None:
    assert say_waited(MOMENT, MOMENT + waited) == said
