"""Real tables on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from records.database import Engine, open_database
from records.schema.tables import metadata


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = open_database(database_url)
    metadata.create_all(made)
    yield made
    made.dispose()
