"""Webhooks are asked for again as their address says, and by default after a failed connection alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Response

from simulator.calls.engine import SimulatedOperator
from simulator.calls.leg import NumberSetup
from simulator.wire.overrides import Overrides, read_overrides
from simulator.world.clock import VirtualTime
from simulator.world.habits import Habits, Timeouts
from tests.simulator.conftest import CALLER, OURS, HandWritten

AGAIN = "#rc=2&rp=ct,5xx,rt"

Build = Callable[..., SimulatedOperator]


def away(times: int) -> Callable[[Any], Any]:
    """A document that is answered after so many 503."""
    left = [True] * times
    return lambda _: Response(status=503) if left and left.pop() else "<Response/>"


def number(line: HandWritten, overrides: str) -> NumberSetup:
    return NumberSetup(OURS, f"{line.url}/voice{overrides}", f"{line.url}/fallback", f"{line.url}/status{overrides}")


def call(operator: SimulatedOperator, time: VirtualTime) -> None:
    operator.call(CALLER)
    time.run()


@pytest.mark.parametrize("kind", ["documents", "callbacks"])
def test_a_503_is_not_asked_for_again_by_default(
    kind: str, line: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    path = "/voice" if kind == "documents" else "/status"
    line.answers(path, away(1))
    call(operator, time)
    assert line.paths().count(path) == 1
    assert "answered 503" in operator.log.problems[0]


@pytest.mark.parametrize("path", ["/voice", "/status"])
def test_a_503_is_asked_for_again_where_the_address_says_so(
    path: str, line: HandWritten, new_operator: Build, time: VirtualTime
) -> None:
    line.answers(path, away(2))
    operator = new_operator(line=number(line, AGAIN))
    call(operator, time)
    tries = [one for one in line.received if one.path == path]
    assert len(tries) == 3
    assert len({one.headers["I-Twilio-Idempotency-Token"] for one in tries}) == 1
    assert operator.log.problems == []


def test_no_more_often_than_the_address_says(line: HandWritten, new_operator: Build, time: VirtualTime) -> None:
    line.answers("/voice", away(3))
    operator = new_operator(line=number(line, AGAIN))
    call(operator, time)
    assert line.paths() == ["/voice"] * 3 + ["/fallback", "/status"]


def test_the_fragment_is_neither_sent_nor_signed(line: HandWritten, new_operator: Build, time: VirtualTime) -> None:
    """The line's own check signs the address as it was requested."""
    line.answers("/voice", '<Response><Gather action="/next?n=2#rc=2&amp;rp=5xx"><Say>Tapez.</Say></Gather></Response>')
    operator = new_operator(line=number(line, AGAIN))
    caller = operator.call(CALLER)
    time.run(seconds=1)
    caller.press("1#")
    time.run()
    assert line.paths() == ["/voice", "/next?n=2", "/status"]
    assert all(one.is_signed for one in line.received)


def test_what_a_document_asks_for_holds_for_its_own_addresses_alone(
    line: HandWritten, new_operator: Build, time: VirtualTime
) -> None:
    line.answers("/voice", "<Response><Redirect>/next</Redirect></Response>")
    line.answers("/next", away(1))
    operator = new_operator(line=number(line, AGAIN))
    call(operator, time)
    assert line.paths() == ["/voice", "/next", "/fallback", "/status"]


def test_an_operator_that_knows_no_overrides_asks_once(
    line: HandWritten, new_operator: Build, time: VirtualTime
) -> None:
    line.answers("/status", away(1))
    operator = new_operator(line=number(line, AGAIN), habits=Habits(knows_overrides=False))
    call(operator, time)
    assert line.paths() == ["/voice", "/status"]


def test_an_answer_that_comes_too_late_is_asked_for_again_where_the_address_says_so(
    line: HandWritten, new_operator: Build, time: VirtualTime
) -> None:
    """The first answer waits for the second request: both are executed, the second answer is followed."""
    asked_again = threading.Event()

    def late(_: object) -> str:
        if line.paths().count("/voice") == 1:
            asked_again.wait(20)
            return "<Response><Redirect>/never</Redirect></Response>"
        asked_again.set()
        return "<Response/>"

    line.answers("/voice", late)
    operator = new_operator(line=number(line, AGAIN), timeouts=Timeouts(read=0.3))
    call(operator, time)
    assert line.paths() == ["/voice", "/voice", "/status"]


def test_all_tries_together_have_one_bound_of_time(line: HandWritten, new_operator: Build, time: VirtualTime) -> None:
    """By default one late answer takes it all: nothing is left for another try."""
    given_up = threading.Event()

    def late(_: object) -> str:
        given_up.wait(20)
        return "<Response/>"

    def fallback(_: object) -> str:
        given_up.set()
        return "<Response/>"

    line.answers("/voice", late)
    line.answers("/fallback", fallback)
    operator = new_operator(line=number(line, AGAIN), timeouts=Timeouts(read=0.3, total=0.3))
    call(operator, time)
    assert line.paths() == ["/voice", "/fallback", "/status"]


@pytest.mark.parametrize(
    "overrides", ["#rc=6", "#rp=503", "#rt=20000", "#retries=2", "#rc", "#tt=50", "#rp=", "#sni=x"]
)
def test_an_override_that_the_operator_does_not_know_is_an_error(
    overrides: str, line: HandWritten, new_operator: Build, time: VirtualTime
) -> None:
    call(new_operator(line=number(line, overrides)), time)
    assert line.forms("/fallback")[0]["ErrorCode"] == "11240"


def test_defaults_are_the_documented_ones() -> None:
    assert read_overrides("https://svi.example/voice") == Overrides(5, 15, 15, 1, frozenset({"ct"}))
    asked = read_overrides("https://svi.example/voice?n=2#ct=2000&rt=6000&tt=9000&rc=3&rp=4xx,all&e=dublin&sni=y")
    assert asked == Overrides(2, 6, 9, 3, frozenset({"4xx", "all"}))
