"""What a département adds to a ready answer, and the whole text that is read, copied or sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from records.refusals import ChangeRefused
from records.wording import Wording
from routing.departements import departements
from support.personal_data import personal_data

LONGEST_PARAGRAPH = 1000
LONGEST_LINE = 500
FAREWELL = "Cordialement"


@dataclass(frozen=True, slots=True)
class LocalParagraph:
    """One version of what a département adds; an empty text adds nothing."""

    departement: str
    wording: Wording
    text: str
    version: int
    by: str
    at: datetime

    @property
    def label(self) -> str:
        """What introduces it: « Dans votre département, Paris (75) »."""
        return f"Dans votre département, {departements()[self.departement].name} ({self.departement})"

    def told(self) -> str:
        """The paragraph with its label, as it is copied and sent."""
        return f"{self.label} : {self.text}"


def whole_text(written: str, *more: str) -> str:
    """The written answer with further paragraphs before its farewell; empty ones are left out."""
    added = [text for text in more if text]
    paragraphs = written.rstrip().split("\n\n")
    at = len(paragraphs) - 1 if paragraphs[-1].startswith(FAREWELL) else len(paragraphs)
    return "\n\n".join([*paragraphs[:at], *added, *paragraphs[at:]])


def checked_text(typed: str, field: str, longest: int, *, confirmed: bool) -> str:
    """The text, trimmed, its line breaks kept, empty or not.

    ChangeRefused when it is too long, and where it looks like personal data, unless its writer says that it is none.
    """
    plain = "".join(mark if mark.isprintable() or mark == "\n" else " " for mark in typed.replace("\r\n", "\n")).strip()
    if len(plain) > longest:
        raise ChangeRefused(f"Le texte est trop long : {len(plain)} caractères pour {longest} au plus.", field)
    found = personal_data(plain)
    if found and not confirmed:
        pieces = ", ".join(f"« {one.text} » ({one.kind})" for one in found)
        raise ChangeRefused(f"Donnée personnelle ? {pieces}. Retirez-la, ou confirmez que ce n’en est pas une.", field)
    return plain
