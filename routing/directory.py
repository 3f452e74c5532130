"""Who can be rung: the people of the directory, as referents.csv gives them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from routing.hours import Hours

NATIONAL = "*"
"""The directory's code for the national team."""


class Role(StrEnum):
    """A person's role in the directory (contract: referents.csv)."""

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
