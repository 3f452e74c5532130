"""The engine of the demonstration as a process of its own: what a page may ask of it, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.wiring.simulator import fiction_caller
from simulator.calls.engine import SimulatedOperator
from simulator.doors.host import host_app
from simulator.doors.telephone import telephone_blueprint
from simulator.world.clock import VirtualTime
from tests.simulator.conftest import HandWritten

ANNE = "+33199000101"
ASKS = '<Response><Gather action="/next" numDigits="2"><Say>Tapez.</Say></Gather></Response>'
RINGS = f'<Response><Dial action="/end"><Number url="/screen">{ANNE}</Number></Dial></Response>'
SCREENS = '<Response><Gather numDigits="1" action="/taken"><Say>Tapez 1.</Say></Gather><Hangup/></Response>'


@pytest.fixture
def page(line: HandWritten, new_operator: Callable[..., SimulatedOperator]) -> FlaskClient:
    line.answers("/voice", ASKS)
    line.answers("/next", RINGS)
    line.answers("/screen", SCREENS)
    line.answers("/end", "<Response><Say>Merci.</Say></Response>")
    return host_app(new_operator(), fiction_caller, forgotten_after=60.0).test_client()


def begin(page: FlaskClient, **asked: str) -> str:
    answer = page.post("/calls", json={"from": "06 39 98 12 34", **asked})
    assert answer.status_code == 200, answer.text
    return str(answer.get_json()["call"])


def happenings(page: FlaskClient, call: str) -> list[dict[str, Any]]:
    return list(page.get(f"/calls/{call}/happenings").get_json()["happenings"])


def test_a_call_is_played_by_its_page(line: HandWritten, page: FlaskClient, time: VirtualTime) -> None:
    call = begin(page)
    time.run(seconds=1)
    page.post(f"/calls/{call}/press", json={"keys": "75"})
    time.run(seconds=3)
    assert page.post(f"/calls/{call}/answer", json={"phone": ANNE}).status_code == 200
    time.run(seconds=1)
    page.post(f"/calls/{call}/press", json={"phone": ANNE, "keys": "1"})
    time.run(seconds=20)
    page.post(f"/calls/{call}/hangup", json={"phone": ANNE})
    time.run(seconds=3)
    told = [(one["where"], one["kind"]) for one in happenings(page, call)]
    assert (ANNE, "rings") in told
    assert ("caller", "bridged") in told
    assert told[-1] == ("caller", "over")
    assert line.forms("/end")[0]["DialBridged"] == "true"


def test_happenings_are_told_once_to_a_page_that_says_what_it_knows(page: FlaskClient, time: VirtualTime) -> None:
    call = begin(page)
    time.run(seconds=1)
    known = len(happenings(page, call))
    assert page.get(f"/calls/{call}/happenings?after={known}").json == {"happenings": [], "over": False}


def test_the_pretended_moment_is_in_paris(line: HandWritten, page: FlaskClient, time: VirtualTime) -> None:
    begin(page, moment="2026-12-25T10:00")
    time.run(seconds=1)
    assert line.received[0].headers["X-Demo-Moment"] == "2026-12-25T09:00:00+00:00"


def test_a_withheld_number_stays_withheld(line: HandWritten, page: FlaskClient, time: VirtualTime) -> None:
    begin(page, **{"from": "anonymous"})
    time.run(seconds=1)
    assert line.received[0].form["From"] == "anonymous"
    assert line.received[0].form["FromCountry"] == ""


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"from": "0 806 000 156"}, "Numéro de l’appelant"),
        ({"from": "bonjour"}, "Numéro de l’appelant"),
        ({"from": "06 39 98 12 34", "moment": "demain"}, "La date et l'heure"),
        ({"from": "06 39 98 12 34", "moment": "0001-01-01T00:00"}, "L'année"),
        ({"from": ["06"]}, "mal formée"),
        (["06"], "mal formée"),
    ],
)
def test_a_call_that_cannot_be_is_refused_with_a_sentence(page: FlaskClient, asked: Any, sentence: str) -> None:
    answer = page.post("/calls", json=asked)
    assert answer.status_code == 400
    assert sentence in answer.get_json()["error"]


@pytest.mark.parametrize(
    ("path", "asked", "status"),
    [
        ("/calls/CA0/press", {"keys": "1"}, 404),
        ("/calls/{call}/press", {"keys": "1;"}, 400),
        ("/calls/{call}/press", {"keys": "1" * 21}, 400),
        ("/calls/{call}/say", {"text": " "}, 400),
        ("/calls/{call}/shout", {}, 404),
        ("/calls/{call}/answer", {"phone": "+33199000199"}, 409),
    ],
)
def test_a_deed_that_cannot_be_done_is_refused(page: FlaskClient, path: str, asked: Any, status: int) -> None:
    call = begin(page)
    assert page.post(path.format(call=call), json=asked).status_code == status


def test_a_telephone_that_rings_for_another_call_cannot_be_picked_up(page: FlaskClient, time: VirtualTime) -> None:
    call, other = begin(page), begin(page)
    time.run(seconds=1)
    page.post(f"/calls/{call}/press", json={"keys": "75"})
    time.run(seconds=3)
    assert page.post(f"/calls/{other}/answer", json={"phone": ANNE}).status_code == 409


def test_a_call_whose_page_was_closed_is_hung_up(line: HandWritten, page: FlaskClient, time: VirtualTime) -> None:
    line.answers("/voice", '<Response><Say loop="100">Un instant.</Say></Response>')
    watched, left = begin(page), begin(page)
    for _ in range(10):
        time.run(seconds=10)
        assert happenings(page, watched)[-1]["kind"] != "over"
    told = [one for one in happenings(page, left) if one["kind"] == "over"]
    assert [one["by"] for one in told] == ["caller"]
    assert 60 <= told[0]["seconds"] <= 80


@pytest.fixture
def lonely_page() -> FlaskClient:
    """The page's own addresses, with no engine behind them."""
    app = Flask(__name__)
    rows = {"CA1": {"call_id": "CA1", "outcome": "answered"}}
    app.register_blueprint(
        telephone_blueprint("http://127.0.0.1:9", row_of=rows.get, name_of=lambda _: None, number="0 806 000 156")
    )
    return app.test_client()


def test_the_page_asks_for_nothing_inline(lonely_page: FlaskClient) -> None:
    """The pages' security policy would block it."""
    text = lonely_page.get("/telephone").text
    assert "0 806 000 156" in text
    assert " style=" not in text
    assert " onclick=" not in text
    assert "<style" not in text
    assert "<script>" not in text


def test_without_its_engine_the_page_says_so(lonely_page: FlaskClient) -> None:
    for answer in (
        lonely_page.post("/telephone/calls", json={}),
        lonely_page.get("/telephone/calls/CA1/happenings"),
        lonely_page.post("/telephone/calls/CA1/press", json={"keys": "1"}),
    ):
        assert answer.status_code == 503
        assert "redémarre" in answer.get_json()["error"]


def test_the_row_is_shown_as_it_is_recorded_or_not_yet(lonely_page: FlaskClient) -> None:
    assert lonely_page.get("/telephone/row/CA1").json == {"row": {"call_id": "CA1", "outcome": "answered"}}
    assert lonely_page.get("/telephone/row/CA2").json == {"row": None}
    assert lonely_page.get("/telephone/row/a-b").status_code == 404
