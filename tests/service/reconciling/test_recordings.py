"""A message of which no webhook came is found in the operator's list of recordings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from records.database import Engine, reading
from records.facts import Fact, FactKind
from records.schema.tables import desk_tasks
from service.running.reconcile import Reconciled
from simulator.calls.engine import SimulatedOperator
from simulator.world.log import LogEntry
from tests.service.directories import MOMENT
from tests.service.reconciling.log_and_ledger import (
    compare,
    heard,
    logged,
    recorded,
    recordings_told,
    rows,
    webhooks_of,
)


def left(call: LogEntry, recording: str, seconds: int = 13) -> Fact:
    data = {"recording": recording, "seconds": seconds, "caller_gone": True}
    return Fact(call.sid, FactKind.MESSAGE_LEFT, 5, call.started_at, data=data)


def ready(call: LogEntry, recording: str, at: Any = MOMENT) -> Fact:
    data = {"recording": recording, "status": "completed", "seconds": 12}
    return Fact(call.sid, FactKind.RECORDING_READY, 5, at, recording, data)


def test_a_message_of_which_nothing_came_is_found_in_the_list_of_recordings(
    operator: SimulatedOperator, api_url: str, engine: Engine
) -> None:
    """Neither the action nor the callback: the row says so, and the desk has its task from when it was left."""
    heard(engine, *webhooks_of(logged(operator, "CAmute", 30)))
    recorded(operator, "RE1", "CAmute")
    assert compare(api_url, engine) == Reconciled(1, ("CAmute",))
    row = rows(engine)["CAmute"]
    assert (row["outcome"], row["message_seconds"], row["source"]) == ("message", 12, "webhook")
    with reading(engine) as connection:
        [task] = connection.execute(desk_tasks.select()).all()
    assert task.created_at == MOMENT - timedelta(minutes=29)


def test_a_message_whose_callback_never_came_takes_the_place_of_its_action(
    operator: SimulatedOperator, api_url: str, engine: Engine
) -> None:
    call = logged(operator, "CAmute", 30)
    heard(engine, *webhooks_of(call), left(call, "RE1"))
    recorded(operator, "RE1", "CAmute")
    assert compare(api_url, engine).repaired == ("CAmute",)
    assert recordings_told(engine) == [("RE1", 5, "reconciliation")]
    assert rows(engine)["CAmute"]["message_seconds"] == 12


def test_a_recording_is_found_once_and_a_late_callback_changes_nothing(
    operator: SimulatedOperator, api_url: str, engine: Engine
) -> None:
    call = logged(operator, "CAmute", 30)
    heard(engine, *webhooks_of(call), left(call, "RE1"))
    recorded(operator, "RE1", "CAmute")
    compare(api_url, engine)
    before = rows(engine)
    assert compare(api_url, engine).repaired == ()
    heard(engine, ready(call, "RE1", MOMENT + timedelta(minutes=2)))
    assert (rows(engine), len(recordings_told(engine))) == (before, 1)
    assert compare(api_url, engine).repaired == ()


def test_a_recording_that_its_callback_told_is_left_alone(
    operator: SimulatedOperator, api_url: str, engine: Engine
) -> None:
    call = logged(operator, "CAfine", 30)
    heard(engine, *webhooks_of(call), left(call, "RE1"), ready(call, "RE1"))
    recorded(operator, "RE1", "CAfine")
    assert compare(api_url, engine).repaired == ()
    assert recordings_told(engine) == [("RE1", 5, "webhook")]


def test_two_messages_of_one_call_stay_in_their_order(
    operator: SimulatedOperator, api_url: str, engine: Engine
) -> None:
    """The second one counts: the first was followed by a choice to do it again."""
    heard(engine, *webhooks_of(logged(operator, "CAtwo", 30)))
    recorded(operator, "REz", "CAtwo", minutes_ago=29.5, seconds=4)
    recorded(operator, "REa", "CAtwo", minutes_ago=29, seconds=9)
    compare(api_url, engine)
    assert rows(engine)["CAtwo"]["message_seconds"] == 9


@pytest.mark.parametrize(("status", "seconds"), [("absent", 0), ("failed", 12), ("completed", 1)])
def test_a_recording_that_holds_nothing_is_no_message(
    operator: SimulatedOperator, api_url: str, engine: Engine, status: str, seconds: int
) -> None:
    heard(engine, *webhooks_of(logged(operator, "CAempty", 30)))
    recorded(operator, "RE1", "CAempty", status=status, seconds=seconds)
    compare(api_url, engine)
    assert (rows(engine)["CAempty"]["outcome"], len(recordings_told(engine))) == ("abandoned_menu", 1)


@pytest.mark.parametrize(
    "more", [{"status": "in-progress"}, {"status": "processing"}, {"source": "DialVerb"}, {"minutes_ago": 14}]
)
def test_a_recording_under_way_or_of_another_kind_is_not_touched(
    operator: SimulatedOperator, api_url: str, engine: Engine, more: Any
) -> None:
    heard(engine, *webhooks_of(logged(operator, "CAmute", 30)))
    recorded(operator, "RE1", "CAmute", **more)
    assert compare(api_url, engine).repaired == ()
    assert recordings_told(engine) == []


def test_recordings_of_calls_that_are_not_ours_are_left_alone(
    operator: SimulatedOperator, api_url: str, engine: Engine
) -> None:
    recorded(operator, "RE1", "CAstranger")
    assert compare(api_url, engine) == Reconciled(0, ())
    assert rows(engine) == {}
    assert recordings_told(engine) == []


def test_every_page_of_the_recordings_is_read(operator: SimulatedOperator, api_url: str, engine: Engine) -> None:
    """A thousand recordings of others fill the first page."""
    heard(engine, *webhooks_of(logged(operator, "CAmute", 600)))
    recorded(operator, "RE1", "CAmute", minutes_ago=599)
    for number in range(1000):
        recorded(operator, f"REother{number:04}", "CAstranger", minutes_ago=300)
    assert compare(api_url, engine).repaired == ("CAmute",)


def test_a_message_of_a_call_that_only_the_log_knows_is_kept_too(
    operator: SimulatedOperator, api_url: str, engine: Engine
) -> None:
    logged(operator, "CAlost", 30)
    recorded(operator, "RE1", "CAlost")
    assert compare(api_url, engine).repaired == ("CAlost",)
    row = rows(engine)["CAlost"]
    assert (row["outcome"], row["message_seconds"], row["source"]) == ("message", 12, "reconciliation")
