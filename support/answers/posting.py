"""The mails of ready answers: sent by the service, their replies to whoever sent them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from records.database import Engine, reading, writing
from records.mail import Mail, Sender
from records.outbox import HANDLED, Delivery, Owed
from records.sending import as_kept, send_due
from support.answers.store import RECIPIENTS_KEPT, forget_recipients, sender_of_use


@dataclass(frozen=True, slots=True)
class AnswerPost:
    """Sends what is owed; without a `sender` it waits."""

    engine: Engine
    sender: Sender | None
    clock: Callable[[], datetime]

    def send(self) -> None:
        """The mails that are due; one that fails is tried again later."""
        if self.sender:
            send_due(self.engine, Owed.ANSWER, self.sender, self.clock, compose=self._letter)

    def forget_recipients(self) -> None:
        """Forget to whom older answers were sent."""
        with writing(self.engine) as connection:
            forget_recipients(connection, self.clock() - RECIPIENTS_KEPT)

    def _letter(self, delivery: Delivery, at: datetime) -> Mail | str:
        mail = as_kept(delivery, at)
        if isinstance(mail, str):
            return mail
        with reading(self.engine) as connection:
            writer = sender_of_use(connection, int(delivery.reference))
        return replace(mail, reply_to=writer) if writer else HANDLED
