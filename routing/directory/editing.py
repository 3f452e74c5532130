"""One line of the directory file changed, added or taken out; every other byte stays as it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from routing.directory.cells import Row
from routing.directory.headings import Table, open_table, separator_of


@dataclass(frozen=True, slots=True)
class Edited:
    """The whole text after a change, and the physical line (1 = first) of what was changed; 0 when it was taken out."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class DirectoryText:
    """A directory file that is good (`read_directory` has read it): its lines stand in the order of the people."""

    text: str

    def cells(self, place: int) -> dict[str, str]:
        """What the line of the `place`-th person (0 = first) says, by column, as it was typed."""
        table = self._table()
        return {name: _cell(table.rows[place], at) for name, at in _places(table).items()}

    def changed(self, place: int, cells: Mapping[str, str]) -> Edited:
        """With other cells in the line of the `place`-th person; columns that are not given stay as they are."""
        table = self._table()
        row = table.rows[place]
        return self._with(table.header, row, _merged(table, row, cells), row.line - 1, row.last)

    def added(self, cells: Mapping[str, str]) -> Edited:
        """With one more line at the end."""
        table = self._table()
        count = len(self._lines())
        return self._with(table.header, Row(count + 1, ()), _merged(table, Row(0, ()), cells), count, count)

    def removed(self, place: int) -> Edited:
        """Without the line of the `place`-th person."""
        row = self._table().rows[place]
        lines = self._lines()
        del lines[row.line - 1 : row.last]
        return Edited("".join(lines), 0)

    def _with(self, header: Row, row: Row, cells: list[str], first: int, last: int) -> Edited:
        """`cells` instead of the physical lines from `first` (0 = first) to before `last`."""
        lines = self._lines()
        ending = _ending(lines[header.last - 1]) or "\n"
        if first and not _ending(lines[first - 1]):
            lines[first - 1] += ending
        out = io.StringIO()
        ends = _ending(lines[last - 1]) if last > first else ending
        csv.writer(out, delimiter=separator_of(self.text), lineterminator="\r\n").writerow(cells)
        lines[first:last] = [out.getvalue().removesuffix("\r\n") + ends]
        return Edited("".join(lines), row.line)

    def _table(self) -> Table:
        return open_table(self.text.encode())

    def _lines(self) -> list[str]:
        """The physical lines with their endings, as the reader counts them."""
        return list(io.StringIO(self.text, newline=""))


def _places(table: Table) -> dict[str, int]:
    return {column: places[0] for column, places in table.places.items()}


def _cell(row: Row, place: int) -> str:
    return row.cells[place] if place < len(row.cells) else ""


def _merged(table: Table, row: Row, cells: Mapping[str, str]) -> list[str]:
    """The row's cells under every column of the header, those of `cells` instead."""
    merged = [*row.cells, *[""] * (len(table.header.cells) - len(row.cells))]
    for column, place in _places(table).items():
        merged[place] = cells.get(column, merged[place])
    return merged


def _ending(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]
