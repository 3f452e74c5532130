"""Finding a ready answer by any of its words: the sous-motif, the text aloud or written, what départements add."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from records.wording import Entry, Wording, fold_words
from support.answers.ready import Answer
from support.nomenclature.searching import EMPTY_WORDS

SHORTEST_STEM = 4
ENDING = 3
"""Letters that a word may lose: « réinitialiser » finds « réinitialisation », « lenteurs » finds « lenteur »."""


def find_answers(
    entries: Sequence[Entry],
    answers: Mapping[Wording, Answer],
    local: Mapping[Wording, str],
    typed: str,
    first: Sequence[Entry] = (),
) -> list[Entry]:
    """The entries in whose texts every typed word stands, folded and by its stem, after those that `first` names."""
    stems = [_stem(word) for word in fold_words(typed).split() if word not in EMPTY_WORDS]
    found = list(first)
    if stems:
        found += [one for one in entries if _has_all(stems, _words(one, answers.get(one.wording), local))]
    return list(dict.fromkeys(found))


def _stem(word: str) -> str:
    return word[: max(SHORTEST_STEM, len(word) - ENDING)]


def _words(entry: Entry, answer: Answer | None, local: Mapping[Wording, str]) -> list[str]:
    texts = [*entry.wording, local.get(entry.wording, "")]
    texts += [answer.aloud, answer.written] if answer else []
    return fold_words(" ".join(texts)).split()


def _has_all(stems: Sequence[str], words: Sequence[str]) -> bool:
    return all(any(word.startswith(stem) for word in words) for stem in stems)
