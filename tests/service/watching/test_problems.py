"""What is judged wrong, and what is not: each kind by itself, without a machine around it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reports.alarm.rules import AlarmKind
from service.running.watching.health import Part
from service.running.watching.telling.problems import TITLES, Ailment, Concern, problems
from service.running.watching.telling.sight import Certificate, DiskRoom, Sight

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
GIGA = 1024**3
WELL: dict[str, Part] = {
    name: {"state": "ok"} for name in ("directory", "journal", "clerk", "database", "worker", "operator", "line")
}
ALL_WELL = Sight(NOW, "svi-1", WELL, door_seconds=0.01, disk=DiskRoom(50 * GIGA, 100 * GIGA), job_done_at=NOW)


def judged(**seen: Any) -> list[Concern]:
    parts = {**WELL, **seen.pop("parts", {})}
    return problems(replace(ALL_WELL, parts=parts, **seen))


def test_all_that_works_is_no_problem() -> None:
    assert judged() == []


@pytest.mark.parametrize(
    ("seen", "kind"),
    [
        ({"door_seconds": None}, Ailment.DOOR),
        ({"door_seconds": 12.0}, Ailment.DOOR),
        ({"parts": {"directory": {"state": "down"}}}, Ailment.DIRECTORY),
        ({"parts": {"clerk": {"state": "down"}}}, Ailment.CLERK),
        ({"parts": {"worker": {"state": "down"}}}, Ailment.WORKER),
        ({"parts": {"worker": {"state": "down", "reason": "clock"}}}, Ailment.CLOCK),
        ({"parts": {"worker": {"state": "off"}}, "job_done_at": NOW - 11 * MINUTE}, Ailment.WORKER),
        ({"parts": {"worker": {"state": "off"}}, "job_done_at": None}, Ailment.WORKER),
        ({"heavy": {"at": (NOW - 6 * MINUTE).isoformat(), "doing": None}}, Ailment.WORKER),
        ({"parts": {"journal": {"state": "degraded"}}}, Ailment.JOURNAL_LOSSES),
        ({"is_database_there": False}, Ailment.DATABASE),
        ({"is_database_there": False, "clerk": {"drained_at": NOW.isoformat()}}, Ailment.DATABASE),
        ({"clerk": {"database": {"newer": "0019", "replaced": None}}}, Ailment.DATABASE_NEWER),
        ({"clerk": {"database": {"replaced": (NOW - MINUTE).isoformat()}}}, Ailment.DATABASE_REPLACED),
        ({"clerk": {"journal_losses": {"unreadable": {"1-a.journal": "PermissionError"}}}}, Ailment.JOURNAL_LOSSES),
        ({"jobs": {"jobs": {"radar": {"due": NOW.isoformat(), "late": True}}}}, Ailment.JOB_LATE),
        ({"jobs": {"failing": ["radar"]}}, Ailment.JOB_FAILING),
        ({"jobs": {"operator": {"state": "down"}}}, Ailment.OPERATOR),
        ({"jobs": {"operator": {"state": "ok", "repaired": 1}}}, Ailment.RECONCILIATION),
        ({"certificate": Certificate(until=NOW + timedelta(days=19))}, Ailment.CERTIFICATE),
        ({"certificate": Certificate(wrong="il a expiré")}, Ailment.CERTIFICATE),
        ({"disk": DiskRoom(GIGA // 2, 100 * GIGA)}, Ailment.DISK),
        ({"disk": DiskRoom(GIGA // 5, 5 * GIGA)}, Ailment.DISK),
        ({"disk": DiskRoom(50 * GIGA, 100 * GIGA, 0.01)}, Ailment.DISK),
        ({"backup": {"at": (NOW - timedelta(hours=37)).isoformat()}}, Ailment.BACKUP),
        ({"owes_backup": True, "watching_since": NOW - timedelta(hours=37)}, Ailment.BACKUP),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(seen: dict[str, Any], kind: Ailment) -> None:
    [one] = judged(**seen)
    assert one.kind is kind
    assert one.told.endswith(".")
    assert one.to_do.endswith(".")
    assert len(one.key) <= 200


@pytest.mark.parametrize(
    "seen",
    [
        {"serves": False, "door_seconds": None},
        {"parts": {"worker": {"state": "off"}}, "job_done_at": NOW - 9 * MINUTE},
        {"certificate": Certificate(until=NOW + timedelta(days=21))},
        {"certificate": Certificate()},
        {"disk": DiskRoom(GIGA // 2, 5 * GIGA)},
        {"disk": None},
        {"backup": {"at": (NOW - timedelta(hours=30)).isoformat()}},
        {"owes_backup": True, "watching_since": NOW - timedelta(hours=35)},
        {"owes_backup": False, "watching_since": NOW - timedelta(hours=37)},
        {"clerk": {"database": {"replaced": (NOW - timedelta(days=2)).isoformat(), "newer": None}}},
        {"jobs": {"failing": ["radar"]}, "parts": {"worker": {"state": "off"}}},
    ],
)
def test_what_is_no_problem_is_not_told(seen: dict[str, Any]) -> None:
    assert judged(**seen) == []


def test_a_failing_database_explains_late_jobs_and_a_waiting_journal() -> None:
    late = {"jobs": {"radar": {"due": NOW.isoformat(), "late": True}}, "failing": ["radar"]}
    assert [one.kind for one in judged(is_database_there=False, jobs=late)] == [Ailment.DATABASE]


def test_what_all_machines_share_names_none_of_them() -> None:
    for seen in ({"certificate": Certificate(wrong="il a expiré")}, {"is_database_there": False}):
        assert [one.about for one in judged(**seen)] == [""]
    assert [one.about for one in judged(door_seconds=None)] == ["svi-1"]


def test_every_kind_has_a_title() -> None:
    assert set(TITLES) == {*Ailment, *AlarmKind}
