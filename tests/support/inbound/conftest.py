"""A database with a request, and what takes its mails in; the mailbox is a list."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Engine

from records.database import reading, writing
from records.desks.accounts import Account, add_account
from records.desks.acting import Acting
from records.desks.permissions import AccountRole
from records.mail import Mail
from records.wording import Entry, Wording
from routing.calendar.hours import read_hours
from routing.requests.table import Routed, SentTo
from support.attachments.keeping import Attachments
from support.following.links import reply_address_of
from support.inbound.deciding import MailOutcome
from support.inbound.taking import Intake, MailboxAway, WaitingMail
from support.requests.filing import Written, file_request
from support.requests.request import Request, RequestEvent
from support.requests.store import events_of, read_request
from tests.support.house import Clock

ADDRESS = "assistance@siao.example"
SECRET = b"made-up"
"""The secret key of the house."""


@dataclass
class ListedMails:
    """A mailbox of this process: its inbox, its folders, and whether it is away."""

    inbox: dict[str, bytes] = field(default_factory=dict)
    folders: dict[str, list[bytes]] = field(default_factory=dict)
    is_away: bool = False
    moves: bool = True

    def drop(self, *mails: bytes) -> None:
        for raw in mails:
            self.inbox[str(len(self.inbox) + len(self.folders) * 100 + 1)] = raw

    def waiting(self) -> list[str]:
        return list(self.inbox)

    def fetch(self, uid: str) -> WaitingMail | None:
        return WaitingMail(uid, self.inbox[uid], True)

    def put_away(self, uid: str, outcome: MailOutcome) -> None:
        if not self.moves:
            raise MailboxAway("La boîte ne répond plus.")
        self.folders.setdefault(outcome, []).append(self.inbox.pop(uid))

    @contextmanager
    def opened(self) -> Iterator[ListedMails]:
        if self.is_away:
            raise MailboxAway("La boîte ne répond pas.")
        yield self


@dataclass
class Sent:
    """Who takes the letters."""

    mails: list[Mail] = field(default_factory=list)

    def send(self, mail: Mail) -> None:
        self.mails.append(mail)


@dataclass
class PostRoom:
    """The database, its clock, two référents, a mailbox and its intake, a request of Alex."""

    engine: Engine
    clock: Clock
    accounts: dict[str, Account]
    box: ListedMails
    sent: Sent
    intake: Intake
    asked: Request

    @property
    def to(self) -> str:
        """The address to which replies to the request go."""
        return reply_address_of(ADDRESS, SECRET, self.asked.id)

    def now(self) -> Request:
        with reading(self.engine) as connection:
            found = read_request(connection, self.asked.id)
        assert found
        return found

    def steps(self) -> list[RequestEvent]:
        with reading(self.engine) as connection:
            return events_of(connection, self.asked.id)

    def written(self, email: str = "alex@structure.example", **more: str) -> Request:
        values = {"channel": "form", "sender": "user", "departement": "75", **more}
        entry = Entry("1", Wording("Compte", "Mot de passe", "Oublié"))
        written = Written(
            values["channel"], values["sender"], values["departement"], "Essai", "Alex", "gestionnaire", email, entry,
            "Mot de passe", "Je ne peux plus me connecter.",
        )  # fmt: skip
        acting = Acting(self.engine, email, self.clock())
        with writing(self.engine) as connection:
            return file_request(
                acting, connection, written, Routed(SentTo.LOCAL, "usager"), hours=read_hours("")
            )  # fmt: skip


@pytest.fixture
def post(engine: Engine, tmp_path: Path) -> PostRoom:
    box, sent, clock = ListedMails(), Sent(), Clock()
    intake = Intake(
        engine, clock, box.opened, Attachments(tmp_path / "pieces"), sent, SECRET, ADDRESS,
        frozenset({ADDRESS, "ne-pas-repondre@siao.example"}), read_hours(""), "http://127.0.0.1:8000",
    )  # fmt: skip
    with writing(engine) as connection:
        accounts = {
            email: add_account(
                connection, email=email, name=email, role=AccountRole.REFERENT, departements=[code], by="test",
                at=clock(),
            )
            for email, code in {"camille@siao.example": "75", "alix@siao.example": "59"}.items()
        }  # fmt: skip
    room = PostRoom(engine, clock, accounts, box, sent, intake, None)  # type: ignore[arg-type]
    room.asked = room.written()
    return room
