"""The questions by which the search of articles is judged, written by somebody who had not read the articles."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from records.database import Connection
from records.wording import Wording
from support.knowledge.finding import search

QUESTIONS = Path(__file__).parent / "data" / "queries.csv"


@dataclass(frozen=True)
class Question:
    """What somebody types, and the sous-motif that an article which answers is about."""

    typed: str
    meant: Wording

    def rank(self, connection: Connection) -> int:
        """Where the first article of that sous-motif is found, from 1 on; 0 when nowhere."""
        found = search(connection, self.typed)
        return next((place for place, one in enumerate(found, 1) if self.meant in one.sous_motifs), 0)


def questions(path: Path = QUESTIONS) -> list[Question]:
    """The questions of a file (query, thematique, motif, sous_motif)."""
    with path.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter=";"))
    return [Question(row["query"], Wording(row["thematique"], row["motif"], row["sous_motif"])) for row in rows]
