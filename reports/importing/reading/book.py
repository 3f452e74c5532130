"""What was read of a file: its sheets, their headings and lines, and what was left out with its reason."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class UnreadableCell:
    """A cell whose value is not in the file, or not of its line; the reason is a French clause without a full stop."""

    reason: str


Cell = str | float | int | bool | date | datetime | time | timedelta | UnreadableCell | None
Line = tuple[int, Mapping[str, Cell]]
"""The number of a line in its sheet, and its cells by the key of their column."""
Chosen = Mapping[str, str]
"""What people said of headings that were not understood: the key of a column by the folded heading, "" to ignore it."""
MARK, MINUTES, CALLS = "mark", "minutes", "calls"
"""The keys of the hidden column, of the second column of durations and of the one that says for how many calls a line
stands; the others are those of `HistoryRow`."""


_ESCAPED = re.compile(r"_x00(?:0[0-9A-Fa-f]|1[0-9A-Fa-f]|A0)_")
"""Line ends and control characters as OOXML writes them, where a program left them as they were."""


def text_of(cell: Cell) -> str:
    """The cell as text: whole numbers without a decimal point, what is invisible dropped, spaces trimmed.

    "" for a cell that cannot be read.
    """
    if cell is None or isinstance(cell, UnreadableCell):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    typed = str(cell)
    if "_x00" in typed:
        typed = _ESCAPED.sub(" ", typed)
    if not typed.isprintable():
        typed = "".join(map(_shown, typed))
    return " ".join(typed.split())[:500]


def _shown(sign: str) -> str:
    if sign.isprintable():
        return sign
    # Direction marks and soft hyphens come with what is copied from a contact list: no space stands in their place.
    return "" if unicodedata.category(sign) == "Cf" else " "


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
    departements: tuple[str, ...] = ()
    """What its column « Département » says, which is not read."""

    @property
    def unknown(self) -> tuple[Heading, ...]:
        """The headings that were not understood."""
        return tuple(heading for heading in self.headings if heading.how is How.UNKNOWN)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One sheet that is not read, and the French reason: a clause without a full stop.

    `usual`: a sheet of our own workbook in which no call is expected, to be named without a warning.
    """

    name: str
    reason: str
    usual: bool = False
    headings: tuple[Heading, ...] = ()
    """Those that were not understood, and for which it is left out: who says what they mean has the sheet read."""


@dataclass(frozen=True, slots=True)
class ReadBook:
    """One file: at least one sheet that is a history."""

    sheets: tuple[ReadSheet, ...]
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class LinePlace:
    """Where a line stands; `sheet` is "" when the file has one history only."""

    sheet: str
    line: int

    def __str__(self) -> str:
        """« Ligne 12 », or « Feuille « Mars », ligne 12 »."""
        return f"Feuille « {self.sheet} », ligne {self.line}" if self.sheet else f"Ligne {self.line}"
