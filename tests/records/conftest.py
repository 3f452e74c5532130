"""Real tables on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from records.calls.journal import Journal
from records.database import Engine, open_database
from records.schema.tables import metadata


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = open_database(database_url)
    metadata.create_all(made)
    yield made
    made.dispose()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture
def journal(folder: Path) -> Iterator[Journal]:
    made = Journal(folder, "host-1")
    yield made
    made.close()
