"""Finding a sous-motif by what callers say, with the engine by which everything is found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from records.wording import Entry
from support.french import stem, words_in
from support.searching import Findable, WordIndex, build_words, meanings, score

STRONG, MOTIF, THEMATIQUE, ANSWER = 1.0, 0.35, 0.25, 0.12
"""How much a word counts by where it stands; strong is the sous-motif's own name and what callers say for it."""
WORTH_SHOWING = 0.25
"""What is left out: less than this share of the best."""


@dataclass(frozen=True, slots=True)
class Sought:
    """A sous-motif as it is searched: what callers say for it, one phrase each, and what its ready answer says."""

    entry: Entry
    phrases: Sequence[str] = ()
    answer: str = ""


@dataclass(frozen=True)
class MotifIndex:
    """A list made ready to be searched, once for each version of its words."""

    entries: tuple[Entry, ...]
    words: WordIndex = field(repr=False)


def build_index(sought: Iterable[Sought]) -> MotifIndex:
    """The index of these sous-motifs, in their order."""
    listed, spelled = tuple(sought), dict[str, str]()
    findable = [_findable(one, spelled) for one in listed]
    return MotifIndex(tuple(one.entry for one in listed), build_words(findable, spelled))


def _findable(one: Sought, spelled: dict[str, str]) -> Findable:
    """What a sous-motif is found by; its words are added to `spelled`."""
    w, weights = one.entry.wording, dict[str, float]()
    own = [w.sous_motif, f"{w.sous_motif} {w.motif}", *one.phrases]
    parts = ((STRONG, [w.sous_motif, *one.phrases]), (MOTIF, [w.motif]), (THEMATIQUE, [w.thematique]))
    for weight, texts in (*parts, (ANSWER, [one.answer])):
        for word in (word for text in texts for word in words_in(text)):
            spelled[word] = stem(word)
            weights[stem(word)] = max(weights.get(stem(word), 0.0), weight)
    return Findable(weights, list({stems: None for text in own if (stems := frozenset(map(stem, words_in(text))))}))


def find(index: MotifIndex, typed: str, limit: int = 8, *, everywhere: bool = False) -> list[Entry]:
    """The entries that answer what is being typed, best first; none when no word means anything here.

    `everywhere` adds, beyond the limit, each entry that has all the words somewhere, be it in its answer only.
    """
    found = score(index.words, meanings(index.words, typed))
    scores = found.by_place
    if not scores:
        return []
    best = max(scores.values())
    ranked = sorted(scores, key=lambda place: (-round(scores[place], 9), place))
    whole = frozenset.intersection(*found.holding) if everywhere else frozenset()
    worthy = {place for place in ranked[:limit] if scores[place] >= WORTH_SHOWING * best}
    return [index.entries[place] for place in ranked if place in worthy or place in whole]


class KeptIndex:
    """The index that was made last, for as long as what it was made of stays the same."""

    def __init__(self) -> None:
        self._kept: tuple[object, MotifIndex] | None = None

    def get(self, made_of: object, sought: Callable[[], Iterable[Sought]]) -> MotifIndex:
        """The index of what `sought` gives, made anew only when `made_of` is another."""
        kept = self._kept
        if kept is None or kept[0] != made_of:
            kept = self._kept = (made_of, build_index(sought()))
        return kept[1]
