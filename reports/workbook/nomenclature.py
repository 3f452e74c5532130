"""The sheet « Nomenclature »: the entries to read, and hidden beside them the lists that the history's menus follow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from records.wording import Entry
from reports.workbook.columns import letter, level_words
from reports.workbook.pages import READ_ONLY, Looks

SEPARATOR = "|"
THEMATIQUES, PAIR_KEYS, PAIR_MOTIFS, TRIPLE_KEYS, TRIPLE_SOUS_MOTIFS = 6, 8, 9, 11, 12
"""The hidden columns, counted from 0."""


@dataclass(frozen=True, slots=True)
class Lists:
    """The nomenclature sorted so that each choice is one block of lines."""

    entries: tuple[Entry, ...]
    thematiques: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    triples: tuple[tuple[str, str], ...]
    """The key `thématique|motif`, and the sous-motif."""

    @staticmethod
    def of(entries: Iterable[Entry]) -> Lists:
        """The lists of these entries, without doubles."""
        ordered = tuple(sorted(set(entries), key=lambda entry: (entry.wording, entry.niveau)))
        return Lists(
            ordered,
            tuple(dict.fromkeys(entry.wording.thematique for entry in ordered)),
            tuple(dict.fromkeys(entry.wording[:2] for entry in ordered)),
            tuple(dict.fromkeys((SEPARATOR.join(e.wording[:2]), e.wording.sous_motif) for e in ordered)),
        )

    def menus(self, thematique: str, motif: str, *, first_row: int) -> dict[str, str]:
        """The list formulas by column of a history whose choices stand in these letters, its first line `first_row`."""
        themes = _block(THEMATIQUES, len(self.thematiques))
        pairs, triples = _block(PAIR_KEYS, len(self.pairs)), _block(TRIPLE_KEYS, len(self.triples))
        theme = f"${thematique}{first_row}"
        key = f'{theme}&"{SEPARATOR}"&${motif}{first_row}'
        return {
            "thematique": f"={themes}",
            "motif": _chosen(PAIR_MOTIFS, pairs, theme),
            "sous_motif": _chosen(TRIPLE_SOUS_MOTIFS, triples, key),
        }


def _block(place: int, size: int) -> str:
    column = letter(place)
    return f"Nomenclature!${column}$2:${column}${max(size, 1) + 1}"


def _chosen(place: int, keys: str, key: str) -> str:
    """The formula of the lines whose key is the one chosen."""
    return f"=OFFSET(Nomenclature!${letter(place)}$1,MATCH({key},{keys},0),0,COUNTIF({keys},{key}),1)"


def write_nomenclature(sheet: Any, lists: Lists, looks: Looks) -> None:
    """Write the visible entries and the hidden lists, line by line (the sheet keeps one line in memory)."""
    header = looks.header
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(lists.entries), 1), 3)
    for first, last, width in ((0, 0, 10), (1, 1, 48), (2, 2, 48), (3, 3, 58)):
        sheet.set_column(first, last, width)
    sheet.set_column(THEMATIQUES, TRIPLE_SOUS_MOTIFS, 20, None, {"hidden": True})
    looks.print_on(sheet, heading=0)
    sheet.protect("", dict(READ_ONLY))
    for column, heading in enumerate(("Niveau", "Thématique", "Motif", "Sous motif")):
        sheet.write_string(0, column, heading, header)
    for index, entry in enumerate(lists.entries):
        row = index + 1
        for column, text in enumerate((level_words(entry.niveau), *entry.wording)):
            sheet.write_string(row, column, text)
        _write_pieces(sheet, row, THEMATIQUES, [(name,) for name in lists.thematiques])
        _write_pieces(sheet, row, PAIR_KEYS, lists.pairs)
        _write_pieces(sheet, row, TRIPLE_KEYS, lists.triples)


def _write_pieces(sheet: Any, row: int, column: int, pieces: Sequence[tuple[str, ...]]) -> None:
    if row <= len(pieces):
        for offset, text in enumerate(pieces[row - 1]):
            sheet.write_string(row, column + offset, text)
