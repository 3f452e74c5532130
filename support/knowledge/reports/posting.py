"""The mails about articles: answers to those who reported something, and the editors' monthly list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from records.database import Engine, writing
from records.mail import Sender
from records.outbox import Owed
from records.sending import send_due
from support.knowledge.reports.store import forget_answered

GIVEN_UP_KEPT = timedelta(days=2)
"""The morning bulletin names the addresses that no mail reached."""


@dataclass(frozen=True, slots=True)
class ArticlePost:
    """Sends what is owed; without a `sender` it waits."""

    engine: Engine
    sender: Sender | None
    clock: Callable[[], datetime]

    def send(self) -> None:
        """The mails that are due; the addresses of those that have left are forgotten."""
        if self.sender is None:
            return
        send_due(self.engine, Owed.ARTICLE, self.sender, self.clock)
        with writing(self.engine) as connection:
            forget_answered(connection, self.clock() - GIVEN_UP_KEPT)
