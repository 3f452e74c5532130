"""The one sender of e-mail: by SMTP, or in demonstration into a folder of `.eml` files."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage, Message
from email.policy import SMTP, Policy
from email.utils import format_datetime, getaddresses, make_msgid
from pathlib import Path
from types import MappingProxyType
from urllib.parse import unquote, urlsplit

from records.mail import Mail, Sender, name_of
from service.clock import now
from service.settings import Settings

TIMEOUT = 10.0
"""Seconds that the mail server has for each answer."""

METHODS = frozenset({"REQUEST", "CANCEL"})
"""What an invitation may ask of a calendar: to keep it, or to take it away."""

_LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})


class _WholeHeader(UnstructuredHeader, BaseHeader):
    """A header that stays on one line as it is: the library would encode an address longer than its lines."""

    def fold(self, *, policy: Policy[Message]) -> str:
        """The header as it leaves."""
        return f"{self.name}: {self}{policy.linesep}"


def _registry() -> HeaderRegistry:
    registry = HeaderRegistry()
    registry.map_to_type("list-unsubscribe", _WholeHeader)
    return registry


_POLICY = SMTP.clone(header_factory=_registry())
LONGEST_LEAVE = 900
"""Characters of the address at which one leaves: a line of a mail has 998 (RFC 5322)."""


class MailRefused(ValueError):  # noqa: N818 - named as what happened
    """The message cannot be written as asked (line breaks in a header, wrong address); the French reason."""


class MailFailed(OSError):  # noqa: N818 - named as what happened
    """The mail server did not take the message; try again later."""


def sender(settings: Settings) -> Sender:
    """The sender that MAIL_URL names; raises SettingsRefused when there is none."""
    settings.require("mail_url")
    headers = {"From": settings.mail_from, "Reply-To": settings.mail_reply_to}
    more = (_relay(settings), settings.secret)
    if urlsplit(settings.mail_url).scheme in {"smtp", "smtps"}:
        return SmtpSender(settings.mail_url, headers, *more)
    return FolderSender(Path(settings.mail_url.removeprefix("file://")), headers, *more)


def _relay(settings: Settings) -> str:
    """How whoever cannot telephone reaches us, the last line of every mail; "" without a relay (decision 49)."""
    if not settings.relay_url:
        return ""
    hours = f" ({settings.relay_hours})" if settings.relay_hours else ""
    return f"Vous êtes sourd ou malentendant ? Joignez l’assistance par écrit : {settings.relay_url}{hours}"


def sender_if_any(settings: Settings) -> Sender | None:
    """The sender that MAIL_URL names; None without MAIL_URL: what is owed waits in the outbox."""
    return sender(settings) if settings.mail_url else None


@dataclass(frozen=True, slots=True)
class FolderSender:
    """Writes each message as a file, for a demonstration and for tests."""

    folder: Path
    headers: dict[str, str]
    closing: str = ""
    secret: bytes = field(default=b"", repr=False)

    def send(self, mail: Mail) -> None:
        """Write one `.eml` file; its name sorts by moment."""
        message = written(mail, self.headers, self.closing, self.secret)
        name = f"{now():%Y%m%dT%H%M%S%f}.eml"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_bytes(message.as_bytes())
        except OSError as error:
            raise MailFailed(f"Le courriel n’a pas pu être écrit : {error.strerror}.") from error


@dataclass(frozen=True, slots=True)
class SmtpSender:
    """Hands messages to a mail server: `smtp://user:password@host:port` (TLS when offered) or `smtps://…`."""

    url: str
    headers: dict[str, str]
    closing: str = ""
    secret: bytes = field(default=b"", repr=False)

    def send(self, mail: Mail) -> None:
        """Send one message; a password is never sent in clear to another machine."""
        message = written(mail, self.headers, self.closing, self.secret)
        try:
            with self._connected() as server:
                server.send_message(message)
        except MailFailed:
            raise
        except (OSError, smtplib.SMTPException) as error:
            raise MailFailed(f"Le serveur de courriel n’a pas pris le message ({type(error).__name__}).") from error

    def knock(self) -> str:
        """Go as far as a mail does, and send none; says in French how it went. MailFailed says what to do instead."""
        parts = urlsplit(self.url)
        where = f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
        try:
            with self._connected() as server:
                is_private = parts.scheme == "smtps" or isinstance(server.sock, ssl.SSLSocket)
                code, _ = server.mail(_address(self.headers["From"]).addr_spec)
                server.rset()
        except MailFailed:
            raise
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise MailFailed(f"{where} : {_why(error)}.") from error
        if code >= _REFUSED:
            raise MailFailed(f"{where} refuse l’expéditeur ({code}) : vérifiez MAIL_FROM.")
        secured = "avec TLS" if is_private else "sans TLS"
        return f"{where} répond {secured}{', identifiants acceptés' if parts.username else ''} ; rien n’a été envoyé"

    def _connected(self) -> smtplib.SMTP:
        parts = urlsplit(self.url)
        host, context = parts.hostname or "localhost", ssl.create_default_context()
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(host, parts.port or 587, timeout=TIMEOUT)
        try:
            is_private = parts.scheme == "smtps" or _has_started_tls(server, context) or host in _LOCAL
            if parts.username:
                _log_in(server, unquote(parts.username), unquote(parts.password or ""), is_private=is_private)
        except BaseException:
            server.close()
            raise
        return server


_REFUSED = 400
_NOT_KNOWN = 535


def _why(error: Exception) -> str:
    """What kept us from the mail server, and what to look at."""
    match error:
        case smtplib.SMTPAuthenticationError():
            return "les identifiants sont refusés, vérifiez ceux de MAIL_URL"
        case ssl.SSLCertVerificationError():
            return f"son certificat n’est pas reconnu ({error.verify_message}), vérifiez le nom de la machine"
        case ConnectionRefusedError() | TimeoutError():
            return "personne ne répond, vérifiez la machine, le port et le pare-feu"
        case socket.gaierror():
            return "ce nom n’est pas connu, vérifiez la machine de MAIL_URL"
        case smtplib.SMTPNotSupportedError():
            return "il n’accepte pas d’identifiants, retirez-les de MAIL_URL ou changez de port"
        case _:
            return f"la connexion échoue ({type(error).__name__}), vérifiez MAIL_URL"


def _has_started_tls(server: smtplib.SMTP, context: ssl.SSLContext) -> bool:
    server.ehlo()
    if not server.has_extn("starttls"):
        return False
    server.starttls(context=context)
    server.ehlo()
    return True


def _log_in(server: smtplib.SMTP, user: str, password: str, *, is_private: bool) -> None:
    if not is_private:
        raise MailFailed("Le serveur de courriel n’offre pas TLS : le mot de passe n’est pas envoyé.")
    try:
        server.login(user, password)
    except smtplib.SMTPServerDisconnected as error:  # some hang up on a wrong password, before it is tried another way
        raise smtplib.SMTPAuthenticationError(_NOT_KNOWN, b"") from error


def written(mail: Mail, headers: dict[str, str], closing: str, secret: bytes) -> EmailMessage:
    """The message, `closing` its last line, ready to send; `secret` keys its name.

    MailRefused for a wrong address, subject or invitation, MailFailed for a wrong header of ours.
    """
    message = EmailMessage(policy=_POLICY)
    own = {"Reply-To": mail.reply_to} if mail.reply_to else {}
    try:
        _put(message, {"To": mail.to, "Subject": mail.subject} | own)
    except ValueError as error:
        raise MailRefused(f"Le courriel est refusé : {error}.") from error
    try:
        _put(message, {name: text for name, text in headers.items() if name not in own}, _SETTINGS)
    except ValueError as error:  # our own setting: the mail waits until it is mended
        raise MailFailed(f"Un réglage est refusé : {error}.") from error
    message["Date"] = format_datetime(now())
    _name(message, mail, headers["From"].rpartition("@")[2].strip(" >"), secret)
    message["Auto-Submitted"] = "auto-generated"
    if mail.leave:
        _say_how_to_leave(message, mail.leave)
    message.set_content(f"{mail.text.rstrip()}\n\n{closing}\n" if closing else mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    if mail.calendar:
        _invite(message, mail)
    return message


def _say_how_to_leave(message: EmailMessage, address: str) -> None:
    """Both headers of RFC 8058, by which a mailbox offers one click; MailRefused for what is no address of a page."""
    is_plain = address.isascii() and address.isprintable() and not set(address) & set(" <>")
    if not is_plain or len(address) > LONGEST_LEAVE or not address.startswith(("https://", "http://")):
        raise MailRefused("Le courriel est refusé : l’adresse de désinscription n’en est pas une.")
    message["List-Unsubscribe"] = f"<{address}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _invite(message: EmailMessage, mail: Mail) -> None:
    """The invitation as calendars read it (RFC 6047), and as a file for whoever opens it by hand."""
    method = f"METHOD:{mail.method}"
    if mail.method not in METHODS or method not in mail.calendar.splitlines():
        raise MailRefused("Le courriel est refusé : l’invitation et sa méthode ne vont pas ensemble.")
    # base64: no server on the way may fold its lines again, or look at a dot at their beginning
    message.add_alternative(mail.calendar, subtype="calendar", cte="base64", params={"method": mail.method})
    content = mail.calendar.encode()
    message.add_attachment(content, maintype="application", subtype="ics", filename="invitation.ics")


_SETTINGS = {"From": "MAIL_FROM", "Reply-To": "MAIL_REPLY_TO"}


def _put(message: EmailMessage, values: Mapping[str, str], said: Mapping[str, str] = MappingProxyType({})) -> None:
    """Set the headers; ValueError names (by the words of `said`) the one of more than one line, or no address.

    A header of `said` may be empty: it is left out.
    """
    for name, text in values.items():
        if any(mark in text for mark in "\r\n\0"):
            raise ValueError(f"retour à la ligne dans {said.get(name, name)}")
        try:
            if text or name not in said:
                message[name] = text if name == "Subject" else _address(text)
        except (ValueError, MessageError, IndexError, AttributeError) as error:  # what the parser makes of « "a@[ »
            raise ValueError(f"{said.get(name, name)} n’est pas une adresse, « {text} »") from error


def _address(text: str) -> Address:
    (name, address), *others = getaddresses([text]) or [("", "")]
    if others or address.count("@") != 1 or not all(address.split("@")):
        raise ValueError(text)
    return Address(name, addr_spec=address)


def _name(message: EmailMessage, mail: Mail, domain: str, secret: bytes) -> None:
    """The message's own name, and that of the mail with which its conversation began."""
    message["Message-ID"] = f"<{name_of(mail.key, secret)}@{domain}>" if mail.key else make_msgid(domain=domain)
    if mail.thread and mail.thread != mail.key:
        message["In-Reply-To"] = message["References"] = f"<{name_of(mail.thread, secret)}@{domain}>"
