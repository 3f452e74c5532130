"""The tables of a sheet: where their headings stand, whichever line and however many tables it holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from reports.importing.reading.book import Cell, WorkbookRefused, text_of
from reports.importing.reading.grids import Grid, Row
from reports.importing.reading.headings import BY_WORDS, Headings, Meant
from reports.workbook.columns import letter

LARGEST_ROWS = 200_000
LEAST_KEYS = 3
"""Headings understood word for word that make a line under a table the headings of another."""
Meanings = Mapping[int, Meant]
"""What headings mean, by their place counted from 0."""


@dataclass(slots=True)
class FoundTable:
    """One table: the line of its headings, from 1, their cells, and the lines below. `first` and `end` bound columns.

    `columns` tells tables apart that stand beside each other (« L à U »), "" where there is one.
    """

    line: int
    cells: Sequence[Cell]
    meanings: Meanings
    first: int = 0
    end: int = 1 << 14
    columns: str = ""
    rows: list[Row] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    """The lines on which the same headings stand again."""

    @property
    def keys(self) -> set[str]:
        """The keys that its headings claim."""
        return {meant.key for meant in self.meanings.values()} - {""}


def tables_of(grid: Grid, headings: Headings, least: int = 2) -> tuple[list[FoundTable], list[str]]:
    """The tables of a sheet, and its first words for the sentence that tells why it is left out.

    `least` is how many headings must be understood to begin the first table.
    """
    tables: list[FoundTable] = []
    current: list[FoundTable] = []
    words: list[str] = []
    count = 0
    for line, cells in grid.rows:
        count += 1
        if count > LARGEST_ROWS + 1_000:
            raise WorkbookRefused(f"Le classeur a plus de {LARGEST_ROWS} lignes : découpez-le par année.")
        if len(words) < 5:  # noqa: PLR2004 - enough to know a sheet by
            words += [text for text in map(text_of, cells) if text][: 5 - len(words)]
        joined = _second_line(grid, line, cells, current, headings) if current else None
        if joined is not None:
            tables = tables[: -len(current)]
            current = list(_side_by_side(joined))
            tables += current
            continue
        if not current or _may_be_headings(cells, current):
            found = _meanings(cells, headings, exactly=bool(current))
            keys = {meant.key for meant in found.values()} - {""}
            is_call = len(keys) < LEAST_KEYS and any(map(_is_day, cells))
            if (
                len(keys) >= (LEAST_KEYS if current else least)
                and (least > 1 or _texts(cells) >= LEAST_KEYS)
                and (not is_call)
            ):
                if current and found == _exactly(current):
                    current[0].repeated.append(line)
                    continue
                whole = _meanings(cells, headings, exactly=False)
                current = list(_side_by_side(FoundTable(line, cells, whole)))
                tables += current
                continue
        for table in current:
            if line > table.line:
                table.rows.append((line, cells))
    return tables, words


_DAY = re.compile(r"\b\d{1,2}(?:[/.-]\d{1,2}[/.-]|(?:er)? [^\W\d]{3,9}\.? )\d{2,4}\b")


def _is_day(cell: Cell) -> bool:
    """Whether a day stands in a cell: its line is then a call that nobody wrote headings over, not headings."""
    return isinstance(cell, date) or (isinstance(cell, str) and bool(_DAY.search(text_of(cell))))


def _texts(cells: Sequence[Cell]) -> int:
    return sum(isinstance(cell, str) and bool(text_of(cell)) for cell in cells)


def _may_be_headings(cells: Sequence[Cell], current: Sequence[FoundTable]) -> bool:
    """Whether no call stands on a line, as far as the place of its date tells: its words are then worth reading."""
    for table in current:
        place = next((at for at, meant in table.meanings.items() if meant.key == "day"), None)
        if place is None:
            return True
        cell = cells[place] if place < len(cells) else ""
        if not isinstance(cell, str) or any(sign.isdigit() for sign in cell):
            return False
    return True


def _meanings(cells: Sequence[Cell], headings: Headings, *, exactly: bool) -> dict[int, Meant]:
    look_up = headings.known if exactly else headings.meant
    found = {}
    for place, cell in enumerate(cells):
        meant = look_up(cell) if isinstance(cell, str) and cell else None
        if meant is not None and not (exactly and meant.surely > BY_WORDS):
            found[place] = meant
    return found


def _exactly(tables: Sequence[FoundTable]) -> dict[int, Meant]:
    return {
        place: meant for table in tables for place, meant in table.meanings.items() if meant.surely <= BY_WORDS
    }  # fmt: skip


def _second_line(
    grid: Grid, line: int, cells: Sequence[Cell], current: Sequence[FoundTable], headings: Headings
) -> FoundTable | None:
    """The table whose headings stand on two lines, « Durée » over « en secondes » and « en minutes »; None otherwise.

    Where a heading is merged with the cell below, that line is no call; elsewhere only where both lines together say
    more columns than either, which no call does.
    """
    table = current[0]
    row = table.line - 1
    if line != table.line + 1 or len(current) > 1:
        return None
    is_merged = any(first[0] <= row < last[0] and first[1] in table.meanings for first, last in grid.parts.merged)
    if not is_merged and any(not isinstance(cell, str | None) or any(map(str.isdecimal, cell or "")) for cell in cells):
        return None
    over: list[Cell] = [*table.cells, *[""] * (len(cells) - len(table.cells))]
    for first, last in grid.parts.merged:
        if first[0] == last[0] == row:
            for place in range(first[1], min(last[1] + 1, len(over))):
                over[place] = over[first[1]]
    under = [*cells, *[""] * (len(over) - len(cells))]
    joined: list[Cell] = [f"{text_of(one)} {text_of(two)}".strip() for one, two in zip(over, under, strict=True)]
    found = FoundTable(line, joined, _meanings(joined, headings, exactly=False))
    if is_merged:
        return found
    apart = [len(set(_keys(_meanings(one, headings, exactly=False)))) for one in (table.cells, cells)]
    said = set(_keys(_meanings(joined, headings, exactly=True)))
    return found if len(said) > max(LEAST_KEYS, *apart) else None


def _keys(meanings: Meanings) -> Iterator[str]:
    return (meant.key for meant in meanings.values() if meant.key)


def _side_by_side(table: FoundTable) -> Iterator[FoundTable]:
    """The table, or the two that stand beside each other: the second begins where known headings come again."""
    seen: set[str] = set()
    for place, meant in sorted(table.meanings.items()):
        after = {one.key for at, one in table.meanings.items() if at >= place}
        if meant.key in seen and len(seen & after) >= LEAST_KEYS:
            last = max(table.meanings)
            left = {at: one for at, one in table.meanings.items() if at < place}
            right = {at: one for at, one in table.meanings.items() if at >= place}
            named = f"{letter(table.first)} à {letter(place - 1)}", f"{letter(place)} à {letter(last)}"
            yield FoundTable(table.line, table.cells, left, table.first, place, named[0])
            yield from _side_by_side(FoundTable(table.line, table.cells, right, place, table.end, named[1]))
            return
        seen.add(meant.key)
    yield table
