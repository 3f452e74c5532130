"""When what waits is late."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from routing.calendar.open_days import due_at
from routing.departements import timezone_of


@pytest.mark.parametrize(
    ("departement", "came", "due"),
    [
        ("75", "2026-12-07 15:00", "2026-12-08 15:00"),  # Monday
        ("75", "2026-12-11 15:00", "2026-12-14 15:00"),  # Friday: Monday at the same hour
        ("75", "2026-12-12 10:00", "2026-12-15 09:00"),  # Saturday: it counts from Monday's opening
        ("75", "2026-12-11 22:40", "2026-12-15 09:00"),  # Friday night, too
        ("75", "2026-12-07 12:30", "2026-12-08 14:00"),  # at noon
        ("75", "2026-12-24 10:00", "2026-12-28 10:00"),  # Christmas is a Friday
        ("67", "2026-12-24 10:00", "2026-12-28 10:00"),
        ("974", "2026-12-18 10:00", "2026-12-21 10:00"),  # the abolition of slavery, on Sunday the 20th
        ("987", "2027-03-04 10:00", "2027-03-08 10:00"),  # the arrival of the Gospel, a Friday
        ("*", "2026-12-25 10:00", "2026-12-29 09:00"),
    ],
)
def test_a_task_is_late_after_one_open_day(departement: str, came: str, due: str) -> None:
    zone = timezone_of(departement)
    moment = datetime.fromisoformat(came).replace(tzinfo=zone)
    assert due_at(moment, departement).astimezone(zone) == datetime.fromisoformat(due).replace(tzinfo=zone)


def test_an_open_day_keeps_its_hour_on_the_night_when_clocks_change() -> None:
    paris = ZoneInfo("Europe/Paris")
    friday = datetime(2026, 3, 27, 9, 30, tzinfo=paris)
    assert due_at(friday, "75").astimezone(paris) == datetime(2026, 3, 30, 9, 30, tzinfo=paris)
