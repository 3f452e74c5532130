"""A mail: what every room writes, and hands to the one sender."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from hashlib import blake2b, sha256
from typing import Protocol

SIGNATURE = "\n\nAssistance téléphonique du SI SIAO\n0 806 000 156 (service gratuit + prix appel)\n"


LONGEST_ADDRESS = 254
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}")


def is_address(text: str) -> bool:
    """Whether a mail can be sent there: what people type as an address is checked before anything is owed to it."""
    return len(text) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Mail:
    """One message to one reader, plain text. Of two with the same `key`, a mailbox shows one.

    `thread` is the key of the first mail of its conversation; `reply_to` an address other than the service's own;
    `calendar` an invitation (iCalendar text, RFC 5545) and `method` what it asks for (`REQUEST`, `CANCEL`); `html` the
    same words for whoever reads them so; `leave` the address at which its reader leaves the list (RFC 8058).
    """

    to: str
    subject: str
    text: str
    key: str = ""
    thread: str = ""
    reply_to: str = ""
    calendar: str = ""
    method: str = ""
    html: str = ""
    leave: str = ""


class Sender(Protocol):
    """Where mails are handed in."""

    def send(self, mail: Mail) -> None:
        """Hand over one mail; raises OSError to try later, ValueError to give up."""


def name_of(key: str, secret: bytes) -> str:
    """The left half of the Message-ID of the mail with this key: the same each time that it is sent.

    Told by nobody without the secret key: whoever names a mail of ours has received it (decision 68).
    """
    return hmac.digest(secret, f"mail name\x1f{key}".encode(), sha256).hex()[:40]


def key_of(about: str, *told: str) -> str:
    """What makes it this mail and no other: what it is about, and a print of what is told (the reader, the words)."""
    print_of = blake2b("\x1f".join(told).encode(), digest_size=12)
    return f"{about[:90]}|{print_of.hexdigest()}"
