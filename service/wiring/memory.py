"""The memory of callers as this machine's settings have it (decisions 15 and 17)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from ivr.memory.callers import MemoryFile
from ivr.memory.recollecting import RedialLimits
from service.settings import Settings


def caller_memory(settings: Settings) -> MemoryFile:
    """The memory; read by web workers, written by the clerk."""
    limits = RedialLimits(
        calls=settings.redial_calls,
        window=timedelta(minutes=settings.redial_window_minutes),
        pause=timedelta(minutes=settings.redial_pause_minutes),
    )
    return MemoryFile(
        settings.memory_dir, settings.secret, kept_for=timedelta(days=settings.memory_days), limits=limits
    )


def fingerprint_by(memory: MemoryFile) -> Callable[[str | None], str | None]:
    """What stands for a caller's number in the table of calls; None for one that is withheld."""
    return lambda caller: memory.fingerprint(caller) if caller else None
