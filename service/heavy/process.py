"""The process of heavy work: it takes a work, has it done by a child of its own, and sees that this child ends.

The child has less of the processor than the calls, and bounds on its memory and time; what kills it ends nothing else.
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from records.database import Connection, Engine, SQLAlchemyError, is_unreachable, open_database, reading, writing
from records.working import heavy, runs
from records.working.asked import HeavyWork
from service.clock import now
from service.logs import start_logging
from service.running.serving.stopping import stop_event
from service.running.watching.state import write_state
from service.running.working.alone import alone
from service.settings import Settings, read_settings

HEARTBEAT = 2.0
"""Seconds between two looks at what is asked for, and between two signs of life of what is done."""
LONGEST = 45 * 60.0
"""Seconds that a work may take; twenty-four months of France with a million calls take ten minutes."""
GRACE = 5.0
"""Seconds that a child has to end when it is told to."""
TOO_LONG = (
    "Le travail a pris trop de temps et a été arrêté : demandez moins à la fois, ou découpez le fichier par année."
)

log = logging.getLogger(__name__)

Command = Callable[[HeavyWork, str], Sequence[str]]
"""The command of the process that does a work for this holder."""


def child_of(work: HeavyWork, holder: str) -> Sequence[str]:
    """The command of the process that does one work, and knows who began it."""
    return [sys.executable, "-m", "service.heavy.child", str(work.id), holder, str(os.getpid())]


@dataclass
class HeavyProcess:
    """Does the works that are asked for, one after the other, until it is told to stop."""

    engine: Engine
    folder: Path
    """Where it says how it is."""
    clock: Callable[[], datetime] = now
    command: Command = child_of
    heartbeat: float = HEARTBEAT
    longest: float = LONGEST
    _is_waiting: bool = field(default=False, init=False)

    def run(self, stop: threading.Event) -> None:
        """Wait to be the only one on this machine, then work until `stop`."""
        with alone(self.folder / "heavy.lock", stop) as is_alone:
            while is_alone and not stop.is_set():
                if not self._do_next(stop):
                    stop.wait(self.heartbeat)

    def _do_next(self, stop: threading.Event) -> bool:
        """Whether a work was there to do."""
        holder = f"{socket.gethostname()[:60]} {secrets.token_hex(12)}"
        work = None
        try:
            with reading(self.engine) as connection:
                is_wanted = heavy.is_wanted(connection, runs.moment(connection, self.clock()))
            if is_wanted:
                with writing(self.engine) as connection:
                    work = heavy.take_next(connection, holder, runs.moment(connection, self.clock()))
            self._is_waiting = False
        except SQLAlchemyError as error:
            self._wait(error)
        self._say(work)
        if work is not None:
            self._have_done(work, holder, stop)
        return work is not None

    def _have_done(self, work: HeavyWork, holder: str, stop: threading.Event) -> None:
        began = time.monotonic()
        child = subprocess.Popen(list(self.command(work, holder)))  # noqa: S603 - our own module, and numbers
        self._say(work, child.pid)
        try:
            while child.poll() is None:
                if stop.is_set():
                    self._stop(child)
                    self._note(lambda connection, _at: heavy.release(connection, work.id, holder))
                    return
                if time.monotonic() - began > self.longest:
                    self._stop(child)
                    self._fail(work, holder, TOO_LONG)
                    return
                if not self._note(lambda connection, at: heavy.renew(connection, work.id, holder, at)):
                    self._stop(child)  # somebody else has it, or it was erased
                    return
                self._say(work, child.pid)
                _wait_for(child, self.heartbeat)
        finally:
            self._stop(child)
        if child.returncode == -signal.SIGXCPU:
            self._fail(work, holder, TOO_LONG)
        elif child.returncode != 0:
            log.warning("Le travail lourd %s s’est interrompu (%s).", work.id, child.returncode)
            self._note(lambda connection, at: heavy.drop(connection, work.id, holder, at))

    def _stop(self, child: subprocess.Popen[bytes]) -> None:
        if child.poll() is None:
            child.terminate()
            _wait_for(child, GRACE)
        if child.poll() is None:
            child.kill()
        child.wait()

    def _fail(self, work: HeavyWork, holder: str, error: str) -> None:
        self._note(lambda connection, at: heavy.fail(connection, work.id, holder, at, error))

    def _note(self, write: Callable[[Connection, datetime], bool | None]) -> bool:
        """Write it; False when the row says that the work is no more ours. A database that is away is waited for."""
        try:
            with writing(self.engine) as connection:
                return write(connection, runs.moment(connection, self.clock())) is not False
        except SQLAlchemyError as error:
            self._wait(error)
            return True

    def _wait(self, error: SQLAlchemyError) -> None:
        if not is_unreachable(error):
            log.error("Le travail lourd n’a pas pu être noté dans la base de données.", exc_info=error)
        elif not self._is_waiting:
            log.warning("Le travail lourd attend la base de données (%s).", type(error.__cause__ or error).__name__)
        self._is_waiting = True

    def _say(self, work: HeavyWork | None, child: int | None = None) -> None:
        waiting = {"waiting": "database"} if self._is_waiting else {}
        doing = {"doing": work.kind, "work": work.id, "child": child} if work else {"doing": None}
        write_state(self.folder, "heavy", self.clock(), **doing, **waiting)


def _wait_for(child: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        return


def work_heavily(settings: Settings) -> None:
    """Do heavy work until told to stop."""
    engine = open_database(settings.database_url)
    try:
        HeavyProcess(engine, settings.state_dir).run(stop_event())
    finally:
        engine.dispose()


def main() -> None:
    """Work by this machine's settings."""
    settings = read_settings(complete=True)
    start_logging(settings.log_level, settings.log_format)
    work_heavily(settings)


if __name__ == "__main__":
    main()
