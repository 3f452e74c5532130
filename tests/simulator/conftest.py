"""A line whose documents are written by hand, served on loopback, and an operator that calls it."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask, Response, request
from twilio.request_validator import RequestValidator

from simulator.calls.engine import OperatorAccount, SimulatedOperator
from simulator.calls.leg import NumberSetup
from simulator.world.clock import VirtualTime
from tests.loopback import loopback

ACCOUNT = OperatorAccount("AC" + "0" * 32, "made-up-token")
OURS = "+33199001234"
CALLER = "+33639981234"
START = datetime(2026, 1, 5, 8, 12, 45, tzinfo=UTC)

Document = str | Callable[[Mapping[str, str]], Any]


@dataclass
class Received:
    """One webhook as the line received it."""

    path: str
    form: dict[str, str]
    headers: dict[str, str]
    is_signed: bool


@dataclass
class HandWritten:
    """What the line answers on each path, and what it received."""

    documents: dict[str, Document] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    url: str = ""

    def answers(self, path: str, document: Document) -> None:
        self.documents[path] = document

    def forms(self, path: str) -> list[dict[str, str]]:
        return [one.form for one in self.received if one.path == path]

    def paths(self) -> list[str]:
        return [one.path for one in self.received]

    def statuses(self, path: str) -> list[str]:
        return [form["CallStatus"] for form in self.forms(path)]

    def receive(self, path: str) -> Any:
        form = request.form.to_dict()
        target = request.environ["REQUEST_URI"]
        signature = request.headers.get("X-Twilio-Signature", "")
        signed = RequestValidator(ACCOUNT.token).validate(self.url + target, form, signature)
        self.received.append(Received(target, form or request.args.to_dict(), dict(request.headers), signed))
        document = self.documents.get(path, "<Response/>")
        answer = document if isinstance(document, str) else document(form)
        return Response(answer, content_type="text/xml; charset=utf-8") if isinstance(answer, str) else answer


@pytest.fixture
def line() -> Iterator[HandWritten]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    written = HandWritten()
    app = Flask(__name__)
    app.add_url_rule("/<path:path>", view_func=lambda path: written.receive("/" + path), methods=["GET", "POST"])
    with loopback(app) as written.url:
        yield written


@pytest.fixture
def time() -> VirtualTime:
    return VirtualTime(START)


@pytest.fixture
def new_operator(line: HandWritten, time: VirtualTime) -> Callable[..., SimulatedOperator]:
    def build(**options: Any) -> SimulatedOperator:
        configured = NumberSetup(
            OURS, f"{line.url}/voice", f"{line.url}/fallback", f"{line.url}/status", frozenset({OURS})
        )
        options.setdefault("dice", random.Random(7))
        return SimulatedOperator(options.pop("time", time), ACCOUNT, options.pop("line", configured), **options)

    return build


@pytest.fixture
def operator(new_operator: Callable[..., SimulatedOperator]) -> SimulatedOperator:
    return new_operator()
