"""A report on an article, or on an answer that nobody has written: its voices, its state, its words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from records.refusals import ChangeRefused
from records.wording import Wording, explained


class ReportKind(StrEnum):
    """What is said."""

    OBSOLETE = "obsolete"
    INCOMPLETE = "incomplete"
    MISSING = "missing"


class ReportState(StrEnum):
    """Where a report is."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"


KINDS: Mapping[ReportKind, str] = {
    ReportKind.OBSOLETE: "Obsolète",
    ReportKind.INCOMPLETE: "Incomplet",
    ReportKind.MISSING: "Il manque une réponse",
}
STATES: Mapping[ReportState, str] = {
    ReportState.OPEN: "À traiter",
    ReportState.DONE: "Traité",
    ReportState.REFUSED: "Non retenu",
}
OF_ARTICLES = (ReportKind.OBSOLETE, ReportKind.INCOMPLETE)
"""What is said of an article; the third kind is said of a sous-motif."""

OPEN_DAYS = 5
"""Open days of the national team within which a report is answered."""
LONGEST_VOICE, LONGEST_RESULT = 1000, 2000
UNPROVED_AT_ONCE = 3
"""Open reports that answer one address which nobody has proved: whoever types somebody else's sends him no more."""


@dataclass(frozen=True, slots=True)
class About:
    """What a report is about: an article of the directory, or a sous-motif without an answer."""

    article_id: int | None = None
    title: str = ""
    address: str = ""
    wording: Wording | None = None

    @property
    def open_key(self) -> str:
        """The one name under which it may stand open."""
        return f"article:{self.article_id}" if self.wording is None else f"missing:{self.wording.key}"

    @property
    def name(self) -> str:
        """As people read it: the article's title, or the sous-motif."""
        return self.title if self.wording is None else explained(self.wording.sous_motif)


@dataclass(frozen=True, slots=True)
class Voice:
    """One person who said it; `email` None: there is nobody to answer."""

    id: int
    kind: ReportKind
    text: str
    email: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ArticleReport:
    """What is wrong, said by `voices` people; `owner` looks after it, until `due_at` while it is open."""

    id: int
    about: About
    state: ReportState
    owner: str | None
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    closed_by: str | None
    result: str | None
    voices: int

    def is_late(self, at: datetime) -> bool:
        """Whether it is open beyond its day."""
        return self.state is ReportState.OPEN and self.due_at is not None and at > self.due_at


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says, checked by `checked`; `is_proved`: the address is his, he has signed in."""

    kind: ReportKind
    text: str
    email: str | None = None
    is_proved: bool = False


def checked_kind(about: About, typed: str) -> ReportKind:
    """The kind that fits what it is about; ChangeRefused for another."""
    fitting: Sequence[str] = OF_ARTICLES if about.wording is None else (ReportKind.MISSING,)
    if typed not in fitting:
        raise ChangeRefused("Dites s’il est obsolète ou incomplet.", "nature")
    return ReportKind(typed)


def checked_words(typed: str, field: str, longest: int) -> str:
    """The text, its lines kept; ChangeRefused when it is missing or too long."""
    lines = typed.replace("\r\n", "\n").replace("\r", "\n")
    plain = "".join(mark if mark.isprintable() or mark == "\n" else " " for mark in lines).strip()
    if not plain:
        raise ChangeRefused("Écrivez quelques mots : l’équipe nationale doit savoir quoi changer.", field)
    if len(plain) > longest:
        raise ChangeRefused(f"Le texte est trop long : {len(plain)} caractères pour {longest} au plus.", field)
    return plain
