"""From every revision that was released to the newest one, with calls in the tables and calls still coming in.

`MIGRATION_CALLS=100000 pytest tests/records/test_migrating.py -s` says how long each migration took with as many.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import MetaData, Table, func, insert, select, text

from records.calls.journal import Journal
from records.database import Engine, is_unreachable, open_database, reading, writing
from records.schema.migrations import _config, is_up_to_date, migrate
from records.schema.tables import calls, quarantine
from records.true_rows.comparing import mend
from tests.records import play
from tests.records.clerks import clerk_of
from tests.records.play import timezone_of

CALLS = int(os.environ.get("MIGRATION_CALLS", "400"))
RELEASED = tuple(f"{number:04}" for number in range(1, 10))
AT = datetime(2025, 3, 4, 9, 30, tzinfo=UTC)

NUMBERS = "WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < :calls) "
OLD_CALLS = (
    "INSERT INTO calls (call_id, caller, dialled, departement, departement_given_by, outcome, started_at, ended_at,"
    " local_date, talk_seconds, total_seconds, attempts, callback_confirmed, source)"
    " {numbers}SELECT 'CAold' || i, '+33639980001', '+33806000156', '75', 'keypad', 'abandoned_menu', :at, :at,"
    " :day, NULL, 40, '[]', false, 'webhook' FROM numbers"
)
OLD_FACTS = (
    "INSERT INTO facts (call, kind, n, who, at, source, data)"
    " {numbers}SELECT 'CAold' || i, :kind, :n, '', :at, 'webhook', :data FROM numbers"
)


@pytest.mark.parametrize("revision", RELEASED)
def test_calls_go_on_while_a_released_database_is_brought_up_to_date(
    tmp_path: Path, database_url: str, revision: str
) -> None:
    """What stood there is as it was, what came meanwhile is there, and older code may still write."""
    engine = open_database(database_url)
    _made_at(engine, revision)
    old_calls = Table("calls", MetaData(), autoload_with=engine)
    before = _sums(engine)
    with _calls_coming_in(tmp_path / "journal", engine) as made:
        began = time.monotonic()
        _brought_up_to_date(engine)
        print(f"{engine.dialect.name} {revision} {CALLS} calls: {time.monotonic() - began:.1f} s")
    assert _sums(engine) == before
    assert is_up_to_date(engine)
    with reading(engine) as connection:
        new = connection.execute(select(calls.c.call_id, calls.c.outcome).where(calls.c.call_id.like("CAnew%"))).all()
        assert connection.scalar(select(func.count()).select_from(quarantine)) == 0
    assert {row.call_id: row.outcome for row in new} == dict.fromkeys(made, "answered")
    assert mend(engine, made, timezone_of=timezone_of, at=AT) == []
    with writing(engine) as connection:
        connection.execute(insert(old_calls).values(_as_older_code_writes()))
    engine.dispose()


def _made_at(engine: Engine, revision: str) -> None:
    with writing(engine) as connection:
        command.upgrade(_config(connection), revision)
        values: dict[str, Any] = {"calls": CALLS, "at": AT.replace(tzinfo=None), "day": AT.date()}
        if connection.dialect.name == "sqlite":
            values |= {"at": AT.strftime("%Y-%m-%d %H:%M:%S.000000"), "day": AT.date().isoformat()}
        connection.execute(text(OLD_CALLS.format(numbers=NUMBERS)), values)
        told = ('{"caller":"+33639980001"}', '{"status":"completed","seconds":40}')
        for kind, n, data in (("arrived", 1, told[0]), ("ended", 0, told[1])):
            wanted = {"calls": CALLS, "at": values["at"], "kind": kind, "n": n, "data": data}
            connection.execute(text(OLD_FACTS.format(numbers=NUMBERS)), wanted)


def _sums(engine: Engine) -> tuple[Any, ...]:
    with reading(engine) as connection:
        rows = text(
            "SELECT count(*), sum(total_seconds), min(started_at), max(local_date), min(outcome), max(caller)"
            " FROM calls WHERE call_id LIKE 'CAold%'"
        )
        told = text("SELECT count(*), min(data), max(data) FROM facts WHERE call LIKE 'CAold%'")
        return (*connection.execute(rows).one(), *connection.execute(told).one())


def _brought_up_to_date(engine: Engine) -> None:
    """As the clerk does: again and again until it is done."""
    while True:
        try:
            migrate(engine)
        except Exception as error:
            if not is_unreachable(error):
                raise
        else:
            return


@contextmanager
def _calls_coming_in(folder: Path, engine: Engine) -> Iterator[list[str]]:
    """A worker appends calls and a clerk of this version drains them; all is moved at the end."""
    made: list[str] = []
    over = threading.Event()
    journal, clerk = Journal(folder, "worker"), clerk_of(folder, engine)

    def answer() -> None:
        while not over.is_set():
            made.append(f"CAnew{len(made)}")
            assert journal.append([replace(fact, call=made[-1]) for fact in play.happy_path()])
            over.wait(0.01)

    def drain() -> None:
        while not over.wait(0.02):
            clerk.drain_once()

    threads = [threading.Thread(target=work) for work in (answer, drain)]
    for thread in threads:
        thread.start()
    try:
        yield made
    finally:
        over.set()
        for thread in threads:
            thread.join()
        journal.close()
    assert clerk.drain_once().error is None
    assert made


def _as_older_code_writes() -> dict[str, Any]:
    return {
        "call_id": "CAolder", "outcome": "answered", "started_at": AT, "ended_at": AT, "local_date": AT.date(),
        "attempts": "[]", "callback_confirmed": False, "source": "webhook",
    }  # fmt: skip
