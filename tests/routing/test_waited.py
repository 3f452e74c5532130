"""How long something has waited, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from routing.calendar.words import say_waited

MOMENT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


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
