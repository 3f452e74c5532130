"""Who wrote a mail: a person, or a machine whose mail is dropped, so that no two machines write to each other for ever.

Pure; the signs are those of RFC 3834 and of what mail programs really send.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum
from typing import NamedTuple

from support.inbound.reading import Incoming

MOST_HOPS = 30
"""Servers that a mail may have come through: one that goes round in circles has more."""


class MailKind(StrEnum):
    """What a mail is."""

    PERSON = "person"
    AUTOMATIC = "automatic"
    BULK = "bulk"
    BOUNCE = "bounce"
    LOOP = "loop"


class Sorted(NamedTuple):
    """What a mail is, and by which sign, in French."""

    kind: MailKind
    why: str


_BULK = frozenset({"bulk", "list", "junk"})
_ANSWERING = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-mail-autoreply")
_MACHINES = frozenset({"mailer-daemon", "postmaster", "mail-daemon"})
_AUTOMATIC = re.compile(
    r"(?:(?:re|tr|rép|aw|fw|fwd) ?: ?)*(?:réponse automatique|message automatique|automatic reply|auto[- ]?reply|"
    r"auto ?: |out of (?:the )?office|absence du bureau|absent(?:e|·e|\(e\))? du bureau|message d.absence|"
    r"(?:notification d.)?absence ?: |en congés? ?: )",
    re.IGNORECASE,
)
_RECEIPT = re.compile(
    r"(?:lu|non lu|read|not read|remis|delivered|undeliverable|non remis|undelivered mail|"
    r"échec de (?:la )?remise|delivery status notification|mail delivery failed|returned mail)\b ?(?::|\(|$)",
    re.IGNORECASE,
)


def sort_mail(mail: Incoming, own: Collection[str]) -> Sorted:
    """What the mail is; `own`: the addresses, small letters, from which we write and at which we read."""
    header = {name: values[0].casefold() for name, values in mail.headers.items()}
    hops = len(mail.headers.get("received", ()))
    if any(_is_own(address, own) for address in [mail.sender]) or "x-loop" in header or hops > MOST_HOPS:
        return Sorted(MailKind.LOOP, "boucle : un courriel de l’assistance elle-même, ou qui tourne en rond")
    local = mail.sender.partition("@")[0]
    if mail.content_type == "multipart/report" or local in _MACHINES or "x-failed-recipients" in header:
        return Sorted(MailKind.BOUNCE, "avis de remise ou de non-remise")
    if _says_automatic(mail, header):
        return Sorted(MailKind.AUTOMATIC, "réponse automatique")
    if header.get("precedence") in _BULK or header.keys() & {"list-id", "list-unsubscribe", "list-post", "feedback-id"}:
        return Sorted(MailKind.BULK, "envoi en nombre")
    if header.get("x-spam-flag") == "yes":
        return Sorted(MailKind.BULK, "signalé comme indésirable par le serveur de courriel")
    return Sorted(MailKind.PERSON, "")


def _says_automatic(mail: Incoming, header: dict[str, str]) -> bool:
    submitted = header.get("auto-submitted", "no").partition(";")[0].strip()
    return (
        submitted not in {"no", ""}
        or header.get("x-auto-response-suppress", "none") not in {"none", ""}
        or header.get("precedence") in {"auto_reply", "auto-reply"}
        or any(name in header for name in _ANSWERING)
        or header.get("return-path", "").replace(" ", "") == "<>"
        or _AUTOMATIC.match(mail.subject) is not None
        or _RECEIPT.match(mail.subject) is not None
    )


def _is_own(address: str, own: Collection[str]) -> bool:
    """Whether an address is one of ours, with or without what stands after a plus."""
    name, _, domain = address.rpartition("@")
    return address in own or f"{name.partition('+')[0]}@{domain}" in own
