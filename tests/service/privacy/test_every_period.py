"""Whatever column holds something of a person, the night that its period ends takes it away, and twice is once."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, Date, Float, LargeBinary, insert, select
from sqlalchemy.types import Integer

import service
from records.database import Engine, open_database, reading, writing
from records.privacy.columns import Holds, personal_columns
from records.privacy.every_table import every_table
from records.schema.migrations import migrate
from records.schema.tables import Moment
from routing.rules import Rules
from routing.snapshot import Snapshot
from service.clock import now
from service.directory.snapshots import SnapshotFile
from service.privacy.carrying_out import carried_out_here, carry_out, due
from service.privacy.retention import ERASED_FILE, FILES_OF_NOBODY, RETENTION
from service.running.backups.making import ALONE, AREAS
from service.running.backups.restoring import ASIDE
from service.settings import read_settings

LONG_AGO = now() - timedelta(days=2000)
WHO, WORDS = "lea@siao.example", "ce que dit ou fait quelqu’un"
NAMED = {(one.table, one.name): one for one in personal_columns()}
DATABASE = "svi.sqlite"
KINDS = {"facts": "spoke", "deliveries": "away", "desk_marks": "request", "desk_tasks": "callback"}
"""Of what kind the one row of these tables is."""


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, database_url: str) -> Iterator[Engine]:
    monkeypatch.setenv("DEMO", "1")
    monkeypatch.setenv("DATABASE_URL", database_url)
    made = open_database(database_url)
    migrate(made)
    yield made
    made.dispose()


def told(column: Column[Any]) -> Any:
    """What a column that holds something of a person holds here: it can be found again, and fits."""
    holds = NAMED[column.table.name, column.name].holds
    text = WHO if holds is Holds.ACCOUNT else WORDS
    if isinstance(column.type, LargeBinary):
        return text.encode()
    if holds in {Holds.JSON, Holds.FACT} or column.name == "attempts":
        return json.dumps({"text": text})
    return text[: getattr(column.type, "length", None) or len(text)]


def cell(column: Column[Any]) -> Any:
    """A value of the one row of a table: everything was long ago, and is about the first of its kind."""
    table = column.table.name
    if (table, column.name) in NAMED:
        return told(column)
    match column.type:
        case Moment():
            return LONG_AGO
        case Date():
            return LONG_AGO.date()
        case Boolean():
            return False
        case Float():
            return 1.0
        case Integer():
            return 1
        case _:
            if column.name in {"call", "call_id"}:
                return "CA1"
            return KINDS.get(table, "1") if column.name == "kind" else "1"


def one_row_of_each(engine: Engine) -> None:
    with writing(engine) as connection:
        for table in (every_table()[name] for name in dict.fromkeys(table for table, _ in NAMED)):
            connection.execute(insert(table).values({
                column.name: cell(column) for column in table.columns if column.name != "id"
            }))  # fmt: skip
        missed = {"kind": "missed", "reference": "CA1", "done_at": LONG_AGO, "done_by": WHO}
        connection.execute(insert(every_table()["desk_marks"]).values(missed))
        newer = {"version": 2, "published_at": LONG_AGO, "published_by": "", "csv": "", "note": ""}
        connection.execute(insert(every_table()["directory_versions"]).values(newer))


def left(engine: Engine) -> set[tuple[str, str]]:
    """The columns that still hold what they held."""
    with reading(engine) as connection:
        return {
            (table, name)
            for table, name in NAMED
            for held in connection.scalars(select(every_table()[table].c[name]))
            if held is not None and held == told(every_table()[table].c[name])
        }


def test_the_night_that_its_period_ends_takes_away_whatever_a_column_holds(engine: Engine) -> None:
    one_row_of_each(engine)
    lines = {line.key for line in carried_out_here()}
    nightly = {place for place, one in NAMED.items() if one.line in lines}
    assert nightly <= left(engine)
    carry_out(read_settings(), engine, now())
    assert sorted(left(engine) & nightly) == []
    assert {one.line.key: one.count for one in due(read_settings(), engine, now()) if one.count} == {}


def test_whatever_stands_under_var_dir_is_of_a_line_or_of_nobody() -> None:
    """Read in the code: a name put behind VAR_DIR that nobody has placed turns this red."""
    named = {one for line in RETENTION for one in line.files} | {*FILES_OF_NOBODY}
    code = "\n".join(path.read_text(encoding="utf-8") for path in Path(service.__file__).parent.rglob("*.py"))
    found = set(re.findall(r"var_dir / f?[\"']([a-z_.\-]+)", code)) | {*AREAS, *ALONE, ASIDE, ERASED_FILE}
    assert sorted(found - named - {DATABASE}) == []
    assert len(found) > 12


def test_a_copy_of_an_old_directory_goes_and_the_newest_stays(tmp_path: Path) -> None:
    file = SnapshotFile(tmp_path)
    for _ in range(3):
        file.write(Snapshot(1, LONG_AGO, (), Rules()))
    first, second, third = sorted(file.copies.iterdir())
    for path in (first, third):
        os.utime(path, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    file.forget_copies(now() - timedelta(days=730))
    assert sorted(file.copies.iterdir()) == [second, third]
