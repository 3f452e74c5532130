"""One process that the parent keeps alive."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

STEADY_AFTER = 20.0
"""Seconds of life after which a child's earlier deaths are forgotten."""

LONGEST_PAUSE = 10.0
"""Seconds between two starts of a child that dies at once."""

ANNOUNCE = "SVI_ANNOUNCE_FD"
"""The variable by which a child learns where to say that it serves: one byte."""


@dataclass
class Child:
    """One process to keep alive. With `once` it is not started again. `pass_fds` stay open in it.

    One that `announces` says by itself when it serves: its successor serves before it is told to stop. One that
    `stays` is not replaced when the others are; one that `gives_way` is not started again.
    One that `stops_last` is told to stop when all others have gone.
    """

    name: str
    command: Sequence[str]
    pass_fds: Sequence[int] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    once: bool = False
    announces: bool = False
    stays: bool = False
    gives_way: bool = False
    stops_last: bool = False
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    starts_at: float = 0.0
    deaths: int = 0
    _heard: int = -1
    _serves: bool = False

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.poll() is None

    @property
    def serves(self) -> bool:
        """Whether it has said so, or lives where it says nothing."""
        if self._heard >= 0 and not self._serves:
            with contextlib.suppress(BlockingIOError):
                self._serves = os.read(self._heard, 1) == b"1"
        return self.is_alive and (self._serves or not self.announces)

    def start(self) -> None:
        """Start the process in a session of its own: a Ctrl-C in the terminal is for the parent alone."""
        self.forget()
        self.started_at = time.monotonic()
        speaks = self._open_ear()
        try:
            self.process = subprocess.Popen(  # noqa: S603 - our own commands, written in service/running/serving/serve.py
                self.command,
                pass_fds=(*self.pass_fds, *speaks),
                env=os.environ | self.environment | ({ANNOUNCE: str(speaks[0])} if speaks else {}),
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - the parent has one thread
            )
        finally:
            for number in speaks:
                os.close(number)

    def _open_ear(self) -> Sequence[int]:
        if not self.announces:
            return ()
        self._heard, speaks = os.pipe()
        os.set_blocking(self._heard, False)
        return (speaks,)

    def signal(self, number: int, *, whole_session: bool = False) -> None:
        """Send a signal to the process, or to all that it has started too; a process already gone is fine."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            (os.killpg if whole_session else os.kill)(self.process.pid, number)

    def end(self) -> None:
        """End by force whatever is left of it, and wait for it."""
        if self.process is not None:
            self.signal(signal.SIGKILL, whole_session=True)
            self.process.wait()
        self.forget()

    def forget(self) -> None:
        """The process is gone, and so is what was heard of it."""
        self.process, self._serves = None, False
        if self._heard >= 0:
            os.close(self._heard)
            self._heard = -1

    def pause(self) -> float:
        """Seconds to wait before the next start, longer after each death in a row."""
        steady = time.monotonic() - self.started_at > STEADY_AFTER
        self.deaths = 1 if steady else self.deaths + 1
        return 0.0 if self.deaths == 1 else min(LONGEST_PAUSE, 0.2 * 2.0 ** (self.deaths - 1))


def die_with(parent: int) -> None:
    """In a child: be told to stop by the system when the parent is gone, even killed (Linux)."""
    _die_with_parent()
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)


def _die_with_parent() -> None:
    if sys.platform == "linux":
        death_signal = 1  # PR_SET_PDEATHSIG
        ctypes.CDLL(None).prctl(death_signal, signal.SIGTERM)
