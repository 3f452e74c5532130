"""An operator with a log of its own, served on loopback, and a ledger on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from records.database import Engine, open_database
from records.schema.migrations import migrate
from simulator.calls.engine import SimulatedOperator
from tests.service.directories import MOMENT
from tests.service.operator_api import made_up_operator, served


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
