"""Work that may never come back (a database that is frozen, not away), waited for no longer than one cares to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class Waited(TimeoutError):  # noqa: N818 - named as what happened
    """It has not come back in time; it goes on, and nothing else is begun before it ends."""


class Patient(Generic[Result]):
    """Does one piece of work at a time, in a thread that keeps nobody from ending."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._ended: list[Result | BaseException] = []

    @property
    def is_busy(self) -> bool:
        """Whether the last work has not come back yet."""
        return self._thread is not None and self._thread.is_alive()

    def within(self, seconds: float, work: Callable[[], Result]) -> Result:
        """The work's result, or what it raised; Waited when it takes longer, or the one before still does."""
        if self.is_busy:
            raise Waited
        ended: list[Result | BaseException] = []

        def do() -> None:
            try:
                ended.append(work())
            except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
                ended.append(error)

        self._ended = ended
        self._thread = threading.Thread(target=do, name="veille", daemon=True)
        self._thread.start()
        self._thread.join(seconds)
        if not ended:
            raise Waited
        self._ended = []
        if isinstance(ended[0], BaseException):
            raise ended[0]
        return ended[0]

    def late(self) -> Result | None:
        """What came back after it was no longer waited for, once; None when nothing did, or it failed."""
        if self.is_busy:
            return None
        ended, self._ended = self._ended, []
        return None if not ended or isinstance(ended[0], BaseException) else ended[0]
