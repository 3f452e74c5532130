"""Calls while our service is stopped: the operator goes to the fallback, which is files on somebody else's host."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from routing.rules import Rules
from routing.snapshot import Snapshot
from service.running.fallback import build_fallback
from service.settings import read_settings
from simulator.calls.engine import Caller, OperatorAccount, SimulatedOperator
from simulator.calls.leg import NumberSetup
from simulator.calls.phones import Answers, Declines, Presses, Talks
from simulator.world.clock import VirtualTime
from tests.service.directories import MOMENT, person

OURS = "+33199001234"
CALLER = "+33639981234"
ANNE, BRUNO, TEAM = "+33199000101", "+33199000102", "+33199000103"
STOPPED = "http://127.0.0.1:9/voice"


class Files(SimpleHTTPRequestHandler):
    """A host of plain files, as any web host is. The entry may be asked for by POST; nothing else may."""

    def do_POST(self) -> None:
        self.send_error(405) if "entree" not in self.path else self.do_GET()

    def log_message(self, *_: Any) -> None:
        """Says nothing."""

    def end_headers(self) -> None:
        """Asks for one connection a request, so that none stays open after the test."""
        self.send_header("Connection", "close")
        super().end_headers()


class Blanks(Files):
    """A host of documents with blanks, as the operator's own: each is filled from the request's parameters."""

    def do_GET(self) -> None:
        told = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        text = Path(self.translate_path(self.path)).read_text(encoding="utf-8")
        body = re.sub(r"{{(\w+)}}", lambda blank: told.get(blank[1], ""), text).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Any]:
    servers: list[tuple[ThreadingHTTPServer, threading.Thread]] = []

    def start(handler: type[Files]) -> str:
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(tmp_path / "secours")))
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def time() -> VirtualTime:
    return VirtualTime(MOMENT)


@pytest.fixture(params=["files and blanks apart", "one host for both"])
def operator(request: pytest.FixtureRequest, tmp_path: Path, serve: Any, time: VirtualTime) -> SimulatedOperator:
    files, blanks = serve(Files), serve(Blanks)
    apart = {"fallback_url": files, "fallback_switch_url": f"{blanks}/aiguillage.xml"}
    root, more = (files, apart) if request.param == "files and blanks apart" else (blanks, {})
    settings = read_settings(demo=True, var_dir=tmp_path / "var", caller_id=OURS, **more)
    people = (
        replace(person("Anne"), phone=ANNE, rang=1),
        replace(person("Bruno"), phone=BRUNO, rang=2, screened=False),
        replace(person("Equipe", "*"), phone=TEAM, rang=1),
    )
    build_fallback(Snapshot(7, MOMENT, people, Rules()), settings, tmp_path / "secours")
    line = NumberSetup(OURS, STOPPED, f"{root}/entree.xml", "", frozenset({OURS}))
    return SimulatedOperator(time, OperatorAccount("AC" + "0" * 32, "made-up-token"), line, dice=random.Random(5))


def call(operator: SimulatedOperator, time: VirtualTime, *keys: str) -> Caller:
    """Somebody calls and presses these keys, one group at each question."""
    caller = operator.call(CALLER)
    for group in keys:
        time.run(seconds=5)
        caller.press(group)
    time.run()
    return caller


def heard(caller: Caller) -> str:
    return " ".join(one.data["text"] for one in caller.feed.happenings if (one.kind, one.where) == ("says", "caller"))


def rung(operator: SimulatedOperator) -> list[str]:
    return [one.to for one in operator.log.calls.values() if one.direction == "outbound-dial"]


def test_the_right_referent_is_reached_and_presses_one(operator: SimulatedOperator, time: VirtualTime) -> None:
    operator.phone(ANNE).scripts = [(Answers(4), Presses("1", after=4), Talks(60))]
    caller = call(operator, time, "75")
    assert rung(operator) == [ANNE]
    assert "Paris." in heard(caller)
    assert operator.phone(ANNE).rings == 1
    assert "Merci de votre appel" in heard(caller)
    assert operator.log.problems == [f"{STOPPED}: ConnectionError"]


def test_a_voicemail_box_presses_nothing_and_the_second_rang_is_rung(
    operator: SimulatedOperator, time: VirtualTime
) -> None:
    operator.phone(ANNE).scripts = [(Answers(2),)]
    operator.phone(BRUNO).scripts = [(Answers(3), Talks(60))]
    caller = call(operator, time, "75")
    assert rung(operator) == [ANNE, BRUNO]
    assert "Merci de votre appel" in heard(caller)


def test_nobody_answers_anywhere_and_the_caller_hears_where_the_form_is(
    operator: SimulatedOperator, time: VirtualTime
) -> None:
    operator.phone(ANNE).scripts = [(Declines("busy"),)]
    operator.phone(BRUNO).scripts = [(Declines("failed"),)]
    caller = call(operator, time, "75")
    assert rung(operator) == [ANNE, BRUNO, TEAM]
    assert "formulaire d'assistance" in heard(caller)
    assert operator.log.calls[caller.sid].status == "completed"


@pytest.mark.parametrize(
    ("keys", "name"),
    [
        (("97", "4"), "La Réunion"),
        (("20", "1"), "Corse-du-Sud"),
        (("206",), "Haute-Corse"),
        (("9#",), "Ariège"),
        (("98", "9", "75"), "Paris"),
        (("96", "75"), "Paris"),
        (("1*", "75"), "Paris"),
    ],
)
def test_every_way_to_give_a_departement_works(
    operator: SimulatedOperator, time: VirtualTime, keys: tuple[str, ...], name: str
) -> None:
    operator.phone(TEAM).scripts = operator.phone(ANNE).scripts = [(Answers(2), Presses("1", after=3), Talks(5))]
    caller = call(operator, time, *keys)
    assert f" {name}." in heard(caller)
    assert operator.log.problems == [f"{STOPPED}: ConnectionError"]


@pytest.mark.parametrize("keys", [(), ("*",), ("**",), ("97",), ("20",)])
def test_silence_and_star_reach_the_national_team(
    operator: SimulatedOperator, time: VirtualTime, keys: tuple[str, ...]
) -> None:
    operator.phone(TEAM).scripts = [(Answers(2), Presses("1", after=3), Talks(5))]
    caller = call(operator, time, *keys)
    assert rung(operator) == [TEAM]
    assert "Merci de votre appel" in heard(caller)


def test_a_service_that_stops_in_the_middle_of_a_call_loses_nobody(
    operator: SimulatedOperator, time: VirtualTime, tmp_path: Path
) -> None:
    """The first document was ours; the one that the keys lead to never comes."""
    ours = f'<Response><Gather action="{STOPPED}" numDigits="2"><Say>Bonjour. Votre choix ?</Say></Gather></Response>'
    (tmp_path / "secours" / "entree-vivante.xml").write_text(ours)
    operator.line.voice_url = operator.line.fallback_url.replace("entree.xml", "entree-vivante.xml")
    operator.phone(ANNE).scripts = [(Answers(2), Presses("1", after=3), Talks(5))]
    caller = call(operator, time, "75", "75")
    assert "Votre choix" in heard(caller)
    assert rung(operator) == [ANNE]
    assert "Merci de votre appel" in heard(caller)
