"""What a caller said, understood: a département, the national team, yes or no, or a need for shelter.

Certain means: the recogniser was sure, everything that was said is understood, it was said exactly, and no other
département sounds like it. All the rest is read back and waits for a yes (decision 14).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ivr.understanding.answers import hear_yes_no, hears_115, hears_greeting, hears_key_two
from ivr.understanding.spoken_names import Known, Names, find_names, like_a_longer_name, like_a_name, names_of
from ivr.understanding.spoken_numbers import read_run
from ivr.understanding.words import FILLERS, LINKS, MOST_CHARACTERS, fold, vocabulary, words_of

__all__ = [
    "SURE_ENOUGH",
    "HasName",
    "Heard",
    "hear",
    "hear_yes_no",
    "hears_115",
    "hears_greeting",
    "hears_key_two",
]

SURE_ENOUGH = 0.7
"""The confidence (0 to 1) from which a recogniser is believed."""

MOST_CANDIDATES = 3
"""More départements than this in one answer are a story, not an answer."""

_CORRECTION = frozenset({"non", "pardon", "plutot", "excusez"})
_MARKS = LINKS | {"c", "chez", "code", "dans", "departement", "numero", "postal", "siao", "sur"}
_NUMBER = re.compile(r"[0-9]+|2[ab]")
_UNITS = vocabulary(
    "an ans appel appels demande demandes enfant enfants euros fois h heure heures jour jours menages minutes mois"
    " personnes places semaine semaines"
)
_NATIONAL = frozenset({"national", "nationale", "nationaux", "etoile"})
_AROUND_NATIONAL = FILLERS | LINKS | {"equipe", "niveau", "support", "assistance", "service", "touche"}


class HasName(Protocol):
    """What hearing needs of a département."""

    @property
    def name(self) -> str:
        """Its name as people write it."""
        ...


@dataclass(frozen=True, slots=True)
class Heard:
    """What was understood. `candidates`: codes, best first, at most three; empty: nothing that names a département.

    `certain`: its one candidate may be announced with `*` to change it; otherwise it must be confirmed aloud.
    `seeks_shelter`: the sentence tells a need, beside a département or without one.
    """

    candidates: tuple[str, ...] = ()
    certain: bool = False
    wants_national: bool = False
    seeks_shelter: bool = False


@dataclass(frozen=True, slots=True)
class _Match:
    start: int
    end: int
    known: Known | None
    codes: tuple[str, ...]
    is_exact: bool


def hear(text: str, confidence: float | None, names: Mapping[str, HasName]) -> Heard:
    """What the caller meant by `text`; `confidence` 0 to 1, or None when the recogniser gives none. Never raises."""
    codes, is_exact = _understood(text, names)
    seeks_shelter = hears_115(text)
    if not 0 < len(codes) <= MOST_CANDIDATES:
        return Heard(wants_national=_wants_national(text), seeks_shelter=seeks_shelter)
    is_sure = confidence is not None and SURE_ENOUGH <= confidence <= 1
    is_whole = len(text) <= MOST_CHARACTERS
    return Heard(codes, len(codes) == 1 and is_exact and is_sure and is_whole, seeks_shelter=seeks_shelter)


def _understood(text: str, names: Mapping[str, HasName]) -> tuple[tuple[str, ...], bool]:
    """The codes in the answer, and whether they are beyond doubt; what follows « non » or « pardon » wins."""
    forms = names_of(tuple((code, one.name) for code, one in names.items()))
    words = words_of(text)
    for start in _after_corrections(words):
        codes, is_exact = _read(words[start:], names, forms)
        if codes:
            return codes, is_exact and start == 0
    return (), False


def _after_corrections(words: Sequence[str]) -> Iterator[int]:
    """Where to start reading: after the last correcting word first, the whole answer last."""
    yield from (at + 1 for at in reversed(range(len(words))) if words[at] in _CORRECTION)
    yield 0


def _read(words: Sequence[str], names: Mapping[str, HasName], forms: Names) -> tuple[tuple[str, ...], bool]:
    if by_ear := _by_ear(words, forms):
        return by_ear, False
    matches = sorted(_matches(words, names, forms), key=lambda one: one.start)
    if _is_all_understood(words, matches):
        return _codes(matches), any(one.is_exact for one in matches)
    whole = like_a_longer_name(_unexplained(words, ()), forms)
    marked = [one for one in matches if _is_marked(words, one)]
    return whole or _codes(marked) or like_a_name(_unexplained(words, marked), forms), False


def _by_ear(words: Sequence[str], forms: Names) -> tuple[str, ...]:
    """What a whole answer sounds like: « hein » is never looked for inside a sentence."""
    bare = [word for word in words if word not in FILLERS]
    for said in (" ".join(words), " ".join(bare), " ".join(word for word in bare if word not in LINKS)):
        if said in forms.by_ear:
            return forms.by_ear[said].codes
    return ()


def _matches(words: Sequence[str], names: Mapping[str, HasName], forms: Names) -> Iterator[_Match]:
    found = find_names(words, forms)
    taken = {at for one in found for at in range(one.start, one.end)}
    for one in found:
        yield _Match(one.start, one.end, one.known, one.known.codes, one.known.is_exact)
    for start, end in _runs(words, taken):
        reading = read_run(tuple(words[start:end]), names)
        if reading.codes:
            is_cut = words[end : end + 1] == ["et"]  # « trente et… »
            yield _Match(start, end, None, reading.codes, reading.is_exact and not is_cut)


def _runs(words: Sequence[str], taken: set[int]) -> Iterator[tuple[int, int]]:
    """Where numbers stand side by side, outside the names, and count nothing (« neuf heures », « 3 jours »)."""
    start: int | None = None
    for at in range(len(words) + 1):
        is_number = at < len(words) and at not in taken and _NUMBER.fullmatch(words[at]) is not None
        if is_number and start is None:
            start = at
        if not is_number and start is not None:
            if at == len(words) or words[at] not in _UNITS:
                yield start, at
            start = None


def _unexplained(words: Sequence[str], matches: Sequence[_Match]) -> list[str]:
    taken = {at for one in matches for at in range(one.start, one.end)}
    return [word for at, word in enumerate(words) if at not in taken and word not in FILLERS]


def _is_all_understood(words: Sequence[str], matches: Sequence[_Match]) -> bool:
    return bool(matches) and all(word in LINKS for word in _unexplained(words, matches))


def _is_marked(words: Sequence[str], match: _Match) -> bool:
    """Whether a match inside a story reads as a place: it opens the answer, or « le », « dans », « à »… leads to it."""
    is_long = match.known is not None and match.end - match.start > 1
    return match.start == 0 or is_long or words[match.start - 1] in _MARKS


def _codes(matches: Sequence[_Match]) -> tuple[str, ...]:
    """The codes in the order they were said; a place that narrows another one (Corse, 2A) leaves itself alone."""
    sets = [one.codes for one in matches]
    common = set(sets[0]).intersection(*sets) if sets else set()
    return tuple(dict.fromkeys(code for one in sets for code in one if not common or code in common))


def _wants_national(text: str) -> bool:
    """Whether the national team is all that was asked for."""
    words = fold(text).split()
    return not _NATIONAL.isdisjoint(words) and all(word in _NATIONAL | _AROUND_NATIONAL for word in words)
