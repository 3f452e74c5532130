"""A parent that keeps its children alive: it starts them, restarts the one that dies, and leaves none behind."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

STEADY_AFTER = 20.0
"""Seconds of life after which a child's earlier deaths are forgotten."""

LONGEST_PAUSE = 10.0
"""Seconds between two starts of a child that dies at once."""

GRACE = 25.0
"""Seconds that a child has to stop by itself: more than the operator's own 15 s for one answer."""

log = logging.getLogger(__name__)


@dataclass
class Child:
    """One process to keep alive. With `once` it is not started again. `pass_fds` stay open in it."""

    name: str
    command: Sequence[str]
    pass_fds: Sequence[int] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    once: bool = False
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    starts_at: float = 0.0
    deaths: int = 0

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start the process in a session of its own: a Ctrl-C in the terminal is for the parent alone."""
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own commands, written in service/running/serving/serve.py
            self.command,
            pass_fds=self.pass_fds,
            env=os.environ | self.environment,
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - the parent has one thread
        )

    def signal(self, number: int, *, whole_session: bool = False) -> None:
        """Send a signal to the process, or to all that it has started too; a process already gone is fine."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            (os.killpg if whole_session else os.kill)(self.process.pid, number)

    def pause(self) -> float:
        """Seconds to wait before the next start, longer after each death in a row."""
        steady = time.monotonic() - self.started_at > STEADY_AFTER
        self.deaths = 1 if steady else self.deaths + 1
        return 0.0 if self.deaths == 1 else min(LONGEST_PAUSE, 0.2 * 2.0 ** (self.deaths - 1))


class Supervisor:
    """Keeps `children` alive until SIGTERM, SIGINT or SIGHUP; then stops them. `tick` is called each second."""

    def __init__(self, children: Sequence[Child], tick: Callable[[Supervisor], None]) -> None:
        self.children = list(children)
        self._tick = tick
        self._stopping = False
        self._woken, self._waker = os.pipe()

    def run(self) -> None:
        """Returns when everything has stopped."""
        self._listen_to_signals()
        try:
            while not self._stopping:
                self._keep_alive()
                self._tick(self)
                self._sleep(1.0)
        finally:
            self._stop_all()

    def add(self, child: Child) -> None:
        """One more child, started at the next turn."""
        self.children.append(child)

    def _keep_alive(self) -> None:
        moment = time.monotonic()
        for child in [child for child in self.children if not child.is_alive]:
            if child.process is not None:
                self._bury(child, moment)
            if child in self.children and child.starts_at <= moment:
                child.start()

    def _bury(self, child: Child, moment: float) -> None:
        """Note the death of a child, end what it left, and say when it starts again."""
        assert child.process is not None  # noqa: S101 - says to the reader what the caller has checked
        status = child.process.returncode
        child.signal(signal.SIGTERM, whole_session=True)
        child.process = None
        if child.once:
            self.children.remove(child)
            return
        child.starts_at = moment + child.pause()
        log.warning("Le processus « %s » s’est arrêté (%s) ; il est relancé.", child.name, status)

    def _stop_all(self) -> None:
        for child in reversed(self.children):
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        for child in self.children:
            if child.process is not None:
                _wait_until(child.process, deadline)
                child.signal(signal.SIGKILL, whole_session=True)
                child.process.wait()

    def _listen_to_signals(self) -> None:
        os.set_blocking(self._waker, False)
        os.set_blocking(self._woken, False)
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _sleep(self, seconds: float) -> None:
        """Sleep until a signal, a child's death or a due start, `seconds` at most."""
        moment = time.monotonic()
        waits = [child.starts_at - moment for child in self.children if not child.is_alive]
        ready, _, _ = select.select([self._woken], [], [], max(0.0, min([seconds, *waits])))
        if ready:
            os.read(self._woken, 4096)


def _wait_until(process: subprocess.Popen[bytes], deadline: float) -> None:
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        log.warning("Un processus ne s’arrête pas de lui-même : il est arrêté de force.")


def _die_with_parent() -> None:
    """In the child: be stopped by the system if the parent is killed (Linux)."""
    if sys.platform == "linux":
        death_signal = 1  # PR_SET_PDEATHSIG
        ctypes.CDLL(None).prctl(death_signal, signal.SIGTERM)
