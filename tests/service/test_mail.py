"""Mail goes out through one sender; nobody slips a header into it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from records.mail import Mail
from service.mail import FolderSender, MailFailed, MailRefused, SmtpSender, sender
from service.settings import SettingsRefused, read_settings

HEADERS = {"From": "SI SIAO <ne-pas-repondre@siao.example>", "Reply-To": "equipe@siao.example"}
MAIL = Mail("a.delorme@exemple.fr", "Un message vous attend : été", "Bonjour,\n\nÀ écouter sur votre espace.\n")


class Mailbox:
    """A mail server that keeps what it is given."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, str]]:
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port, ready_timeout=60)
    controller.start()
    yield box, f"smtp://127.0.0.1:{port}"
    controller.stop()


def test_a_message_arrives_as_it_was_written(mailbox: tuple[Mailbox, str]) -> None:
    box, url = mailbox
    SmtpSender(url, HEADERS).send(MAIL)
    (message,) = box.messages
    assert message["To"] == MAIL.to
    assert message["Subject"] == MAIL.subject
    assert message["Reply-To"] == HEADERS["Reply-To"]
    assert message.get_content().splitlines() == MAIL.text.splitlines()


def test_a_server_that_is_away_is_a_failure_to_try_again() -> None:
    with pytest.raises(MailFailed, match="courriel"):
        SmtpSender("smtp://127.0.0.1:9", HEADERS).send(MAIL)


def test_in_demonstration_messages_become_files(tmp_path: Path) -> None:
    settings = read_settings(demo=True, var_dir=tmp_path)
    sender(settings).send(MAIL)
    (file,) = (tmp_path / "courriels").glob("*.eml")
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert (message["To"], message["Subject"]) == (MAIL.to, MAIL.subject)


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        ("a@exemple.fr\r\nBcc: x@exemple.fr", "Bonjour"),
        ("a@exemple.fr", "Bonjour\nBcc: x@exemple.fr"),
        ("a@exemple.fr", "Bonjour\rX: y"),
        ("a@exemple.fr, b@exemple.fr", "Bonjour"),
        ("pas une adresse", "Bonjour"),
        ("", "Bonjour"),
    ],
)
def test_a_header_of_more_than_one_line_or_address_is_refused(tmp_path: Path, to: str, subject: str) -> None:
    with pytest.raises(MailRefused):
        FolderSender(tmp_path, HEADERS).send(Mail(to, subject, "…"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["From", "Reply-To"])
def test_a_wrong_header_of_ours_is_our_fault_and_the_mail_waits(tmp_path: Path, name: str) -> None:
    """Given up, a month's mails would be lost for a setting that is mended in a minute."""
    with pytest.raises(MailFailed, match={"From": "MAIL_FROM", "Reply-To": "MAIL_REPLY_TO"}[name]):
        FolderSender(tmp_path, HEADERS | {name: "SI SIAO ne-pas-repondre"}).send(MAIL)


def test_a_password_is_not_sent_in_clear(mailbox: tuple[Mailbox, str]) -> None:
    """The server offers no TLS; reached by a name that is not known for this machine's, it gets nothing."""
    box, url = mailbox
    with pytest.raises(MailFailed, match="TLS"):
        SmtpSender(url.replace("127.0.0.1", "svi:hunter2@127.1"), HEADERS).send(MAIL)
    assert not box.messages


def test_without_an_address_there_is_no_sender(tmp_path: Path) -> None:
    with pytest.raises(SettingsRefused, match="MAIL_URL"):
        sender(read_settings(var_dir=tmp_path, mail_url=""))
