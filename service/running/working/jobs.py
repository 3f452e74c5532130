"""`svi worker`: the scheduled work, in a process of its own, done by one process of a machine at a time.

One scheduler with its jobs in memory; a lock on a file says which process is at work (docs/architecture.md#jobs).
"""

from __future__ import annotations

import fcntl
import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from service.clock import now
from service.running.watching.state import write_state

ZONE = "Europe/Paris"
HEARTBEAT = 5.0
"""Seconds between two signs of life, and between two tries to become the one at work."""

FIRST_AFTER = timedelta(seconds=10)
"""When repeated work is done for the first time after the start."""

log = logging.getLogger(__name__)

HealthNews = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of scheduled work: every `minutes` (or `seconds`), or `daily` at a Paris time `HH:MM`.

    `work` may return what `/health` should tell, by part.
    """

    name: str
    work: Callable[[], HealthNews | None]
    minutes: int | None = None
    daily: str | None = None
    seconds: int | None = None

    def trigger(self) -> CronTrigger | IntervalTrigger:
        """When the work is due, for the scheduler."""
        if self.daily is None:
            seconds = self.seconds or (self.minutes or 1) * 60
            return IntervalTrigger(seconds=seconds, timezone=ZONE)
        hour, minute = self.daily.split(":")
        return CronTrigger(hour=hour, minute=minute, timezone=ZONE)


@dataclass
class Worker:
    """Does `jobs` until it is told to stop, and says how it goes in the state folder."""

    jobs: Sequence[Job]
    folder: Path
    news: dict[str, Any] = field(default_factory=dict)
    _failing: set[str] = field(default_factory=set)

    def run(self, stop: threading.Event) -> None:
        """Wait to be the only one at work on this machine, then work until `stop`."""
        with _alone(self.folder / "jobs.lock", stop) as is_alone:
            if is_alone:
                self._work(stop)

    def _work(self, stop: threading.Event) -> None:
        scheduler = BackgroundScheduler(
            timezone=ZONE, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 300}
        )
        for job in self.jobs:
            soon = {"next_run_time": now() + FIRST_AFTER} if job.daily is None else {}
            scheduler.add_job(self.do, job.trigger(), args=[job], id=job.name, **soon)
        scheduler.start()
        try:
            self._say()
            while not stop.wait(HEARTBEAT):
                self._say()
        finally:
            scheduler.shutdown(wait=True)

    def do(self, job: Job) -> None:
        """Do one job; what goes wrong is noted, and the job comes again at its hour."""
        try:
            news = job.work()
        except Exception:
            log.exception("Le travail « %s » a échoué.", job.name)
            self._failing.add(job.name)
        else:
            self._failing.discard(job.name)
            self.news |= news or {}
        self._say()

    def _say(self) -> None:
        write_state(self.folder, "jobs", now(), failing=sorted(self._failing), **self.news)


@contextmanager
def _alone(path: Path, stop: threading.Event) -> Iterator[bool]:
    """Wait for the lock; False when told to stop before having it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if stop.wait(HEARTBEAT):
                    yield False
                    return
            else:
                yield True
                return
