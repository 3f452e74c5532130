"""The operator's interface for programs on a loopback port, which may answer something else than it knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from flask import Flask

from simulator.calls.engine import OperatorAccount, SimulatedOperator
from simulator.calls.leg import NumberSetup
from simulator.doors.rest import rest_blueprint
from simulator.world.clock import VirtualTime
from simulator.world.habits import Habits
from tests.loopback import loopback

ACCOUNT = OperatorAccount("ACmadeup", "made-up-token")
LINE = "+33199000000"


def made_up_operator(now: datetime, habits: Habits | None = None) -> SimulatedOperator:
    """An operator that has our number, set to a service of before."""
    line = NumberSetup(LINE, "http://svi.example/voice", numbers=frozenset({LINE}))
    return SimulatedOperator(VirtualTime(now), ACCOUNT, line, habits=habits)


@contextmanager
def served(operator: SimulatedOperator, answers: list[Any] | None = None) -> Iterator[str]:
    """The address of its interface; `answers` come first, one a request, None for what the operator knows."""
    app = Flask(__name__)
    app.register_blueprint(rest_blueprint(operator))

    @app.before_request
    def misbehave() -> Any:
        return answers.pop(0) if answers else None

    with loopback(app) as url:
        yield url
