"""The mailbox of replies on a real IMAP server: mails are fetched in order and put away, refusals are said."""

from __future__ import annotations

import os
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from service.running.watching.checks import check_mailbox
from service.settings import read_settings
from service.wiring.written.mailbox import mailbox
from support.inbound.deciding import MailOutcome
from support.inbound.taking import MailboxAway
from tests.support.house import NOW
from tests.support.inbound.conftest import PostRoom
from tests.support.inbound.dovecot import DOVECOT, WORD, Dovecot, dovecot

pytestmark = pytest.mark.skipif(
    not DOVECOT.exists() and not os.environ.get("CI"), reason="dovecot-imapd is not installed here"
)


@pytest.fixture(scope="module")
def running() -> Iterator[Dovecot]:
    with dovecot() as server:
        yield server


@pytest.fixture
def server(running: Dovecot) -> Dovecot:
    """The server with nothing in any of its folders."""
    with mailbox(running.url) as box:
        for folder in box.box.folder.list():
            box.box.folder.set(folder.name)
            box.box.delete(box.box.uids())
    return running


def mail(text: str, **headers: str) -> bytes:
    message = EmailMessage()
    message["From"], message["Message-ID"] = "alex@structure.example", f"<{abs(hash(text))}@structure.example>"
    for name, value in headers.items():
        message[name] = value
    message.set_content(text)
    return message.as_bytes()


def names(server: Dovecot, folder: str) -> list[str]:
    """The texts of a folder's mails."""
    with mailbox(server.url.replace("/INBOX", f"/{folder}")) as box:
        fetched = [box.fetch(uid) for uid in box.waiting()]
        return [one.raw.decode().rstrip().rpartition("\n")[2] for one in fetched if one]


def test_mails_are_fetched_in_order_and_put_away(server: Dovecot) -> None:
    server.drop(mail("un"), mail("deux"), mail("trois"))
    with mailbox(server.url) as box:
        first, second, third = box.waiting()
        found = box.fetch(second)
        assert found is not None
        assert found.raw.rstrip().endswith(b"deux")
        assert found.is_whole
        box.put_away(first, MailOutcome.ADDED)
        box.put_away(third, MailOutcome.UNMATCHED)
        assert box.waiting() == [second]
        assert box.fetch(first) is None
    assert names(server, "Traités") == ["un"]
    assert names(server, "À voir") == ["trois"]


def test_what_a_person_should_read_stays_unread_and_flagged(server: Dovecot) -> None:
    server.drop(mail("à lire"))
    with mailbox(server.url) as box:
        box.put_away(box.waiting()[0], MailOutcome.UNMATCHED)
    with mailbox(server.url.replace("/INBOX", "/À voir")) as box:
        (found,) = box.box.fetch("FLAGGED UNSEEN", mark_seen=False, limit=1, reverse=True)
        assert found.text.strip() == "à lire"


def test_a_name_or_a_word_that_is_wrong_a_folder_that_is_none_and_a_server_that_is_none_are_said(
    server: Dovecot,
) -> None:
    said = {}
    for what, url in {
        "word": server.url.replace(WORD, "faux"), "folder": server.url.replace("/INBOX", "/Rien"),
        "server": "imap://a:b@127.0.0.1:1/INBOX",
    }.items():  # fmt: skip
        with pytest.raises(MailboxAway) as refusal, mailbox(url):
            pass
        said[what] = str(refusal.value)
        assert WORD not in said[what]
    assert said == {
        "word": "La boîte des réponses refuse le nom ou le mot de passe d’IMAP_URL.",
        "folder": "La boîte des réponses n’a pas de dossier « Rien ».",
        "server": "La boîte des réponses ne répond pas (ConnectionRefusedError).",
    }


def test_the_doctor_says_how_many_wait_and_what_is_missing(server: Dovecot, tmp_path: Path) -> None:
    def told(**more: Any) -> list[str]:
        return [one.sentence for one in check_mailbox(read_settings(demo=True, var_dir=tmp_path, **more), NOW)]

    server.drop(mail("un"), mail("deux"))
    assert told(imap_url=server.url, reply_address="a@siao.example") == ["la boîte s’ouvre, 2 courriels attendent"]
    assert told(imap_url="imap://a:b@127.0.0.1:1", reply_address="a@siao.example") == [
        "La boîte des réponses ne répond pas (ConnectionRefusedError)."
    ]
    assert told(reply_address="a@siao.example") == ["IMAP_URL manque : les réponses par courriel ne sont pas lues"]
    assert told() == []


def test_tls_is_verified(server: Dovecot) -> None:
    with pytest.raises(MailboxAway, match="certificat"), mailbox(server.tls_url):
        pass
    with mailbox(server.tls_url, server.trusting()) as box:
        assert box.count() >= 0


def test_folders_stand_beneath_the_inbox_where_the_server_wants_them_there() -> None:
    with dovecot(separator=".", prefix="INBOX.") as server:
        server.drop(mail("un"))
        with mailbox(server.url) as box:
            box.put_away(box.waiting()[0], MailOutcome.ADDED)
            assert box.waiting() == []
        assert names(server, "INBOX.Traités") == ["un"]


def test_a_round_takes_what_waits_and_a_second_one_finds_nothing(server: Dovecot, post: PostRoom) -> None:
    server.drop(
        mail("Toujours rien.", To=post.to), mail("Réponse", To=post.to, Precedence="bulk"), b"\xff\xfe rien de lisible"
    )
    post.intake.mailbox = lambda: mailbox(server.url)
    assert post.intake.work() == {"mailbox": {"state": "ok", "read": 3}}
    assert post.intake.work() == {"mailbox": {"state": "ok", "read": 0}}
    assert [step.text for step in post.steps()[1:]] == ["Toujours rien."]
    assert names(server, "Traités") == ["Toujours rien."]


def test_a_server_that_goes_away_during_a_round_loses_nothing(post: PostRoom) -> None:
    with dovecot() as server:
        server.drop(mail("Toujours rien.", To=post.to))
        with mailbox(server.url) as box:
            (uid,) = box.waiting()
            found = box.fetch(uid)
            assert found
            post.intake.take_in(found.raw)
            server.stop()
            with pytest.raises(MailboxAway):
                box.put_away(uid, MailOutcome.ADDED)
    assert len(post.steps()) == 2
