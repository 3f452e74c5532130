"""Time for the simulation: virtual for tests (a call of ten minutes takes milliseconds), the wall's for people."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

log = logging.getLogger(__name__)

Action = Callable[[], None]


class Time(Protocol):
    """What the operator needs of time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""

    def after(self, seconds: float, action: Action) -> None:
        """Does `action` that many seconds later, never before the present action has returned."""

    def work(self, job: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Does a job that waits for the network, then hands its result over."""


class _Agenda:
    """Actions in the order of their moment; those of one moment in the order they were asked for."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Action]] = []
        self._order = itertools.count()

    def add(self, at: float, action: Action) -> None:
        heapq.heappush(self._heap, (at, next(self._order), action))

    def next_at(self) -> float | None:
        return self._heap[0][0] if self._heap else None

    def pop(self) -> tuple[float, Action]:
        at, _, action = heapq.heappop(self._heap)
        return at, action


class VirtualTime:
    """A clock that jumps from one event to the next."""

    def __init__(self, start: datetime) -> None:
        self._start = start.astimezone(UTC)
        self._elapsed = 0.0
        self._agenda = _Agenda()

    def now(self) -> datetime:
        """The virtual moment, aware, in UTC; any thread may ask."""
        return self._start + timedelta(seconds=self._elapsed)

    def after(self, seconds: float, action: Action) -> None:
        """Does `action` that many virtual seconds later."""
        self._agenda.add(self._elapsed + max(0.0, seconds), action)

    def work(self, job: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Does the job now, and hands its result over in the same virtual moment, after what was already due."""
        result = job()
        self.after(0, lambda: then(result))

    def run(self, until: Callable[[], bool] = lambda: False, *, seconds: float | None = None) -> bool:
        """Lets events happen until the condition holds (True), nothing is left, or `seconds` have passed (False)."""
        end = None if seconds is None else self._elapsed + seconds
        while not until():
            at = self._agenda.next_at()
            if at is None or (end is not None and at > end):
                self._elapsed = max(self._elapsed, end or 0.0)
                return False
            self._elapsed, action = self._agenda.pop()
            action()
        return True


class WallTime:
    """The wall's clock: one thread does the actions when they are due, a few others wait for the network."""

    def __init__(self, *, hands: int = 8) -> None:
        self._agenda = _Agenda()
        self._changed = threading.Condition()
        self._is_open = True
        self._under_way = 0
        self._pool = ThreadPoolExecutor(hands, thread_name_prefix="operator-fetch")
        self._thread = threading.Thread(target=self._run, name="operator", daemon=True)
        self._thread.start()

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)

    def after(self, seconds: float, action: Action) -> None:
        """Does `action` that many seconds later in the operator's thread; any thread may ask."""
        with self._changed:
            self._agenda.add(time.monotonic() + max(0.0, seconds), action)
            self._changed.notify()

    def work(self, job: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Does the job in another thread, and hands its result over in the operator's."""

        def hand_over(done: Future[Any]) -> None:
            if not done.cancelled():
                self.after(0, lambda: then(done.result()))
            with self._changed:
                self._under_way -= 1

        if self._is_open:
            with self._changed:
                self._under_way += 1
            self._pool.submit(job).add_done_callback(hand_over)

    def settle(self, *, within: float = 6.0, patience: float = 15.0) -> None:
        """Waits until nothing is due within the next seconds: the last callbacks are then sent, the recording's too."""
        end = time.monotonic() + patience
        with self._changed:
            while time.monotonic() < end and not self._is_idle(within):
                self._changed.wait(0.05)

    def _is_idle(self, within: float) -> bool:
        at = self._agenda.next_at()
        return self._under_way == 0 and (at is None or at > time.monotonic() + within)

    def close(self) -> None:
        """Stops; what is not yet due is forgotten."""
        with self._changed:
            self._is_open = False
            self._changed.notify()
        self._thread.join()
        self._pool.shutdown(cancel_futures=True)

    def _run(self) -> None:
        while (action := self._next()) is not None:
            try:
                action()
            except Exception:
                log.exception("the simulated operator stumbled")

    def _next(self) -> Action | None:
        with self._changed:
            while self._is_open:
                at = self._agenda.next_at()
                if at is not None and at <= time.monotonic():
                    return self._agenda.pop()[1]
                self._changed.wait(None if at is None else at - time.monotonic())
        return None
