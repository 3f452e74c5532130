"""An article of the directory: what it is called, where it is, for whom and about what; what is refused of one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from records.refusals import ChangeRefused, one_line
from records.wording import Wording
from support.profiles import PROFILES

LONGEST_TITLE, LONGEST_ADDRESS, LONGEST_SUMMARY = 200, 500, 600


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

    def is_for(self, profile: str) -> bool:
        """Whether it is meant for this profile (a key); one without profiles is for everybody."""
        return not self.profiles or profile in self.profiles


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
    title = one_line(text.title, "titre", LONGEST_TITLE)
    address = checked_address(text.address)
    summary = one_line(text.summary, "resume", LONGEST_SUMMARY, optional=True)
    unknown = next((key for key in text.profiles if key not in PROFILES), None)
    if unknown is not None:
        raise ChangeRefused(f"« {unknown} » n’est pas un profil : {', '.join(PROFILES.values())}.", "profils")
    if text.checked_on is not None and text.checked_on > today:
        raise ChangeRefused("La date de vérification est à venir.", "verifie_le")
    profiles = tuple(key for key in PROFILES if key in text.profiles)
    return ArticleText(title, address, profiles, _each_once(text.sous_motifs), summary, text.checked_on)


def checked_address(typed: str) -> str:
    """The address as it is opened: `http` or `https`, a host, no credentials; ChangeRefused for anything else."""
    address = typed.strip()
    if not address:
        raise ChangeRefused("L’adresse manque.", "adresse")
    if len(address) > LONGEST_ADDRESS:
        raise ChangeRefused(
            f"L’adresse est trop longue : {len(address)} caractères pour {LONGEST_ADDRESS} au plus.", "adresse"
        )
    if any(not mark.isprintable() or mark.isspace() or mark in "\\<>\"'`{}|^" for mark in address):
        raise ChangeRefused("L’adresse contient une espace ou un signe qui n’y a pas sa place.", "adresse")
    try:
        parts = urlsplit(address)
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


def _each_once(wordings: Iterable[Wording]) -> tuple[Wording, ...]:
    return tuple({one.folded: one for one in wordings}.values())
