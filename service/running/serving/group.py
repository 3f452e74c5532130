"""A group of web processes: the application is loaded once, and each worker is a copy that serves the one socket."""

from __future__ import annotations

import gc
import importlib
import logging
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from flask import Flask

from service.logs import start_logging
from service.running.serving.child import ANNOUNCE, die_with
from service.running.serving.lanes import Lanes
from service.running.serving.server import CONNECTIONS, LONGEST_STOP, WebWorker
from service.settings import read_settings

HANGS_AFTER = 30.0
"""Seconds without a sign of life after which a worker is ended: its callers go to another one."""

LONGEST_PAUSE = 5.0
"""Seconds between two starts of a worker that dies at once."""

log = logging.getLogger(__name__)


@dataclass
class Slot:
    """One worker's place in the group; `spoke` tells that it has served, `deaths` how many in a row did not last."""

    pid: int = 0
    heard: int = -1
    heard_at: float = 0.0
    spoke: bool = False
    began: float = 0.0
    starts_at: float = 0.0
    deaths: int = 0


class Group:
    """Keeps `count` workers serving until SIGTERM, which each obeys by finishing what it has in hand."""

    def __init__(self, application: Flask, listening: socket.socket, count: int, lanes: Callable[[], Lanes]) -> None:
        self._application = application
        self._listening = listening
        self._lanes = lanes
        self._slots = [Slot() for _ in range(count)]
        self._is_stopping = False
        self._announced = int(os.environ.pop(ANNOUNCE, "-1"))
        self._woken, self._waker = os.pipe()

    def run(self) -> None:
        """Returns when every worker has gone.

        What is loaded by now lasts as long as they do: no search for garbage, which nobody is answered during, goes
        through it again, and they share its memory.
        """
        gc.collect()
        gc.freeze()
        self._listen_to_signals()
        while not self._is_stopping:
            moment = time.monotonic()
            for slot in self._slots:
                self._look_after(slot, moment)
            self._announce()
            self._hear()
        self._stop()

    def _look_after(self, slot: Slot, moment: float) -> None:
        if slot.pid and moment > slot.heard_at + HANGS_AFTER:
            log.error("Un processus web ne donne plus signe de vie : il est remplacé.")
            os.kill(slot.pid, signal.SIGKILL)
        if slot.pid and _has_ended(slot.pid):
            self._bury(slot, moment)
        if not slot.pid and slot.starts_at <= moment:
            self._start(slot, moment)

    def _bury(self, slot: Slot, moment: float) -> None:
        os.close(slot.heard)
        slot.pid = 0
        slot.deaths = 0 if moment > slot.began + LONGEST_PAUSE else slot.deaths + 1
        slot.starts_at = moment + (min(LONGEST_PAUSE, 0.1 * 2.0**slot.deaths) if slot.deaths > 1 else 0.0)
        log.warning("Un processus web s’est arrêté ; il est relancé.")

    def _start(self, slot: Slot, moment: float) -> None:
        heard, speaks = os.pipe()
        os.set_blocking(heard, False)
        parent = os.getpid()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
        pid = os.fork()
        if pid == 0:
            self._work(parent, speaks)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGINT})
        os.close(speaks)
        slot.pid, slot.heard, slot.heard_at, slot.began, slot.spoke = pid, heard, moment, moment, False

    def _work(self, parent: int, speaks: int) -> None:
        """In the worker: serve until told to stop; never returns."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            die_with(parent)
            worker = WebWorker(self._application.wsgi_app, self._listening, self._lanes())
            worker.run(lambda: _say(speaks))
            if (journal := self._application.extensions.get("journal")) is not None:
                journal.look_after()  # what a full disk refused is written while there may be room again
            status = 0
        except BaseException:
            log.exception("Un processus web n’a pas pu servir.")
        finally:
            os._exit(status)

    def _announce(self) -> None:
        """Tell the parent, once, that all serve."""
        if self._announced >= 0 and all(slot.spoke for slot in self._slots):
            _say(self._announced)
            os.close(self._announced)
            self._announced = -1

    def _hear(self) -> None:
        """Wait for a word of a worker, a death, a signal; a second at most."""
        speaking = {slot.heard: slot for slot in self._slots if slot.pid}
        ready, _, _ = select.select([self._woken, *speaking], [], [], self._shortest_wait())
        for number in ready:
            with suppress(OSError):
                if os.read(number, 4096) and number in speaking:
                    speaking[number].spoke, speaking[number].heard_at = True, time.monotonic()
        if any(number in speaking for number in ready):
            time.sleep(0.05)  # a worker that died reads as its end until it is buried

    def _shortest_wait(self) -> float:
        moment = time.monotonic()
        return max(0.0, min([1.0, *(slot.starts_at - moment for slot in self._slots if not slot.pid)]))

    def _stop(self) -> None:
        alive = [slot.pid for slot in self._slots if slot.pid]
        for pid in alive:
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + LONGEST_STOP + 2
        while alive and time.monotonic() < deadline:
            alive = [pid for pid in alive if not _has_ended(pid)]
            select.select([self._woken], [], [], 0.1)
            with suppress(OSError):
                os.read(self._woken, 4096)
        for pid in alive:
            os.kill(pid, signal.SIGKILL)

    def _listen_to_signals(self) -> None:
        for number in (self._woken, self._waker):
            os.set_blocking(number, False)
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._be_told_to_stop)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)

    def _be_told_to_stop(self, _number: int, _frame: object) -> None:
        self._is_stopping = True


def _has_ended(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def _say(number: int) -> None:
    with suppress(OSError):
        os.write(number, b"1")


def main() -> None:
    """`MODULE WORKERS FD`: the application that the module makes, by this machine's settings."""
    module, workers, number = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    settings = read_settings(complete=True)
    start_logging(settings.log_level, settings.log_format)
    loaded = importlib.import_module(module).application()
    listening = socket.socket(fileno=number)
    listening.setblocking(False)
    Group(loaded, listening, workers, lambda: Lanes(threads=settings.web_threads, most=CONNECTIONS)).run()
    logging.shutdown()
    os._exit(0)  # nothing is left to be tidied up, and a restart waits for us


if __name__ == "__main__":
    main()
