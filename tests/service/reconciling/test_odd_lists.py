"""Lists of the operator's that cannot be read whole, never end, or hold what nobody can read."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Response

from ivr.operator.call_log import OperatorUnavailable
from ivr.operator.twilio.log import TwilioCallLog
from records.database import Engine
from service.running.reconcile import Reconciled
from simulator.calls.engine import SimulatedOperator
from simulator.doors.rest import call_to_json, recording_to_json
from tests.service.directories import MOMENT
from tests.service.operator_api import ACCOUNT
from tests.service.reconciling.log_and_ledger import (
    REFERENT,
    compare,
    heard,
    leg,
    logged,
    recorded,
    recordings_told,
    rows,
    webhooks_of,
)

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
