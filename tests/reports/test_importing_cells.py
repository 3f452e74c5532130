"""One cell of a workbook filled by hand: read however it was typed, or refused with its reason."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from reports.importing.reading.book import Cell
from reports.importing.understanding.cells import CellRefused, read_date, read_level, read_seconds, read_yes_no
from tests.reports.workbooks import (
    TODAY,
)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        (datetime(2025, 4, 12), date(2025, 4, 12)),  # noqa: DTZ001 - a spreadsheet's day has no zone
        (date(2025, 4, 12), date(2025, 4, 12)),
        ("12/04/2025", date(2025, 4, 12)),
        ("12/4/25", date(2025, 4, 12)),
        ("12-04-2025", date(2025, 4, 12)),
        ("12.04.2025", date(2025, 4, 12)),
        ("2025-04-12 10:00:00", date(2025, 4, 12)),
        ("samedi 12 avril 2025", date(2025, 4, 12)),
        ("1er août 2025", date(2025, 8, 1)),
        (45759.0, date(2025, 4, 12)),
    ],
)
def test_a_date_is_read_however_it_was_typed(cell: Cell, day: date) -> None:
    assert read_date(cell, TODAY) == day


@pytest.mark.parametrize(
    ("cell", "reason"),
    [(None, "manque"), ("31/02/2025", "n'est pas une date"), ("demain", "n'est pas une date"),
     ("25/11/2026", "dans le futur"), ("12/04/1925", "antérieure"), (3.5e9, "n'est pas une date"),
     (True, "n'est pas une date")],
)  # fmt: skip
def test_a_date_that_cannot_be_is_refused_with_its_reason(cell: Cell, reason: str) -> None:
    with pytest.raises(CellRefused, match=reason):
        read_date(cell, TODAY)


@pytest.mark.parametrize(
    ("seconds", "minutes", "expected"),
    [
        (490, None, 490), (490.0, None, 490), ("490", None, 490), ("08:10", None, 490), ("8:10", None, 490),
        ("8 min 10 s", None, 490), ("8'10", None, 490), ("8mn", None, 480), ("0:08:10", None, 490),
        ("1h 2min", None, 3720),
        (time(0, 8, 10), None, 490), (time(8, 10), None, 490), (timedelta(minutes=8, seconds=10), None, 490),
        (None, timedelta(hours=8, minutes=10), 490), (None, "08:10", 490), (None, 8.5, 510), (None, "8,5", 510),
        ("", None, None), (None, None, None), (0, None, 0),
    ],
)  # fmt: skip
def test_a_duration_is_read_in_seconds_or_minutes(seconds: Cell, minutes: Cell, expected: int | None) -> None:
    assert read_seconds(seconds, minutes) == expected


@pytest.mark.parametrize("cell", [-5, 90_000, "longtemps", "8:99:99:1", float("inf"), float("nan"), "99999999:00"])
def test_a_duration_that_cannot_be_is_refused(cell: Cell) -> None:
    with pytest.raises(CellRefused, match="durée"):
        read_seconds(cell)


@pytest.mark.parametrize(
    ("cell", "level"),
    [("1", "1"), (1, "1"), (2.0, "2"), ("Niveau 2", "2"), ("N1", "1"), ("1/2", "1/2"), ("niveau 1 / 2", "1/2"),
     (datetime(2025, 2, 1), "1/2"), ("", None), (None, None)],  # noqa: DTZ001 - 1/2 as a spreadsheet keeps it
)  # fmt: skip
def test_a_level_is_read_even_when_the_spreadsheet_made_a_date_of_it(cell: Cell, level: str | None) -> None:
    assert read_level(cell) == level


def test_yes_and_no_have_many_writings() -> None:
    assert [read_yes_no(c, "x") for c in ("OUI", " oui", "X", 1, True)] == [True] * 5
    assert [read_yes_no(c, "x") for c in ("Non", "n", 0, False)] == [False] * 4
    with pytest.raises(CellRefused, match="écrivez Oui ou Non"):
        read_yes_no("peut-être", "Problème résolu ?")
