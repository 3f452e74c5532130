"""Real tables on SQLite and PostgreSQL, made by the migrations."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from records.database import open_database
from records.schema.migrations import migrate


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = open_database(database_url)
    migrate(made)
    yield made
    made.dispose()
