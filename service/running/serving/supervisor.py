"""A parent that keeps its children alive: it starts them, restarts the one that dies, and leaves none behind."""

from __future__ import annotations

import logging
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from types import FrameType

from service.running.serving.child import Child
from service.running.serving.replacing import GRACE, Replacing

log = logging.getLogger(__name__)


class Supervisor:
    """Keeps `children` alive until SIGTERM or SIGINT; then stops them. `tick` is called each second.

    SIGHUP replaces them by those that `renewed` makes, or stops them where there is no `renewed`. Nothing that goes
    wrong in between ends the parent: neither a full disk nor a process that cannot be started.
    """

    def __init__(
        self,
        children: Sequence[Child],
        tick: Callable[[Supervisor], None],
        renewed: Callable[[], Sequence[Child] | None] | None = None,
    ) -> None:
        self.children = list(children)
        self.replacing = Replacing(self.children)
        self._tick = tick
        self._renewed = renewed
        self._stopping = False
        self._woken, self._waker = os.pipe()

    def run(self) -> None:
        """Returns when everything has stopped."""
        self._listen_to_signals()
        try:
            while not self._stopping:
                self._carefully(self._keep_alive)
                self._carefully(self.replacing.step)
                self._carefully(lambda: self._tick(self))
                self._sleep(1.0)
        finally:
            self._stop_all()

    def add(self, child: Child) -> None:
        """One more child, started at the next turn."""
        self.children.append(child)

    def _carefully(self, work: Callable[[], None]) -> None:
        """Whatever this meets, the children live on."""
        try:
            work()
        except Exception:
            log.exception("Le processus parent a rencontré une erreur ; il continue.")

    def _keep_alive(self) -> None:
        moment = time.monotonic()
        for child in [child for child in self.children if not child.is_alive and not child.gives_way]:
            if child.process is not None:
                self._bury(child, moment)
            if child in self.children and child.starts_at <= moment:
                child.starts_at = moment + 1.0  # where it cannot be started, not at every turn
                child.start()

    def _bury(self, child: Child, moment: float) -> None:
        """Note the death of a child, end what it left, and say when it starts again."""
        assert child.process is not None  # noqa: S101 - says to the reader what the caller has checked
        status = child.process.returncode
        child.signal(signal.SIGTERM, whole_session=True)
        child.forget()
        if child.once:
            self.children.remove(child)
            return
        child.starts_at = moment + child.pause()
        log.warning("Le processus « %s » s’est arrêté (%s) ; il est relancé.", child.name, status)

    def _stop_all(self) -> None:
        self.replacing.give_up()
        leaving = [child for child, _ in self.replacing.leaving]
        first = [child for child in self.children if not child.announces and not child.stops_last]
        last = [child for child in self.children if child.stops_last]
        _stop(first)  # a job may take its time to end: calls are answered meanwhile
        _stop([*leaving, *(child for child in self.children if child.announces and not child.stops_last)])
        _stop(last)

    def _listen_to_signals(self) -> None:
        os.set_blocking(self._waker, False)
        os.set_blocking(self._woken, False)
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGHUP, self._replace)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _replace(self, _number: int, _frame: FrameType | None) -> None:
        if self._renewed is None:
            self._stopping = True
        else:
            self.replacing.ask(self._renewed)

    def _sleep(self, seconds: float) -> None:
        """Sleep until a signal, a child's death or a due start, `seconds` at most."""
        moment = time.monotonic()
        waits = [child.starts_at - moment for child in self.children if not child.is_alive and not child.gives_way]
        if self.replacing.is_busy:
            waits.append(0.1)
        ready, _, _ = select.select([self._woken], [], [], max(0.0, min([seconds, *waits])))
        if ready:
            os.read(self._woken, 4096)


def _stop(children: Sequence[Child]) -> None:
    """Tell them all, then wait for each, for GRACE together."""
    for child in reversed(children):
        child.signal(signal.SIGTERM)
    deadline = time.monotonic() + GRACE
    for child in children:
        if child.process is not None:
            _wait_until(child.process, child.name, deadline)
            child.end()


def _wait_until(process: subprocess.Popen[bytes], name: str, deadline: float) -> None:
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        log.warning("Le processus « %s » ne s’arrête pas de lui-même : il est arrêté de force.", name)
