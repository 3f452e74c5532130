"""The desk's tables, real, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert

from records.database import open_database
from records.migrations import migrate
from records.tables import calls

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    """The moment of the tests: a Tuesday, 11 o'clock in Paris."""
    return NOW


def store_call(connection: Connection, call_id: str, **given: Any) -> None:
    """One answered call of Paris, with what is given instead."""
    started = given.get("started_at", NOW)
    row = {
        "call_id": call_id, "caller": "+33199000001", "departement": "75", "outcome": "answered",
        "answered_by": "local", "referent": "Camille Exemple", "referent_phone": "+33199000100",
        "started_at": started, "local_date": date(started.year, started.month, started.day), "wait_seconds": 12,
        "talk_seconds": 240, "total_seconds": 260, "attempts": "[]", "callback_confirmed": False, "source": "webhook",
    }  # fmt: skip
    connection.execute(insert(calls).values(**row | given))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An empty database with the tables of this version."""
    made = open_database(database_url)
    migrate(made)
    yield made
    made.dispose()
