"""What webhooks lost is filled in from the operator's own log, over real HTTP, on both databases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Response

from ivr.operator.call_log import OperatorUnavailable
from ivr.operator.twilio.log import TwilioCallLog
from ivr.operator.twilio.presented import OurLines
from records.calls.ledger import record, refold
from records.calls.listing import list_calls
from records.database import Engine, open_database, reading, writing
from records.facts import Fact, FactKind
from records.schema.desk_tables import qualifications
from records.schema.migrations import migrate
from records.schema.tables import desk_tasks, facts, tombstones
from routing.departements import timezone_of
from service.running.reconcile import Reconciled, reconcile
from simulator.calls.engine import SimulatedOperator
from simulator.doors.rest import call_to_json, recording_to_json
from simulator.world.log import LogEntry, LoggedRecording
from tests.service.directories import MOMENT
from tests.service.operator_api import ACCOUNT, LINE, made_up_operator, served

REFERENT = "+33199007501"
LAG = timedelta(minutes=15)
OURS = frozenset({LINE, "+33806000156"})
ELSEWHERE = "+33199004444"
"""Another number of the same account, of another service."""

TRANSIT = "+33199005555"


@pytest.fixture
def operator() -> SimulatedOperator:
    return made_up_operator(MOMENT)


@pytest.fixture
def answers() -> list[Any]:
    """What the operator answers to the next requests instead of its log; None: the log after all."""
    return []


@pytest.fixture
def api_url(operator: SimulatedOperator, answers: list[Any]) -> Iterator[str]:
    with served(operator, answers) as url:
        yield url


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


def compare(
    api_url: str,
    engine: Engine,
    *,
    days: float = 1,
    ours: frozenset[str] = OURS,
    transit: frozenset[str] = frozenset(),
) -> Reconciled:
    log = TwilioCallLog(ACCOUNT.sid, ACCOUNT.token, api_url, OurLines(ours, transit))
    return reconcile(log, engine, own_numbers=ours, since=MOMENT - timedelta(days=days), at=MOMENT, lag=LAG)


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


# ---------------------------------------------------------------- the rest of the account


def busy_account(operator: SimulatedOperator) -> None:
    """An account that serves others too: their calls with long legs, and calls made by programs, to us as well."""
    for number in range(3):
        stranger = logged(operator, f"CAstranger{number}", 40 + number, seconds=900, to=ELSEWHERE)
        leg(operator, f"CAstrangerleg{number}", stranger, seconds=880)
    reminder = logged(operator, "CAprogram", 35, seconds=880, from_=ELSEWHERE, to=LINE, direction="outbound-api")
    leg(operator, "CAprogramleg", reminder, seconds=870)
    logged(operator, "CAtrunk", 36, to=LINE, direction="trunking-originating")


def test_calls_to_other_numbers_of_the_account_are_nobodys_of_ours(
    operator: SimulatedOperator, api_url: str, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """A stranger's 880 seconds would raise the mean of somebody who never heard of him."""
    busy_account(operator)
    leg(operator, "CAourleg", logged(operator, "CAours", 30), seconds=60)
    with caplog.at_level("INFO"):
        assert compare(api_url, engine) == Reconciled(1, ("CAours",), left_out=3)
    assert "3 appels à d’autres numéros" in caplog.text
    assert set(rows(engine)) == {"CAours"}
    assert rows(engine)["CAours"]["talk_seconds"] == 60


@pytest.mark.parametrize("to", ["+33199001235", f"sip:{LINE}@svi.example;user=phone", "sips:0199000000@svi.example"])
def test_a_call_to_any_of_our_numbers_is_ours_however_it_is_written(
    operator: SimulatedOperator, api_url: str, engine: Engine, to: str
) -> None:
    logged(operator, "CAlost", 30, to=to)
    assert compare(api_url, engine, ours=OURS | {"+33199001235"}).repaired == ("CAlost",)


def test_a_call_whose_webhook_came_to_us_is_ours_though_its_number_is_not_listed(
    operator: SimulatedOperator, api_url: str, engine: Engine
) -> None:
    heard(engine, webhooks_of(logged(operator, "CAopen", 30, to=ELSEWHERE))[0])
    assert compare(api_url, engine) == Reconciled(1, ("CAopen",))
    assert rows(engine)["CAopen"]["outcome"] == "abandoned_menu"


def test_what_an_earlier_comparison_took_from_other_numbers_is_taken_back(
    operator: SimulatedOperator, api_url: str, engine: Engine
) -> None:
    """But neither what a webhook told nor what somebody has qualified."""
    busy_account(operator)
    heard(engine, webhooks_of(logged(operator, "CAheard", 30, to=ELSEWHERE))[0])
    compare(api_url, engine, ours=OURS | {ELSEWHERE})
    assert set(rows(engine)) == {"CAheard", "CAstranger0", "CAstranger1", "CAstranger2"}
    words = dict.fromkeys(("thematique", "motif", "sous_motif", "niveau", "comment", "by"), "")
    with writing(engine) as connection:
        qualified = words | {"call_id": "CAstranger2", "resolved": True, "escalated": False, "version": 1, "at": MOMENT}
        connection.execute(qualifications.insert().values(qualified))
    taken_back = ("CAstranger0", "CAstranger1")
    assert compare(api_url, engine) == Reconciled(1, (), left_out=3, withdrawn=taken_back)
    assert set(rows(engine)) == {"CAheard", "CAstranger2"}
    assert compare(api_url, engine).withdrawn == ()


def test_other_numbers_fill_pages_and_ours_are_found_among_them(
    operator: SimulatedOperator, api_url: str, engine: Engine
) -> None:
    for number in range(2100):
        logged(operator, f"CAother{number:04}", 100 + number / 10, to=ELSEWHERE)
    ours = [logged(operator, f"CAours{number}", ago).sid for number, ago in enumerate((50, 150, 250, 350))]
    assert compare(api_url, engine) == Reconciled(4, tuple(sorted(ours, reverse=True)), left_out=2100)
    assert {row["outcome"] for row in rows(engine).values()} == {"missed"}


REFUSALS = {
    "too many requests": Response('{"code": 20429, "message": "Too Many Requests"}', 429, mimetype="application/json"),
    "an error": Response('{"code": 20500, "message": "Internal"}', 500, mimetype="application/json"),
    "a page of a proxy": Response("<h1>502 Bad Gateway</h1>", 200, mimetype="text/html"),
    "an answer cut short": Response('{"calls": [{"sid": "CA1"', 200, mimetype="application/json"),
    "nothing": Response("", 200, mimetype="application/json"),
    "another shape": Response('{"calls": null}', 200, mimetype="application/json"),
    "a list": Response("[]", 200, mimetype="application/json"),
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS.keys())
def test_a_log_that_cannot_be_read_whole_changes_nothing_and_the_next_reading_repairs(
    operator: SimulatedOperator, api_url: str, engine: Engine, answers: list[Any], refusal: Response
) -> None:
    """Half a log would make calls without their legs: nobody answered, though somebody did."""
    call = logged(operator, "CAbig", 700)
    for number in range(1000):
        logged(operator, f"CAleg{number:04}", 600, direction="outbound-dial", parent_sid="CAother", to=REFERENT)
    leg(operator, "CAlast", call)
    for good_pages in (0, 1):
        answers += [*[None] * good_pages, refusal]
        with pytest.raises(OperatorUnavailable, match="comme attendu"):
            compare(api_url, engine)
        assert rows(engine) == {}
    assert compare(api_url, engine).repaired == ("CAbig",)


def test_an_entry_that_cannot_be_read_stops_no_other(
    operator: SimulatedOperator, api_url: str, engine: Engine, answers: list[Any]
) -> None:
    logged(operator, "CAfine", 30)
    good = call_to_json(ACCOUNT.sid, operator.log.calls["CAfine"])
    odd = [
        good | {"sid": "CAodd1", "start_time": "yesterday"},
        good | {"sid": "CAodd2", "end_time": "soon"},
        good | {"sid": None},
        good | {"sid": "CA odd"},
        good | {"sid": "CAodd3", "to": None, "from": None, "duration": "long", "status": "teleported"},
        good | {"sid": "CAodd4", "to": ["x"], "from": 5, "forwarded_from": {}, "duration": [1], "parent_call_sid": {}},
        good | {"sid": "CAodd5", "direction": [], "status": None, "parent_call_sid": 7, "start_time": 12},
    ]
    answers.append(Response(json.dumps({"calls": [*odd, good], "next_page_uri": None}), mimetype="application/json"))
    assert compare(api_url, engine) == Reconciled(2, ("CAfine", "CAodd2"), left_out=2)


def test_a_duration_that_no_call_has_is_none(
    operator: SimulatedOperator, api_url: str, engine: Engine, answers: list[Any]
) -> None:
    """A database takes no number of so many digits: one entry would stop the whole comparison, for ever."""
    logged(operator, "CAfine", 30)
    good = call_to_json(ACCOUNT.sid, operator.log.calls["CAfine"])
    odd = [good | {"sid": f"CA{len(told)}", "duration": told} for told in ("9" * 5000, "9" * 30, "-5", "٣")]
    answers.append(Response(json.dumps({"calls": [*odd, good], "next_page_uri": None}), mimetype="application/json"))
    assert len(compare(api_url, engine).repaired) == 5
    assert {row["total_seconds"] for row in rows(engine).values()} == {0, 100}


def test_a_recording_that_cannot_be_read_stops_no_other(
    operator: SimulatedOperator, api_url: str, engine: Engine, answers: list[Any]
) -> None:
    call = logged(operator, "CA1", 30)
    heard(engine, *webhooks_of(call))
    recorded(operator, "RE1", "CA1")
    good = recording_to_json(ACCOUNT.sid, operator.log.recordings["RE1"])
    odd = [
        good | {"sid": 5},
        good | {"sid": "RE2", "call_sid": ["CA1"]},
        good | {"sid": "RE3", "date_created": None, "start_time": None},
        good | {"sid": "RE4", "date_created": "today", "start_time": 7},
        good | {"sid": "RE5", "source": {}, "status": []},
    ]
    told = {"recordings": [*odd, good], "next_page_uri": None}
    answers += [None, Response(json.dumps(told), mimetype="application/json")]
    assert compare(api_url, engine) == Reconciled(1, ("CA1",))
    assert [sid for sid, _, _ in recordings_told(engine)] == ["RE1"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("page", [("calls", 0), ("calls", 1), ("recordings", 0), ("recordings", 1)])
def test_a_list_that_never_ends_is_left_and_said_in_french(
    operator: SimulatedOperator, api_url: str, engine: Engine, answers: list[Any], page: tuple[str, int]
) -> None:
    """Each page names the next one: read on, it would fill this machine's memory, and no other comparison would run."""
    name, entries = page
    logged(operator, "CA1", 30)
    recorded(operator, "RE1", "CA1")
    of_calls = call_to_json(ACCOUNT.sid, operator.log.calls["CA1"])
    entry = of_calls if name == "calls" else recording_to_json(ACCOUNT.sid, operator.log.recordings["RE1"])
    told = {name: [entry] * entries, "next_page_uri": f"/2010-04-01/Accounts/{ACCOUNT.sid}/{name.title()}.json?Page=1"}
    endless = Response(json.dumps(told), mimetype="application/json")
    answers += [*([None] if name == "recordings" else []), *[endless] * 30]
    with pytest.raises(OperatorUnavailable, match="ne finit pas"):
        compare(api_url, engine)
    assert len(answers) > 25


def test_a_leg_that_stands_on_two_pages_is_one_leg(
    operator: SimulatedOperator, api_url: str, answers: list[Any]
) -> None:
    """Calls that begin while the list is read push older ones on to the next page."""
    call = logged(operator, "CA1", 30)
    other = leg(operator, "CA2", call)
    first, second = (call_to_json(ACCOUNT.sid, one) for one in (call, other))
    following = f"/2010-04-01/Accounts/{ACCOUNT.sid}/Calls.json?Page=1"
    for entries, uri in (([first, second], following), ([second, first | {"sid": "CA3"}], None)):
        told = {"calls": entries, "next_page_uri": uri}
        answers.append(Response(json.dumps(told), mimetype="application/json"))
    found = list(TwilioCallLog(ACCOUNT.sid, ACCOUNT.token, api_url).ended_since(MOMENT - timedelta(days=1)))
    assert {one.call: len(one.legs) for one in found} == {"CA1": 1, "CA3": 0}


def test_a_caller_behind_a_carriers_number_is_the_same_in_the_log_as_in_the_webhook(
    operator: SimulatedOperator, api_url: str, engine: Engine
) -> None:
    logged(operator, "CAhidden", 30, from_=TRANSIT)
    logged(operator, "CApassed", 31, from_=TRANSIT, forwarded_from="0692123456")
    logged(operator, "CAtrunk", 32, from_=f"sip:{TRANSIT}@sbc.example", forwarded_from=LINE)
    logged(operator, "CAplain", 33, forwarded_from="+33639985678")
    compare(api_url, engine, transit=frozenset({TRANSIT}))
    assert {call: row["caller"] for call, row in rows(engine).items()} == {
        "CAhidden": None,
        "CApassed": "+262692123456",
        "CAtrunk": None,
        "CAplain": "+33639981234",
    }
    assert compare(api_url, engine, transit=frozenset({TRANSIT})).repaired == ()


def test_a_call_told_whole_whose_caller_only_a_header_named_is_left_alone(
    operator: SimulatedOperator, api_url: str, engine: Engine
) -> None:
    """The log has no headers: it knows less than the webhook, and does not contradict it."""
    heard(engine, *webhooks_of(replace(logged(operator, "CAheader", 30, from_=TRANSIT), from_="+33639981234")))
    assert compare(api_url, engine, transit=frozenset({TRANSIT})) == Reconciled(1, ())
    assert rows(engine)["CAheader"]["caller"] == "+33639981234"
