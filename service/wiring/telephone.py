"""The telephone plugged in: the operator, the snapshot, the journal and the memory of callers, by these settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from ivr.conversation.situation import PhoneLine
from ivr.memory.hunts import HuntFolder
from ivr.web import Exchange
from routing.rules import Rules
from routing.snapshot import Snapshot
from service.directory.snapshots import SnapshotFile
from service.settings import Settings
from service.wiring.memory import caller_memory
from service.wiring.operator import provider_of
from service.wiring.worker_journal import WorkerJournal


def exchange(
    settings: Settings, snapshot: SnapshotFile, journal: WorkerJournal, clock: Callable[[], datetime]
) -> Exchange:
    """All that the telephone's door needs. Without any directory it meets an empty one, and apologises."""
    memory = caller_memory(settings)
    memory.load()
    nobody = Snapshot(0, datetime.min.replace(tzinfo=UTC), (), Rules())
    return Exchange(
        operator=provider_of(settings).door(),
        snapshot=lambda: snapshot.current() or nobody,
        journal=journal,
        clock=clock,
        line=PhoneLine(settings.own_numbers, listens=settings.speech, allows_fiction=settings.demo),
        hunts=HuntFolder(settings.hunts_dir),
        recall=lambda caller: memory.recall(caller, clock()),
        is_demo=settings.demo,
    )
