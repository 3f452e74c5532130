"""Finding the nomenclature's wording behind what people type: case, accents, quotes and spaces never matter."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

QUOTES = str.maketrans(dict.fromkeys("«»\"“”„'’‘`´", " "))


@dataclass(frozen=True, slots=True)
class Entry:
    """One sous-motif with its place: the wording that a call carries."""

    niveau: str
    thematique: str
    motif: str
    sous_motif: str

    @property
    def wording(self) -> tuple[str, str, str]:
        """Thématique, motif, sous-motif."""
        return (self.thematique, self.motif, self.sous_motif)


def fold(text: str) -> str:
    """The text without case, accents, quotes and doubled spaces; two wordings that fold alike are one."""
    plain = unicodedata.normalize("NFKD", text.translate(QUOTES)).casefold()
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(letters.replace(" / ", "/").split())


@dataclass(frozen=True)
class Wordings:
    """The nomenclature as an import needs it: entries, and the spellings met before with what they become."""

    entries: tuple[Entry, ...]
    variants: Mapping[tuple[str, str, str], tuple[str, str, str]] = field(default_factory=dict)
    _by_fold: dict[tuple[str, ...], Entry] = field(init=False, repr=False, default_factory=dict)
    _by_sous_motif: dict[str, list[Entry]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Prepare the look-ups: entries first, then variants, so that a variant never hides an entry."""
        for entry in self.entries:
            self._by_fold.setdefault(tuple(map(fold, entry.wording)), entry)
            self._by_sous_motif.setdefault(fold(entry.sous_motif), []).append(entry)
        for met, becomes in self.variants.items():
            target = self._by_fold.get(tuple(map(fold, becomes)))
            if target is not None:
                self._by_fold.setdefault(tuple(map(fold, met)), target)

    def thematiques(self) -> list[str]:
        """The thématiques, each once, in the order of the list."""
        return list(dict.fromkeys(entry.thematique for entry in self.entries))

    def sous_motifs(self) -> list[str]:
        """The sous-motifs, each once, in the order of the list."""
        return list(dict.fromkeys(entry.sous_motif for entry in self.entries))

    def find(self, thematique: str, motif: str, sous_motif: str) -> Entry | None:
        """The entry meant by these three cells, None when it cannot be known.

        When thématique or motif is empty, a sous-motif that exists only once is enough.
        """
        wanted = (fold(thematique), fold(motif), fold(sous_motif))
        if all(wanted):
            return self._by_fold.get(wanted)
        same = [
            entry
            for entry in self._by_sous_motif.get(wanted[2], [])
            if wanted[0] in {"", fold(entry.thematique)} and wanted[1] in {"", fold(entry.motif)}
        ]
        return same[0] if len(same) == 1 else None


def wordings(entries: Iterable[Mapping[str, str]], variants: Iterable[Mapping[str, str]] = ()) -> Wordings:
    """The wordings of rows named as in the nomenclature's CSV files."""
    return Wordings(
        tuple(Entry(row["niveau"], row["thematique"], row["motif"], row["sous_motif"]) for row in entries),
        {
            (row["thematique"], row["motif"], row["sous_motif"]): (
                row["devient_thematique"],
                row["devient_motif"],
                row["devient_sous_motif"],
            )
            for row in variants
        },
    )
