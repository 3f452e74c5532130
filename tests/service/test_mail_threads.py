"""Mails of one matter hang together, are answered where their writer says, carry invitations that calendars read."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine

from records.mail import Mail, name_of
from service.mail import FolderSender, MailFailed, MailRefused, SmtpSender, sender
from service.settings import Settings
from service.wiring.letters.requests import request_post
from tests.service.mail_server import HoldingServer, mail_server

HEADERS = {"From": "SI SIAO <bonjour@siao.example>", "Reply-To": "equipe@siao.example"}
TO = "alix@siao.example"
LINES = ["BEGIN:VCALENDAR", "VERSION:2.0", "METHOD:REQUEST", "BEGIN:VEVENT", "SUMMARY:Échange", "END:VEVENT"]
CALENDAR = "\r\n".join([*LINES, "END:VCALENDAR", ""])


@pytest.fixture
def post() -> Iterator[tuple[HoldingServer, SmtpSender]]:
    with mail_server() as (server, url):
        yield server, SmtpSender(url, HEADERS, "Relais : https://relais.example")


def received(post: tuple[HoldingServer, SmtpSender], *mails: Mail) -> list[EmailMessage]:
    server, sender = post
    for mail in mails:
        sender.send(mail)
    return server.taken


def test_later_mails_of_a_conversation_name_the_first_one(post: tuple[HoldingServer, SmtpSender]) -> None:
    first, second, third = received(
        post,
        Mail(TO, "Demande", "…", key="request:12", thread="request:12"),
        Mail(TO, "Demande", "…", key="step 2", thread="request:12"),
        Mail("sacha@siao.example", "Demande", "…", key="step 3", thread="request:12"),
    )
    assert first["In-Reply-To"] is None
    assert first["References"] is None
    for later in (second, third):
        assert later["In-Reply-To"] == later["References"] == first["Message-ID"]
        assert later["Message-ID"] != first["Message-ID"]


def test_a_mail_of_another_conversation_does_not(post: tuple[HoldingServer, SmtpSender]) -> None:
    one, other, alone = received(
        post,
        Mail(TO, "D", "…", "a", thread="request:1"),
        Mail(TO, "D", "…", "b", thread="request:2"),
        Mail(TO, "D", "…"),
    )
    assert one["References"] != other["References"]
    assert alone["References"] is None


def test_an_answer_goes_where_the_writer_says_before_where_the_service_says(
    post: tuple[HoldingServer, SmtpSender],
) -> None:
    own, ours = received(post, Mail(TO, "Réponse", "…", reply_to="camille@siao.example"), Mail(TO, "Réponse", "…"))
    assert own.get_all("Reply-To") == ["camille@siao.example"]
    assert ours.get_all("Reply-To") == [HEADERS["Reply-To"]]


@pytest.mark.parametrize("wrong", ["a@b.fr\r\nBcc: x@exemple.fr", "pas une adresse", "a@b.fr, c@d.fr", "a@b@c.fr"])
def test_a_wrong_address_to_answer_to_is_refused(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(MailRefused, match="Reply-To"):
        FolderSender(tmp_path, HEADERS).send(Mail(TO, "Réponse", "…", reply_to=wrong))


def test_a_wrong_setting_harms_no_mail_that_has_an_address_of_its_own(tmp_path: Path) -> None:
    sender = FolderSender(tmp_path, HEADERS | {"Reply-To": "personne"})
    sender.send(Mail(TO, "Réponse", "…", reply_to="camille@siao.example"))
    with pytest.raises(MailFailed, match="MAIL_REPLY_TO"):
        sender.send(Mail(TO, "Réponse", "…"))


def test_an_invitation_is_read_by_calendars_by_people_and_as_a_file(post: tuple[HoldingServer, SmtpSender]) -> None:
    [message] = received(post, Mail(TO, "Échange", "Mardi à 15 h.", calendar=CALENDAR, method="REQUEST"))
    assert message.get_content_type() == "multipart/mixed"
    both, file = message.iter_parts()
    assert both.get_content_type() == "multipart/alternative"
    text, calendar = both.iter_parts()
    assert text.get_content_type() == "text/plain"
    assert text.get_content().splitlines() == ["Mardi à 15 h.", "", "Relais : https://relais.example"]
    assert calendar.get_content_type() == "text/calendar"
    assert dict(calendar["Content-Type"].params) == {"charset": "utf-8", "method": "REQUEST"}
    assert calendar.get_payload(decode=True) == CALENDAR.encode()
    assert (file.get_content_type(), file.get_filename()) == ("application/ics", "invitation.ics")
    assert file.get_content() == CALENDAR.encode()


@pytest.mark.parametrize("method", ["", "CANCEL", "PUBLISH", "REQUEST\r\nBcc: x@exemple.fr"])
def test_an_invitation_that_asks_for_something_else_than_its_mail_is_refused(tmp_path: Path, method: str) -> None:
    with pytest.raises(MailRefused, match="invitation"):
        FolderSender(tmp_path, HEADERS).send(Mail(TO, "Échange", "…", calendar=CALENDAR, method=method))


def test_a_mail_that_names_itself_keeps_its_name(tmp_path: Path) -> None:
    """Decision 50: sent again after a fault, a mailbox shows it once."""
    for _ in range(2):
        FolderSender(tmp_path, HEADERS).send(Mail(TO, "Demande", "…", key="request:12", thread="request:12"))
    first, second = (path.read_bytes() for path in sorted(tmp_path.glob("*.eml")))
    names = [line for text in (first, second) for line in text.splitlines() if line.startswith(b"Message-ID")]
    assert names[0] == names[1]


def test_nobody_computes_the_name_of_a_mail_from_the_number_of_its_request(tmp_path: Path) -> None:
    """A reply is believed by the names of the mails that it answers: they must be told by the mails alone."""
    key = SecretStr("a made-up key " * 4)
    settings = Settings(var_dir=tmp_path, mail_url=f"file://{tmp_path}/courriels", secret_key=key)
    sender(settings).send(Mail(TO, "Demande", "…", key="request:12"))
    (path,) = (tmp_path / "courriels").glob("*.eml")
    name = str(message_from_bytes(path.read_bytes())["Message-ID"]).strip("<>").partition("@")[0]
    assert name == name_of("request:12", settings.secret)
    assert name not in {name_of("request:12", guessed) for guessed in (b"", b"another key")}
    post = request_post(settings, create_engine("sqlite://"), None, lambda: None)
    assert post.secret == settings.secret
