"""Sends the mails that are due: each is claimed for a while, sent, then marked.

A worker that dies after claiming leaves its mail to the next one, when the lease is over. One that dies between
sending and marking leaves it too: the mail is sent again, under the same name, so that a mailbox shows one
(decision 50). The database is never held while a mail server is being waited for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

from records import outbox
from records.database import Engine, writing
from records.mail import Mail, Sender
from records.outbox import Delivery, Owed

LONGEST_PAUSE = timedelta(hours=1)
KEPT_FOR = timedelta(days=5)
"""A mail whose words are kept is given up when no server has taken it for so long."""

log = logging.getLogger(__name__)

Compose = Callable[[Delivery, datetime], Mail | str]
"""The words of what is owed; or why it needs not leave any more. A mail without a key gets the delivery's."""


@dataclass(slots=True)
class Sent:
    """What a round did: how many mails left, the addresses to which one is tried again, and those given up."""

    mails: int = 0
    failed: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    """What the mails that left were about: the references of their rows."""
    why: dict[str, str] = field(default_factory=dict)
    """By address, the French reason why a mail did not leave."""


def as_kept(delivery: Delivery, at: datetime) -> Mail | str:
    """The words that were kept when the mail was owed; no mail when it is too old."""
    if delivery.created_at < at - KEPT_FOR:
        return outbox.TOO_LATE
    return Mail(str(delivery.recipient), delivery.subject or "", delivery.text or "")


def send_due(
    engine: Engine,
    kind: Owed,
    sender: Sender,
    clock: Callable[[], datetime],
    *,
    compose: Compose = as_kept,
    at_most: int | None = None,
) -> Sent:
    """Send the mails of a kind that are due; one that fails is tried again later, one that is refused is given up."""
    sent = Sent()
    for delivery in _claimed(engine, kind, clock, at_most):
        mail = compose(delivery, clock())
        if isinstance(mail, str):
            _settle(engine, delivery, clock(), mail)
        else:
            _send(engine, delivery, mail, sender, clock, sent=sent)
    return sent


def _claimed(engine: Engine, kind: Owed, clock: Callable[[], datetime], at_most: int | None) -> Iterator[Delivery]:
    """One after the other, so that a lease covers one sending; what fails in this round is not met again in it."""
    begun = clock()
    for number in count():
        if number == at_most:
            return
        with writing(engine) as connection:
            taken = outbox.take(connection, kind, clock(), due_by=begun, at_most=1)
        if not taken:
            return
        yield taken[0]


def _send(
    engine: Engine, delivery: Delivery, mail: Mail, sender: Sender, clock: Callable[[], datetime], *, sent: Sent
) -> None:  # fmt: skip
    try:
        sender.send(mail if mail.key else replace(mail, key=delivery.key))
    except OSError as error:
        until = clock() + outbox.pause_before(delivery.tries, LONGEST_PAUSE)
        with writing(engine) as connection:
            outbox.postpone(connection, delivery, until, f"{type(error).__name__}: {error}")
        sent.failed.append(mail.to)
        sent.why[mail.to] = str(error)
    except ValueError as error:
        log.error("Un courriel ne peut pas partir : %s", type(error).__name__)  # noqa: TRY400 - it may name somebody
        _settle(engine, delivery, clock(), type(error).__name__)
        sent.refused.append(mail.to)
        sent.why[mail.to] = str(error)
    else:
        _settle(engine, delivery, clock())
        sent.mails += 1
        sent.left.append(delivery.reference)


def _settle(engine: Engine, delivery: Delivery, at: datetime, error: str | None = None) -> None:
    with writing(engine) as connection:
        outbox.settle(connection, delivery, at, error)
