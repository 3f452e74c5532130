"""Scheduled work: a due time once whatever the machines, a failure is said and stops nothing, Paris hours."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from records.database import open_database, reading
from records.schema.job_tables import job_runs
from records.schema.migrations import migrate
from records.working.turns import LEASE, MOST_TRIES
from service.clock import now
from service.running.watching.state import read_state
from service.running.working.jobs import Job, Worker
from service.running.working.scheduled import jobs
from service.settings import read_settings
from tests.service.waiting import eventually

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A database with its tables."""
    made = open_database(f"sqlite:///{tmp_path / 'svi.sqlite'}")
    migrate(made)
    yield made
    made.dispose()


@dataclass
class Machine:
    """One machine's worker, with a clock of its own that a test sets; its jobs note when they were done."""

    engine: Engine
    folder: Path
    at: datetime = NOON
    done: list[datetime] = field(default_factory=list)
    worker: Worker = field(init=False)

    def __post_init__(self) -> None:
        self.worker = Worker([], self.folder, self.engine, clock=lambda: self.at, elapsed=lambda: 0.0)

    def job(self, **when: int | str | bool) -> Job:
        return Job("essai", lambda: self.done.append(self.at), **when)  # type: ignore[arg-type]

    def due(self, after: timedelta = timedelta(), **when: int | str | bool) -> int:
        """Let time pass, and the job come up; how often it was done so far."""
        self.at += after
        self.worker.do(self.job(**when))
        return len(self.done)


@contextmanager
def working(worker: Worker) -> Iterator[threading.Event]:
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=[stop])
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join()


def test_only_one_worker_of_a_machine_is_at_work(engine: Engine, tmp_path: Path) -> None:
    """The second one speaks only once the first has stopped."""
    first, second = (
        Worker([Job(name, dict, minutes=1)], tmp_path, engine, news={"who": name}) for name in ("first", "second")
    )
    with working(first) as stop:
        eventually(lambda: read_state(tmp_path, "jobs").get("who") == "first")
        with working(second):
            assert read_state(tmp_path, "jobs")["who"] == "first"
            stop.set()
            eventually(lambda: read_state(tmp_path, "jobs").get("who") == "second")


def test_a_worker_that_waits_for_its_turn_stops_when_told(engine: Engine, tmp_path: Path) -> None:
    with working(Worker([], tmp_path, engine)):
        eventually(lambda: read_state(tmp_path, "jobs"))
        with working(Worker([], tmp_path, engine)):
            pass


def test_what_a_job_tells_is_in_the_state(engine: Engine, tmp_path: Path) -> None:
    worker = Worker([], tmp_path, engine)
    worker.do(Job("essai", lambda: {"operator": {"state": "ok"}}, minutes=1))
    assert read_state(tmp_path, "jobs")["operator"] == {"state": "ok"}


def test_a_job_that_fails_is_named_until_it_succeeds(
    engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    at = [NOON]
    worker, fails = Worker([], tmp_path, engine, clock=lambda: at[0]), [True]

    def work() -> None:
        if fails:
            fails.pop()
            raise ValueError("a fault")

    job = Job("essai", work, minutes=1)
    worker.do(job)
    assert read_state(tmp_path, "jobs")["failing"] == ["essai"]
    assert "essai" in caplog.text
    at[0] += timedelta(minutes=1)
    worker.do(job)
    assert read_state(tmp_path, "jobs")["failing"] == []


def test_a_daily_job_keeps_its_paris_hour_in_summer_and_in_winter() -> None:
    paris = ZoneInfo("Europe/Paris")
    trigger = Job("essai", dict, daily="03:10").trigger()
    for day in (datetime(2026, 7, 1, 12, tzinfo=paris), datetime(2026, 12, 1, 12, tzinfo=paris)):
        due = trigger.get_next_fire_time(None, day)
        assert (due.hour, due.minute, due.date()) == (3, 10, (day + timedelta(days=1)).date())


def test_every_job_of_the_service_can_be_scheduled(tmp_path: Path) -> None:
    house = read_settings(demo=True, var_dir=tmp_path)
    engine = open_database(house.database_url)
    found = jobs(house, engine)
    assert len({job.name for job in found}) == len(found)
    assert all(job.trigger().get_next_fire_time(None, now()) for job in found)
    engine.dispose()


# ---------------------------------------------------------------- once, whatever the machines and their clocks


def machines(engine: Engine, tmp_path: Path, count: int = 2) -> list[Machine]:
    return [Machine(engine, tmp_path / f"machine-{number}") for number in range(count)]


def test_a_due_time_is_done_by_one_machine(engine: Engine, tmp_path: Path) -> None:
    first, second = machines(engine, tmp_path)
    for _ in range(5):
        first.due(timedelta(minutes=1), minutes=1)
        second.due(timedelta(minutes=1), minutes=1)
        second.due(minutes=1)
    assert (len(first.done), len(second.done)) == (5, 0)


def test_what_each_machine_keeps_for_itself_is_seen_to_on_each(engine: Engine, tmp_path: Path) -> None:
    first, second = machines(engine, tmp_path)
    assert [one.due(minutes=1, everywhere=True) for one in (first, second)] == [1, 1]


def test_of_many_workers_at_the_same_instant_one_does_it(tmp_path: Path, database_url: str) -> None:
    shared = open_database(database_url)
    migrate(shared)
    done: list[str] = []
    ready = threading.Barrier(4)

    def race(name: str) -> None:
        worker = Worker([], tmp_path / name, shared)
        ready.wait()
        worker.do(Job("essai", lambda: done.append(name), minutes=24 * 60))

    racers = [threading.Thread(target=race, args=[name]) for name in "abcd"]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    shared.dispose()
    assert len(done) == 1


def test_what_a_dead_machine_left_is_taken_over_within_thirty_seconds(engine: Engine, tmp_path: Path) -> None:
    dead, other = machines(engine, tmp_path)
    assert dead.worker._take(dead.job(minutes=60)) is not None  # and it dies
    assert other.due(timedelta(seconds=10), minutes=60) == 0, "it may be alive"
    assert other.due(timedelta(seconds=15), minutes=60) == 1
    assert other.due(timedelta(seconds=1), minutes=60) == 1


def test_one_that_lives_keeps_what_it_does_however_long_it_takes(engine: Engine, tmp_path: Path) -> None:
    slow, other = machines(engine, tmp_path)
    slot = slow.worker._take(slow.job(minutes=1))
    assert slot is not None
    slow.worker._running["essai"] = slot
    for _ in range(30):
        slow.at += timedelta(seconds=5)
        slow.worker._keep_alive()
        assert other.due(timedelta(seconds=5), minutes=1) == 0


def test_what_kills_its_process_each_time_is_given_up_and_named(engine: Engine, tmp_path: Path) -> None:
    [machine] = machines(engine, tmp_path, 1)
    machine.due(daily="03:10")
    machine.at += timedelta(days=1)
    for _ in range(MOST_TRIES):
        assert machine.worker._take(machine.job(daily="03:10")) is not None
        machine.at += LEASE
    assert machine.worker._take(machine.job(daily="03:10")) is None
    with reading(engine) as connection:
        assert connection.scalar(select(job_runs.c.failed).order_by(job_runs.c.slot.desc()).limit(1))


def test_a_clock_that_jumps_back_stops_nothing_and_makes_no_burst(engine: Engine, tmp_path: Path) -> None:
    [machine] = machines(engine, tmp_path, 1)
    for _ in range(10):
        machine.due(timedelta(minutes=1), minutes=1)
    assert len(machine.done) == 10
    machine.at -= timedelta(hours=3)
    for _ in range(10):
        machine.due(timedelta(minutes=1), minutes=1)
    assert len(machine.done) in {19, 20}


def test_a_clock_that_jumps_forward_and_is_put_right_stops_nothing(engine: Engine, tmp_path: Path) -> None:
    [machine] = machines(engine, tmp_path, 1)
    machine.due(minutes=5)
    machine.due(timedelta(days=400), minutes=5)
    assert len(machine.done) == 2, "four hundred days are caught up once"
    machine.due(timedelta(days=-400, minutes=5), minutes=5)
    assert len(machine.done) == 3


def test_a_due_time_that_was_missed_while_all_was_down_is_caught_up_once(engine: Engine, tmp_path: Path) -> None:
    first, second = machines(engine, tmp_path)
    when = "04:10"
    assert first.due(daily=when) == 0, "a new service catches up nothing from before it was there"
    for machine in (first, second):
        machine.at += timedelta(days=5)
    assert first.due(daily=when) + second.due(daily=when) == 1
    assert first.due(timedelta(hours=1), daily=when) + second.due(timedelta(hours=1), daily=when) == 1


def test_without_its_database_a_job_waits_says_so_and_is_done_afterwards(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    away = open_database(f"sqlite:///{tmp_path / 'later.sqlite'}")
    machine = Machine(away, tmp_path / "state")
    for _ in range(3):
        assert machine.due(timedelta(minutes=1), minutes=1) == 0
    machine.worker._say()
    assert read_state(machine.folder, "jobs")["waiting"] == "database"
    assert caplog.text.count("attend la base de données") == 1
    migrate(away)
    assert machine.due(minutes=1) == 1
    assert "waiting" not in read_state(machine.folder, "jobs")
    away.dispose()


def test_what_one_machine_learnt_is_told_by_each(engine: Engine, tmp_path: Path) -> None:
    first, second = machines(engine, tmp_path)
    first.worker.do(Job("essai", lambda: {"operator": {"state": "down"}}, minutes=1))
    second.worker._look()
    second.worker._say()
    assert read_state(second.folder, "jobs")["operator"] == {"state": "down"}


def test_the_state_names_what_was_done_what_is_due_and_what_is_late(engine: Engine, tmp_path: Path) -> None:
    [machine] = machines(engine, tmp_path, 1)
    machine.worker.jobs = [machine.job(minutes=1)]
    machine.due(minutes=1)
    told = read_state(machine.folder, "jobs")["jobs"]["essai"]
    assert (told["late"], told["due"]) == (False, (NOON + timedelta(minutes=1)).isoformat())
    machine.at += timedelta(minutes=9)
    machine.worker._say()
    assert read_state(machine.folder, "jobs")["jobs"]["essai"]["late"]


@pytest.mark.parametrize(("day", "hours"), [(24, 25), (25, 24)], ids=["the night of 25 hours", "the one after"])
def test_a_daily_job_is_not_late_because_an_hour_comes_twice(
    engine: Engine, tmp_path: Path, day: int, hours: int
) -> None:
    [machine] = machines(engine, tmp_path, 1)
    machine.worker.jobs = [machine.job(daily="03:50")]
    slot = machine.worker.jobs[0].slot(datetime(2026, 10, day, 12, tzinfo=UTC))
    machine.at = slot + timedelta(minutes=1)
    machine.due(daily="03:50")
    machine.at = slot + timedelta(hours=hours, minutes=-10)
    machine.worker._look()
    machine.worker._say()
    told = read_state(machine.folder, "jobs")["jobs"]["essai"]
    assert (told["due"], told["late"]) == ((slot + timedelta(hours=hours)).isoformat(), False)


def test_past_due_times_are_forgotten(engine: Engine, tmp_path: Path) -> None:
    [machine] = machines(engine, tmp_path, 1)
    for _ in range(40):
        machine.due(timedelta(minutes=1), minutes=1)
    with reading(engine) as connection:
        assert len(connection.execute(select(job_runs)).all()) < 15


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 90)), min_size=5, max_size=60))
def test_however_two_machines_come_up_each_due_time_is_done_once(
    tmp_path_factory: pytest.TempPathFactory, turns: list[tuple[int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("turns")
    shared = open_database(f"sqlite:///{folder / 'svi.sqlite'}")
    job_runs.create(shared)
    both, at = machines(shared, folder), NOON
    for which, seconds in turns:
        at += timedelta(seconds=seconds)
        both[which].at = at
        both[which].due(minutes=1)
    shared.dispose()
    done = sorted(each for machine in both for each in machine.done)
    assert len({each.replace(second=0) for each in done}) == len(done)


def test_a_worker_finds_again_what_it_missed_when_its_clock_jumped_back(engine: Engine, tmp_path: Path) -> None:
    """The scheduler would sleep until the time that it had planned."""
    clock, done = [now], list[datetime]()
    worker = Worker(
        [Job("essai", lambda: done.append(clock[0]()), seconds=1, everywhere=True)], tmp_path, engine,
        clock=lambda: clock[0](), heartbeat=0.1,  # noqa: PLW0108 - a test changes it
    )  # fmt: skip
    with working(worker):
        eventually(lambda: done)
        clock[0] = _yesterday
        eventually(lambda: [at for at in done if at < now() - timedelta(hours=1)])


def _yesterday() -> datetime:
    return now() - timedelta(days=1)
