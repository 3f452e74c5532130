"""The log is the whole account's: other numbers' calls, pages and errors, and callers behind a carrier's number."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from flask import Response

from ivr.operator.call_log import OperatorUnavailable
from records.database import Engine, writing
from records.schema.desk_tables import qualifications
from service.running.reconcile import Reconciled
from simulator.calls.engine import SimulatedOperator
from simulator.doors.rest import call_to_json
from tests.service.directories import MOMENT
from tests.service.operator_api import ACCOUNT, LINE
from tests.service.reconciling.log_and_ledger import (
    ELSEWHERE,
    OURS,
    REFERENT,
    TRANSIT,
    compare,
    heard,
    leg,
    logged,
    rows,
    webhooks_of,
)


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
    ]
    answers.append(Response(json.dumps({"calls": [*odd, good], "next_page_uri": None}), mimetype="application/json"))
    assert compare(api_url, engine) == Reconciled(2, ("CAfine", "CAodd2"), left_out=1)


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
