"""A whole conversation over a real mail server and a real mailbox: asked, replied to by six programs, answered."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from records.database import open_database, reading, writing
from records.desks.accounts import Account, add_account
from records.desks.acting import Acting
from records.desks.permissions import AccountRole
from records.schema.migrations import migrate
from records.wording import Entry, Wording
from routing.calendar.hours import read_hours
from routing.requests.table import Routed, SentTo
from service.clock import now
from service.directory.followed_csv import follow_csv
from service.directory.snapshots import SnapshotFile
from service.mail import sender
from service.settings import Settings, read_settings
from service.wiring.letters.requests import request_post
from service.wiring.written.mailbox import intake
from support.inbound.taking import Intake
from support.requests import working
from support.requests.filing import Written, file_request
from support.requests.letters.posting import RequestPost
from support.requests.request import Request, RequestEvent
from support.requests.states import Move, RequestState
from support.requests.store import events_of, read_request
from tests.service.mail_server import HoldingServer, mail_server
from tests.support.house import CSV
from tests.support.inbound.dovecot import DOVECOT, Dovecot, dovecot
from tests.support.inbound.written_by_clients import CLIENTS

pytestmark = pytest.mark.skipif(
    not DOVECOT.exists() and not os.environ.get("CI"), reason="dovecot-imapd is not installed here"
)

ALEX = "alex@structure.example"
HOURS = read_hours("")


@dataclass
class Talk:
    """The machine with its post and its mailbox, and what happens to the one request."""

    engine: Engine
    settings: Settings
    smtp: HoldingServer
    imap: Dovecot
    post: RequestPost
    intake: Intake
    camille: Account
    number: int = 0

    def ask(self) -> None:
        entry = Entry("1", Wording("Compte", "Mot de passe", "Oublié"))
        written = Written(
            "form", "user", "75", "Essai", "Alex", "gestionnaire", ALEX, entry, "Mot de passe", "Je n’entre plus."
        )  # fmt: skip
        acting = Acting(self.engine, ALEX, now())
        with writing(self.engine) as connection:
            routed = Routed(SentTo.LOCAL, "niveau-1")
            self.number = file_request(acting, connection, written, routed, hours=HOURS).id

    def desk(self, verb: Callable[..., Request], **values: Any) -> None:
        acting = Acting(self.engine, self.camille.email, now(), self.camille)
        with writing(self.engine) as connection:
            verb(acting, connection, read_request(connection, self.number), hours=HOURS, **values)

    def mail_to_alex(self) -> EmailMessage:
        """What he got of what just happened: one mail."""
        before = len(self.smtp.taken)
        self.post.work()
        (mail,) = [one for one in self.smtp.taken[before:] if one["To"] == ALEX]
        return mail

    def receive(self, *mails: EmailMessage) -> None:
        self.imap.drop(*[one.as_bytes() for one in mails])
        news = self.intake.work()["mailbox"]
        assert news == {"state": "ok", "read": len(mails)}

    def steps(self) -> list[RequestEvent]:
        with reading(self.engine) as connection:
            return events_of(connection, self.number)

    def state(self) -> RequestState:
        with reading(self.engine) as connection:
            found = read_request(connection, self.number)
        assert found
        return found.state


@pytest.fixture
def talk(tmp_path: Path, database_url: str) -> Iterator[Talk]:
    csv = tmp_path / "referents.csv"
    csv.write_text(CSV, encoding="utf-8")
    with mail_server() as (smtp, smtp_url), dovecot() as imap:
        settings = read_settings(
            demo=True, var_dir=tmp_path / "var", referents_csv=csv, database_url=database_url, mail_url=smtp_url,
            imap_url=imap.url, reply_address="assistance@siao.example", secret_key="made-up",
            twilio_auth_token="made-up", public_url="https://svi.example",
        )  # fmt: skip
        engine = open_database(database_url)
        migrate(engine)
        assert follow_csv(SnapshotFile(settings.var_dir), settings, now()) is None
        with writing(engine) as connection:
            camille = add_account(
                connection, email="camille@siao.example", name="Camille", role=AccountRole.REFERENT,
                departements=["75"], by="test", at=now(),
            )  # fmt: skip
        post = request_post(settings, engine, sender(settings), SnapshotFile(settings.var_dir).current)
        made = intake(settings, engine, sender(settings))
        assert made
        yield Talk(engine, settings, smtp, imap, post, made, camille)
        engine.dispose()


def test_a_request_goes_on_by_mail_whatever_program_replies(talk: Talk) -> None:
    talk.ask()
    receipt = talk.mail_to_alex()
    name, _, domain = str(receipt["Reply-To"]).partition("@")
    assert (name.startswith(f"assistance+{talk.number}-"), domain) == (True, "siao.example")
    for client in CLIENTS:
        talk.desk(working.ask, text="Quel message voyez-vous exactement à l’écran ?")
        question = talk.mail_to_alex()
        assert question["References"] == receipt["Message-ID"]
        assert question["Reply-To"] == receipt["Reply-To"]
        assert talk.state() is RequestState.WAITING
        talk.receive(client(f"Il dit « erreur {client.__name__} ».", question, f"Alex Essai <{ALEX}>"))
        step = talk.steps()[-1]
        assert (step.move, step.by) == (Move.ADD, ALEX)
        assert step.text.startswith(f"Il dit « erreur {client.__name__} ».")
        assert "Quel message" not in step.text
        assert "Quel message voyez-vous" in step.data["quoted"]
        assert talk.state() is RequestState.TAKEN
    talk.desk(working.answer, text="Le mot de passe est réinitialisé.")
    answer = talk.mail_to_alex()
    assert answer["References"] == receipt["Message-ID"]
    assert "Le mot de passe est réinitialisé." in answer.get_content()


def test_an_absence_message_changes_nothing_and_is_answered_by_nobody(talk: Talk) -> None:
    talk.ask()
    receipt = talk.mail_to_alex()
    away = CLIENTS[0]("Je suis en congé jusqu’au 3.", receipt, ALEX)
    away["Auto-Submitted"] = "auto-replied"
    talk.receive(away)
    sent = len(talk.smtp.taken)
    talk.post.work()
    assert len(talk.smtp.taken) == sent
    assert len(talk.steps()) == 1


def test_our_own_mail_that_comes_back_is_a_loop(talk: Talk) -> None:
    talk.ask()
    talk.receive(talk.mail_to_alex())
    assert len(talk.steps()) == 1


def test_a_closed_request_is_opened_again_and_its_desk_told(talk: Talk) -> None:
    talk.ask()
    talk.mail_to_alex()
    talk.desk(working.close, text="C’est réglé.", solved=True)
    closed = talk.mail_to_alex()
    talk.receive(CLIENTS[3]("Cela recommence.", closed, ALEX))
    assert talk.state() is RequestState.OPEN
    talk.post.work()
    assert talk.smtp.taken[-1]["To"] == "camille@siao.example"
    assert "rouvre la demande" in talk.smtp.taken[-1].get_content()


def test_a_mail_about_nothing_is_pointed_to_the_form_by_a_mail_that_no_machine_answers(talk: Talk) -> None:
    talk.receive(CLIENTS[0]("Bonjour, j’ai une question.", None, ALEX))
    (told,) = talk.smtp.taken
    assert (told["To"], told["Auto-Submitted"]) == (ALEX, "auto-generated")
    assert "https://svi.example/demande\n" in told.get_content().replace("\r\n", "\n")
