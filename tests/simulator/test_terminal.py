"""A call played in a terminal, from a file of commands."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from simulator.calls.leg import NumberSetup
from simulator.doors.terminal import CallAsked, CalledService, run
from tests.simulator.conftest import ACCOUNT, OURS, HandWritten

MENU = (
    '<Response><Gather action="/dep" numDigits="2" actionOnEmptyResult="true" input="dtmf speech">'
    "<Say>Tapez votre département.</Say></Gather></Response>"
)
DIAL = '<Response><Dial action="/end"><Number url="/screen">+33199000101</Number></Dial></Response>'
SCREEN = '<Response><Gather numDigits="1" action="/taken"><Say>Tapez 1.</Say></Gather><Hangup/></Response>'


@pytest.fixture
def place(line: HandWritten) -> CalledService:
    line.answers("/voice", MENU)
    line.answers("/dep", DIAL)
    line.answers("/screen", SCREEN)
    line.answers("/end", "<Response><Say>Merci.</Say></Response>")
    voice = f"{line.url}/voice"
    return CalledService(NumberSetup(OURS, voice, f"{voice}/fallback", f"{voice}/status", frozenset({OURS})), ACCOUNT)


def test_one_plays_the_caller_and_the_referent(line: HandWritten, place: CalledService) -> None:
    written: list[str] = []
    commands = ["75", "A répondre", "A 1", "attendre 30", "A raccrocher"]
    problems = run(place, commands, written.append, stepwise=True)
    text = "".join(written)
    assert problems == []
    assert "« Tapez votre département. »" in text
    assert "Téléphone A, +33199000101, sonne ; il affiche +33639981234." in text
    assert "A entend : « Tapez 1. »" in text
    assert "Vous êtes en relation" in text
    assert "« Merci. »" in text
    assert line.forms("/end")[0]["DialBridged"] == "true"
    assert line.statuses("/voice/status") == ["completed"]


def test_a_reader_ahead_of_the_call_answers_the_telephone_when_it_rings(
    line: HandWritten, place: CalledService
) -> None:
    sure = f'<Response><Gather action="/sure" actionOnEmptyResult="true"><Say>Paris.</Say></Gather>{DIAL[10:]}'
    line.answers("/dep", sure)
    line.answers("/sure", DIAL)
    written: list[str] = []
    run(place, ["75", "A répondre", "A 1"], written.append, stepwise=True)
    assert "Vous êtes en relation" in "".join(written)


def test_the_end_of_the_commands_hangs_up(line: HandWritten, place: CalledService) -> None:
    written: list[str] = []
    run(place, [], written.append, stepwise=True)
    assert "Vous avez raccroché" in written[-1]
    assert line.paths() == ["/voice", "/voice/status"]


def test_a_strange_command_is_named_and_help_is_offered(place: CalledService) -> None:
    written: list[str] = []
    run(place, ["danser", "aide", "quitter"], written.append, stepwise=True)
    assert "« danser » n'est pas compris" in "".join(written)
    assert "raccrocher" in "".join(written)


def test_the_moment_asked_for_travels_with_every_request(line: HandWritten, place: CalledService) -> None:
    asked = CallAsked(moment=datetime(2026, 12, 25, 9, 0, tzinfo=UTC))
    run(place, ["75"], lambda _: None, asked=asked, stepwise=True)
    moments = [one.headers["X-Demo-Moment"] for one in line.received]
    assert moments[0] == "2026-12-25T09:00:00+00:00"
    assert moments == sorted(moments)
    assert len(set(moments)) > 1


def test_by_the_wall_s_clock_the_call_goes_on_while_the_reader_types(line: HandWritten, place: CalledService) -> None:
    written: list[str] = []
    has_asked = threading.Event()

    def write(text: str) -> None:
        written.append(text)
        if "département" in text:
            has_asked.set()

    def typed() -> Iterator[str]:
        assert has_asked.wait(10)
        yield "75"
        yield "raccrocher"

    assert run(place, typed(), write) == []
    assert line.statuses("/voice/status") == ["completed"]
    assert "Vous avez raccroché" in "".join(written)
