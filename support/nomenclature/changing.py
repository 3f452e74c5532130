"""The list changes, one act at a time; the calls do not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
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


Changed = tuple[tuple[Entry, ...], NomenclatureChange]
"""The entries that a change leaves, and the change as the history tells it."""

LEVELS = ("1", "2", "1/2")
LONGEST_NAME = 160


def _checked(niveau: str, wording: Wording) -> Entry:
    """The entry with tidy names; NomenclatureRefused when a name is missing or too long or the level unknown."""
    tidy = _tidy(wording)
    if niveau not in LEVELS:
        raise NomenclatureRefused("Le niveau doit être 1, 2 ou 1/2.", "niveau")
    return Entry(niveau, tidy)


def _tidy(wording: Wording) -> Wording:
    names = [" ".join(name.split()) for name in wording]
    labels = {"thematique": "La thématique", "motif": "Le motif", "sous_motif": "Le sous-motif"}
    for (field, label), name in zip(labels.items(), names, strict=True):
        if not fold_words(name):
            raise NomenclatureRefused(f"{label} manque.", field)
        if len(name) > LONGEST_NAME:
            raise NomenclatureRefused(f"{label} dépasse {LONGEST_NAME} caractères.", field)
    return Wording(*names)


def _place(entries: tuple[Entry, ...], wording: Wording) -> int:
    for place, entry in enumerate(entries):
        if entry.wording == wording:
            return place
    raise NomenclatureRefused(f"« {wording.sous_motif} » n'est pas (ou plus) dans la nomenclature.")


def add(entries: tuple[Entry, ...], niveau: str, wording: Wording) -> Changed:
    """The entries with one more, beside those of its motif; refused when it is there already."""
    new = _checked(niveau, wording)
    if any(entry.wording.folded == new.wording.folded for entry in entries):
        raise NomenclatureRefused(f"« {new.wording.sous_motif} » existe déjà dans ce motif.")
    keys = [entry.wording.folded[:2] for entry in entries]
    kin = [place for place, key in enumerate(keys) if key == new.wording.folded[:2]]
    kin = kin or [place for place, key in enumerate(keys) if key[0] == new.wording.folded[0]]
    at = kin[-1] + 1 if kin else len(entries)
    return (*entries[:at], new, *entries[at:]), NomenclatureChange("add", None, new.wording)


def rename(entries: tuple[Entry, ...], old: Wording, niveau: str, wording: Wording) -> Changed:
    """The entries with one renamed, moved, or of another level; refused when the new name is another entry's."""
    place, new = _place(entries, old), _checked(niveau, wording)
    if new == entries[place]:
        raise NomenclatureRefused("Rien n'a changé.")
    if any(entry.wording.folded == new.wording.folded for entry in entries if entry.wording != old):
        raise NomenclatureRefused("Ce nom est déjà pris : fusionnez plutôt les deux.")
    kind = "level" if new.wording == old else "rename"
    return (*entries[:place], new, *entries[place + 1 :]), NomenclatureChange(kind, old, new.wording)


def merge(entries: tuple[Entry, ...], old: Wording, into: Wording) -> Changed:
    """The entries without `old`, which `into` stands for from now on."""
    if old == into:
        raise NomenclatureRefused("Choisissez deux sous-motifs différents.")
    place, _ = _place(entries, old), _place(entries, into)
    return (*entries[:place], *entries[place + 1 :]), NomenclatureChange("merge", old, into)


def retire(entries: tuple[Entry, ...], old: Wording) -> Changed:
    """The entries without `old`; the list is never left empty."""
    place = _place(entries, old)
    if len(entries) == 1:
        raise NomenclatureRefused("Il doit rester au moins un sous-motif.")
    return (*entries[:place], *entries[place + 1 :]), NomenclatureChange("retire", old, None)


PLACE = ("thematique", "motif")
"""What a change may ask for expressly that no sous-motif has yet."""


def placed(entries: tuple[Entry, ...], wording: Wording, new: Collection[str]) -> Wording:
    """The wording with its thématique and its motif as the list spells them.

    NomenclatureRefused when a name is missing or too long; when the list has no such thématique, or no such motif in
    it, and `new` does not name it: a typing error makes no second thématique.
    """
    wording = _tidy(wording)
    folded = wording.folded
    theme = next((one.wording.thematique for one in entries if one.wording.folded[0] == folded[0]), None)
    if theme is None and "thematique" not in new:
        raise NomenclatureRefused(
            f"Aucune thématique ne s’appelle « {wording.thematique} » : choisissez-la dans la liste, ou demandez-en "
            "une nouvelle.",
            "thematique",
        )
    motif = next((one.wording.motif for one in entries if one.wording.folded[:2] == folded[:2]), None)
    if theme is not None and motif is None and "motif" not in new:
        raise NomenclatureRefused(
            f"La thématique « {theme} » n’a pas de motif « {wording.motif} » : choisissez-le dans la liste, ou "
            "demandez-en un nouveau.",
            "motif",
        )
    return Wording(theme or wording.thematique, motif or wording.motif, wording.sous_motif)


def replay(
    change: NomenclatureChange,
    entries: tuple[Entry, ...],
    *,
    was: Mapping[Wording, str],
    became: Mapping[Wording, str],
    made: Iterable[NomenclatureChange] = (),
) -> Changed:
    """The entries with a change made once more, on another list; NomenclatureRefused when that list cannot take it.

    `was` and `became` are the levels before and after it where it was first made; `made` are changes that were put
    before it since: what they renamed is meant by its new name.
    """
    told = list(made)
    before, after = change.before and follow(change.before, told), change.after
    if after and change.kind in {"level", "merge"}:
        after = follow(after, told)
    if change.kind == "merge" and before and after:
        return merge(entries, before, after)
    if before is None and change.after and after:
        return add(entries, became[change.after], after)
    if before and after and change.before and change.after:
        return rename(entries, before, _level_again(change, before, entries, was, became), after)
    if before:
        return retire(entries, before)
    raise NomenclatureRefused("Ce changement ne se lit pas.")


def _level_again(
    change: NomenclatureChange,
    before: Wording,
    entries: tuple[Entry, ...],
    was: Mapping[Wording, str],
    became: Mapping[Wording, str],
) -> str:
    """The level that the change gave; where it gave none, that of the list as it is now."""
    given = became[change.after or before]
    if was.get(change.before or before) != given:
        return given
    return entries[_place(entries, before)].niveau


def follow(wording: Wording, changes: Iterable[NomenclatureChange]) -> Wording:
    """What a wording of the past is called now, through renames and merges: for comparisons only (decision 36)."""
    for change in changes:
        if change.kind in {"rename", "merge"} and change.before == wording and change.after:
            wording = change.after
    return wording


def called_in(wording: Wording, changes: Iterable[NomenclatureChange], listed: Collection[Wording]) -> Wording | None:
    """What a wording of the past is called in a list, through renames and merges; None when it stands there no more."""
    told = list(changes)
    for place in range(len(told) + 1):
        name = follow(wording, told[:place])
        if name in listed:
            return name
    return None


def earlier_names(wording: Wording, changes: Iterable[NomenclatureChange]) -> list[Wording]:
    """The wording and what it was called before its renames, newest first; `changes` are oldest first."""
    names = [wording]
    for change in reversed(list(changes)):
        if change.kind == "rename" and change.after == names[-1] and change.before:
            names.append(change.before)
    return names


def merged_into(wording: Wording, changes: Iterable[NomenclatureChange]) -> list[Wording]:
    """What was merged into this wording, under any of its names; oldest first."""
    told = list(changes)
    names = earlier_names(wording, told)
    return [one.before for one in told if one.kind == "merge" and one.after in names and one.before]


def name_of_another(
    wording: Wording, entries: Iterable[Entry], changes: Iterable[NomenclatureChange]
) -> Wording | None:
    """The entry whose earlier name this is, other than the one that bears it; None when it is nobody's."""
    told = list(changes)
    for entry in entries:
        earlier = earlier_names(entry.wording, told)[1:]
        if entry.wording.folded != wording.folded and any(one.folded == wording.folded for one in earlier):
            return entry.wording
    return None
