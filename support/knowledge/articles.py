"""An article of the directory: what it is called, where it is, for whom and about what; what is refused of one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from records.refusals import ChangeRefused, one_line
from records.wording import Wording
from support.profiles import PROFILES

MOST_SOUS_MOTIFS = 12
"""Sous-motifs of one article: one that is about more helps nobody, and its words are found by everything."""
LONGEST_TITLE, LONGEST_ADDRESS, LONGEST_SUMMARY = 200, 500, 600
FIRST_DAY = date(2010, 1, 1)
"""The SI SIAO is not older."""


@dataclass(frozen=True, slots=True)
class Article:
    """One line of the directory; `sous_motifs` are the names under which it was last written."""

    id: int
    title: str
    address: str
    profiles: tuple[str, ...]
    sous_motifs: tuple[Wording, ...]
    summary: str
    checked_on: date | None
    added_at: datetime
    changed_at: datetime
    changed_by: str
    retired_at: datetime | None = None
    link_state: str = "unknown"
    link_checked_at: datetime | None = None
    link_failures: int = 0
    link_error: str | None = None

    @property
    def version(self) -> str:
        """What tells whether somebody changed it since it was read."""
        return self.changed_at.isoformat()

    def is_for(self, profile: str) -> bool:
        """Whether it is meant for this profile (a key, "" for anybody); one without profiles is for everybody."""
        return not profile or not self.profiles or profile in self.profiles


@dataclass(frozen=True, slots=True)
class ArticleText:
    """What the national team writes of an article; the values are checked by `checked`."""

    title: str
    address: str
    profiles: tuple[str, ...] = ()
    sous_motifs: tuple[Wording, ...] = ()
    summary: str = ""
    checked_on: date | None = None


def checked(text: ArticleText, today: date) -> ArticleText:
    """The text, tidy; ChangeRefused, with the field's name, for the first value that cannot stand."""
    return ArticleText(
        checked_title(text.title),
        checked_address(text.address),
        checked_profiles(text.profiles),
        checked_sous_motifs(text.sous_motifs),
        checked_summary(text.summary),
        checked_day(text.checked_on, today),
    )


def checked_title(typed: str) -> str:
    """The title on one line; ChangeRefused when it is missing or too long."""
    return one_line(typed, "titre", LONGEST_TITLE)


def checked_summary(typed: str) -> str:
    """The summary on one line, empty or not; ChangeRefused when it is too long."""
    return one_line(typed, "resume", LONGEST_SUMMARY, optional=True)


def checked_profiles(keys: Iterable[str]) -> tuple[str, ...]:
    """The profiles in their usual order, each once; ChangeRefused for one that is none."""
    wanted = list(keys)
    unknown = next((key for key in wanted if key not in PROFILES), None)
    if unknown is not None:
        raise ChangeRefused(f"« {unknown} » n’est pas un profil : {', '.join(PROFILES.values())}.", "profils")
    return tuple(key for key in PROFILES if key in wanted)


def checked_sous_motifs(wordings: Iterable[Wording]) -> tuple[Wording, ...]:
    """The sous-motifs, each once, in the order of their names; ChangeRefused when there are too many."""
    named = tuple(sorted({one.folded: one for one in wordings}.values()))
    if len(named) > MOST_SOUS_MOTIFS:
        raise ChangeRefused(f"{MOST_SOUS_MOTIFS} sous-motifs au plus : il y en a {len(named)}.", "sous_motifs")
    return named


def checked_day(day: date | None, today: date) -> date | None:
    """The day on which an article was read again; ChangeRefused when it is to come, or long before anything was."""
    if day is not None and not FIRST_DAY <= day <= today:
        told = "à venir" if day > today else "trop ancienne"
        raise ChangeRefused(f"La date de vérification est {told}.", "verifie_le")
    return day


def checked_address(typed: str) -> str:
    """The address as it is opened: `http` or `https`, a host, no credentials; ChangeRefused for anything else."""
    plain = typed.strip()
    if not plain:
        raise ChangeRefused("L’adresse manque.", "adresse")
    if len(plain) > LONGEST_ADDRESS:
        raise ChangeRefused(
            f"L’adresse est trop longue : {len(plain)} caractères pour {LONGEST_ADDRESS} au plus.", "adresse"
        )
    if any(not mark.isprintable() or mark.isspace() or mark in "\\<>\"'`{}|^" for mark in plain):
        raise ChangeRefused("L’adresse contient une espace ou un signe qui n’y a pas sa place.", "adresse")
    try:
        parts = urlsplit(plain)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ChangeRefused("L’adresse ne se lit pas.", "adresse") from None
    if parts.scheme.lower() not in {"http", "https"} or not host:
        raise ChangeRefused("L’adresse commence par https:// ou http://, suivi du nom du site.", "adresse")
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise ChangeRefused("L’adresse contient un identifiant ou un mot de passe : retirez-le.", "adresse")
    if "." not in host.strip("."):
        raise ChangeRefused("L’adresse ne nomme pas un site.", "adresse")
    shown = f"{host}:{port}" if port else host
    return parts._replace(scheme=parts.scheme.lower(), netloc=shown).geturl()
