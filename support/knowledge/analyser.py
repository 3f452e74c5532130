"""What an article is found by, as one text of stems: written here alone, indexed by both databases, read back here.

Five lines follow the first, which is a digest of them: the title; each name of its sous-motifs and each thing that
callers say for them, parted by `|`; their motifs and thématiques; the summary; and every word as it is spelled, from
which typing errors are forgiven. A token is small letters and digits, so that both databases part the words alike.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from support.french import stem, words_in
from support.searching import Findable

TITLE, SAID, PLACE, SUMMARY = 1.0, 1.0, 0.3, 0.5
"""How much a word counts by where it stands: in the title, in what callers say, in motif or thématique, below it."""
DIGEST_LENGTH = 16
_TOKEN = re.compile(r"[a-z0-9]+")
_NOTHING = "0" * DIGEST_LENGTH


@dataclass(frozen=True, slots=True)
class FoundBy:
    """What an article says and is about, as people write it; `said`: names of sous-motifs and what callers say."""

    title: str
    summary: str = ""
    said: Sequence[str] = ()
    places: Sequence[str] = ()


def search_text(told: FoundBy) -> str:
    """The text by which the databases index an article."""
    phrases = dict.fromkeys(" ".join(map(stem, words)) for text in told.said if (words := tokens(text)))
    texts = [told.title, told.summary, *told.said, *told.places]
    lines = (
        _stems([told.title]),
        " | ".join(phrases),
        _stems(told.places),
        _stems([told.summary]),
        " ".join(dict.fromkeys(word for text in texts for word in tokens(text))),
    )
    body = "\n".join(lines)
    return f"{hashlib.sha256(body.encode()).hexdigest()[:DIGEST_LENGTH]}\n{body}"


def tokens(text: str) -> list[str]:
    """The words of a text that say something, as both databases part them."""
    return [token for word in words_in(text) for token in _TOKEN.findall(word)]


def _stems(texts: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(stem(token) for text in texts for token in tokens(text)))


def findable(text: str) -> tuple[Findable, Mapping[str, str]]:
    """What a `search_text` says to the engine, and its words as they are spelled, each with its stem."""
    lines = [*text.split("\n"), "", "", "", "", ""]
    title, said, places, summary, spelled = lines[1:6]
    phrases = [frozenset(phrase.split()) for phrase in said.split("|")]
    weights: dict[str, float] = {}
    for weight, line in ((TITLE, title), (SAID, said.replace("|", " ")), (PLACE, places), (SUMMARY, summary)):
        for own in line.split():
            weights[own] = max(weights.get(own, 0.0), weight)
    own_phrases = dict.fromkeys(phrase for phrase in (frozenset(title.split()), *phrases) if phrase)
    return Findable(weights, list(own_phrases)), {word: stem(word) for word in spelled.split()}
