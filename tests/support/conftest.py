"""The desk's tables, real, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from records.database import open_database
from records.schema.migrations import migrate
from tests.support.house import NOW, House, open_house


@pytest.fixture
def now() -> datetime:
    """The moment of the tests: a Tuesday, 11 o'clock in Paris."""
    return NOW


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An empty database with the tables of this version."""
    made = open_database(database_url)
    migrate(made)
    yield made
    made.dispose()


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    """The assembled application, on SQLite and on PostgreSQL."""
    made = open_house(tmp_path, database_url)
    yield made
    made.close()
