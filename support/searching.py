"""Finding by what people type: stems, other words for the same thing, missing words, a typing error; one engine."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz.distance import OSA

from support.french import DELIVERED, Synonyms, stem, words_in

BEGUN, MISTYPED, OTHER_WORD = 0.85, 0.7, 0.75
"""How much a word counts that is unfinished, mistyped, or another word for the same."""
FORGIVEN_FROM = 4
"""Letters of a word from which a typing error is forgiven; shorter words look too much alike."""
BEGUN_FROM = 3
WHOLE_PHRASE = 1.2
"""How much a phrase counts that answers as a whole, beside the words one by one."""
JOINED = ("d", "l", "j", "m", "n", "s", "t", "c", "qu")
"""What an apostrophe, when it is left out, leaves before a word: « narrive »."""
MOST_WORDS = 40
"""Words of what is typed that are looked at: nobody asks a longer question, and a pasted book costs nothing."""


@dataclass(frozen=True, slots=True)
class Findable:
    """Something to be found: its stems, each with how strongly it counts (0 to 1), and the stems of each phrase."""

    weights: Mapping[str, float]
    phrases: Sequence[frozenset[str]] = ()


@dataclass(frozen=True)
class WordIndex:
    """Things made ready to be searched; each is known by its place in their order."""

    weights: Mapping[str, Mapping[int, float]] = field(repr=False)
    """By stem: the places that have it, and how strongly."""
    rarity: Mapping[str, float] = field(repr=False)
    phrases: Sequence[tuple[int, float]] = field(repr=False)
    """The place that a phrase belongs to, and how much all its words are worth."""
    holding: Mapping[str, Sequence[int]] = field(repr=False)
    """By stem: the numbers of the phrases that have it."""
    spelled: Mapping[str, str] = field(repr=False)
    """Every word as it is written, without accents, and its stem."""


@dataclass(frozen=True, slots=True)
class Scores:
    """How well each place answers, and for each word that means something here the places that have it."""

    by_place: Mapping[int, float]
    holding: Sequence[frozenset[int]]


def build_words(listed: Sequence[Findable], spelled: Mapping[str, str]) -> WordIndex:
    """The index of these things; `spelled`: every word of theirs as it is written, and its stem."""
    weights: defaultdict[str, dict[int, float]] = defaultdict(dict)
    for place, one in enumerate(listed):
        for own, weight in one.weights.items():
            weights[own][place] = weight
    rarity = {own: math.log(1 + len(listed) / sum(places.values())) for own, places in weights.items()}
    holding: defaultdict[str, list[int]] = defaultdict(list)
    worth: list[tuple[int, float]] = []
    for place, one in enumerate(listed):
        for stems in one.phrases:
            for own in stems:
                holding[own].append(len(worth))
            worth.append((place, sum(rarity[own] for own in stems)))
    return WordIndex(dict(weights), rarity, worth, dict(holding), spelled)


def score(index: WordIndex, meant: Sequence[Mapping[str, float]]) -> Scores:
    """How well each place answers words with these meanings, as `meanings` gives them."""
    wanted = [found for found in meant if found]
    worth = [max(index.rarity[own] * share for own, share in found.items()) for found in wanted]
    scores: defaultdict[int, float] = defaultdict(float)
    held = [_places(index, found) for found in wanted]
    for shares, most in zip(held, worth, strict=True):
        for place, share in shares.items():
            scores[place] += most * share
    for place, share in _whole_phrases(index, wanted, worth).items():
        scores[place] += WHOLE_PHRASE * share * sum(worth)
    return Scores(dict(scores), [frozenset(shares) for shares in held])


def meanings(index: WordIndex, typed: str, same: Synonyms = DELIVERED) -> list[dict[str, float]]:
    """For each word typed: the stems of the index that it may mean, and how surely (0 to 1)."""
    words = words_in(typed)[:MOST_WORDS]
    among = frozenset(map(stem, words))
    last = len(words) - 1
    return [_meaning(index, word, same, among, is_last=place == last) for place, word in enumerate(words)]


def _meaning(index: WordIndex, word: str, same: Synonyms, among: frozenset[str], *, is_last: bool) -> dict[str, float]:
    own = stem(word)
    found = {own: 1.0} if own in index.rarity else {}
    if is_last or not found:
        for other, its_stem in index.spelled.items():
            if len(word) >= BEGUN_FROM and other.startswith(word):
                found[its_stem] = max(found.get(its_stem, 0.0), BEGUN)
    for other in same.mean(own, among):
        if other in index.rarity:
            found[other] = max(found.get(other, 0.0), OTHER_WORD)
    return found or _unjoined(index, word) or _mistyped(index, word, same)


def _unjoined(index: WordIndex, word: str) -> dict[str, float]:
    """The word behind an apostrophe that was left out."""
    for sign in JOINED:
        rest = word.removeprefix(sign)
        if rest != word and rest[:1] in "aeiouyh" and stem(rest) in index.rarity:
            return {stem(rest): 1.0}
    return {}


def _mistyped(index: WordIndex, word: str, same: Synonyms) -> dict[str, float]:
    """The words that are one error away, or two when they are long; unfinished ones as well."""
    if len(word) < FORGIVEN_FROM:
        return {}
    far = 1 if len(word) < 2 * FORGIVEN_FROM else 2
    near: dict[str, int] = {}
    for other, its_stem in index.spelled.items():
        away = OSA.distance(word, other, score_cutoff=far)
        if away > far and len(word) > FORGIVEN_FROM:
            away = OSA.distance(word, other[: len(word)], score_cutoff=1)
            away = away if away <= 1 else far + 1
        if away <= far:
            near[its_stem] = min(near.get(its_stem, far), away)
    closest = min(near.values(), default=0)
    found = {own: MISTYPED for own, away in near.items() if away == closest}
    for own in list(found):
        others = same.mean(own, frozenset())
        found |= {other: MISTYPED * OTHER_WORD for other in others if other in index.rarity} | found
    return found


def _places(index: WordIndex, found: Mapping[str, float]) -> dict[int, float]:
    """For one word: the places that have it, and how well (0 to 1)."""
    shares: dict[int, float] = {}
    for own, share in found.items():
        for place, weight in index.weights[own].items():
            shares[place] = max(shares.get(place, 0.0), share * weight)
    return shares


def _whole_phrases(index: WordIndex, wanted: Sequence[Mapping[str, float]], worth: Iterable[float]) -> dict[int, float]:
    """For each place: how well its best phrase and what was typed say the same (0 to 1), rare words first."""
    said: defaultdict[int, float] = defaultdict(float)
    met: defaultdict[int, dict[str, float]] = defaultdict(dict)
    total = 0.0
    for found, most in zip(wanted, worth, strict=True):
        total += most
        of_word: dict[int, float] = {}
        for own, share in found.items():
            for number in index.holding.get(own, ()):
                of_word[number] = max(of_word.get(number, 0.0), share)
                met[number][own] = max(met[number].get(own, 0.0), share)
        for number, share in of_word.items():
            said[number] += share * most
    best: dict[int, float] = {}
    for number, stems in met.items():
        place, whole = index.phrases[number]
        precise = sum(index.rarity[own] * share for own, share in stems.items()) / whole
        full = said[number] / total
        best[place] = max(best.get(place, 0.0), 2 * precise * full / (precise + full))
    return best
