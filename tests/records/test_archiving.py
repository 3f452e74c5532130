"""Facts older than they are kept for go; rows and figures stay, and nothing brings them back or blanks them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from records.calls.ledger import record, refold
from records.database import Engine, open_database, reading, writing
from records.facts import Fact, FactKind
from records.schema.ledger_tables import archived_calls
from records.schema.migrations import migrate
from records.schema.tables import calls, desk_tasks, facts
from records.true_rows.archiving import archive, archived_at, months_before
from records.true_rows.comparing import kept_as_they_are, rebuild
from service.cli import run
from tests.records import play
from tests.records.play import CALLER, STORIES, timezone_of

NOW = datetime(2028, 6, 1, tzinfo=UTC)
BEFORE = months_before(NOW, 24)
OLD, RECENT = datetime(2026, 1, 5, 9, tzinfo=UTC), datetime(2028, 5, 2, 9, tzinfo=UTC)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url)
    migrate(engine)
    yield engine
    engine.dispose()


def told(begin: datetime, prefix: str) -> list[Fact]:
    shift = begin - play.at(0)
    return [
        replace(fact, call=f"{prefix}{number}", at=fact.at + shift)
        for number, story in enumerate(STORIES.values())
        for fact in story()
    ]


def take_in(engine: Engine, heard: list[Fact]) -> None:
    with writing(engine) as connection:
        touched = record(connection, heard, origin="test", at=NOW)
        refold(connection, touched, timezone_of=timezone_of, at=NOW)


def stands(engine: Engine, table: Any) -> list[dict[str, Any]]:
    with reading(engine) as connection:
        return [dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()]


def archived(engine: Engine, **more: Any) -> int:
    return archive(engine, before=BEFORE, at=NOW, **{"between": lambda: None, **more})


def figures(capsys: pytest.CaptureFixture[str]) -> Any:
    assert run(["figures", "--json", "--from", "2025-01-01", "--to", "2028-12-31"]) == 0
    return json.loads(capsys.readouterr().out)


def test_rows_tasks_and_figures_are_the_same_before_and_after(
    engine: Engine,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in {"VAR_DIR": str(tmp_path), "DATABASE_URL": database_url, "SECRET_KEY": "k" * 40}.items():
        monkeypatch.setenv(name, value)
    take_in(engine, told(OLD, "CAold"))
    take_in(engine, told(RECENT, "CAnew"))
    before = stands(engine, calls), stands(engine, desk_tasks), figures(capsys)
    assert archived(engine, portion=7) == len(STORIES)
    assert (stands(engine, calls), stands(engine, desk_tasks), figures(capsys)) == before
    left = stands(engine, facts)
    assert {row["call"][:5] for row in left} == {"CAnew"}
    assert not any(CALLER in str(row.values()) for row in stands(engine, archived_calls))
    assert archived(engine) == 0


def test_no_rebuilding_and_no_late_fact_touches_an_archived_call(engine: Engine) -> None:
    """The operator's log of that day neither, should anybody reconcile so far back."""
    take_in(engine, told(OLD, "CAold"))
    before = stands(engine, calls)
    archived(engine)
    take_in(engine, told(OLD, "CAold")[-2:])
    take_in(engine, [Fact("CAold0", FactKind.LOGGED, 0, NOW, "", {"status": "no-answer", "seconds": 0})])
    assert rebuild(engine, timezone_of=timezone_of, at=NOW).mended == ()
    assert rebuild(engine, timezone_of=timezone_of, at=NOW, only="CAold0").mended == ()
    assert (stands(engine, calls), stands(engine, facts)) == (before, [])
    with reading(engine) as connection:
        assert kept_as_they_are(connection)["archived"] == len(STORIES)
        assert kept_as_they_are(connection, "CAold0")["archived"] == 1
        assert archived_at(connection, "CAold0") == NOW


def test_a_call_of_which_something_was_heard_since_keeps_all_its_facts(engine: Engine) -> None:
    heard = [replace(fact, call="CA1") for fact in play.happy_path()]
    late = [replace(heard[-1], at=BEFORE + timedelta(seconds=1)), *heard[:-1]]
    take_in(engine, late)
    assert archived(engine, portion=2) == 0
    assert len(stands(engine, facts)) == len(late)


def test_no_transaction_is_open_between_two_portions(engine: Engine) -> None:
    """Whoever wants to write has his turn."""
    take_in(engine, told(OLD, "CAold"))
    written: list[int] = []

    def write() -> None:
        written.append(len(written))
        take_in(engine, [replace(fact, call=f"CA{len(written)}", at=RECENT) for fact in play.happy_path()])

    archived(engine, between=write, portion=2)
    assert len(written) > 3


def test_months_are_counted_as_people_count_them() -> None:
    assert months_before(datetime(2028, 2, 29, tzinfo=UTC), 12) == datetime(2027, 2, 28, tzinfo=UTC)
    assert months_before(datetime(2028, 1, 15, tzinfo=UTC), 1) == datetime(2027, 12, 15, tzinfo=UTC)
    assert months_before(datetime(2028, 12, 31, tzinfo=UTC), 24) == datetime(2026, 12, 31, tzinfo=UTC)
