"""The telephone plugged in: the operator, the snapshot, the journal and the memory of callers, by these settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from ivr.conversation.diagram import walked
from ivr.conversation.situation import PhoneLine, Situation
from ivr.memory.hunts import HuntFolder
from ivr.web import Exchange
from routing.departements import NATIONAL, departements
from routing.phones import ALLOWED_COUNTRIES
from routing.planning.plan import plan
from routing.rules import Rules
from routing.snapshot import Snapshot
from service.directory.snapshots import SnapshotFile
from service.settings import Settings
from service.wiring.first.database_first import first_writer
from service.wiring.memory import caller_memory
from service.wiring.operator import provider_of
from service.wiring.worker_journal import WorkerJournal

YEAR = timedelta(days=366)
NOBODY = "+33199000000"


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
        journal=first_writer(settings, journal, clock),
        clock=clock,
        line=PhoneLine(settings.own_numbers, listens=settings.speech, allows_fiction=settings.demo),
        hunts=HuntFolder(settings.hunts_dir),
        recall=lambda caller: memory.recall(caller, clock()),
        is_demo=settings.demo,
    )


def warm(exchange: Exchange, settings: Settings, at: datetime) -> None:
    """Do for nobody what the first calls would wait for, before anybody is answered; nothing is written down.

    The snapshot is read, the days off of this year and the next are known everywhere, every step is walked and phrased.
    """
    snapshot, known = exchange.snapshot(), provider_of(settings)
    for moment in (at + YEAR, at):
        for code in (*departements(), NATIONAL):
            plan(snapshot, code, moment)
    for country in ALLOWED_COUNTRIES:
        known.read_number(f"+{country}000000000")
    imaginary = Situation("", NOBODY, is_gone=False, now=at, snapshot=snapshot, line=exchange.line)
    for _, _, turn in walked(imaginary):
        exchange.operator.phrase(turn.instructions)
