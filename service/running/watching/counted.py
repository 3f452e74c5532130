"""What each web process counts of webhooks, in a file of its own, so that any of them can tell all.

`prometheus_client` keeps such a file in memory mapped from the disk. It is given its whole size before: a page of it
that a full disk could not hold would end the process, and the call with it. A process that gets no file counts nothing.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Histogram, values
from prometheus_client.multiprocess import MultiProcessCollector

from ivr.asked import PREFIX, is_voice
from ivr.conversation.place import Step

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CALLBACKS = ("fallback", "leg", "recorded", "status")
STEPS = frozenset({*map(str, Step), *CALLBACKS})
"""Counted from the start, so that the file never grows; any other step is « other »."""

OTHER = "other"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 30.0, 60.0)
"""Seconds; at 15 the operator gives up."""

ROOM = 512 * 1024
"""Bytes of a process's file: some 25 steps of 16 figures, at some 160 bytes, and as much again."""

REFUSED = "403"
_MULTIPLE = "PROMETHEUS_MULTIPROC_DIR"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Counts:
    pid: int
    seconds: Histogram
    refused: Counter


class CountedDoor:
    """Before an application: counts how long its webhooks take, by step, and how many signatures are refused."""

    def __init__(self, behind: WSGIApplication, folder: Path) -> None:
        self.folder = folder
        self._behind = behind
        self._counts: _Counts | None = None
        self._failed_pid = 0
        self._opening = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """One request."""
        path = environ.get("PATH_INFO", "")
        if environ["REQUEST_METHOD"] != "POST" or not is_voice(path):
            return self._behind(environ, start_response)
        told: list[str] = []

        def start(status: str, *more: Any) -> Any:
            told.append(status)
            return start_response(status, *more)

        began = time.perf_counter()
        answer = self._behind(environ, start)
        self._count(_step(path), time.perf_counter() - began, refused="".join(told).startswith(REFUSED))
        return answer

    def _count(self, step: str, seconds: float, *, refused: bool) -> None:
        counts = self._of_this_process()
        if counts is None:
            return
        if refused:
            counts.refused.inc()
        else:
            counts.seconds.labels(step if step in STEPS else OTHER).observe(seconds)

    def _of_this_process(self) -> _Counts | None:
        """Opened at the first webhook, after the server has forked."""
        pid = os.getpid()
        if (known := self._counts) is not None and known.pid == pid:
            return known
        with self._opening:
            if (self._counts is None or self._counts.pid != pid) and self._failed_pid != pid:
                self._counts = self._open(pid)
        return self._counts if self._counts and self._counts.pid == pid else None

    def _open(self, pid: int) -> _Counts | None:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for kind in ("counter", "histogram"):
                _reserve(self.folder / f"{kind}_{pid}.db")
        except OSError as error:
            self._failed_pid = pid
            log.warning("Les webhooks ne sont pas comptés (%s).", type(error).__name__)
            return None
        os.environ[_MULTIPLE] = str(self.folder)
        values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]
        seconds = Histogram(
            "svi_webhook_seconds", "Time until a webhook was answered, in this process.", ["step"],
            buckets=BUCKETS, registry=None,
        )  # fmt: skip
        for step in sorted({*STEPS, OTHER}):
            seconds.labels(step)
        refused = Counter("svi_refused_signatures", "Webhooks whose signature was refused.", registry=None)
        return _Counts(pid, seconds, refused)


def _reserve(path: Path) -> None:
    with path.open("ab") as file:
        os.posix_fallocate(file.fileno(), 0, ROOM)


def _step(path: str) -> str:
    """The step that the address names: `/voice` alone is the arrival."""
    return path.removeprefix(PREFIX).strip("/") or Step.ARRIVAL


def counted_in(folder: Path) -> Iterator[Any]:
    """The figures of all processes, those that are gone too, to be written out."""
    if folder.is_dir():
        yield from MultiProcessCollector(None, path=str(folder)).collect()  # type: ignore[no-untyped-call]


def registry_of(*collectors: Any) -> CollectorRegistry:
    """What is written out together."""
    registry = CollectorRegistry(auto_describe=False)
    for one in collectors:
        registry.register(one)
    return registry
