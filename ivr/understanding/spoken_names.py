"""A département by its name: whole words, the longest name first; then what sounds like one; nothing forced."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

from rapidfuzz import fuzz, process

from ivr.understanding.words import LINKS, fold, in_digits

NEAR_ENOUGH = 85
"""The least likeness (0 to 100) of a word with a name that it may stand for."""

LEAD = 5
"""How much likelier than the next département it must be; nearer ones are offered together."""

CONFUSABLE_NAMES = (
    # Heard alike, by edit distance of their sounds (docs/france.md#heard-alike).
    *({"07", "08"}, {"42", "45"}, {"31", "47", "52"}, {"51", "81"}, {"18", "32"}, {"30", "83"}, {"21", "22"}),
    *({"64", "65", "66"}, {"01", "02"}, {"27"}, {"28", "37", "41", "42"}),
    # By analogy, not measured.
    *({"07", "09"}, {"10", "11"}, {"26", "69"}, {"67", "68"}),
    # A pause in the middle of the longer name leaves the shorter one.
    *({"16", "17"}, {"46", "47"}, {"81", "82"}, {"27", "28"}, {"36", "37"}, {"42", "44"}),
    # The prompt cuts off the beginning: Haute-Savoie, Val-d'Oise, Meurthe-et-Moselle, Haute-Vienne, Seine-et-Marne.
    *({"73", "74"}, {"60", "95"}, {"54", "57"}, {"86", "87"}, {"51", "52", "77", "94"}, {"13", "69"}),
)
"""Sets of names that one hears for another: they are always confirmed aloud."""

_CONFUSABLE = frozenset().union(*CONFUSABLE_NAMES)
_LONGEST_ENTRY = 5
_SHORTEST_INSIDE = 6
_MOST_WORDS = 40


class FormKind(StrEnum):
    """How a spoken form stands for a département (the third column of data/spoken_names.csv)."""

    NAME = "nom"
    PART = "partie"
    TOWN = "ville"
    EAR = "oreille"


@dataclass(frozen=True, slots=True)
class Known:
    """What one spoken form means."""

    codes: tuple[str, ...]
    kind: FormKind

    @property
    def is_exact(self) -> bool:
        """Whether this form alone tells the département, unlike any other."""
        return self.kind is FormKind.NAME and len(self.codes) == 1 and self.codes[0] not in _CONFUSABLE


@dataclass(frozen=True, slots=True)
class Found:
    """A form found in the words, from `start` up to `end`."""

    start: int
    end: int
    known: Known


@dataclass(frozen=True, slots=True)
class Names:
    """Every spoken form: `by_words` by its key words, `by_ear` as a whole answer, `near` to compare with."""

    by_words: dict[tuple[str, ...], Known]
    by_ear: dict[str, Known]
    near: dict[str, tuple[str, ...]]
    longest: int


def key_of(words: Sequence[str]) -> tuple[str, ...]:
    """The words that tell a name: no links, no silent plural."""
    return tuple(_key_word(word) for word in words if word not in LINKS)


def _key_word(word: str) -> str:
    word = {"st": "saint", "ste": "sainte", "ht": "haut", "hte": "haute"}.get(word, word)
    return word.rstrip("s") or word


def _split(said: str) -> list[str]:
    return in_digits(fold(said)).split()


@lru_cache(maxsize=4)
def names_of(departements: tuple[tuple[str, str], ...]) -> Names:
    """The spoken forms of these (code, name) pairs, with those of data/spoken_names.csv that concern them."""
    by_words = {key_of(_split(name)): Known((code,), FormKind.NAME) for code, name in departements}
    by_ear: dict[str, Known] = {}
    for said, codes, kind in _extra(frozenset(code for code, _ in departements)):
        known = Known(codes, kind)
        if kind is FormKind.EAR:
            by_ear[" ".join(_split(said))] = known
        else:
            by_words.setdefault(key_of(_split(said)), known)
    near = {" ".join(key): known.codes for key, known in by_words.items() if known.kind is FormKind.NAME}
    return Names(by_words, by_ear, near, max(map(len, by_words), default=0))


def usual_forms() -> tuple[str, ...]:
    """What is said besides the official names: other names and towns, no mishearing and no half of a name."""
    return tuple(said for said, _, kind in _rows() if kind in {FormKind.NAME, FormKind.TOWN})


def _extra(codes: frozenset[str]) -> Iterator[tuple[str, tuple[str, ...], FormKind]]:
    for said, meant, kind in _rows():
        if known := tuple(code for code in meant if code in codes):
            yield said, known, kind


def _rows() -> Iterator[tuple[str, list[str], FormKind]]:
    text = (files("ivr.understanding") / "data" / "spoken_names.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        yield row["said"], row["codes"].split(), FormKind(row["kind"])


def find_names(words: Sequence[str], names: Names) -> list[Found]:
    """The forms found in the words, leftmost and longest first, none inside another."""
    keyed = [(at, _key_word(word)) for at, word in enumerate(words) if word not in LINKS]
    found: list[Found] = []
    first = 0
    while first < len(keyed):
        size, known = _longest_at(keyed, first, names)
        if known:
            found.append(Found(keyed[first][0], keyed[first + size - 1][0] + 1, known))
        first += size
    return found


def _longest_at(keyed: Sequence[tuple[int, str]], first: int, names: Names) -> tuple[int, Known | None]:
    for size in range(min(names.longest, len(keyed) - first), 0, -1):
        known = names.by_words.get(tuple(word for _, word in keyed[first : first + size]))
        if known:
            return size, known
    return 1, None


def like_a_longer_name(words: Sequence[str], names: Names) -> tuple[str, ...]:
    """The départements whose name of several words is nearly all that was said: « Sein Saint-Denis »."""
    key = key_of(words)
    return _near(" ".join(key), names) if 1 < len(key) <= _LONGEST_ENTRY else ()


def like_a_name(words: Sequence[str], names: Names) -> tuple[str, ...]:
    """The départements whose name is nearly what was said, alone or inside a story, the likeliest first."""
    key = key_of(words)[:_MOST_WORDS]
    if len(key) == 1:
        return _near(key[0], names)
    for size in range(min(_LONGEST_ENTRY, len(key)), 0, -1):
        for start in range(len(key) - size + 1):
            piece = " ".join(key[start : start + size])
            if len(piece) >= _SHORTEST_INSIDE and (codes := _near(piece, names)):
                return codes
    return ()


def _near(said: str, names: Names) -> tuple[str, ...]:
    likest = process.extract(said, list(names.near), scorer=fuzz.ratio, limit=4, score_cutoff=NEAR_ENOUGH - LEAD)
    if not likest or likest[0][1] < NEAR_ENOUGH:
        return ()
    close = (names.near[name] for name, score, _ in likest if score > likest[0][1] - LEAD)
    return tuple(dict.fromkeys(code for codes in close for code in codes))
