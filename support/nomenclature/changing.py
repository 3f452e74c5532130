"""The list changes, one act at a time; the calls do not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from records.refusals import ChangeRefused
from records.wording import Entry, Wording, fold_words


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


def earlier_names(wording: Wording, changes: Iterable[NomenclatureChange]) -> list[Wording]:
    """The wording and what it was called before its renames, newest first; `changes` are oldest first."""
    names = [wording]
    for change in reversed(list(changes)):
        if change.kind == "rename" and change.after == names[-1] and change.before:
            names.append(change.before)
    return names
