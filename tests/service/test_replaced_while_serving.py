"""The SQLite file replaced, then deleted, under a house that serves: no call is missing afterwards, and it is said."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import text

from records.database import open_database, writing
from records.schema.migrations import is_up_to_date, migrate
from service.running.clerk import NO_TABLE, ClerkProcess
from service.running.watching.state import read_state
from service.settings import read_settings
from tests.service.test_two_machines import CALLER, DIALLED, calls_of
from tests.service.two_machines import Machine, machine
from tests.service.waiting import eventually


def called(one: Machine, number: int) -> str:
    name = f"CA{number:032x}"
    form = {"CallSid": name, "From": CALLER, "To": DIALLED, "Direction": "inbound"}
    assert one.post_voice("", form).status_code == 200
    assert one.post_voice("/status", {**form, "CallStatus": "completed", "CallDuration": "9"}).status_code == 204
    return name


def names(one: Machine) -> list[str]:
    return sorted(call["call_id"] for call in calls_of(one) if call["ended_at"])


def replaced_at(one: Machine) -> str | None:
    told = read_state(one.settings.state_dir, "clerk").get("database") or {}
    return told.get("replaced")


def test_a_database_replaced_and_then_deleted_while_serving_holds_every_call_again(tmp_path: Path) -> None:
    database = tmp_path / "data" / "svi.sqlite"
    with machine(tmp_path / "une", f"sqlite:///{database}") as one:
        eventually(one.is_ready, 200)
        made = [called(one, 1)]
        eventually(lambda: names(one) == made)
        backup = database.with_name("backup")
        with sqlite3.connect(database) as connection:
            connection.execute("VACUUM INTO ?", (str(backup),))
        connection.close()
        made.append(called(one, 2))
        eventually(lambda: names(one) == made)
        assert replaced_at(one) is None

        backup.replace(database)
        made.append(called(one, 3))
        eventually(lambda: names(one) == made)
        eventually(lambda: replaced_at(one))
        first_time = replaced_at(one)

        database.unlink()
        made.append(called(one, 4))
        eventually(lambda: replaced_at(one) not in {None, first_time}, 60)
        eventually(lambda: one.is_ready() and names(one) == made, 60)
        made.append(called(one, 5))
        eventually(lambda: names(one) == made)


def test_a_postgresql_database_made_anew_while_serving_is_prepared_again(empty_postgres: str, tmp_path: Path) -> None:
    engine = open_database(empty_postgres)
    migrate(engine)
    process = ClerkProcess(read_settings(demo=True, var_dir=tmp_path / "var", database_url=empty_postgres), engine)
    with writing(engine) as connection:
        connection.execute(text("drop schema public cascade"))
        connection.execute(text("create schema public"))
    drained = process._clerk.drain_once()
    assert drained.error == NO_TABLE
    process.after_round(drained)
    assert is_up_to_date(engine)
    engine.dispose()
