"""The rows of a play's calls, as the contract's JSON gives them: its journal, drained into a real database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from records.calls.clerk import Clerk
from records.calls.listing import list_calls
from records.database import open_database, reading, writing
from records.schema.tables import metadata
from routing.departements import timezone_of
from service.settings import Settings


def recorded_rows(settings: Settings, database_url: str, clock: Callable[[], datetime]) -> list[dict[str, Any]]:
    """Every call, oldest first."""
    engine = open_database(database_url)
    try:
        with writing(engine) as connection:
            metadata.create_all(connection)
        drained = Clerk(settings.journal_dir, engine, timezone_of, clock=clock).drain_once()
        assert drained.error is None
        assert (drained.torn, drained.strange) == (0, 0)
        with reading(engine) as connection:
            return list_calls(connection, timezone_of=timezone_of)
    finally:
        engine.dispose()
