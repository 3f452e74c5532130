"""Scheduled work: one process of a machine at a time, a failure is said and stops nothing, Paris hours."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from records.database import open_database
from service.clock import now
from service.running.watching.state import read_state
from service.running.working.jobs import Job, Worker
from service.running.working.scheduled import jobs
from service.settings import read_settings
from tests.service.waiting import eventually


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


def test_only_one_worker_of_a_machine_is_at_work(tmp_path: Path) -> None:
    """The second one speaks only once the first has stopped."""
    first, second = (Worker([Job(name, dict, minutes=1)], tmp_path, news={"who": name}) for name in ("first", "second"))
    with working(first) as stop:
        eventually(lambda: read_state(tmp_path, "jobs").get("who") == "first")
        with working(second):
            assert read_state(tmp_path, "jobs")["who"] == "first"
            stop.set()
            eventually(lambda: read_state(tmp_path, "jobs").get("who") == "second")


def test_a_worker_that_waits_for_its_turn_stops_when_told(tmp_path: Path) -> None:
    with working(Worker([], tmp_path)):
        eventually(lambda: read_state(tmp_path, "jobs"))
        with working(Worker([], tmp_path)):
            pass


def test_what_a_job_tells_is_in_the_state(tmp_path: Path) -> None:
    worker = Worker([], tmp_path)
    worker.do(Job("essai", lambda: {"operator": {"state": "ok"}}, minutes=1))
    assert read_state(tmp_path, "jobs")["operator"] == {"state": "ok"}


def test_a_job_that_fails_is_named_until_it_succeeds(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    worker, fails = Worker([], tmp_path), [True]

    def work() -> None:
        if fails:
            fails.pop()
            raise OSError("away")

    job = Job("essai", work, minutes=1)
    worker.do(job)
    assert read_state(tmp_path, "jobs")["failing"] == ["essai"]
    assert "essai" in caplog.text
    worker.do(job)
    assert read_state(tmp_path, "jobs")["failing"] == []


def test_a_daily_job_keeps_its_paris_hour_in_summer_and_in_winter() -> None:
    paris = ZoneInfo("Europe/Paris")
    trigger = Job("essai", dict, daily="03:10").trigger()
    for day in (datetime(2026, 7, 1, 12, tzinfo=paris), datetime(2026, 12, 1, 12, tzinfo=paris)):
        due = trigger.get_next_fire_time(None, day)
        assert (due.hour, due.minute, due.date()) == (3, 10, (day + timedelta(days=1)).date())


def test_every_job_of_the_service_can_be_scheduled(tmp_path: Path) -> None:
    settings = read_settings(demo=True, var_dir=tmp_path)
    engine = open_database(settings.database_url)
    found = jobs(settings, engine)
    assert len({job.name for job in found}) == len(found)
    assert all(job.trigger().get_next_fire_time(None, now()) for job in found)
    engine.dispose()
