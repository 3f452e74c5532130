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
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz

QUOTES = "«»‹›\"“”„'’‘‚′`´"
DASHES = "-‐‑‒–—―−"
OTHER_MARKS = "/⁄(),.…:;?!"
MARKS = str.maketrans(dict.fromkeys(QUOTES + DASHES + OTHER_MARKS, " ") | {"&": " et "})
LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})
Folded = tuple[str, str, str]
MOST_NEAR, LEAST_LIKE = 3, 55
"""How many entries are proposed for an unknown wording, and how like one must be, of 100."""
SMALL_WORDS = frozenset(("de", "du", "des", "d", "l", "la", "le", "les", "a", "au", "aux", "en", "un", "une", "et"))
"""Words that people leave out of a wording, and that tell no two entries apart."""
_NUMBERED = re.compile(r"^(?:(?:niveau |niv |n ?)?\d{1,2} )+(?=\D)| (?:niveau |niv |n ?)[12]$")
_ABBREVIATION = re.compile(r"\bMEP\b(?! \()")


def plain(text: str) -> str:
    """The text in small letters without accents, ligatures and doubled spaces; its marks are kept."""
    small = unicodedata.normalize("NFKD", text).casefold().translate(LIGATURES)
    return " ".join("".join(sign for sign in small if not unicodedata.combining(sign)).split())


def fold_words(text: str) -> str:
    """The text by which words are compared: no case, accents, ligatures, quotes, dashes, marks or doubled spaces."""
    return " ".join(plain(text).translate(MARKS).split())


def bare_words(*names: str) -> str:
    """The words of these names as one text, whatever cells they were written in.

    Without plurals, small words, and the number or the level that somebody put before or behind a name.
    """
    words = re.findall(r"[a-z0-9]+", " ".join(_NUMBERED.sub("", fold_words(name)) for name in names))
    return " ".join(word.rstrip("s") for word in words if word not in SMALL_WORDS)


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
        return _folded(self)

    @property
    def key(self) -> str:
        """A short name for addresses and buttons: the same for every spelling of these names."""
        return _key(self)


@lru_cache(maxsize=4_096)
def _folded(wording: Wording) -> Folded:
    return (fold_words(wording.thematique), fold_words(wording.motif), fold_words(wording.sous_motif))


@lru_cache(maxsize=4_096)
def _key(wording: Wording) -> str:
    return hashlib.sha256("\x1f".join(wording.folded).encode()).hexdigest()[:12]


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
    """Where motif and sous-motif are empty, another spelling of a thématique; where the sous-motif is, of a motif."""
    _by_fold: dict[Folded, Entry] = field(init=False, repr=False, compare=False, default_factory=dict)
    _alike: dict[str, list[tuple[Folded, Entry]]] = field(init=False, repr=False, compare=False, default_factory=dict)
    _themes: dict[str, str] = field(init=False, repr=False, compare=False, default_factory=dict)
    _by_words: dict[str, Entry | None] = field(init=False, repr=False, compare=False, default_factory=dict)
    """None: several entries are written so."""

    def __post_init__(self) -> None:
        """Prepare the look-ups: entries first, so that a variant never hides one."""
        for entry in self.entries:
            folded = entry.wording.folded
            self._by_fold.setdefault(folded, entry)
            self._alike.setdefault(folded[2], []).append((folded, entry))
        themes = {folded[0] for folded in self._by_fold}
        for met, becomes in self.variants.items():
            if not met.motif and not becomes.motif and met.folded[0] not in themes and becomes.folded[0] in themes:
                self._themes[met.folded[0]] = becomes.folded[0]
        for met, becomes in self.variants.items():
            target = self._by_fold.get(becomes.folded)
            if target:
                self._by_fold.setdefault(self._folded(*met), target)
        for entry in self.entries:
            theme, motif, sous_motif = entry.wording
            itself = self._motif_itself(fold_words(theme), fold_words(motif))
            self._keep_words(entry, (theme, motif, sous_motif), (motif, sous_motif))
            if itself is not None:
                self._keep_words(itself, (theme, motif))

    def _keep_words(self, entry: Entry, *several: tuple[str, ...]) -> None:
        for names in several:
            written = bare_words(*names)
            if self._by_words.setdefault(written, entry) != entry:
                self._by_words[written] = None

    def _folded(self, thematique: str, motif: str, sous_motif: str) -> Folded:
        """The names as they are compared, the thématique in the spelling of the list."""
        theme, *others = Wording(thematique, motif, sous_motif).folded
        return (self._themes.get(theme, theme), others[0], others[1])

    def thematiques(self) -> list[str]:
        """The thématiques, each once, in the order of the list."""
        return list(dict.fromkeys(entry.wording.thematique for entry in self.entries))

    def sous_motifs(self) -> list[str]:
        """The sous-motifs, each once, in the order of the list."""
        return list(dict.fromkeys(entry.wording.sous_motif for entry in self.entries))

    def find(self, thematique: str, motif: str, sous_motif: str) -> Entry | None:
        """The entry meant by three names as people write them; an empty name is no obstacle when one entry is left."""
        wanted = self._folded(thematique, motif, sous_motif)
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

    def as_told(self, wording: Wording) -> Entry | None:
        """The entry that a workbook filled by hand means: as `find`, and an empty last name means the motif itself.

        A motif that stands for itself is its entry of that name, else one that the list does not have, at its motif's
        level. A thématique alone is enough where it has one entry, or where it is the name of a motif. Plurals, small
        words and the cells between which the words stand tell nothing where one entry is left.
        """
        return self._as_named(wording) or self._by_words.get(bare_words(*self._folded(*wording)))

    def _as_named(self, wording: Wording) -> Entry | None:
        found = self.find(*wording)
        theme, motif, sous_motif = self._folded(*wording)
        if found or sous_motif not in {"", motif}:
            return found
        if not motif:
            within = [entry for own, entry in self._listed() if own[0] == theme]
            return within[0] if len(within) == 1 else self._motif_itself("", theme)
        return self._by_fold.get((theme, motif, "")) or self._motif_itself(theme, motif)

    def _listed(self) -> list[tuple[Folded, Entry]]:
        return [one for alike in self._alike.values() for one in alike]

    def _motif_itself(self, theme: str, motif: str) -> Entry | None:
        within = [(own, entry) for own, entry in self._listed() if theme in {"", own[0]} and motif == own[1]]
        if not motif or len({own[:2] for own, _ in within}) != 1:
            return None
        same = next((entry for own, entry in within if own[2] == motif), None)
        first, levels = within[0][1].wording, {entry.niveau for _, entry in within}
        niveau = levels.pop() if len(levels) == 1 else "1/2"
        return same or Entry(niveau, Wording(first.thematique, first.motif, first.motif))

    def first_unknown(self, wording: Wording) -> str:
        """Which of the three names of an unknown wording leads nowhere first: the name of its field."""
        known: list[Folded] = [own for own, _ in self._listed()]
        for place, (name, said) in enumerate(zip(Wording._fields, self._folded(*wording), strict=True)):
            known = [own for own in known if own[place] == said]
            if not known:
                return name
        return Wording._fields[-1]

    def near(self, wording: Wording) -> tuple[Entry, ...]:
        """The entries nearest to an unknown wording, best first; none where nothing is like it."""
        said = self._folded(*wording)
        ranked = sorted(((_likeness(said, own), entry) for own, entry in self._listed()), key=lambda one: -one[0])
        return tuple(entry for likeness, entry in ranked[:MOST_NEAR] if likeness >= LEAST_LIKE)

    def niveau_of(self, wording: Wording) -> str | None:
        """The level of these names in this list, None when it does not know them."""
        found = self.find(*wording)
        return found.niveau if found else None


def _likeness(said: Folded, own: Folded) -> float:
    """From 0 to 100: name by name, the last one most, or all words whatever their order; one name alone is any."""
    names = [name for name in said if name]
    if len(names) == 1:
        return max(*(fuzz.ratio(names[0], name) for name in own), fuzz.token_sort_ratio(names[0], " ".join(own)))
    shares = [(weight, fuzz.ratio(a, b)) for weight, a, b in zip((2, 3, 5), said, own, strict=True) if a]
    by_name = sum(weight * ratio for weight, ratio in shares) / (sum(weight for weight, _ in shares) or 1)
    return max(by_name, fuzz.token_sort_ratio(" ".join(said), " ".join(own)))
