"""Kept sums say what the rows say, at every moment, whatever is written, corrected, erased or counted meanwhile."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, delete, func, insert, select, text, update

from records.calls.bulk import qualification_row, requalify, write_calls
from records.calls.erasing import erase_number
from records.counting import figures, keeping
from records.counting.keeping import check, rebuild, refresh
from records.counting.plan import MOST_GROUPS, plan, rows_alone
from records.counting.tally import Scope
from records.database import open_database, reading, writing
from records.schema.desk_tables import qualifications
from records.schema.migrations import migrate
from records.schema.sums_tables import FRANCE, call_sums, touched_sums
from records.schema.tables import calls, desk_tasks
from service.cli import run
from tests.reports.counting import ENTRIES
from tests.reports.tables import call, count, invent, store

FIRST, LAST = date(2026, 7, 20), date(2026, 10, 10)
SCOPES = (
    Scope(FIRST, LAST),
    Scope(date(2026, 8, 1), date(2026, 9, 30)),
    Scope(date(2026, 8, 3), date(2026, 8, 3)),
    Scope(FIRST, date(2026, 9, 30), ("75",)),
    Scope(date(2026, 8, 1), LAST, ("974", "2A", "*")),
    Scope(FIRST, LAST, ()),
    Scope(FIRST, LAST, None, "1"),
    Scope(date(2026, 8, 1), LAST, ("75", "59"), "2", "Évolutions"),
)
Questions = tuple[Callable[[Connection, Scope], Any], ...]
QUESTIONS: Questions = (
    figures.tally, figures.tallies_by_departement, figures.tallies_by_day, figures.tallies_by_month,
    figures.tallies_by_departement_and_month, figures.tallies_by_departement_and_day, figures.calls_per_hour,
    figures.callback_delays,
    lambda connection, scope: set(figures.motive_tallies(connection, scope)),
    lambda connection, scope: {
        key: set(some) for key, some in figures.motive_tallies_by_month(connection, scope).items()
    },
    lambda connection, scope: {
        key: set(some) for key, some in figures.motive_tallies_by_departement(connection, scope).items()
    },
)  # fmt: skip


def answers(connection: Connection, scopes: tuple[Scope, ...] = SCOPES) -> list[Any]:
    """What every face of the figures says of every scope."""
    return [ask(connection, scope) for scope in scopes for ask in QUESTIONS]


def agree(engine: Engine, monkeypatch: pytest.MonkeyPatch, scopes: tuple[Scope, ...] = SCOPES) -> None:
    """Compare what is told with what the rows alone tell, in one view of the database."""
    with reading(engine) as connection:
        told = answers(connection, scopes)
        with monkeypatch.context() as patched:
            patched.setattr(figures, "plan", lambda _connection, scope, **_how: rows_alone(scope))
            by_rows = answers(connection, scopes)
    assert told == by_rows


class Desk:
    """Does to the tables, at random, what people, imports and the clerk do."""

    def __init__(self, engine: Engine, rng: random.Random) -> None:
        self.engine, self.rng, self.made = engine, rng, 0

    def anything(self) -> str:
        done = self.rng.choice([
            self.take_calls, self.take_calls, self.import_calls, self.qualify, self.qualify, self.unqualify,
            self.correct, self.move, self.erase, self.delete, self.leave_task, self.handle_task,
            self.refresh_all, self.refresh_all, self.refresh_one, self.refresh_one, self.nothing_changes,
        ])  # fmt: skip
        done()
        return done.__name__

    def take_calls(self) -> None:
        with writing(self.engine) as connection:
            for _ in range(2):
                rows = invent(self.rng, self.rng.randrange(1, 15), self._day(), 2, strange=True)
                store(connection, [{**row, "call_id": self._name()} for row in rows])

    def import_calls(self) -> None:
        entry = self.rng.choice(ENTRIES)
        said = qualification_row(entry.wording, "1", resolved=None, escalated=True, by="test", at=datetime.now(UTC))
        day = self._day()
        with writing(self.engine) as connection:
            rows = [(call(self._name(), day, source="import"), said) for _ in range(3)]
            write_calls(
                connection, [({k: v for k, v in row.items() if k != "qualification"}, its) for row, its in rows]
            )

    def qualify(self) -> None:
        entry = self.rng.choice(ENTRIES)
        said = qualification_row(entry.wording, "2", resolved=True, escalated=None, by="test", at=datetime.now(UTC))
        self._with_some(lambda connection, call_id: requalify(connection, call_id, said))

    def unqualify(self) -> None:
        self._with_some(lambda connection, call_id: connection.execute(
            delete(qualifications).where(qualifications.c.call_id == call_id)))  # fmt: skip

    def correct(self) -> None:
        self._change({"talk_seconds": self.rng.randrange(900), "outcome": self.rng.choice(["answered", "missed"])})

    def move(self) -> None:
        self._change({"local_date": self._day(), "departement": self.rng.choice(["75", "2A", None])})

    def nothing_changes(self) -> None:
        self._change({"referent": "Camille Exemple"})

    def erase(self) -> None:
        with writing(self.engine) as connection:
            number = connection.scalar(select(calls.c.caller).where(calls.c.caller.is_not(None)).limit(1))
            if number:
                erase_number(connection, number, "none", datetime(2026, 12, 1, tzinfo=UTC))

    def delete(self) -> None:
        def gone(connection: Connection, call_id: str) -> None:
            tables = [qualifications, calls]
            self.rng.shuffle(tables)
            for table in tables:
                connection.execute(delete(table).where(table.c.call_id == call_id))

        self._with_some(gone)

    def leave_task(self) -> None:
        def left(connection: Connection, call_id: str) -> None:
            at = datetime(2026, 8, 1, tzinfo=UTC)
            row = {"call_id": call_id, "kind": self._name(), "departement": "75", "created_at": at}
            connection.execute(insert(desk_tasks).values(row))

        self._with_some(left)

    def handle_task(self) -> None:
        at = datetime(2026, 8, 1, tzinfo=UTC) + timedelta(minutes=self.rng.randrange(90))
        self._with_some(lambda connection, call_id: connection.execute(
            update(desk_tasks).where(desk_tasks.c.call_id == call_id).values(handled_at=at)))  # fmt: skip

    def refresh_all(self) -> None:
        assert refresh(self.engine).is_all

    def refresh_one(self) -> None:
        refresh(self.engine, at_most=1)

    def _change(self, values: dict[str, Any]) -> None:
        self._with_some(lambda connection, call_id: connection.execute(
            update(calls).where(calls.c.call_id == call_id).values(values)))  # fmt: skip

    def _with_some(self, work: Callable[[Connection, str], Any]) -> None:
        with writing(self.engine) as connection:
            known = sorted(connection.scalars(select(calls.c.call_id)))
            for call_id in self.rng.sample(known, min(len(known), 3)):
                work(connection, call_id)

    def _day(self) -> date:
        return FIRST + timedelta(days=self.rng.choice([0, 11, 12, 41, 42, 43, 44, 72, 73, 80]))

    def _name(self) -> str:
        self.made += 1
        return f"made{self.made}"


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(2))
def test_after_each_thing_that_happens_sums_say_what_the_rows_say(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    desk = Desk(engine, random.Random(seed))
    desk.take_calls()
    for _ in range(20):
        done = desk.anything()
        try:
            agree(engine, monkeypatch, tuple(desk.rng.sample(SCOPES, 2)))
        except AssertionError as error:
            raise AssertionError(f"after {done}") from error
    assert check(engine).is_well


def test_what_was_counted_anew_is_answered_without_a_look_at_the_rows(engine: Engine) -> None:
    rows = invent(random.Random(1), 200, FIRST, 82, strange=True)
    with writing(engine) as connection:
        store(connection, rows)
    with reading(engine) as connection:
        assert plan(connection, SCOPES[0], apart=False, by_day=False).sums is not None
        assert plan(connection, SCOPES[0], apart=False, by_day=False).rows is not None
    refresh(engine)
    with reading(engine) as connection:
        for scope in SCOPES:
            assert plan(connection, scope, apart=True, by_day=True).rows is None
            assert figures.tally(connection, scope) == count(rows, scope)
        assert connection.scalar(select(func.count()).select_from(touched_sums)) == 0


def test_a_change_that_no_figure_is_made_of_marks_nothing(engine: Engine) -> None:
    desk = Desk(engine, random.Random(1))
    desk.take_calls()
    desk.refresh_all()
    desk.nothing_changes()
    with reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(touched_sums)) == 0


def test_what_changes_while_a_day_is_counted_anew_is_in_the_figures(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The view was read, and the sums are about to be written, when another call of the day comes in."""
    day, write = date(2026, 8, 3), keeping._write
    with writing(engine) as connection:
        store(connection, [call("first", day)])

    def late(*given: Any, **more: Any) -> bool:
        monkeypatch.setattr(keeping, "_write", write)
        with writing(engine) as connection:
            store(connection, [call("meanwhile", day), call("elsewhere", day, departement="59")])
        return write(*given, **more)

    monkeypatch.setattr(keeping, "_write", late)
    refresh(engine)
    agree(engine, monkeypatch)
    with reading(engine) as connection:
        assert figures.tally(connection, Scope(day, day)).treated == 3
    refresh(engine)
    agree(engine, monkeypatch)
    assert check(engine).is_well


def test_of_two_that_count_anew_at_once_one_starts_again(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    day, write = date(2026, 8, 3), keeping._write
    with writing(engine) as connection:
        store(connection, [call("first", day)])

    def overtaken(*given: Any, **more: Any) -> bool:
        monkeypatch.setattr(keeping, "_write", write)
        with writing(engine) as connection:
            store(connection, [call("meanwhile", day, departement="59")])
        assert refresh(engine).is_all
        return write(*given, **more)

    monkeypatch.setattr(keeping, "_write", overtaken)
    assert not refresh(engine).is_all
    agree(engine, monkeypatch)
    assert check(engine).is_well


@pytest.mark.parametrize("values", [{"treated": 99}, {"waits": '{"7":99}'}, {"cited": "{}"}])
def test_a_sum_that_is_wrong_is_found_told_and_mended(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, values: dict[str, Any]
) -> None:
    desk = Desk(engine, random.Random(3))
    desk.take_calls()
    desk.refresh_all()
    with writing(engine) as connection:
        connection.execute(update(call_sums).where(call_sums.c.treated > 0).values(values))
    found = check(engine)
    assert found.different
    assert not found.is_well
    agree(engine, monkeypatch)
    refresh(engine)
    assert check(engine).is_well


def test_sums_that_were_lost_and_a_mark_that_was_lost_are_found(engine: Engine) -> None:
    desk = Desk(engine, random.Random(3))
    desk.take_calls()
    with writing(engine) as connection:
        connection.execute(delete(touched_sums))
    assert check(engine).different
    refresh(engine)
    assert check(engine).is_well


def test_building_again_gives_the_same_sums_whatever_stood_there(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(engine, random.Random(5))
    desk.take_calls()
    desk.refresh_all()
    with writing(engine) as connection:
        connection.execute(update(call_sums).values(received=7, first=call_sums.c.first))
        connection.execute(delete(call_sums).where(call_sums.c.departement == "75"))
    for _ in range(2):
        assert rebuild(engine) in {3, 4}
        agree(engine, monkeypatch)
        assert check(engine).is_well
        with reading(engine) as connection:
            assert connection.scalar(select(func.count()).select_from(touched_sums)) == 0


def test_a_missing_trigger_is_told(engine: Engine) -> None:
    with writing(engine) as connection:
        on = " on qualifications" if engine.dialect.name == "postgresql" else ""
        connection.execute(text(f"drop trigger qualifications_touch_update{on}"))
    assert check(engine).missing_triggers == ["qualifications_touch_update"]


def test_many_days_that_were_touched_differently_are_counted_all_the_same(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = date(2026, 1, 1)
    days = [start + timedelta(days=n) for n in range(MOST_GROUPS + 30)]
    scopes = (Scope(start, days[-1]), Scope(start, days[-1], ("75",)))
    with writing(engine) as connection:
        store(connection, [call(f"c{n}", day, departement=str(10 + n)) for n, day in enumerate(days)])
        store(connection, [call(f"p{n}", day) for n, day in enumerate(days)])
    agree(engine, monkeypatch, scopes)
    refresh(engine, at_most=10)
    agree(engine, monkeypatch, scopes)
    monkeypatch.setattr("records.counting.plan.MOST_MARKS", 5)
    agree(engine, monkeypatch, scopes)


def test_sums_are_made_again_and_checked_by_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    address = f"sqlite:///{tmp_path / 'svi.sqlite'}"
    monkeypatch.setenv("DATABASE_URL", address)
    monkeypatch.setenv("DEMO", "1")
    engine = open_database(address)
    migrate(engine)
    Desk(engine, random.Random(3)).take_calls()
    assert run(["sums", "rebuild"]) == 0
    assert run(["sums", "check"]) == 0
    assert "sommes comparées" in capsys.readouterr().out
    with writing(engine) as connection:
        connection.execute(update(call_sums).where(call_sums.c.departement == FRANCE).values(received=99))
    assert run(["sums", "check", "--json"]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["different"]
    assert "différai" in said.err
    assert run(["sums", "check"]) == 0
    engine.dispose()
