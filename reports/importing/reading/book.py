"""What was read of a file: its sheets, their headings and lines, and what was left out with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

Cell = str | float | int | bool | date | datetime | time | timedelta | None
Line = tuple[int, Mapping[str, Cell]]
"""The number of a line in its sheet, and its cells by the key of their column."""
Chosen = Mapping[str, str]
"""What people said of headings that were not understood: the key of a column by the folded heading, "" to ignore it."""
MARK, MINUTES = "mark", "minutes"
"""The keys of the hidden column and of the second column of durations; the others are those of `HistoryRow`."""


def text_of(cell: Cell) -> str:
    """The cell as text: whole numbers without a decimal point, control characters dropped, spaces trimmed."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    typed = "".join(sign if sign.isprintable() else " " for sign in str(cell))
    return " ".join(typed.split())[:500]


class WorkbookRefused(ValueError):  # noqa: N818 - the house says what happened
    """A file that cannot be read at all; the message is a French sentence."""


class How(StrEnum):
    """How a heading was understood."""

    KNOWN = "known"
    NEAR = "near"
    """Not word for word: shown, so that a mistake is seen."""
    BY_HAND = "by_hand"
    UNKNOWN = "unknown"
    """Not understood: named, and its column is not read."""


@dataclass(frozen=True, slots=True)
class Heading:
    """One heading of a sheet; `column` is the letter that a spreadsheet gives it, `key` "" when it is not read."""

    column: str
    text: str
    key: str
    how: How


@dataclass(frozen=True, slots=True)
class ReadSheet:
    """One sheet that is a history; `line` is that of its headings. `notes` are French sentences for the preview."""

    name: str
    line: int
    headings: tuple[Heading, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()

    @property
    def unknown(self) -> tuple[Heading, ...]:
        """The headings that were not understood."""
        return tuple(heading for heading in self.headings if heading.how is How.UNKNOWN)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One sheet that is not read, and the French reason."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReadBook:
    """One file: at least one sheet that is a history."""

    sheets: tuple[ReadSheet, ...]
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a line stands; `sheet` is "" when the file has one history only."""

    sheet: str
    line: int

    def __str__(self) -> str:
        """« Ligne 12 », or « Feuille « Mars », ligne 12 »."""
        return f"Feuille « {self.sheet} », ligne {self.line}" if self.sheet else f"Ligne {self.line}"
