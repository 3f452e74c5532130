"""What may a person need? Thématiques, motifs and sous-motifs, as delivered and as they hold."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

from records.wording import Entry, Wording, Wordings


@dataclass(frozen=True)
class Nomenclature(Wordings):
    """The list in force: version 0 is the one delivered."""

    version: int = 0

    def entry(self, key: str) -> Entry | None:
        """The entry of this key."""
        return next((entry for entry in self.entries if entry.wording.key == key), None)


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("support").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def first_nomenclature() -> Nomenclature:
    """The list as delivered, read off the ministry's slides: version 0, in force until another is published."""
    variants = {
        Wording(row["thematique"], row["motif"], row["sous_motif"]): Wording(
            row["devient_thematique"], row["devient_motif"], row["devient_sous_motif"]
        )
        for row in _rows("nomenclature_variantes.csv")
    }
    entries = tuple(
        Entry(row["niveau"], Wording(row["thematique"], row["motif"], row["sous_motif"]))
        for row in _rows("nomenclature.csv")
    )
    return Nomenclature(entries, variants)


def with_entries(entries: tuple[Entry, ...], version: int) -> Nomenclature:
    """The nomenclature of a later version; the spellings of old files keep their meaning."""
    return replace(first_nomenclature(), entries=entries, version=version)
