"""What is judged wrong, and what is not: each kind by itself, without a machine around it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reports.alarm.rules import AlarmKind
from service.running.watching.health import Part
from service.running.watching.telling.problems import TITLES, Kind, Problem, problems
from service.running.watching.telling.sight import Certificate, Disk, Sight

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
GIGA = 1024**3
WELL: dict[str, Part] = {
    name: {"state": "ok"} for name in ("directory", "journal", "clerk", "database", "worker", "operator", "line")
}
ALL_WELL = Sight(NOW, "svi-1", WELL, door_seconds=0.01, disk=Disk(50 * GIGA, 100 * GIGA), job_done_at=NOW)


def judged(**seen: Any) -> list[Problem]:
    parts = {**WELL, **seen.pop("parts", {})}
    return problems(replace(ALL_WELL, parts=parts, **seen))


def test_all_that_works_is_no_problem() -> None:
    assert judged() == []


@pytest.mark.parametrize(
    ("seen", "kind"),
    [
        ({"door_seconds": None}, Kind.DOOR),
        ({"door_seconds": 12.0}, Kind.DOOR),
        ({"parts": {"directory": {"state": "down"}}}, Kind.DIRECTORY),
        ({"parts": {"clerk": {"state": "down"}}}, Kind.CLERK),
        ({"parts": {"worker": {"state": "down"}}}, Kind.WORKER),
        ({"parts": {"worker": {"state": "down", "reason": "clock"}}}, Kind.CLOCK),
        ({"parts": {"worker": {"state": "off"}}, "job_done_at": NOW - 11 * MINUTE}, Kind.WORKER),
        ({"parts": {"worker": {"state": "off"}}, "job_done_at": None}, Kind.WORKER),
        ({"parts": {"journal": {"state": "degraded"}}}, Kind.JOURNAL_LOSSES),
        ({"is_database_there": False}, Kind.DATABASE),
        ({"clerk": {"database": {"newer": "0019", "replaced": None}}}, Kind.DATABASE_NEWER),
        ({"clerk": {"database": {"replaced": (NOW - MINUTE).isoformat()}}}, Kind.DATABASE_REPLACED),
        ({"clerk": {"journal_losses": {"unreadable": {"1-a.journal": "PermissionError"}}}}, Kind.JOURNAL_LOSSES),
        ({"jobs": {"jobs": {"radar": {"due": NOW.isoformat(), "late": True}}}}, Kind.JOB_LATE),
        ({"jobs": {"failing": ["radar"]}}, Kind.JOB_FAILING),
        ({"jobs": {"operator": {"state": "down"}}}, Kind.OPERATOR),
        ({"jobs": {"operator": {"state": "ok", "repaired": 1}}}, Kind.RECONCILIATION),
        ({"certificate": Certificate(until=NOW + timedelta(days=19))}, Kind.CERTIFICATE),
        ({"certificate": Certificate(wrong="il a expiré")}, Kind.CERTIFICATE),
        ({"disk": Disk(GIGA // 2, 100 * GIGA)}, Kind.DISK),
        ({"disk": Disk(GIGA // 5, 5 * GIGA)}, Kind.DISK),
        ({"disk": Disk(50 * GIGA, 100 * GIGA, 0.01)}, Kind.DISK),
        ({"backup": {"at": (NOW - timedelta(hours=37)).isoformat()}}, Kind.BACKUP),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(seen: dict[str, Any], kind: Kind) -> None:
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
        {"disk": Disk(GIGA // 2, 5 * GIGA)},
        {"disk": None},
        {"backup": {"at": (NOW - timedelta(hours=30)).isoformat()}},
        {"clerk": {"database": {"replaced": (NOW - timedelta(days=2)).isoformat(), "newer": None}}},
        {"jobs": {"failing": ["radar"]}, "parts": {"worker": {"state": "off"}}},
    ],
)
def test_what_is_no_problem_is_not_told(seen: dict[str, Any]) -> None:
    assert judged(**seen) == []


def test_a_failing_database_explains_late_jobs_and_a_waiting_journal() -> None:
    late = {"jobs": {"radar": {"due": NOW.isoformat(), "late": True}}, "failing": ["radar"]}
    assert [one.kind for one in judged(is_database_there=False, jobs=late)] == [Kind.DATABASE]


def test_what_all_machines_share_names_none_of_them() -> None:
    for seen in ({"certificate": Certificate(wrong="il a expiré")}, {"is_database_there": False}):
        assert [one.about for one in judged(**seen)] == [""]
    assert [one.about for one in judged(door_seconds=None)] == ["svi-1"]


def test_every_kind_has_a_title() -> None:
    assert set(TITLES) == {*Kind, *AlarmKind}
