"""The people of the directory: who they are, whether the plan may ring them, their short ids."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from enum import StrEnum

from routing.calendar.hours import Hours
from routing.directory.cells import fold

SHORT_ID_LENGTH = 10


class Role(StrEnum):
    """A person's role in the directory (docs/contract.md#the-directory-file)."""

    REFERENT = "référent"
    SUPPLEANT = "suppléant"
    DIRECTEUR = "directeur"
    NATIONAL = "national"
    CONTACT = "contact"


@dataclass(frozen=True, slots=True)
class Person:
    """One line of the directory.

    `id` is the short id that addresses carry: HMAC of the folded nom, prénom and e-mail (decision 3), lower-case
    letters and digits only; a second line of one person in one département gets the suffix `b`, then `c`…
    `departement` is a code or `*`; `phone` is E.164 or None; `rang` None means never rung.
    """

    id: str
    departement: str
    siao: str
    nom: str
    prenom: str
    role: Role
    phone: str | None
    email: str | None
    rang: int | None
    hours: Hours
    screened: bool

    @property
    def name(self) -> str:
        """Prénom and nom, as a reader writes them."""
        return f"{self.prenom} {self.nom}".strip()

    @property
    def is_ringable(self) -> bool:
        """Whether the plan may ever ring this line."""
        return self.rang is not None and self.phone is not None

    @property
    def is_written_to(self) -> bool:
        """Whether mails about the desk go to this line: to whoever is rung, where an address is known (decision 35)."""
        return self.is_ringable and bool(self.email)

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes two lines one person: folded nom, prénom and e-mail."""
        return (fold(self.nom), fold(self.prenom), fold(self.email or ""))


def short_id(secret: bytes, nom: str, prenom: str, email: str) -> str:
    """A person's short id: ten letters and digits that survive a corrected telephone number (decision 3)."""
    identity = "\x1f".join(fold(part) for part in (nom, prenom, email))
    digest = hmac.new(secret, identity.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode("ascii").lower()[:SHORT_ID_LENGTH]
