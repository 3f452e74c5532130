"""Conversations that wait: a generator asks for time or for work, and signals or an interruption wake it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from simulator.world.clock import Time

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait for a signal, at most `seconds` (None: as long as it takes). The answer is the signal, or None."""

    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """Do a job that waits for the network. The answer is its result; signals and interruptions wait."""

    job: Callable[[], Any]


Routine: TypeAlias = Generator[Wait | Work, Any, Result]


class Process(Generic[Result]):
    """A routine on its way. It is only ever resumed by the clock, so two routines never run inside each other."""

    def __init__(
        self, time: Time, routine: Routine[Result], *, when_done: Callable[[Result], None] | None = None
    ) -> None:
        self._time = time
        self._routine = routine
        self._when_done = when_done
        self._mailbox: deque[Any] = deque()
        self._interruption: Exception | None = None
        self._turn = 0
        self._is_waiting = False
        self.is_over = False
        time.after(0, lambda: self._resume(0, None))

    def tell(self, signal: object) -> None:
        """Hands a signal over; it is kept until the routine waits."""
        self._mailbox.append(signal)
        self._wake()

    def interrupt(self, exception: Exception) -> None:
        """Raises the exception where the routine waits, once its present work is done."""
        self._interruption = exception
        self._wake()

    def take_waiting_signals(self) -> list[Any]:
        """Empties the mailbox: the signals that came while the routine worked."""
        signals = list(self._mailbox)
        self._mailbox.clear()
        return signals

    def _wake(self) -> None:
        if self._is_waiting:
            turn = self._turn
            self._time.after(0, lambda: self._resume(turn, None))

    def _resume(self, turn: int, value: object) -> None:
        if self.is_over or turn != self._turn:
            return
        self._turn += 1
        if self._is_waiting and self._mailbox and self._interruption is None:
            value = self._mailbox.popleft()
        self._is_waiting = False
        try:
            asked = self._advance(value)
        except StopIteration as end:
            self.is_over = True
            if self._when_done:
                self._when_done(end.value)
        else:
            self._arrange(asked)

    def _advance(self, value: object) -> Wait | Work:
        if self._interruption is not None and self._turn > 1:
            exception, self._interruption = self._interruption, None
            return self._routine.throw(exception)
        return self._routine.send(value)

    def _arrange(self, asked: Wait | Work) -> None:
        turn = self._turn
        if isinstance(asked, Work):
            self._time.work(asked.job, lambda result: self._resume(turn, result))
            return
        self._is_waiting = True
        if self._mailbox or self._interruption is not None:
            self._time.after(0, lambda: self._resume(turn, None))
        elif asked.seconds is not None:
            self._time.after(asked.seconds, lambda: self._resume(turn, None))
