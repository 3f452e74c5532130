"""Mails that are sent once: each is noted before it leaves, and taken back when the server refuses it.

The database is never held while a mail server is being waited for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b

from records.database import Engine, writing
from reports.survey import store

Send = Callable[[str, str, str], None]
"""Address, subject, text; raises OSError or ValueError when the mail does not leave."""


@dataclass(frozen=True, slots=True)
class DueMail:
    """One mail that should have been sent; `about` says of what it is one."""

    about: str
    to: str
    subject: str
    text: str

    @property
    def key(self) -> str:
        """What makes it this mail and no other: what it is about, to whom, its subject and text."""
        print_of = blake2b(f"{self.to}\x1f{self.subject}\x1f{self.text}".encode(), digest_size=12)
        return f"{self.about[:90]}|{print_of.hexdigest()}"


@dataclass(slots=True)
class Sent:
    """What a round did: how many mails left, and the addresses to which one did not."""

    mails: int = 0
    failed: list[str] = field(default_factory=list)


def send_each_once(engine: Engine, mails: Iterable[DueMail], send: Send, now: datetime) -> Sent:
    """Send those that have not been sent yet; what failed is tried again by the next round."""
    sent = Sent()
    for mail in mails:
        with writing(engine) as connection:
            is_new = store.claim_mail(connection, mail.key, now)
        if not is_new:
            continue
        try:
            send(mail.to, mail.subject, mail.text)
        except (OSError, ValueError):
            sent.failed.append(mail.to)
            with writing(engine) as connection:
                store.forget_mail(connection, mail.key)
        else:
            sent.mails += 1
    return sent
