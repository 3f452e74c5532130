"""One process of a kind on a machine: the others wait for its lock."""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TRIED_EVERY = 5.0
"""Seconds between two tries to become the one at work."""


@contextmanager
def alone(path: Path, stop: threading.Event) -> Iterator[bool]:
    """Wait for the lock on this file; False when told to stop before having it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if stop.wait(TRIED_EVERY):
                    yield False
                    return
            else:
                yield True
                return
