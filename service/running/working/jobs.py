"""`svi worker`: the scheduled work, in a process of its own; a due time is done once, whatever the machines.

One scheduler with its jobs in memory says when; a row of the database says who (docs/architecture.md#jobs).
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from records.database import Engine, SQLAlchemyError, is_unreachable, reading, writing
from records.working import runs
from records.working.turns import DueTurn, Run, is_of_the_future
from routing.departements import PARIS
from service.clock import now
from service.running.watching.state import write_state
from service.running.working.alone import alone

HEARTBEAT = 5.0
"""Seconds between two signs of life, and between two looks at what is due and nobody does."""

FIRST_AFTER = timedelta(seconds=10)
"""When repeated work is done for the first time after the start."""

LATE_AFTER = timedelta(minutes=5)
"""How long after its time a job may still be not done before it is called late."""

KEPT = timedelta(minutes=10)
"""How long the rows of past due times are kept, if the job comes more often; two periods otherwise."""
STRANGE = timedelta(days=30)
"""When the rows of jobs are forgotten that no longer exist."""
JUMP = 30.0
"""Seconds by which the clock must leave the machine's own count of time to be said to have jumped."""
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)

log = logging.getLogger(__name__)

HealthNews = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of scheduled work: every `minutes` (or `seconds`), or `daily` at a Paris time `HH:MM`.

    `work` may return what `/health` should tell, by part. With `everywhere` it is done on each machine, for it is about
    what that machine keeps for itself (its files, its memory); else on one of all.
    """

    name: str
    work: Callable[[], HealthNews | None]
    minutes: int | None = None
    daily: str | None = None
    seconds: int | None = None
    everywhere: bool = False

    @property
    def period(self) -> timedelta:
        """The time between two runs."""
        return timedelta(days=1) if self.daily else timedelta(seconds=self.seconds or (self.minutes or 1) * 60)

    def trigger(self) -> CronTrigger | IntervalTrigger:
        """When the work is due, for the scheduler: at the same moments on every machine."""
        if self.daily is None:
            return IntervalTrigger(seconds=round(self.period.total_seconds()), start_date=BEGINNING, timezone=UTC)
        hour, minute = self.daily.split(":")
        return CronTrigger(hour=hour, minute=minute, timezone=PARIS)

    def slot(self, at: datetime) -> datetime:
        """The last moment at which it was due, in UTC."""
        if self.daily is None:
            return at - (at - BEGINNING) % self.period
        hour, minute = map(int, self.daily.split(":"))
        today = at.astimezone(PARIS).replace(hour=hour, minute=minute, second=0, microsecond=0, fold=0)
        due = today if today <= at else today - timedelta(days=1)
        return due.astimezone(UTC)

    def after(self, slot: datetime) -> datetime:
        """The due time that follows this one, in UTC: a day of Paris has 23, 24 or 25 hours."""
        return slot + self.period if self.daily is None else self.slot(slot + timedelta(hours=26))


@dataclass
class Worker:
    """Does `jobs` until it is told to stop, and says how it goes in the state folder.

    `clock` is ours; what is due is decided by the database's where it has one.
    """

    jobs: Sequence[Job]
    folder: Path
    engine: Engine
    news: dict[str, Any] = field(default_factory=dict)
    clock: Callable[[], datetime] = now
    elapsed: Callable[[], float] = time.monotonic
    """Seconds that no change of the clock touches."""
    heartbeat: float = HEARTBEAT
    holder: str = field(default_factory=lambda: f"{socket.gethostname()[:60]} {os.getpid()} {secrets.token_hex(8)}")
    _failing: set[str] = field(default_factory=set)
    """Of the work that is done everywhere; how the rest ended is in its rows."""
    _here: dict[str, datetime] = field(default_factory=dict)
    """When work that is done everywhere was last done here."""
    _busy: set[str] = field(default_factory=set)
    """The jobs that come up, or are done, here."""
    _running: dict[str, datetime] = field(default_factory=dict)
    """The due times that this process has taken."""
    _known: dict[str, Run] = field(default_factory=dict)
    """The last due time of each job that ended, on whichever machine."""
    _waits_for: str = ""
    _ahead: timedelta = timedelta()
    """By how much the database's clock is ahead of ours."""
    _began: float = field(default=0.0, init=False)
    _began_at: datetime | None = None
    _telling: threading.Lock = field(default_factory=threading.Lock)

    def run(self, stop: threading.Event) -> None:
        """Wait to be the only one at work on this machine, then work until `stop`."""
        with alone(self.folder / "jobs.lock", stop) as is_alone:
            if is_alone:
                self._work(stop)

    def _work(self, stop: threading.Event) -> None:
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # that work is still being done is no news
        scheduler = BackgroundScheduler(
            timezone=PARIS, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        for job in self.jobs:
            soon = {"next_run_time": now() + FIRST_AFTER} if job.daily is None else {}
            scheduler.add_job(self.do, job.trigger(), args=[job], id=job.name, name=job.name, **soon)
        scheduler.start()
        self._began, self._began_at = self.elapsed(), self.clock()
        drift = self._drift()
        self._forget_strangers()
        try:
            self._say()
            while not stop.wait(self.heartbeat):
                has_jumped = abs(self._drift() - drift) > JUMP
                drift = self._drift() if has_jumped else drift
                due = self.jobs if has_jumped else self._look()
                for job in due:
                    if job.name not in self._busy:
                        self._busy.add(job.name)
                        scheduler.modify_job(job.name, next_run_time=now())
                self._keep_alive()
                self._say()
        finally:
            scheduler.shutdown(wait=True)

    def do(self, job: Job) -> None:
        """Do one job if it is its turn; what goes wrong is noted, and the job comes again at its hour."""
        self._busy.add(job.name)
        try:
            slot = None if job.everywhere else self._take(job)
            if slot is None and not job.everywhere:
                return
            if slot is not None:
                self._running[job.name] = slot
            self._do(job, slot)
        finally:
            self._running.pop(job.name, None)
            self._busy.discard(job.name)
        self._say()

    def _do(self, job: Job, slot: datetime | None) -> None:
        failed, news = False, None
        try:
            news = job.work()
        except SQLAlchemyError as error:
            if is_unreachable(error):
                self._wait(job, error)  # its lease ends, and it is taken up again
                return
            log.exception("Le travail « %s » a échoué.", job.name)
            failed = True
        except Exception:
            log.exception("Le travail « %s » a échoué.", job.name)
            failed = True
        if slot is None:
            (self._failing.add if failed else self._failing.discard)(job.name)
            self.news |= news or {}
            self._here[job.name] = self.clock()
            return
        told = json.dumps(dict(news), default=str) if news else None
        try:
            with writing(self.engine) as connection:
                at = runs.moment(connection, self.clock())
                runs.end(connection, job.name, slot, self.holder, at, failed=failed, news=told)
        except SQLAlchemyError as error:
            self._wait(job, error)
        else:
            self._waits_for = ""
            with self._telling:
                self._known[job.name] = Run(job.name, slot, self.holder, at, 1, at, failed, told)

    def _take(self, job: Job) -> datetime | None:
        """The due time that this process does now; None when it is not its turn, or the database is away."""
        try:
            with writing(self.engine) as connection:
                at = runs.moment(connection, self.clock())
                slot = job.slot(at)
                keep = max(KEPT, 2 * job.period)
                is_daily = job.daily is not None
                found = runs.take(connection, job.name, slot, self.holder, at, is_daily=is_daily, keep=keep)
        except SQLAlchemyError as error:
            self._wait(job, error)
            return None
        self._waits_for = ""
        return slot if found is DueTurn.OURS else None

    def _wait(self, job: Job | None, error: SQLAlchemyError) -> None:
        """The database is away: said once, and tried again."""
        if not is_unreachable(error):
            log.error("Les travaux n’ont pas pu être notés dans la base de données.", exc_info=error)
        elif not self._waits_for:
            what = f"Le travail « {job.name} »" if job else "Chaque travail"
            log.warning("%s attend la base de données (%s).", what, type(error.__cause__ or error).__name__)
        self._waits_for = "database"

    def _look(self) -> list[Job]:
        """The jobs that are due, and that nobody did or does: missed, or left by somebody who died."""
        try:
            with reading(self.engine) as connection:
                at = runs.moment(connection, self.clock())
                found = runs.latest(connection)
        except SQLAlchemyError as error:
            self._wait(None, error)
            return []
        self._waits_for, self._ahead = "", at - self.clock()
        believed = [run for run in found if not is_of_the_future(run, at)]
        done = {run.job: run for run in believed if run.done_at is not None}
        with self._telling:
            self._known = done
        if self.elapsed() < self._began + FIRST_AFTER.total_seconds():
            return []
        left = {run.job for run in believed if run.is_alive(at)}
        left |= {job.name for job in self.jobs if job.name in done and done[job.name].slot >= job.slot(at)}
        return [job for job in self.jobs if not job.everywhere and job.name not in left]

    def _keep_alive(self) -> None:
        mine = list(self._running.items())
        if not mine:
            return
        try:
            with writing(self.engine) as connection:
                runs.renew(connection, mine, self.holder, runs.moment(connection, self.clock()))
        except SQLAlchemyError as error:
            self._wait(None, error)

    def _forget_strangers(self) -> None:
        try:
            with writing(self.engine) as connection:
                runs.forget_others(connection, [job.name for job in self.jobs], self.clock() - STRANGE)
        except SQLAlchemyError as error:
            self._wait(None, error)

    def _drift(self) -> float:
        """How far the clock is from the seconds that passed."""
        return self.clock().timestamp() - self.elapsed()

    def _say(self) -> None:
        with self._telling:
            known = sorted(self._known.values(), key=lambda run: run.slot)
            ended = {run.job for run in known if run.failed}
            told = dict(self.news)
            for run in known:
                told |= json.loads(run.news) if run.news else {}
            waiting = {"waiting": self._waits_for} if self._waits_for else {}
            write_state(
                self.folder, "jobs", self.clock(), failing=sorted(self._failing | ended), jobs=self._progress(),
                **waiting, **told,
            )  # fmt: skip

    def _progress(self) -> dict[str, dict[str, Any]]:
        """Of each job when it was last done, when it is due next, and whether it is late."""
        at = self.clock() + self._ahead
        found: dict[str, dict[str, Any]] = {}
        for job in self.jobs:
            last = self._known.get(job.name)
            done_at = self._here.get(job.name) if job.everywhere else last.done_at if last else None
            due = job.after(last.slot if last else job.slot(done_at or self._began_at or at))
            found[job.name] = {
                "done_at": done_at.isoformat() if done_at else None,
                "due": due.isoformat(),
                "late": at - due > LATE_AFTER,
            }
        return found
