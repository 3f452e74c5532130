"""The memory of callers as this machine's settings have it (decisions 15, 17 and 42)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from ivr.memory.callers import MemoryFile
from ivr.memory.recollecting import RedialLimits
from ivr.memory.sharing import SharedMemory
from records.database import Engine
from service.clock import now
from service.directory.snapshots import SnapshotFile
from service.settings import Settings


def caller_memory(settings: Settings) -> MemoryFile:
    """The memory; read by web workers, written by the clerk."""
    limits = RedialLimits(
        calls=settings.redial_calls,
        withheld=settings.redial_withheld_calls,
        at_once=settings.hunts_at_once,
        window=timedelta(minutes=settings.redial_window_minutes),
        pause=timedelta(minutes=settings.redial_pause_minutes),
    )
    kept_for, snapshot = timedelta(days=settings.memory_days), SnapshotFile(settings.var_dir)

    def desk_of(departement: str, person: str) -> str | None:
        found = serving.person(departement, person) if (serving := snapshot.current()) else None
        return found.departement if found else None

    return MemoryFile(settings.memory_dir, settings.secret, kept_for=kept_for, limits=limits, desk_of=desk_of)


def shared_memory(settings: Settings, engine: Engine) -> SharedMemory:
    """The memory that all machines share; it calls nobody in the way of a call."""
    return SharedMemory(caller_memory(settings), engine, now, kept_for=timedelta(days=settings.memory_days))


def fingerprint_by(memory: MemoryFile) -> Callable[[str | None], str | None]:
    """What stands for a caller's number in the table of calls; None for one that is withheld."""
    return lambda caller: memory.fingerprint(caller) if caller else None
