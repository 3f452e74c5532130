"""Takes in the mails of the mailbox: each once, in order, what it says written before the mail is put away.

The line of a mail, the step of its request and its files are one transaction; the mail is moved out of the inbox after
it. A worker that dies in between finds the mail there again, and its line: it is moved, and nothing is written twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple, Protocol

from records import outbox
from records.attempts import Limit, reached
from records.database import Connection, Engine, SQLAlchemyError, reading, writing
from records.desks.accounts import find_by_email
from records.desks.acting import Acting
from records.mail import Sender
from records.outbox import Owed
from records.refusals import ChangeRefused, Overtaken
from records.sending import send_due
from routing.calendar.hours import Hours
from support.attachments.attachment import Checked, FilesRefused, Upload
from support.attachments.keeping import Attachments
from support.attachments.store import of_step
from support.following.links import request_of_reply_address
from support.inbound.deciding import MailDecision, MailOutcome, Matched, Pointed, decide
from support.inbound.letters import write_pointer
from support.inbound.reading import Incoming, read_mail
from support.inbound.store import (
    ReadMail,
    forget_read,
    forget_recipients,
    keep_read,
    name_mail,
    owed_since,
    read_before,
    request_named,
)
from support.requests import working
from support.requests.reading import LONGEST_TEXT
from support.requests.request import Request
from support.requests.store import events_of, read_request

KEPT_READ = timedelta(days=400)
"""How long it is known that a mail was read: longer than one stays in an inbox."""

KEPT_RECIPIENTS = timedelta(days=30)

MOST_POINTERS = 20
"""Mails in an hour that tell people how to write: a flood of forged senders must not become one of ours."""

MOST_ADDED = 20
"""Mails added to one request in an hour, each of which is a mail to a desk; the others a person reads."""

LONGEST_QUOTED = 50_000
_CUT = "[La suite du courriel est repliée.]"
_WORDLESS = "(Courriel sans texte.)"

log = logging.getLogger(__name__)


class MailboxAway(OSError):  # noqa: N818 - named as what happened
    """The mailbox cannot be read now; the French reason. What is in it waits."""


class WaitingMail(NamedTuple):
    """A mail of the inbox, under its number there; `is_whole` is False when it was too heavy to be fetched whole."""

    uid: str
    raw: bytes
    is_whole: bool


class Mailbox(Protocol):
    """The mailbox: what waits in its inbox, oldest first, and where what was read is put."""

    def waiting(self) -> Sequence[str]:
        """The numbers of the mails in the inbox, oldest first; raises MailboxAway."""

    def fetch(self, uid: str) -> WaitingMail | None:
        """One of them, None when it is gone; raises MailboxAway."""

    def put_away(self, uid: str, outcome: MailOutcome) -> None:
        """Move it to the folder of what became of it; raises MailboxAway."""


@dataclass
class Intake:
    """Everything that the work needs.

    `own`: the addresses, small letters, from which we write and at which we read; `reply_address` the latter, as it is
    set; `hours` those of the national team; `site` our public address.
    """

    engine: Engine
    clock: Callable[[], datetime]
    mailbox: Callable[[], AbstractContextManager[Mailbox]]
    files: Attachments
    sender: Sender | None
    secret: bytes = field(repr=False)
    reply_address: str
    own: Collection[str]
    hours: Hours
    site: str

    def work(self) -> Mapping[str, Any]:
        """One round: every mail of the inbox, then the letters that are due; returns what `/health` tells."""
        read = failed = 0
        try:
            with self.mailbox() as box:
                for uid in box.waiting():
                    is_done = self._take(box, uid)
                    read, failed = read + is_done, failed + (not is_done)
        except MailboxAway as away:
            return {"mailbox": {"state": "down", "reason": str(away)}}
        self.send()
        if failed:
            return {"mailbox": {"state": "degraded", "read": read, "failed": failed}}
        return {"mailbox": {"state": "ok", "read": read}}

    def send(self) -> None:
        """Send the letters that are due."""
        if self.sender:
            send_due(self.engine, Owed.INBOUND, self.sender, self.clock, at_most=outbox.AT_ONCE)

    def _take(self, box: Mailbox, uid: str) -> bool:
        """Whether one mail was taken in; one that could not be stays in the inbox, and the next one has its turn."""
        waiting = box.fetch(uid)
        if waiting is None:
            return True
        try:
            read = self.take_in(waiting.raw, is_whole=waiting.is_whole)
        except SQLAlchemyError:
            raise
        except Exception:
            log.exception("Un courriel reçu n’a pas pu être lu ; il reste dans la boîte")
            return False
        box.put_away(uid, MailOutcome(read.outcome))
        return True

    def take_in(self, raw: bytes, *, is_whole: bool = True) -> ReadMail:
        """Take in one mail, and return what became of it; Overtaken when its request changed at the same time."""
        mail = read_mail(raw, is_whole=is_whole)
        with reading(self.engine) as connection:
            decision = decide(mail, self._matched(connection, mail), self.own, self.clock())
            before = read_before(connection, _line_of(mail, decision))
        if before is not None:
            return before
        checked, refused = self._looked_at(mail) if decision.as_whom else ([], [])
        try:
            with writing(self.engine) as connection:
                return self._write(connection, mail, checked, refused)
        except Overtaken:
            raise
        except ChangeRefused as refusal:  # the table of moves, or the disk: a person has to read it
            with writing(self.engine) as connection:
                return self._leave(connection, mail, MailDecision(MailOutcome.UNMATCHED, f"refusé : {refusal}"), None)

    # ------------------------------------------------------------ whose it is

    def _matched(self, connection: Connection, mail: Incoming) -> Matched | None:
        """The request that the mail answers: by the mails that it names, then by the address to which it was sent."""
        by_name = request_named(connection, mail.answers)
        by_token = self._by_token(mail)
        number = by_name if by_name is not None else by_token
        asked = read_request(connection, number) if number is not None else None
        if asked is None:
            return None
        account = find_by_email(connection, mail.sender) if mail.sender else None
        is_open = account is not None and account.closed_at is None
        return Matched(asked, by_token == asked.id, account if is_open else None)

    def _by_token(self, mail: Incoming) -> int | None:
        named = (request_of_reply_address(one, self.reply_address, self.secret) for one in mail.to)
        return next((number for number in named if number is not None), None)

    # ------------------------------------------------------------ what is written

    def _write(
        self, connection: Connection, mail: Incoming, checked: Sequence[Checked], refused: Sequence[str]
    ) -> ReadMail:
        at = self.clock()
        matched = self._matched(connection, mail)
        decision = decide(mail, matched, self.own, at)
        if matched is None or decision.as_whom is None:
            return self._leave(connection, mail, decision, matched.request if matched else None)
        read = ReadMail(MailOutcome.ADDED, decision.reason, matched.request.id)
        if before := read_before(connection, line := _line_of(mail, decision)):
            return before
        hour = Limit("mails of a request", str(read.request_id), MOST_ADDED, timedelta(hours=1))
        if reached(connection, self.secret, [hour], at):
            many = MailDecision(MailOutcome.UNMATCHED, f"plus de {MOST_ADDED} courriels de la demande en une heure")
            return self._leave(connection, mail, many, matched.request)
        if not keep_read(connection, line, read, at):
            return read_before(connection, line) or read
        self._add(connection, mail, matched.request, decision, checked=checked, refused=list(refused))
        name_mail(connection, mail.name, matched.request.id, at)
        return read

    def _add(
        self, connection: Connection, mail: Incoming, asked: Request, decision: MailDecision, *,
        checked: Sequence[Checked], refused: list[str],
    ) -> None:  # fmt: skip
        acting = Acting(self.engine, mail.sender, self.clock(), decision.as_whom)
        kept = []
        try:
            kept = self.files.keep(connection, checked, request_id=asked.id, by=mail.sender, at=acting.at)
        except FilesRefused as refusal:
            kept = list(refusal.kept)
            refused += _reasons(refusal)
        text, quoted = _fitted(mail)
        data = {
            "by_mail": True, "quoted": quoted, "refused": refused[:MOST_TOLD], "third": decision.is_third,
        }  # fmt: skip
        verb = working.reopen if decision.reopens else working.add
        verb(acting, connection, asked, text=text, data=data, hours=self.hours)
        step = events_of(connection, asked.id)[-1]
        of_step(connection, [one.id for one in kept if one.event_id is None], step.id)

    def _leave(self, connection: Connection, mail: Incoming, decision: MailDecision, asked: Request | None) -> ReadMail:
        """Note a mail that is not added; whoever wrote one that a person should have written elsewhere is told once."""
        at = self.clock()
        read = ReadMail(decision.outcome, decision.reason, asked.id if asked else None)
        if not keep_read(connection, line := _line_of(mail, decision), read, at):
            return read_before(connection, line) or read
        if decision.told is not None:
            self._tell(connection, decision.told, mail.sender, asked, at)
        return read

    def _tell(self, connection: Connection, told: Pointed, to: str, asked: Request | None, at: datetime) -> None:
        if owed_since(connection, Owed.INBOUND, at - timedelta(hours=1)) >= MOST_POINTERS:
            return
        pointer = write_pointer(told, to, asked.id if asked else None, self.site, f"{at:%G-W%V}")
        outbox.owe_mail(connection, Owed.INBOUND, told, pointer, at)

    def _looked_at(self, mail: Incoming) -> tuple[list[Checked], list[str]]:
        """The files that may be kept, and why the others may not; before a transaction, since it may take seconds."""
        heavy = [] if mail.is_whole else ["Le courriel était trop lourd : ses derniers fichiers n’ont pas été pris."]
        try:
            return self.files.check([Upload(one.name, one.content) for one in mail.files]), heavy
        except FilesRefused as refusal:
            return list(refusal.checked), [*heavy, *_reasons(refusal)]
        except ChangeRefused as refusal:
            return [], [*heavy, str(refusal)]


MOST_TOLD = 20
"""Refused files that a step names."""


def _line_of(mail: Incoming, decision: MailDecision) -> str:
    """The name of its line: a copy that a mailing list sends, which is dropped, does not stand for the mail itself."""
    return (
        sha256(f"dropped {mail.digest}".encode()).hexdigest()
        if decision.outcome is MailOutcome.DROPPED
        else mail.digest
    )


def _reasons(refusal: FilesRefused) -> list[str]:
    return [f"Le fichier « {name} » {reason}." for name, reason in refusal.reasons]


def _fitted(mail: Incoming) -> tuple[str, str]:
    """The text of the step and what is folded under it: what is too long for the first begins the second."""
    text, rest = mail.text.strip() or _WORDLESS, ""
    if len(text) > LONGEST_TEXT:
        room = LONGEST_TEXT - len(_CUT) - 2
        at = max(text.rfind("\n", room // 2, room), text.rfind(" ", room // 2, room))
        at = at if at > 0 else room
        text, rest = f"{text[:at].rstrip()}\n\n{_CUT}", text[at:].strip()
    return text, "\n\n".join(part for part in (rest, mail.quoted) if part)[:LONGEST_QUOTED]


def forget_mails(engine: Engine, at: datetime) -> None:
    """Forget which mails were read long ago, and who was told last month how to write; with or without a mailbox."""
    with writing(engine) as connection:
        forget_read(connection, at - KEPT_READ)
        forget_recipients(connection, at - KEPT_RECIPIENTS)
