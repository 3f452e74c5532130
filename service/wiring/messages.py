"""What becomes of messages and callbacks, by this machine's settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from records.database import Engine
from records.desks.accounts import Account
from routing.rules import Rules
from service.clock import now
from service.directory.snapshots import SnapshotFile
from service.mail import sender_if_any
from service.settings import Settings
from service.stores import messages_store
from service.wiring.numbers import warning_of
from service.wiring.operator import provider_of
from service.wiring.worker_journal import WorkerJournal
from voicemail.following_up import FollowUp
from voicemail.pages import PAGES, MessageDesk


def follow_up(settings: Settings, engine: Engine) -> FollowUp:
    """The work on messages and callbacks; without MAIL_URL letters wait in the outbox."""
    snapshot = SnapshotFile(settings.var_dir)
    return FollowUp(
        engine=engine,
        recordings=provider_of(settings).recordings(),
        sender=sender_if_any(settings),
        snapshot=snapshot.current,
        link=lambda task: f"{settings.public_url}/{PAGES[task.kind]}#tache-{task.call_id}",
        audio=messages_store(settings, engine),
        clock=now,
        journal=WorkerJournal(settings.journal_dir).append,
        kept_for=timedelta(days=settings.message_days),
        why_not_callable=warning_of(settings),
    )


def message_desk(
    settings: Settings, engine: Engine, clock: Callable[[], datetime], reader: Callable[[], Account]
) -> MessageDesk:
    """The pages of messages and callbacks; `reader` is the account that asks."""
    snapshot = SnapshotFile(settings.var_dir)

    def usage() -> frozenset[str]:
        serving = snapshot.current()
        return (serving.rules if serving else Rules()).usage_holidays

    return MessageDesk(engine, clock, reader, messages_store(settings, engine), settings.secret, usage)
