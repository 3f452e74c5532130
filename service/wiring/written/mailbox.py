"""The mailbox of replies, by IMAP: what waits in it, fetched whole or, when too heavy, its beginning; then put away."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import getaddresses
from typing import TypeVar
from urllib.parse import SplitResult, unquote, urlsplit

from imap_tools import BaseMailBox, ImapToolsError, MailBox, MailBoxStartTls, MailBoxUnencrypted

from records.database import Engine
from records.mail import Sender
from routing.calendar.hours import read_hours
from service.clock import now
from service.settings import Settings
from service.wiring.written.attachments import attachments
from support.inbound.deciding import MailOutcome
from support.inbound.taking import Intake, MailboxAway, WaitingMail

TIMEOUT = 30.0
"""Seconds that the server has for each answer."""

HEAVIEST = 30 * 1024 * 1024
"""Bytes of a mail that are fetched: the files of a request together, as mail encodes them, and its words."""

AT_ONCE = 100
"""Mails of a round; the others wait for the next one."""

FOLDERS = {MailOutcome.ADDED: "Traités", MailOutcome.DROPPED: "Écartés", MailOutcome.UNMATCHED: "À voir"}
"""Where mails are put: those that a person should read stay unread and flagged."""

PORTS = {"imaps": 993, "imap": 143}
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

_T = TypeVar("_T")


@contextmanager
def mailbox(url: str, context: ssl.SSLContext | None = None) -> Iterator[ImapMailbox]:
    """The mailbox of IMAP_URL, open; raises MailboxAway, in French.

    `imaps://` by TLS; `imap://` by STARTTLS, and without it on this machine alone. Certificates are verified.
    """
    parts = urlsplit(url)
    box = _asked(lambda: _connected(parts, context or ssl.create_default_context()))
    try:
        folder = unquote(parts.path.strip("/")) or "INBOX"
        name, word = unquote(parts.username or ""), unquote(parts.password or "")
        _asked(lambda: box.login(name, word, initial_folder=None), "refuse le nom ou le mot de passe d’IMAP_URL")
        _asked(lambda: box.folder.set(folder), f"n’a pas de dossier « {folder} »")
        yield ImapMailbox(box, folder)
    finally:
        _leave(box)


def _connected(parts: SplitResult, context: ssl.SSLContext) -> BaseMailBox:
    host, port = parts.hostname or "localhost", parts.port or PORTS[parts.scheme]
    if parts.scheme == "imaps":
        return MailBox(host, port, timeout=TIMEOUT, ssl_context=context)
    if host in _LOOPBACK:
        return MailBoxUnencrypted(host, port, timeout=TIMEOUT)
    return MailBoxStartTls(host, port, timeout=TIMEOUT, ssl_context=context)


def _leave(box: BaseMailBox) -> None:
    try:
        box.logout()
    except (OSError, imaplib.IMAP4.error, ImapToolsError):
        box.client.shutdown()


def _asked(ask: Callable[[], _T], refused: str = "ne répond pas comme attendu") -> _T:
    """What the server answers; MailboxAway when it does not, or refuses."""
    try:
        return ask()
    except ssl.SSLCertVerificationError as error:
        raise MailboxAway("La boîte des réponses a un certificat qui n’est pas valable.") from error
    except (imaplib.IMAP4.abort, OSError) as error:
        raise MailboxAway(f"La boîte des réponses ne répond pas ({type(error).__name__}).") from error
    except (imaplib.IMAP4.error, ImapToolsError) as error:
        raise MailboxAway(f"La boîte des réponses {refused}.") from error


def intake(settings: Settings, engine: Engine, sender: Sender | None) -> Intake | None:
    """The work on the mailbox of replies; None without IMAP_URL."""
    if not settings.imap_url:
        return None
    named = getaddresses([settings.mail_from, settings.mail_reply_to, settings.reply_address])
    return Intake(
        engine=engine, clock=now, mailbox=lambda: mailbox(settings.imap_url), files=attachments(settings, engine),
        sender=sender, secret=settings.secret, reply_address=settings.reply_address,
        own=frozenset(address.casefold() for _name, address in named if address),
        hours=read_hours(settings.national_hours), site=settings.public_url,
    )  # fmt: skip


@dataclass(frozen=True)
class ImapMailbox:
    """One open folder of a mailbox, and its folders for what was read."""

    box: BaseMailBox
    folder: str

    def waiting(self) -> Sequence[str]:
        """The numbers (UID) of the mails in the folder, oldest first, of one round."""
        found = _asked(lambda: self.box.uids("UNDELETED", charset=None))
        return sorted(found, key=int)[:AT_ONCE]

    def count(self) -> int:
        """How many mails wait."""
        return len(_asked(lambda: self.box.uids("UNDELETED", charset=None)))

    def fetch(self, uid: str) -> WaitingMail | None:
        """One mail without marking it as seen; None when somebody took it out meanwhile."""
        answer = _asked(lambda: self.box.client.uid("FETCH", uid, f"(RFC822.SIZE BODY.PEEK[]<0.{HEAVIEST}>)"))
        parts = [part for part in answer[1] if isinstance(part, tuple)]
        if answer[0] != "OK" or not parts:
            return None
        raw = parts[0][1]
        return WaitingMail(uid, raw, len(raw) < HEAVIEST)

    def put_away(self, uid: str, outcome: MailOutcome) -> None:
        """Move the mail to the folder of what became of it; one for a person stays unread there, and is flagged."""
        mark = r"(\Flagged)" if outcome is MailOutcome.UNMATCHED else r"(\Seen)"
        _asked(lambda: self.box.client.uid("STORE", uid, "+FLAGS.SILENT", mark))
        name = self._made(FOLDERS[outcome])
        _asked(lambda: self.box.move(uid, name), f"ne laisse pas ranger un courriel dans « {name} »")

    def _made(self, name: str) -> str:
        """The folder of this name, made when it is missing; beneath the inbox where the server wants it there."""
        listed = _asked(self.box.folder.list)
        known = {one.name for one in listed}
        delimiter = next((one.delim for one in listed if one.delim), "/")
        beneath = f"{self.folder}{delimiter}{name}"
        for wanted in (name, beneath):
            if wanted in known:
                return wanted
        try:
            self.box.folder.create(name)
        except (imaplib.IMAP4.error, ImapToolsError):
            _asked(lambda: self.box.folder.create(beneath), f"ne laisse pas créer le dossier « {name} »")
            return beneath
        return name
