"""Which articles answer best what was typed? The databases find the candidates, this orders them: alike for both."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from support.french import SAME, Synonyms, synonyms
from support.knowledge.analyser import findable
from support.searching import WordIndex, build_words, score

WORTH_SHOWING = 0.35
"""What is left out: less than this share of the best."""
FOR_OTHERS = 0.6
"""How much an article counts that is meant for other profiles than the reader's."""


@dataclass(frozen=True)
class ArticleIndex:
    """The articles that stand, ready to be searched: by place, the number of each."""

    numbers: tuple[int, ...]
    words: WordIndex = field(repr=False)


def index_articles(texts: Mapping[int, str]) -> ArticleIndex:
    """The index of these articles; their `search_text` by their number."""
    spelled: dict[str, str] = {}
    listed = []
    for number in sorted(texts):
        one, words = findable(texts[number])
        listed.append(one)
        spelled |= words
    return ArticleIndex(tuple(sorted(texts)), build_words(listed, spelled))


@lru_cache(maxsize=4)
def with_delivered(lines: tuple[str, ...]) -> Synonyms:
    """The delivered words that mean the same, and those of the national team: each line's are parted by commas."""
    return synonyms([*(line.split() for line in SAME), *(line.split(",") for line in lines)])


def rank(
    index: ArticleIndex,
    meant: Sequence[Mapping[str, float]],
    candidates: Collection[int],
    others: Collection[int] = (),
) -> list[int]:
    """The numbers of the candidates that are worth showing, best first; `others` are for other profiles."""
    scores = {
        number: share * (FOR_OTHERS if number in others else 1)
        for place, share in score(index.words, meant).by_place.items()
        if (number := index.numbers[place]) in candidates
    }
    best = max(scores.values(), default=0.0)
    ranked = sorted(scores, key=lambda number: (-round(scores[number], 9), number))
    return [number for number in ranked if scores[number] >= WORTH_SHOWING * best]
