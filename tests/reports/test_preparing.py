"""Heavy work: done apart, taken up again after a crash, one at a time for an account, for its reader alone."""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from records.database import reading, writing
from records.schema.job_tables import heavy_files
from records.working import heavy
from records.working.asked import (
    KEPT_FOR,
    MOST_TRIES,
    MOST_WAITING,
    SENT_KEPT_FOR,
    HeavyWork,
    HouseFull,
    UnderWay,
    WorkState,
)
from records.working.turns import LEASE
from reports.figures.periods import Period
from reports.preparing.kinds import IMPORT, WORKBOOK
from reports.preparing.workbook import WorkbookAsked, ask
from service.heavy.process import TOO_LONG, HeavyProcess
from tests.service.waiting import eventually

AUTUMN = Period(date(2026, 9, 1), date(2026, 10, 30))
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
SACHA = "sacha@siao.example"


@dataclass
class Shop:
    """Where work is asked for and done, at a moment that a test moves; on SQLite the database has no clock."""

    engine: Engine
    now: datetime = NOW

    def ask(self, departement: str | None = None, by: str = SACHA) -> int:
        with writing(self.engine) as connection:
            return ask(connection, WorkbookAsked(departement, AUTUMN, with_pivot=False), by=by, at=self.now)

    def take(self, holder: str = "one") -> HeavyWork | None:
        with writing(self.engine) as connection:
            return heavy.take_next(connection, holder, self.now)

    def one(self, number: int) -> HeavyWork:
        with reading(self.engine) as connection:
            found = heavy.one(connection, number)
        assert found is not None
        return found

    def finish(self, number: int, holder: str = "one") -> bool:
        with writing(self.engine) as connection:
            heavy.add_piece(connection, number, heavy.MADE, 0, b"made")
            return heavy.finish(connection, number, holder, self.now, result={"file": "a.xlsx"}, size=4)

    def forget(self) -> None:
        with writing(self.engine) as connection:
            heavy.forget_old(connection, self.now)

    def pieces(self) -> int:
        with reading(self.engine) as connection:
            return connection.scalar(select(func.count()).select_from(heavy_files)) or 0


@pytest.fixture
def shop(engine: Engine) -> Shop:
    return Shop(engine)


def test_a_work_is_asked_for_done_and_kept_for_some_days(shop: Shop) -> None:
    number = shop.ask()
    assert shop.one(number).state is WorkState.WAITING
    taken = shop.take()
    assert taken is not None
    assert (taken.id, taken.state, taken.percent) == (number, WorkState.UNDER_WAY, 0)
    assert shop.finish(number)
    assert (shop.one(number).state, shop.one(number).percent) == (WorkState.DONE, 100)
    shop.now += KEPT_FOR - timedelta(minutes=1)
    shop.forget()
    assert shop.pieces() == 1
    shop.now += timedelta(minutes=2)
    shop.forget()
    assert shop.pieces() == 0
    with reading(shop.engine) as connection:
        assert heavy.one(connection, number) is None


def test_an_account_has_one_at_a_time_and_asking_again_leads_to_it(shop: Shop) -> None:
    first = shop.ask()
    assert shop.ask() == first
    with pytest.raises(UnderWay) as refused:
        shop.ask("75")
    assert refused.value.work.id == first
    assert shop.ask("75", by="alix@siao.example") != first
    shop.take()
    shop.finish(first)
    assert shop.ask("75") != first


def test_beyond_a_bound_the_house_takes_no_more(shop: Shop) -> None:
    for number in range(MOST_WAITING):
        shop.ask(by=f"compte-{number}@siao.example")
    with pytest.raises(HouseFull, match="rien n’a été commencé"):
        shop.ask()


def test_of_many_processes_at_the_same_instant_one_takes_it(shop: Shop) -> None:
    shop.ask()
    found: list[HeavyWork | None] = []
    ready = threading.Barrier(4)

    def race(name: str) -> None:
        ready.wait()
        found.append(shop.take(name))

    racers = [threading.Thread(target=race, args=[name]) for name in "abcd"]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert len([one for one in found if one is not None]) == 1


def test_one_whose_process_died_is_begun_again_and_not_for_ever(shop: Shop) -> None:
    number = shop.ask()
    for _ in range(MOST_TRIES):
        taken = shop.take()
        assert taken is not None
        shop.now += LEASE / 2
        assert shop.take() is None, "it may be alive"
        shop.now += LEASE
    assert shop.take() is None
    assert shop.one(number).state is WorkState.FAILED
    assert "interrompu trois fois" in str(shop.one(number).error)


def test_a_process_that_was_thought_dead_ends_nothing(shop: Shop) -> None:
    number = shop.ask()
    shop.take("slow")
    shop.now += LEASE * 2
    assert shop.take("again") is not None
    with writing(shop.engine) as connection:
        assert not heavy.renew(connection, number, "slow", shop.now)
        assert not heavy.finish(connection, number, "slow", shop.now, result={}, size=None)
        heavy.fail(connection, number, "slow", shop.now, "échec")
    assert shop.one(number).state is WorkState.UNDER_WAY


def test_what_is_stopped_on_purpose_waits_and_it_was_no_try(shop: Shop) -> None:
    number = shop.ask()
    shop.take()
    with writing(shop.engine) as connection:
        heavy.release(connection, number, "one")
    assert (shop.one(number).state, shop.one(number).tries) == (WorkState.WAITING, 0)


def test_how_long_it_may_still_take_is_told_by_what_went_before(shop: Shop) -> None:
    number = shop.ask()
    shop.take()
    assert shop.one(number).left(shop.now) is None, "nothing tells yet"
    with writing(shop.engine) as connection:
        heavy.tell(connection, number, "one", progress=2_000, total=8_000)
    assert shop.one(number).left(shop.now + timedelta(minutes=1)) == timedelta(minutes=3)


def test_a_file_that_was_sent_goes_after_a_day_unless_its_work_waits(shop: Shop) -> None:
    with writing(shop.engine) as connection:
        for account in ("a", "b"):
            number = heavy.ask(connection, IMPORT, {"file": 0}, account=account, at=shop.now)
            heavy.add_piece(connection, number, heavy.SENT, 0, b"sent")
    shop.take()
    shop.finish(1)
    shop.now += SENT_KEPT_FOR + timedelta(minutes=1)
    shop.forget()
    with reading(shop.engine) as connection:
        assert [heavy.has_file(connection, number, heavy.SENT) for number in (1, 2)] == [False, True]


def test_erasing_a_caller_deletes_what_has_whole_numbers(shop: Shop) -> None:
    for departement in ("75", None):
        shop.ask(departement)
        taken = shop.take()
        assert taken is not None
        shop.finish(taken.id)
    under_way = shop.ask("59")
    shop.take("writer")
    with writing(shop.engine) as connection:
        heavy.forget_with_numbers(connection)
    with reading(shop.engine) as connection:
        left = [one.parameters["departement"] for one in heavy.of_account(connection, SACHA, WORKBOOK)]
    assert left == ["59", None]
    assert not shop.finish(under_way, "writer"), "it was read before the number was erased"


# ---------------------------------------------------------------- its process


def process(engine: Engine, folder: Path, code: str, longest: float = 60.0) -> HeavyProcess:
    """A process of heavy work, whose children do what `code` says, for so many seconds at most."""
    command = [sys.executable, "-c", code]
    return HeavyProcess(engine, folder, command=lambda *_: command, heartbeat=0.05, longest=longest)


def run_once(made: HeavyProcess, stop: threading.Event | None = None) -> None:
    made._do_next(stop or threading.Event())


def test_a_child_that_is_killed_is_tried_again_and_then_told_as_a_failure(shop: Shop, tmp_path: Path) -> None:
    shop.now = datetime.now(UTC)
    number = shop.ask()
    made = process(shop.engine, tmp_path, "import os; os.kill(os.getpid(), 9)")
    for tries in range(1, MOST_TRIES + 1):
        run_once(made)
        assert (shop.one(number).state, shop.one(number).tries) == (WorkState.UNDER_WAY, tries)
    run_once(made)
    assert "interrompu trois fois" in str(shop.one(number).error)


def test_a_child_that_takes_too_long_is_stopped_and_its_reader_told(shop: Shop, tmp_path: Path) -> None:
    shop.now = datetime.now(UTC)
    number = shop.ask()
    run_once(process(shop.engine, tmp_path, "import time; time.sleep(60)", longest=0.2))
    assert (shop.one(number).state, shop.one(number).error) == (WorkState.FAILED, TOO_LONG)


def test_a_stop_ends_the_child_and_leaves_the_work_to_others(shop: Shop, tmp_path: Path) -> None:
    shop.now = datetime.now(UTC)
    number, stop = shop.ask(), threading.Event()
    made = process(shop.engine, tmp_path, "import time; time.sleep(60)")
    worker = threading.Thread(target=made.run, args=[stop])
    worker.start()
    eventually(lambda: shop.one(number).state is WorkState.UNDER_WAY)
    stop.set()
    worker.join()
    assert (shop.one(number).state, shop.one(number).tries) == (WorkState.WAITING, 0)


def test_a_long_work_keeps_its_lease(shop: Shop, tmp_path: Path) -> None:
    shop.now = datetime.now(UTC)
    number = shop.ask()
    made = process(shop.engine, tmp_path, "import time; time.sleep(1)")
    worker = threading.Thread(target=run_once, args=[made])
    worker.start()
    eventually(lambda: shop.one(number).leased_until is not None)
    first = shop.one(number).leased_until
    eventually(lambda: shop.one(number).leased_until != first)
    worker.join()
