"""The mails of requests: owed for every step that somebody must know of, written when they leave.

A verb makes its step and knows of no mail; the work here finds the steps of which nobody was told yet. Whatever fails,
it may be done again: what is owed is owed once, and a mail leaves at least once (decision 50).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

from records import outbox
from records.database import Connection, Engine, writing
from records.desks.accounts import Account, colleagues, find_by_email, names_by_email
from records.desks.untold_steps import TOLD_OF, UntoldStep, exchange_names, untold_steps
from records.invitation import Guest
from records.mail import Mail, Sender, name_of
from records.outbox import Delivery, Owed, Thing
from records.sending import KEPT_FOR, send_due
from routing.departements import NATIONAL
from support.requests.letters.readers import COMPLETED_WITHIN, TOLD, Addressee, Matter, is_over, readers_of_step
from support.requests.letters.words import write_letter
from support.requests.request import Request, RequestEvent
from support.requests.states import Move, WhichDesk
from support.requests.store import events_of, keep_name, read_request

LOOKED_BACK = timedelta(days=1)
"""Older steps are told to nobody: those made before mails were, or while no job ran, would come as a flood of news
that people have long read on their pages."""


LINK_STEP = 0
"""Instead of a step's number: what is owed is a new private link."""


class Senders(Protocol):
    """The mails to whoever wrote a request; his private link stands in them, and nowhere else (decision 60)."""

    def letter(
        self, connection: Connection, matter: Matter, step: RequestEvent, reader: Addressee, at: datetime
    ) -> Mail:
        """What the sender is told of a step."""

    def link_letter(self, connection: Connection, matter: Matter, at: datetime) -> Mail:
        """His new link."""

    def reply_address(self, number: int) -> str:
        """Where a reply about the request is read; "" when no mailbox is read."""


@dataclass(frozen=True, slots=True)
class RequestPost:
    """Everything that the work needs.

    `desk_readers`: whom the directory names for a desk (a code or `*`), None while there is no directory; `link`: the
    page of a request; `organizer`: in whose name people are invited; `secret` keys the names of mails;
    `senders`: the letters of those who wrote.
    """

    engine: Engine
    sender: Sender | None
    desk_readers: Callable[[str], Sequence[Guest] | None]
    link: Callable[[int], str]
    organizer: Guest
    clock: Callable[[], datetime]
    secret: bytes = field(repr=False)
    senders: Senders | None = None

    def work(self) -> None:
        """One round: what the steps since the last one ask for, then what is due."""
        self.owe()
        self.send()

    def owe(self) -> None:
        """Put in the outbox one mail for each reader of each step that nobody was told of."""
        at = self.clock()
        with writing(self.engine) as connection:
            for untold in untold_steps(connection, TOLD, at - LOOKED_BACK):
                self._owe(connection, untold, at)

    def _owe(self, connection: Connection, untold: UntoldStep, at: datetime) -> None:
        matter = self._matter(connection, untold.request_id)
        step = matter.step(untold.id) if matter else None
        reference = f"{untold.request_id}:{untold.id}"
        told = Thing(Owed.REQUEST, f"{TOLD_OF}{untold.id}", reference)
        if matter is None or step is None or _may_be_completed(matter, step, at):
            return
        if not outbox.owe(connection, told, at, is_done=True):
            return
        for reader in readers_of_step(matter, step):
            email = reader.guest.email
            name = sha256(email.casefold().encode()).hexdigest()[:16]
            outbox.owe(connection, Thing(Owed.REQUEST, f"{Owed.REQUEST}:{step.id}:{name}", reference, email), at)

    def send(self) -> None:
        """Send what is due; one that cannot leave is tried again until it does, or is too old."""
        if self.sender:
            send_due(
                self.engine, Owed.REQUEST, self.sender, self.clock, compose=self._letter, at_most=outbox.AT_ONCE
            )  # fmt: skip

    def _letter(self, delivery: Delivery, at: datetime) -> Mail | str:
        if delivery.created_at < at - KEPT_FOR:
            return outbox.TOO_LATE
        number, step_number = map(int, delivery.reference.split(":"))
        with writing(self.engine) as connection:
            mail = self._composed(connection, number, step_number, str(delivery.recipient), at)
            if isinstance(mail, Mail):
                keep_name(connection, name_of(mail.key or delivery.key, self.secret), number, at)
        return mail

    def _composed(self, connection: Connection, number: int, step_number: int, to: str, at: datetime) -> Mail | str:
        matter = self._matter(connection, number)
        if matter is not None and step_number == LINK_STEP and self.senders:
            return self.senders.link_letter(connection, matter, at)
        step = matter.step(step_number) if matter else None
        if matter is None or step is None:
            return outbox.HANDLED
        reader = _reader(matter, step, to)
        if reader is None or is_over(matter, step, reader, at):
            return outbox.HANDLED
        if self.senders and not reader.is_desk:
            if matter.is_written and to.casefold() == matter.request.reply_to.casefold():
                return self.senders.letter(connection, matter, step, reader, at)
            mail = write_letter(matter, step, reader, self.link(number), self.organizer)
            return replace(mail, reply_to=self.senders.reply_address(number))
        return write_letter(matter, step, reader, self.link(number), self.organizer)

    def _matter(self, connection: Connection, number: int) -> Matter | None:
        """None when there is no such request, or nobody knows yet who is at its desk."""
        request = read_request(connection, number)
        if request is None:
            return None
        code = NATIONAL if request.desk is WhichDesk.NATIONAL else request.departement or NATIONAL
        desk = self.desk_readers(code)
        if desk is None:
            return None
        local = self.desk_readers(request.departement or NATIONAL) if request.climbed_at else ()
        names = {request.created_by.casefold(): request.asked_by, **names_by_email(connection)}
        return Matter(
            request, events_of(connection, number), _askers(connection, request), desk, names,
            exchange_names(connection, number), local or (),
        )  # fmt: skip


def _may_be_completed(matter: Matter, step: RequestEvent, at: datetime) -> bool:
    """Whether a request of the telephone was opened just now: its mail waits, and tells what stands then."""
    return step.move is Move.OPEN and not matter.is_written and step.at > at - COMPLETED_WITHIN


def _reader(matter: Matter, step: RequestEvent, to: str) -> Addressee | None:
    """The reader of this address; None when the step is none of his business any more: another owner, another desk."""
    found = readers_of_step(matter, step)
    return next((reader for reader in found if reader.guest.email.casefold() == to.casefold()), None)


def _askers(connection: Connection, request: Request) -> list[Guest]:
    """Where an answer goes: the address that was given, or the département's accounts once that account is closed."""
    account = find_by_email(connection, request.reply_to)
    if account is not None and account.closed_at is not None:
        return [_guest(one) for one in colleagues(connection, request.departement)]
    return [_guest(account) if account else Guest(request.reply_to, request.asked_by)]


def _guest(account: Account) -> Guest:
    return Guest(account.email, account.name)
