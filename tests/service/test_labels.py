"""Moments as the pages say them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.pages.labels import day_and_hour, deadline

NOW = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
"""The 24th in Paris, the 25th in La Réunion."""


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (23, "hier avant 9 h 00"),
        (24, "aujourd’hui avant 9 h 00"),
        (25, "demain avant 9 h 00"),
        (26, "avant le 26 novembre 2026 à 9 h 00"),
    ],
)
def test_a_deadline_is_a_sentence(day: int, said: str) -> None:
    assert deadline(datetime(2026, 11, day, 8, tzinfo=UTC), "75", NOW) == said
    assert deadline(datetime(2026, 11, day, 8, tzinfo=UTC), "75").startswith("avant le ")


def test_today_and_tomorrow_are_those_of_the_departement() -> None:
    at = datetime(2026, 11, 25, 4, tzinfo=UTC)
    assert deadline(at, "75", NOW) == "demain avant 5 h 00"
    assert deadline(at, "974", NOW) == "aujourd’hui avant 8 h 00"
    assert day_and_hour(at, "974", NOW) == "aujourd’hui à 8 h 00"
