"""What all readers of cells share: how one refuses, and how a cell is quoted in a sentence."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from records.wording import QUOTES, fold_words
from reports.importing.reading.book import Cell, UnreadableCell, text_of

DITTO = frozenset({"idem", "id", "ibid", "ditto"})
QUOTED = QUOTES + " "
LONGEST_QUOTE = 60
"""Characters of a cell in a sentence: what fits on a line."""


class CellRefused(ValueError):  # noqa: N818 - the house says what happened
    """A cell that cannot be understood; the message is a French sentence."""


def quoted(cell: Cell, longest: int = LONGEST_QUOTE) -> str:
    """The cell in quotes, shortened between two words, for a sentence."""
    text = shown(cell)
    if len(text) > longest:
        text = text[:longest].rsplit(" ", 1)[0] + "…"
    return f"« {text} »"


def is_ditto(cell: Cell) -> bool:
    """Whether a cell says « as above », by a mark or a word: it is no empty cell."""
    text = text_of(cell)
    return text not in {"", "'", "’"} and (not text.strip(QUOTED + "〃") or fold_words(text) in DITTO)


def shown(cell: Cell) -> str:
    """The cell as a French reader sees it in a spreadsheet."""
    cell = as_lasting(cell)
    if isinstance(cell, timedelta):
        whole = round(cell.total_seconds())
        hours, rest = divmod(abs(whole), 3600)
        return f"{'-' if whole < 0 else ''}{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"
    if isinstance(cell, time):
        return cell.strftime("%H:%M:%S")
    if isinstance(cell, date):
        return cell.strftime("%d/%m/%Y")
    if isinstance(cell, float) and not cell.is_integer():
        return f"{cell:.6g}".replace(".", ",")
    return text_of(cell)


DAY_ZERO = datetime(1899, 12, 31)  # noqa: DTZ001 - a spreadsheet's day has no zone


def as_lasting(cell: Cell) -> Cell:
    """A duration of a day or more, which a spreadsheet shows as a date of its first days; any other cell as it is."""
    if isinstance(cell, datetime) and cell.year <= DAY_ZERO.year + 1:
        return cell - DAY_ZERO
    if isinstance(cell, date) and cell.year <= DAY_ZERO.year + 1:
        return cell - DAY_ZERO.date()
    return cell


def check_readable(cell: Cell, what: str) -> None:
    """CellRefused for a cell whose value is not in the file; `what` names it: « la date »."""
    if isinstance(cell, UnreadableCell):
        raise CellRefused(f"{what} ne peut pas être lue : {cell.reason}")
