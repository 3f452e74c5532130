"""What a call carries of the nomenclature: a wording and its level, and the one rule by which wordings are compared.

`routing.directory.cells` folds the names of people by a rule of its own: the rooms of the ground are strangers, and a
hyphen tells two names apart where it never tells two wordings apart.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import NamedTuple

QUOTES = "«»‹›\"“”„'’‘‚′`´"
DASHES = "-‐‑‒–—―−"
OTHER_MARKS = "/⁄(),.…:;?!"
MARKS = str.maketrans(dict.fromkeys(QUOTES + DASHES + OTHER_MARKS, " "))
LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})
Folded = tuple[str, str, str]
_ABBREVIATION = re.compile(r"\bMEP\b(?! \()")


def plain(text: str) -> str:
    """The text in small letters without accents, ligatures and doubled spaces; its marks are kept."""
    small = unicodedata.normalize("NFKD", text).casefold().translate(LIGATURES)
    return " ".join("".join(sign for sign in small if not unicodedata.combining(sign)).split())


def fold_words(text: str) -> str:
    """The text by which words are compared: no case, accents, ligatures, quotes, dashes, marks or doubled spaces."""
    return " ".join(plain(text).translate(MARKS).split())


def explained(name: str) -> str:
    """A name of the nomenclature as people read it: its abbreviation told."""
    return _ABBREVIATION.sub("MEP (mise en production)", name)


class Wording(NamedTuple):
    """The three names that a call carries, whatever becomes of the list later (decision 36)."""

    thematique: str
    motif: str
    sous_motif: str

    @property
    def folded(self) -> Folded:
        """The names as they are compared."""
        return (fold_words(self.thematique), fold_words(self.motif), fold_words(self.sous_motif))

    @property
    def key(self) -> str:
        """A short name for addresses and buttons: the same for every spelling of these names."""
        return hashlib.sha256("\x1f".join(self.folded).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Entry:
    """One sous-motif and its level: `1`, `2`, or `1/2` when it depends on whether it is escalated."""

    niveau: str
    wording: Wording

    def niveau_when(self, *, escalated: bool) -> str:
        """The level of a call about this sous-motif: it follows from the list, never from the form."""
        if self.niveau == "1/2":
            return "2" if escalated else "1"
        return self.niveau


@dataclass(frozen=True)
class Wordings:
    """The entries of one list, in its order, and the spellings met before with what they become."""

    entries: tuple[Entry, ...]
    variants: Mapping[Wording, Wording] = field(default_factory=dict)
    _by_fold: dict[Folded, Entry] = field(init=False, repr=False, compare=False, default_factory=dict)
    _alike: dict[str, list[tuple[Folded, Entry]]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Prepare the look-ups: entries first, so that a variant never hides one."""
        for entry in self.entries:
            folded = entry.wording.folded
            self._by_fold.setdefault(folded, entry)
            self._alike.setdefault(folded[2], []).append((folded, entry))
        for met, becomes in self.variants.items():
            target = self._by_fold.get(becomes.folded)
            if target:
                self._by_fold.setdefault(met.folded, target)

    def thematiques(self) -> list[str]:
        """The thématiques, each once, in the order of the list."""
        return list(dict.fromkeys(entry.wording.thematique for entry in self.entries))

    def sous_motifs(self) -> list[str]:
        """The sous-motifs, each once, in the order of the list."""
        return list(dict.fromkeys(entry.wording.sous_motif for entry in self.entries))

    def find(self, thematique: str, motif: str, sous_motif: str) -> Entry | None:
        """The entry meant by three names as people write them; an empty name is no obstacle when one entry is left."""
        wanted = Wording(thematique, motif, sous_motif).folded
        if all(wanted):
            return self._by_fold.get(wanted)
        left = [
            entry
            for own, entry in self._alike.get(wanted[2], [])
            if wanted[0] in {"", own[0]} and wanted[1] in {"", own[1]}
        ]
        return left[0] if len(left) == 1 else None

    def of_key(self, key: str) -> Entry | None:
        """The entry of this key."""
        return next((entry for entry in self.entries if entry.wording.key == key), None)

    def near(self, wording: Wording) -> tuple[Entry, ...]:
        """The entries nearest to an unknown wording, best first; none when nothing is like it."""
        said = " ".join(wording.folded)
        best = sorted(
            self.entries, key=lambda entry: -SequenceMatcher(None, said, " ".join(entry.wording.folded)).ratio()
        )
        return tuple(best[:3])

    def niveau_of(self, wording: Wording) -> str | None:
        """The level of these names in this list, None when it does not know them."""
        found = self.find(*wording)
        return found.niveau if found else None
