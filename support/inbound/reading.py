"""A mail as it came, understood: who wrote it, what it answers, his own words, what he quoted, the files with it.

Everything in it is hostile until checked, and much of it broken: whatever the bytes, something is read and nothing is
raised. What is an automatic answer, a mailing list's or a loop is `sorting.py`'s to say.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import collapse_rfc2231_value, getaddresses
from functools import partial
from hashlib import sha256
from typing import Any, NamedTuple, TypeVar

from records.mail import is_address
from support.inbound.html_text import text_of_html
from support.inbound.quoting import fold

LONGEST_BODY = 200_000
"""Characters of a mail's text that are read."""

LONGEST_HEADERS = 200_000
"""Bytes of all headers together."""

LONGEST_HEADER = 20_000
MOST_BOUNDARIES = 1000
"""Lines that may part one piece of a mail from the next."""

MOST_ADDRESSES = 100
MOST_ANSWERED = 50
MOST_FILES = 20
DEEPEST_PART = 12
SMALLEST_PICTURE = 10_000
"""Bytes: a picture shown within the text and smaller than this is the drawing of a signature, no screen."""

_BROKEN = (
    MessageError, ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError, binascii.Error,
)  # fmt: skip
"""What the standard library raises of headers and parts that are none."""

_HEADERS = frozenset({
    "auto-submitted", "precedence", "list-id", "list-unsubscribe", "list-post", "return-path", "received", "x-loop",
    "x-auto-response-suppress", "x-autoreply", "x-autorespond", "x-autoresponder", "x-mail-autoreply",
    "x-spam-flag", "x-failed-recipients", "feedback-id",
})  # fmt: skip
"""What tells a person's mail from a machine's."""

_TO = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
_NAME = re.compile(r"<([^<>\s]{1,250})>")
_SIGNATURES = frozenset({
    "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature", "text/calendar",
    "message/delivery-status", "message/disposition-notification", "text/rfc822-headers",
})  # fmt: skip

_OF_NAMES = frozenset({"punycode", "idna"})
"""Charsets of host names: no mail is written in them, and the time to read one grows as its square."""

_T = TypeVar("_T")


class MailedFile(NamedTuple):
    """A file that came with a mail, as it is named there."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Incoming:
    """A mail that came in.

    `sender` is "" when not exactly one address wrote it; `answers` the names (Message-ID, without < and >) that it
    answers, nearest first; `headers` those of `sorting.py`, names in small letters. `digest` is the same for the same
    mail delivered twice, and for no other.
    """

    digest: str
    name: str
    sender: str
    to: Sequence[str]
    answers: Sequence[str]
    subject: str
    content_type: str
    text: str
    quoted: str
    files: Sequence[MailedFile] = ()
    headers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    is_whole: bool = True
    """False when it was too heavy to be fetched whole: its last files are missing."""


def read_mail(raw: bytes, *, is_whole: bool = True) -> Incoming:
    """What the bytes of a mail say; of one that is made to cost time or memory, its beginning."""
    raw, is_bounded = _bounded(raw)
    is_whole = is_whole and is_bounded
    message = _guarded(lambda: message_from_bytes(raw), Message())
    written = _Body()
    _guarded(lambda: written.gather(message, 0), None)
    text = written.text()[:LONGEST_BODY]
    reply, quoted = fold(text)
    name = next(iter(_names(message, "Message-ID")), "")
    senders = _addresses(message, ("From",))
    files = written.files if is_whole else written.files[:-1]
    told = [name, *senders, _header(message, "Date"), text, *(sha256(one.content).hexdigest() for one in files)]
    return Incoming(
        digest=sha256("\x1f".join(told).encode("utf-8", "replace")).hexdigest(), name=name,
        sender=senders[0] if len(senders) == 1 and len(_all(message, "From")) == 1 else "",
        to=_addresses(message, _TO), answers=_answers(message), subject=_header(message, "Subject")[:200],
        content_type=_guarded(message.get_content_type, "text/plain"), text=reply, quoted=quoted, files=tuple(files),
        headers={name: tuple(values) for name in _HEADERS if (values := [one.strip() for one in _all(message, name)])},
        is_whole=is_whole,
    )  # fmt: skip


def _bounded(raw: bytes) -> tuple[bytes, bool]:
    """The mail as far as it is looked at, and whether that is all of it: each header and each part costs memory."""
    ends = [at for mark in (b"\n\n", b"\r\n\r\n") if (at := raw.find(mark)) >= 0]
    if min(ends, default=len(raw)) > LONGEST_HEADERS:
        return raw[:LONGEST_HEADERS] + b"\r\n\r\n", False
    at = -1
    for _ in range(MOST_BOUNDARIES):
        at = raw.find(b"\n--", at + 1)
        if at < 0:
            return raw, True
    return raw[:at], False


def _guarded(read: Callable[[], _T], otherwise: _T) -> _T:
    try:
        return read()
    except _BROKEN:
        return otherwise


# ---------------------------------------------------------------- headers


def _all(message: Message, name: str) -> list[str]:
    """Every header of this name, on one line each, decoded."""
    return [" ".join(_decoded(value).split()) for value in _raw(message, name)]


def _header(message: Message, name: str) -> str:
    return next(iter(_all(message, name)), "")


def _decoded(value: str) -> str:
    return _plain(_guarded(lambda: str(make_header(decode_header(value))), value))


def _plain(text: str) -> str:
    """The text without marks that no database keeps and no reader sees; every kind of blank is a space."""
    spaced = (" " if mark.isspace() and mark not in "\n\r\t" else mark for mark in text)
    return "".join(mark for mark in spaced if mark in "\n\t" or mark.isprintable())


def _addresses(message: Message, names: Sequence[str]) -> tuple[str, ...]:
    """The addresses in these headers, small letters, each once."""
    raw = [value for name in names for value in _raw(message, name)]
    pairs: list[tuple[str, str]] = _guarded(lambda: getaddresses(raw[:MOST_ADDRESSES]), [])
    found = [address.strip().casefold() for _name, address in pairs if is_address(address.strip())]
    return tuple(dict.fromkeys(found))[:MOST_ADDRESSES]


def _raw(message: Message, name: str) -> list[str]:
    """Every header of this name, as it came."""
    values: list[Any] = _guarded(lambda: message.get_all(name, []), [])
    return [said for value in values if (said := _guarded(partial(str, value), "")[:LONGEST_HEADER])]


def _names(message: Message, header: str) -> list[str]:
    return [name for value in _all(message, header) for name in _NAME.findall(value)]


def _answers(message: Message) -> tuple[str, ...]:
    """What it answers: In-Reply-To first, then the conversation from its end; some programs write one or the other."""
    names = [*_names(message, "In-Reply-To"), *reversed(_names(message, "References"))]
    return tuple(dict.fromkeys(names))[:MOST_ANSWERED]


# ---------------------------------------------------------------- text and files


class _Body:
    """The parts of a mail, gathered: what is text, what is HTML, what is a file."""

    def __init__(self) -> None:
        self.plain: list[str] = []
        self.html: list[str] = []
        self.files: list[MailedFile] = []

    def gather(self, part: Message, depth: int) -> None:
        for inner in _parts(part):
            if depth < DEEPEST_PART:
                self.gather(inner, depth + 1)
        kind = _guarded(part.get_content_type, "text/plain")
        if kind.startswith("multipart/") or kind in _SIGNATURES:
            return
        name = _file_name(part)
        is_attached = _guarded(part.get_content_disposition, None) == "attachment"
        if kind in {"text/plain", "text/html"} and not is_attached and not name:
            texts = self.plain if kind == "text/plain" else self.html
            if sum(map(len, texts)) < LONGEST_BODY:  # of a mail of very many texts, the first ones
                texts.append(_text(part))
        elif kind == "message/rfc822" or name or not kind.startswith("text/"):
            self._keep(part, kind, name)

    def _keep(self, part: Message, kind: str, name: str) -> None:
        content = _content(part)
        is_drawing = kind.startswith("image/") and part.get("Content-ID") and len(content) < SMALLEST_PICTURE
        if content and not is_drawing and len(self.files) < MOST_FILES:
            self.files.append(MailedFile(name or _NAMELESS.get(kind, "fichier"), content))

    def text(self) -> str:
        """The plain text where there is some, else what the HTML says."""
        plain = "\n".join(one for one in self.plain if one.strip())
        return plain or _plain("\n".join(text_of_html(one) for one in self.html))


_NAMELESS = {
    "image/png": "image.png", "image/jpeg": "image.jpg", "image/gif": "image.gif", "application/pdf": "document.pdf",
    "message/rfc822": "message.eml",
}  # fmt: skip


def _parts(part: Message) -> Iterator[Message]:
    """The parts of a part; those of a mail that is attached are its own."""
    payload = part.get_payload() if _guarded(part.get_content_type, "") != "message/rfc822" else None
    if isinstance(payload, list):
        yield from (inner for inner in payload if isinstance(inner, Message))


def _file_name(part: Message) -> str:
    name = _guarded(lambda: collapse_rfc2231_value(part.get_filename() or ""), "")
    return " ".join(_decoded(name).split())[:200]


def _content(part: Message) -> bytes:
    payload = _guarded(part.get_payload, None)
    if isinstance(payload, list):
        return _guarded(lambda: b"\n".join(bytes(inner) for inner in payload if isinstance(inner, Message)), b"")
    nothing: Any = b""
    found = _guarded(lambda: part.get_payload(decode=True), nothing)
    return found if isinstance(found, bytes) else b""


def _text(part: Message) -> str:
    content = _content(part)[: 4 * LONGEST_BODY]
    said = _guarded(lambda: str(part.get_content_charset() or ""), "")
    text = _plain(_in_charset(content, said).replace("\r\n", "\n").replace("\r", "\n"))
    flows = _guarded(lambda: str(part.get_param("format") or "").casefold() == "flowed", False)
    joins = _guarded(lambda: str(part.get_param("delsp") or "").casefold() == "yes", False)
    return _unflowed(text, joins=joins) if flows else text


def _in_charset(content: bytes, said: str) -> str:
    """The text by the charset that is said, else as most people write: UTF-8, or what Windows writes."""
    for charset in (said, "utf-8"):
        if charset.casefold() in _OF_NAMES:
            continue
        try:
            text = content.decode(charset)
        except (LookupError, ValueError, TypeError):
            continue
        if isinstance(text, str):
            return text
    return content.decode("cp1252", "replace")


def _unflowed(text: str, *, joins: bool) -> str:
    """The paragraphs of a text whose lines flow (RFC 3676); quoted lines stay as they are."""
    lines: list[list[str]] = []
    is_open = False
    for line in text.split("\n"):
        is_quoted = line.startswith(">")
        if is_open and not is_quoted:
            lines[-1].append(line)
        else:
            lines.append([line])
        is_open = line.endswith(" ") and line != "-- " and not is_quoted
        if is_open and joins:
            lines[-1][-1] = line[:-1]
    return "\n".join("".join(parts) for parts in lines)
