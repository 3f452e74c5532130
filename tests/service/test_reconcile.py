"""What webhooks lost is filled in from the operator's own log, over real HTTP, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from ivr.operator.call_log import OperatorUnavailable
from ivr.operator.number import wanted
from ivr.operator.twilio.log import TwilioCallLog
from ivr.operator.twilio.number import TwilioNumber
from records.calls.ledger import record, refold
from records.calls.listing import list_calls
from records.database import Engine, open_database, reading, writing
from records.facts import Fact, FactKind
from records.schema.migrations import migrate
from records.schema.tables import desk_tasks, facts, tombstones
from routing.departements import timezone_of
from service.running.reconcile import Reconciled, reconcile
from simulator.calls.engine import OperatorAccount, SimulatedOperator
from simulator.calls.leg import NumberSetup
from simulator.doors.rest import rest_blueprint
from simulator.world.clock import VirtualTime
from simulator.world.log import LogEntry, LoggedRecording
from tests.service.directories import MOMENT

ACCOUNT = OperatorAccount("ACmadeup", "made-up-token")
LINE = "+33199000000"
REFERENT = "+33199007501"
LAG = timedelta(minutes=15)


@pytest.fixture
def operator() -> SimulatedOperator:
    line = NumberSetup(LINE, "http://svi.example/voice", numbers=frozenset({LINE}))
    return SimulatedOperator(VirtualTime(MOMENT), ACCOUNT, line)


@pytest.fixture
def api_url(operator: SimulatedOperator) -> Iterator[str]:
    app = Flask(__name__)
    app.register_blueprint(rest_blueprint(operator))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url)
    migrate(engine)
    yield engine
    engine.dispose()


def logged(operator: SimulatedOperator, sid: str, minutes_ago: float, *, seconds: int = 100, **more: Any) -> LogEntry:
    started = MOMENT - timedelta(minutes=minutes_ago)
    fields: dict[str, Any] = {
        "sid": sid,
        "from_": "+33639981234",
        "to": LINE,
        "direction": "inbound",
        "started_at": started,
        "status": "completed",
        "answered_at": started,
        "ended_at": started + timedelta(seconds=seconds),
    }
    operator.log.calls[sid] = call = LogEntry(**(fields | more))
    return call


def leg(operator: SimulatedOperator, sid: str, parent: LogEntry, *, seconds: int = 60) -> LogEntry:
    ago = (MOMENT - parent.started_at).total_seconds() / 60
    return logged(operator, sid, ago, seconds=seconds, to=REFERENT, direction="outbound-dial", parent_sid=parent.sid)


def compare(api_url: str, engine: Engine, *, days: float = 1) -> Reconciled:
    log = TwilioCallLog(ACCOUNT.sid, ACCOUNT.token, api_url)
    return reconcile(log, engine, since=MOMENT - timedelta(days=days), at=MOMENT, lag=LAG)


def rows(engine: Engine) -> dict[str, dict[str, Any]]:
    with reading(engine) as connection:
        return {row["call_id"]: row for row in list_calls(connection, timezone_of=timezone_of)}


def heard(engine: Engine, *facts: Fact) -> None:
    with writing(engine) as connection:
        touched = record(connection, facts, origin="test", at=MOMENT)
        refold(connection, touched, timezone_of=timezone_of, at=MOMENT)


def webhooks_of(call: LogEntry) -> list[Fact]:
    arrival = {"caller": call.from_, "dialled": call.to, "version": 1}
    end = {"status": call.status, "seconds": call.seconds, "caller": call.from_, "dialled": call.to}
    ended = call.ended_at or call.started_at
    return [
        Fact(call.sid, FactKind.ARRIVED, 1, call.started_at, data=arrival),
        Fact(call.sid, FactKind.ENDED, 0, ended, data=end),
    ]


def test_a_call_that_no_webhook_told_is_filled_in_and_marked(
    operator: SimulatedOperator, api_url: str, engine: Engine
) -> None:
    logged(operator, "CAlost", 30)
    assert compare(api_url, engine) == Reconciled(1, ("CAlost",))
    row = rows(engine)["CAlost"]
    assert (row["source"], row["outcome"], row["total_seconds"]) == ("reconciliation", "missed", 100)
    assert row["caller"] == "+33639981234"


def test_reconciling_twice_repairs_once(operator: SimulatedOperator, api_url: str, engine: Engine) -> None:
    leg(operator, "CAleg", logged(operator, "CAlost", 30))
    assert compare(api_url, engine).repaired == ("CAlost",)
    before = rows(engine)
    assert compare(api_url, engine).repaired == ()
    assert rows(engine) == before


def test_a_call_that_webhooks_told_whole_is_left_alone(
    operator: SimulatedOperator, api_url: str, engine: Engine
) -> None:
    heard(engine, *webhooks_of(logged(operator, "CAfine", 30)))
    assert compare(api_url, engine) == Reconciled(1, ())
    assert rows(engine)["CAfine"]["source"] == "webhook"


def test_a_lost_end_is_repaired(operator: SimulatedOperator, api_url: str, engine: Engine) -> None:
    heard(engine, webhooks_of(logged(operator, "CAopen", 30))[0])
    assert rows(engine)["CAopen"]["outcome"] == "in_progress"
    assert compare(api_url, engine).repaired == ("CAopen",)
    row = rows(engine)["CAopen"]
    assert (row["outcome"], row["total_seconds"], row["source"]) == ("abandoned_menu", 100, "webhook")


def test_a_leg_that_no_webhook_told_is_repaired(operator: SimulatedOperator, api_url: str, engine: Engine) -> None:
    call = logged(operator, "CAlegless", 30)
    heard(engine, *webhooks_of(call))
    leg(operator, "CAleg", call)
    assert compare(api_url, engine).repaired == ("CAlegless",)


def test_a_different_duration_is_noticed(operator: SimulatedOperator, api_url: str, engine: Engine) -> None:
    call = logged(operator, "CAlonger", 30)
    heard(engine, *(webhooks_of(call)))
    operator.log.calls["CAlonger"] = replace(call, ended_at=call.started_at + timedelta(seconds=130))
    assert compare(api_url, engine).repaired == ("CAlonger",)


def test_a_call_that_has_just_ended_waits_for_its_webhooks(
    operator: SimulatedOperator, api_url: str, engine: Engine
) -> None:
    logged(operator, "CArecent", 14)
    assert compare(api_url, engine) == Reconciled(0, ())


def test_a_call_under_way_is_not_touched(operator: SimulatedOperator, api_url: str, engine: Engine) -> None:
    logged(operator, "CAtalking", 60, status="in-progress", ended_at=None)
    assert compare(api_url, engine) == Reconciled(0, ())


def test_an_erased_call_does_not_come_back(operator: SimulatedOperator, api_url: str, engine: Engine) -> None:
    logged(operator, "CAerased", 30)
    with writing(engine) as connection:
        connection.execute(tombstones.insert().values(call_id="CAerased", erased_at=MOMENT))
    assert compare(api_url, engine).repaired == ()
    assert rows(engine) == {}


def test_a_withheld_caller_stays_withheld(operator: SimulatedOperator, api_url: str, engine: Engine) -> None:
    logged(operator, "CAmasked", 30, from_="+266696687")
    compare(api_url, engine)
    assert rows(engine)["CAmasked"]["caller"] is None


def test_every_page_of_the_log_is_read(operator: SimulatedOperator, api_url: str, engine: Engine) -> None:
    """A thousand legs fill the first page; the call itself stands on the second."""
    call = logged(operator, "CAbig", 700)
    for number in range(1000):
        logged(operator, f"CAleg{number:04}", 600, direction="outbound-dial", parent_sid="CAother", to=REFERENT)
    leg(operator, "CAlast", call)
    assert compare(api_url, engine).repaired == ("CAbig",)
    assert len(rows(engine)["CAbig"]["attempts"]) == 1


def test_calls_before_the_asked_moment_are_left_out(operator: SimulatedOperator, api_url: str, engine: Engine) -> None:
    """The operator filters by whole UTC days: the moment is looked at here."""
    logged(operator, "CAearlier", 24 * 60 + 5)
    logged(operator, "CAlater", 24 * 60 - 5)
    assert compare(api_url, engine).repaired == ("CAlater",)


def test_an_operator_that_refuses_us_is_said_in_french(api_url: str) -> None:
    with pytest.raises(OperatorUnavailable, match="comme attendu"):
        list(TwilioCallLog(ACCOUNT.sid, "another token", api_url).ended_since(MOMENT))


def test_an_operator_that_is_away_is_said_in_french() -> None:
    log = TwilioCallLog(ACCOUNT.sid, ACCOUNT.token, "http://127.0.0.1:9")
    with pytest.raises(OperatorUnavailable, match="n’a pas répondu"):
        list(log.ended_since(MOMENT))


# ---------------------------------------------------------------- recordings


def recorded(operator: SimulatedOperator, sid: str, call: str, *, minutes_ago: float = 29, **more: Any) -> None:
    made = MOMENT - timedelta(minutes=minutes_ago)
    operator.log.recordings[sid] = LoggedRecording(sid, call, made, **({"seconds": 12} | more))


def left(call: LogEntry, recording: str, seconds: int = 13) -> Fact:
    data = {"recording": recording, "seconds": seconds, "caller_gone": True}
    return Fact(call.sid, FactKind.MESSAGE_LEFT, 5, call.started_at, data=data)


def ready(call: LogEntry, recording: str, at: Any = MOMENT) -> Fact:
    data = {"recording": recording, "status": "completed", "seconds": 12}
    return Fact(call.sid, FactKind.RECORDING_READY, 5, at, recording, data)


def recordings_told(engine: Engine) -> list[tuple[str, int, str]]:
    with reading(engine) as connection:
        wanted = facts.c.kind == str(FactKind.RECORDING_READY)
        found = connection.execute(facts.select().where(wanted).order_by(facts.c.id))
        return [(row.who, row.n, row.source) for row in found]


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


# ---------------------------------------------------------------- the number


def test_a_static_fallback_is_asked_for_by_get() -> None:
    expected = wanted("https://svi.example", "https://secours.example/entree.xml")
    assert (expected.fallback, expected.fallback_method) == ("https://secours.example/entree.xml", "GET")


def test_the_number_is_compared_with_what_it_should_be_and_put_right(api_url: str) -> None:
    number = TwilioNumber(LINE, ACCOUNT.sid, ACCOUNT.token, api_url)
    expected = wanted("https://svi.example")
    assert len(number.differences(expected)) == 3
    number.configure(expected)
    assert number.differences(expected) == []


def test_the_number_calls_every_address_again_when_it_must(operator: SimulatedOperator, api_url: str) -> None:
    """After an error of ours or a late answer too: without it, the operator asks once."""
    number = TwilioNumber(LINE, ACCOUNT.sid, ACCOUNT.token, api_url)
    number.configure(wanted("https://svi.example", "https://secours.example/entree.xml"))
    assert [operator.line.voice_url, operator.line.fallback_url, operator.line.status_url] == [
        f"{address}#rc=2&rp=ct,5xx,rt&rt=5000"
        for address in (
            "https://svi.example/voice", "https://secours.example/entree.xml", "https://svi.example/voice/status"
        )
    ]  # fmt: skip
    number.configure(wanted("https://svi.example", "https://secours.example/entree.xml#rc=0"))
    assert operator.line.fallback_url == "https://secours.example/entree.xml#rc=0"


def test_a_number_that_the_account_has_not_is_said(api_url: str) -> None:
    with pytest.raises(OperatorUnavailable, match="n’a pas le numéro"):
        TwilioNumber("+33199009999", ACCOUNT.sid, ACCOUNT.token, api_url).differences(wanted("https://svi.example"))
