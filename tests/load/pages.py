"""The pages of the figures over years of calls, as a browser asks for them: sums kept, and counted from the rows alone.

Run alone: `python -m tests.load.pages [--calls 1000000] [--only sqlite|postgresql]`. Calls are invented once for
100,000 and multiplied by SQL; there is a request for each twenty calls. 10⁷ calls take a long time to write: ask for
them with `--calls 10000000` (`make bench` measures 10⁵ and 10⁶). What is held is processor time, so that a busy machine
does not count; that of SQLite is in it, that of PostgreSQL is not.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from unittest.mock import patch

from sqlalchemy import text

from records.calls.bulk import CALL_COLUMNS, QUALIFICATION_COLUMNS
from records.counting import figures
from records.counting.keeping import Refreshed, check, refresh
from records.counting.plan import rows_alone
from records.database import Connection, Engine, writing
from service.commands.reports.demo import write_invented
from support.nomenclature.store import nomenclature_in_force
from tests.load.figures import databases
from tests.support.house import Browser, open_house

BASE = 100_000
LAST_DAY = date(2026, 11, 24)
PAGES = {
    "France, one year": ("/national?du=2025-11-25&au=2026-11-24", 1.0),
    "France, two years": ("/national?du=2024-12-06&au=2026-11-24", 1.0),
    "France, two years, a level": ("/national?du=2024-12-06&au=2026-11-24&niveau=2", 1.0),
    "France, two years, requests": ("/national/demandes?du=2024-12-06&au=2026-11-24", 1.0),
    "France, two years, trends": ("/national/tendances?du=2024-12-06&au=2026-11-24", 1.0),
    "a département, two years": ("/resultats?departement=75&du=2024-12-06&au=2026-11-24", 0.5),
    "a page that counts what to do": ("/reponses", 0.2),
}
"""Each page, and the seconds within which it is to come at 10⁶ calls."""
QUALIFIED_FOR_A_REQUEST = 11
"""Somewhat more than half of the calls are qualified: a request for each twenty calls."""


def fill(engine: Engine, number: int) -> None:
    """Invent `number` calls of two years and their requests; those beyond 100,000 are copies with other numbers."""
    is_postgresql = engine.dialect.name == "postgresql"
    with _unhurried(engine) as connection:
        entries = nomenclature_in_force(connection, LAST_DAY).entries
        write_invented(connection, min(number, BASE), 1, last_day=LAST_DAY, entries=entries)
        longest = int(connection.scalar(text("select max(length(call_id)) from calls")) or 0)
    end_of_number = "left(right(caller, 4), 2)" if is_postgresql else "substr(caller, -4, 2)"
    for copy in range(1, number // BASE):
        other = {
            "call_id": f"call_id || '-{copy}'", "caller": f"'+3363998' || {end_of_number} || '{copy % 100:02d}'",
            "wait_seconds": f"wait_seconds + {copy % 7}", "talk_seconds": f"talk_seconds + {copy % 11}",
        }  # fmt: skip
        with _unhurried(engine) as connection:
            for table, columns in (("calls", CALL_COLUMNS), ("qualifications", QUALIFICATION_COLUMNS)):
                names = ", ".join(f'"{name}"' for name in columns)
                values = ", ".join(other.get(name, f'"{name}"') for name in columns)
                invented = f"select {values} from {table} where length(call_id) <= :longest"  # noqa: S608 - ours
                connection.execute(text(f"insert into {table} ({names}) {invented}"), {"longest": longest})
    _ask(engine)
    with _unhurried(engine) as connection:
        connection.execute(text("analyze"))


@contextmanager
def _unhurried(engine: Engine) -> Iterator[Connection]:
    """Write for as long as it takes: the limits of a service are not those of whoever invents its calls."""
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
                connection.execute(text(f"set local {limit} = 0"))
        yield connection


def _ask(engine: Engine) -> None:
    """A request for each twenty calls, opened when the call ended, taken, answered and closed in the days after.

    Those by telephone are their calls', as escalations are: what a database knows of the column decides how it joins.
    """
    is_postgresql = engine.dialect.name == "postgresql"

    def later(hours: int) -> str:
        if is_postgresql:
            return f"c.started_at + interval '{hours} hours'"
        return f"strftime('%Y-%m-%d %H:%M:%f000', c.started_at, '+{hours} hours')"

    numbered = (
        "select c.*, q.thematique, q.motif, q.sous_motif, q.niveau, row_number() over (order by c.call_id) as number "
        "from calls c join qualifications q on q.call_id = c.call_id"
    )
    asked = f"""
        insert into requests (call_id, channel, sender, departement, version, subject, description, thematique, motif,
          sous_motif, niveau, reply_to, desk, state, created_at, created_by, taken_at, first_answer_at, closed_at,
          result, rating)
        select case c.number % 3 when 0 then c.call_id end,
          case c.number % 3 when 0 then 'phone' when 1 then 'form' else 'mail' end, 'referent', c.departement,
          4, 'Sujet', 'Description', c.thematique, c.motif, c.sous_motif, c.niveau, 'camille@siao.example',
          'national', 'closed', {later(0)}, 'camille@siao.example', {later(5)}, {later(26)}, {later(50)}, 'Fait.',
          c.number % 5 + 1
        from ({numbered}) c where c.number % {QUALIFIED_FOR_A_REQUEST} = 0 and c.departement is not null
    """  # noqa: S608 - numbers and names of ours
    with _unhurried(engine) as connection:
        connection.execute(text(asked))
        for move, at, data in (
            ("open", "created_at", '{"desk": "national"}'), ("take", "taken_at", "{}"),
            ("answer", "first_answer_at", "{}"), ("close", "closed_at", '{"solved": true}'),
        ):  # fmt: skip
            connection.execute(
                text(
                    f'insert into request_events (request_id, at, "by", move, text, data) '  # noqa: S608 - names of ours
                    f"select id, {at}, 'camille@siao.example', :move, '', :data from requests"
                ),
                {"move": move, "data": data},
            )


@contextmanager
def from_rows_alone() -> Iterator[None]:
    """Figures as they were before sums were kept."""
    with patch.object(figures, "plan", lambda _connection, scope, **_how: rows_alone(scope)):
        yield


class Took(NamedTuple):
    """Seconds: of the processor, and of the clock."""

    processor: float
    clock: float


def shortest(work: Callable[[], object], times: int) -> Took:
    """What the shortest of some runs took."""
    found = []
    for _ in range(times):
        processor, clock = time.process_time(), time.perf_counter()
        work()
        found.append(Took(time.process_time() - processor, time.perf_counter() - clock))
    return min(found)


def refreshed(engine: Engine) -> tuple[float, Refreshed]:
    """Count all marked sums anew; seconds, and what was done."""
    start = time.perf_counter()
    done = refresh(engine, at_most=10_000)
    return time.perf_counter() - start, done


def measure(kind: str, make: Callable[[str], Engine], number: int, *, beside: bool) -> bool:
    """Print the pages of one database; whether each comes in its time, which is held up to 10⁶ calls."""
    engine = make(f"pages{number}")
    url = engine.url.render_as_string(hide_password=False)
    well = True
    with TemporaryDirectory(prefix="pages") as folder:
        house = open_house(Path(folder), url)
        start = time.perf_counter()
        fill(house.engine, number)
        print(f"  {kind:<11} {number} calls written in {time.perf_counter() - start:.0f} s", flush=True)
        took, done = refreshed(house.engine)
        print(f"  {kind:<11} {done.days} days and {done.months} months counted anew in {took:.0f} s", flush=True)
        touch_today(house.engine)
        browser = house.signed_in("sacha@siao.example")
        for name, (path, limit) in PAGES.items():
            mine = shortest(partial(_page, browser, path), 5)
            shown = ""
            if beside:
                shown = f", from the rows {_from_rows(browser, path, mine)}"
            told = f"{mine.processor:.2f} s of the processor, {mine.clock:.2f} s in all"
            print(f"  {kind:<11} {number:>8} calls, {name:<29} {told}{shown}", flush=True)
            well &= mine.processor <= limit or number > 1_000_000
        checked = shortest(partial(check, house.engine), 1)
        print(
            f"  {kind:<11} {number:>8} calls, every sum checked against the rows in {checked.clock:.0f} s", flush=True
        )
        house.engine.dispose()
    engine.dispose()
    return well


def touch_today(engine: Engine) -> None:
    """The last day is being called, and three older ones were corrected, when the page is asked for."""
    days = [LAST_DAY, *(LAST_DAY - timedelta(days=back) for back in (3, 40, 300))]
    with writing(engine) as connection:
        for day in days:
            which = "" if day == LAST_DAY else " and departement = '75'"
            connection.execute(
                text(f"update calls set talk_seconds = talk_seconds + 1 where local_date = :day{which}"),  # noqa: S608
                {"day": day},
            )


def _from_rows(browser: Browser, path: str, mine: Took) -> str:
    """What the same page takes without sums; one that a database gives up on is not a fault of this measurement."""
    try:
        with from_rows_alone():
            rows = shortest(partial(_page, browser, path), 1)
    except AssertionError:
        return "not at all"
    return f"{rows.clock:.2f} s: {rows.clock / mine.clock:.0f} x"


def _page(browser: Browser, path: str) -> None:
    assert browser.get(path).status_code == 200, path


def run(sizes: tuple[int, ...] = (100_000, 1_000_000), only: str = "both", *, beside: bool = True) -> bool:
    """Measure; whether every page comes in its time."""
    print("Pages")
    with databases(only) as kinds:
        results = [measure(kind, make, number, beside=beside) for kind, make in kinds for number in sizes]
        return all(results)


def main() -> None:
    """Measure as the arguments say; exit status 1 when a page takes too long."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, action="append", help="a size; several times for several")
    parser.add_argument("--only", default="both", choices=["sqlite", "postgresql", "both"])
    parser.add_argument("--no-rows", action="store_true", help="leave out what the same page takes from the rows alone")
    given, _others = parser.parse_known_args()
    sizes = tuple(given.calls or (100_000, 1_000_000))
    if not run(sizes, given.only, beside=not given.no_rows):
        raise SystemExit("Pages: one takes too long.")


if __name__ == "__main__":
    main()
