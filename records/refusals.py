"""Why a change is not made, said once for every door; and how a typed text is read: as one line, or with its lines."""

from __future__ import annotations

from typing import Any


class ChangeRefused(ValueError):  # noqa: N818 - it tells a decision; the French reason is its text
    """A change that is not made: its text is the reason, in French; `field` names the value it is about, "" for all."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class Overtaken(Exception):  # noqa: N818 - named as what happened
    """Somebody else wrote first; `current` is what stands now."""

    def __init__(self, current: Any) -> None:
        super().__init__("Quelqu'un d'autre a enregistré entre-temps.")
        self.current = current


def one_line(typed: str, field: str, longest: int, *, optional: bool = False) -> str:
    """The text as it is said or shown, on one line; ChangeRefused when it is missing or too long: nothing is cut."""
    plain = " ".join("".join(mark if mark.isprintable() else " " for mark in typed).split())
    if not plain and not optional:
        raise ChangeRefused("Le texte est vide.", field)
    if len(plain) > longest:
        raise ChangeRefused(f"Le texte est trop long : {len(plain)} caractères pour {longest} au plus.", field)
    return plain


def with_its_lines(typed: str) -> str:
    """The text trimmed, its lines and tabs kept; every other kind of blank is a space, other control marks go."""
    spaced = (" " if mark.isspace() and mark not in "\n\t" else mark for mark in typed.replace("\r\n", "\n"))
    return "".join(mark for mark in spaced if mark in "\n\t" or mark.isprintable()).strip()
