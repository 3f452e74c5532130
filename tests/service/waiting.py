"""Waiting for what other processes do: as short as it takes, never for ever."""

from __future__ import annotations

import time
from collections.abc import Callable


def eventually(happens: Callable[[], object], seconds: float = 30) -> None:
    """Return as soon as it has happened; fail when it has not in time."""
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)
