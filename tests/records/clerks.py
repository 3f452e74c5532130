"""A clerk and its journal, and what the ledger holds afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from records.calls.clerk import Clerk
from records.database import Engine, reading
from records.schema.tables import calls
from tests.records.play import timezone_of

NOW = datetime(2026, 1, 6, tzinfo=UTC)
PATIENCE = 20


def clerk_of(folder: Path, engine: Engine, **other: Any) -> Clerk:
    return Clerk(folder, engine, timezone_of, **{"clock": lambda: NOW, **other})


def count(engine: Engine, table: Any) -> int:
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def outcomes(engine: Engine) -> dict[str, str]:
    with reading(engine) as connection:
        return {row.call_id: row.outcome for row in connection.execute(select(calls))}


def until(is_so: Callable[[], bool]) -> bool:
    """Whether it became so before patience ran out."""
    end = time.monotonic() + PATIENCE
    while not (found := is_so()) and time.monotonic() < end:
        time.sleep(0.01)
    return found
