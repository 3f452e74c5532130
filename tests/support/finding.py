"""The list as delivered, made ready to be searched, and the phrases by which the search is judged."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from records.wording import Wording
from support.answers.ready import first_answers
from support.nomenclature.entries import first_nomenclature
from support.nomenclature.searching import MotifIndex, Sought, build_index, find
from support.nomenclature.words import first_words

DATA = Path(__file__).parent / "data"
WRITTEN_FIRST, HELD_OUT = DATA / "phrases.csv", DATA / "phrases_held_out.csv"
"""Sixty written before the search was tuned; forty harder ones in other words, to which it is never tuned."""


@cache
def delivered() -> MotifIndex:
    """The index of the list as delivered, with its words and ready answers."""
    answers = first_answers()
    return build_index(
        Sought(entry, first_words()[w], f"{answers[w].aloud} {answers[w].written}" if w in answers else "")
        for entry in first_nomenclature().entries
        for w in [entry.wording]
    )


@dataclass(frozen=True)
class Sentence:
    """What a référent types, and the sous-motif that is meant."""

    typed: str
    meant: Wording

    @property
    def rank(self) -> int:
        """Where the meant one is found, from 1 on; 0 when it is not among the first eight."""
        found = [entry.wording for entry in find(delivered(), self.typed)]
        return found.index(self.meant) + 1 if self.meant in found else 0


def sentences(path: Path) -> list[Sentence]:
    """The phrases of a file."""
    with path.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return [Sentence(row["phrase"], Wording(row["thematique"], row["motif"], row["sous_motif"])) for row in rows]


def share_found(path: Path) -> float:
    """The share of a file's phrases whose sous-motif is among the first three."""
    ranks = [sentence.rank for sentence in sentences(path)]
    return sum(1 <= rank <= 3 for rank in ranks) / len(ranks)
