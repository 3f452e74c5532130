"""What may a person need? Thématiques, motifs and sous-motifs: finding one as people type, and changing the list."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

from rapidfuzz import fuzz

from records.refusals import ChangeRefused
from records.wording import Entry, Wording, Wordings, fold_words

EMPTY_WORDS = frozenset(
    ("a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "que", "sur", "un", "une")
)
SYNONYMS = {
    "bug": "dysfonctionnement",
    "bugue": "dysfonctionnement",
    "doublon": "fusion menages",
    "doublons": "fusion menages",
    "export": "extraction",
    "habilitation": "modification profil",
    "lent": "lenteur",
    "login": "acces compte",
    "mdp": "mot passe",
    "panne": "dysfonctionnement",
    "rame": "lenteur",
    "statistiques": "indicateurs",
    "stats": "indicateurs",
}
"""What people say at the telephone for what the nomenclature names."""
FUZZY_FROM = 4
"""Letters of a word from which a typing error is forgiven; shorter words look too much alike."""
ALIKE = 78.0
IN_SOUS_MOTIF, ELSEWHERE = 3.0, 1.0


def _words(text: str) -> list[str]:
    return [word for word in fold_words(text).split() if word not in EMPTY_WORDS]


@dataclass(frozen=True)
class Nomenclature(Wordings):
    """The list in force: version 0 is the one delivered."""

    version: int = 0

    def entry(self, key: str) -> Entry | None:
        """The entry of this key."""
        return next((entry for entry in self.entries if entry.wording.key == key), None)

    def search(self, typed: str, limit: int = 8) -> list[Entry]:
        """The entries that answer what is being typed, best first: without accents, unfinished, with typing errors."""
        wanted = _words(typed)
        wanted = [word for piece in wanted for word in SYNONYMS.get(piece, piece).split()]
        if not wanted:
            return []
        scored = [(_score(wanted, entry.wording), -place, entry) for place, entry in enumerate(self.entries)]
        kept = sorted((item for item in scored if item[0] > 0), key=lambda item: item[:2], reverse=True)
        return [entry for _, _, entry in kept[:limit]]


def _score(wanted: list[str], wording: Wording) -> float:
    """How well an entry answers; 0 when one of the words is nowhere in it."""
    near, far = _words(wording.sous_motif), _words(f"{wording.motif} {wording.thematique}")
    total = 0.0
    for word in wanted:
        best = max(
            max((_alike(word, other) for other in near), default=0.0) * IN_SOUS_MOTIF,
            max((_alike(word, other) for other in far), default=0.0) * ELSEWHERE,
        )
        if not best:
            return 0.0
        total += best
    return total / len(wanted)


def _alike(typed: str, word: str) -> float:
    """1 for the word itself, a little less for its beginning, less again with typing errors, 0 for another word."""
    if typed == word:
        return 1.0
    if word.startswith(typed):
        return 0.95
    if len(typed) < FUZZY_FROM:
        return 0.0
    ratio = max(fuzz.ratio(typed, word), fuzz.ratio(typed, word[: len(typed) + 1]))
    return ratio / 125 if ratio >= ALIKE else 0.0


# ---------------------------------------------------------------- the list changes, the calls do not


class NomenclatureRefused(ChangeRefused):
    """A change that the list cannot take; its text is the reason, in French."""


@dataclass(frozen=True, slots=True)
class NomenclatureChange:
    """One change of one version: `kind` is `add`, `rename`, `merge`, `retire` or `level`."""

    kind: str
    before: Wording | None
    after: Wording | None


LEVELS = ("1", "2", "1/2")
LONGEST_NAME = 160


def _checked(niveau: str, wording: Wording) -> Entry:
    """The entry with tidy names; NomenclatureRefused when a name is missing or too long or the level unknown."""
    names = [" ".join(name.split()) for name in wording]
    labels = {"thematique": "La thématique", "motif": "Le motif", "sous_motif": "Le sous-motif"}
    for (field, label), name in zip(labels.items(), names, strict=True):
        if not fold_words(name):
            raise NomenclatureRefused(f"{label} manque.", field)
        if len(name) > LONGEST_NAME:
            raise NomenclatureRefused(f"{label} dépasse {LONGEST_NAME} caractères.", field)
    if niveau not in LEVELS:
        raise NomenclatureRefused("Le niveau doit être 1, 2 ou 1/2.", "niveau")
    return Entry(niveau, Wording(*names))


def _place(entries: tuple[Entry, ...], wording: Wording) -> int:
    for place, entry in enumerate(entries):
        if entry.wording == wording:
            return place
    raise NomenclatureRefused(f"« {wording.sous_motif} » n'est pas (ou plus) dans la nomenclature.")


def add(entries: tuple[Entry, ...], niveau: str, wording: Wording) -> tuple[tuple[Entry, ...], NomenclatureChange]:
    """The entries with one more, beside those of its motif; refused when it is there already."""
    new = _checked(niveau, wording)
    if any(entry.wording.folded == new.wording.folded for entry in entries):
        raise NomenclatureRefused(f"« {new.wording.sous_motif} » existe déjà dans ce motif.")
    keys = [entry.wording.folded[:2] for entry in entries]
    kin = [place for place, key in enumerate(keys) if key == new.wording.folded[:2]]
    kin = kin or [place for place, key in enumerate(keys) if key[0] == new.wording.folded[0]]
    at = kin[-1] + 1 if kin else len(entries)
    return (*entries[:at], new, *entries[at:]), NomenclatureChange("add", None, new.wording)


def rename(
    entries: tuple[Entry, ...], old: Wording, niveau: str, wording: Wording
) -> tuple[tuple[Entry, ...], NomenclatureChange]:
    """The entries with one renamed, moved, or of another level; refused when the new name is another entry's."""
    place, new = _place(entries, old), _checked(niveau, wording)
    if new == entries[place]:
        raise NomenclatureRefused("Rien n'a changé.")
    if any(entry.wording.folded == new.wording.folded for entry in entries if entry.wording != old):
        raise NomenclatureRefused("Ce nom est déjà pris : fusionnez plutôt les deux.")
    kind = "level" if new.wording == old else "rename"
    return (*entries[:place], new, *entries[place + 1 :]), NomenclatureChange(kind, old, new.wording)


def merge(entries: tuple[Entry, ...], old: Wording, into: Wording) -> tuple[tuple[Entry, ...], NomenclatureChange]:
    """The entries without `old`, which `into` stands for from now on."""
    if old == into:
        raise NomenclatureRefused("Choisissez deux sous-motifs différents.")
    place, _ = _place(entries, old), _place(entries, into)
    return (*entries[:place], *entries[place + 1 :]), NomenclatureChange("merge", old, into)


def retire(entries: tuple[Entry, ...], old: Wording) -> tuple[tuple[Entry, ...], NomenclatureChange]:
    """The entries without `old`; the list is never left empty."""
    place = _place(entries, old)
    if len(entries) == 1:
        raise NomenclatureRefused("Il doit rester au moins un sous-motif.")
    return (*entries[:place], *entries[place + 1 :]), NomenclatureChange("retire", old, None)


def follow(wording: Wording, changes: Iterable[NomenclatureChange]) -> Wording:
    """What a wording of the past is called now, through renames and merges: for comparisons only (decision 36)."""
    for change in changes:
        if change.kind in {"rename", "merge"} and change.before == wording and change.after:
            wording = change.after
    return wording


# ---------------------------------------------------------------- the list as delivered


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("support").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def first_nomenclature() -> Nomenclature:
    """The list as delivered, read off the ministry's slides: version 0, in force until another is published."""
    variants = {
        Wording(row["thematique"], row["motif"], row["sous_motif"]): Wording(
            row["devient_thematique"], row["devient_motif"], row["devient_sous_motif"]
        )
        for row in _rows("nomenclature_variantes.csv")
    }
    entries = tuple(
        Entry(row["niveau"], Wording(row["thematique"], row["motif"], row["sous_motif"]))
        for row in _rows("nomenclature.csv")
    )
    return Nomenclature(entries, variants)


def with_entries(entries: tuple[Entry, ...], version: int) -> Nomenclature:
    """The nomenclature of a later version; the spellings of old files keep their meaning."""
    return replace(first_nomenclature(), entries=entries, version=version)
