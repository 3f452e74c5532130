"""Moments as the pages say them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from service.pages.labels import deadline

TODAY = date(2026, 11, 24)


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
    assert deadline(datetime(2026, 11, day, 8, tzinfo=UTC), "75", TODAY) == said
    assert deadline(datetime(2026, 11, day, 8, tzinfo=UTC), "75").startswith("avant le ")
