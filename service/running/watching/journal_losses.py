"""What went wrong with the journal: workers and clerk say it in state files, the clerk adds it up for a day."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from service.running.watching.state import age, read_state, write_state

TOLD_FOR = timedelta(days=1)
"""How long a loss is told after the last one; then what told it is removed."""

STATE = "journal-"
"""What the name of a worker's state begins with."""

CLERK = f"{STATE}clerk"


def report_to(states: Path, clock: Callable[[], datetime]) -> Callable[[str, Mapping[str, int]], None]:
    """How a worker says what went wrong, in the state `journal-<worker>`."""
    return lambda worker, told: write_state(states, f"{STATE}{worker}", clock(), **told)


def clerk_noticed(states: Path, losses: Mapping[str, int], at: datetime) -> None:
    """Say which journal files the clerk saw vanish, shrink or change."""
    write_state(states, CLERK, at, **losses)


def journal_losses(states: Path, unreadable: Mapping[str, str], at: datetime) -> dict[str, Any]:
    """What went wrong with the journal in the last day: the workers' counts added up, and what the clerk saw.

    Both may have seen the same file go: of the two numbers the greater is told. Nothing is in it when all is well.
    """
    workers: Counter[str] = Counter()
    clerk: Counter[str] = Counter()
    for path in sorted(states.glob(f"{STATE}*.json")):
        told = read_state(states, path.stem)
        if told and age(told, at) < TOLD_FOR.total_seconds():
            counts = {word: n for word, n in told.items() if word != "pid" and isinstance(n, int)}
            (clerk if path.stem == CLERK else workers).update(counts)
        elif told:
            with contextlib.suppress(OSError):
                path.unlink()
    return dict(workers | clerk) | ({"unreadable": dict(unreadable)} if unreadable else {})
