"""The lines that were refused, as a workbook to correct: same columns, and why, which the way back ignores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from io import BytesIO
from types import MappingProxyType
from typing import Any

from xlsxwriter import Workbook

from records.wording import fold_words
from reports.importing.reading.book import MARK, Cell, Chosen, text_of
from reports.importing.understanding.lines import Refused
from reports.workbook.columns import COLUMNS, MARK_HEADING

REASON_HEADING = "Raison"
IGNORED_HEADINGS: Chosen = MappingProxyType({fold_words(REASON_HEADING): ""})
"""What the import knows and does not read."""
SHEET = "Historique d'appel"
WIDE = 60
CALCULATED = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def workbook_of(refused: Iterable[Refused]) -> bytes:
    """A workbook of these lines as they were read, each with its reasons; nothing in it is calculated."""
    out = BytesIO()
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(out, plain) as book:
        sheet = book.add_worksheet(SHEET)
        header = book.add_format({"bold": True, "bg_color": "#E3E3FD", "text_wrap": True, "valign": "top"})
        headings = (*COLUMNS.headings, MARK_HEADING, REASON_HEADING)
        for place, heading in enumerate(headings):
            sheet.write_string(0, place, heading, header)
            sheet.set_column(place, place, COLUMNS.declared[place].width if place < len(COLUMNS.declared) else WIDE)
        sheet.set_column(COLUMNS.mark_place, COLUMNS.mark_place, 10, None, {"hidden": True})
        sheet.freeze_panes(1, 0)
        formats = _formats(book)
        for line, one in enumerate(refused, start=1):
            for place, key in enumerate((*(column.key for column in COLUMNS.declared), MARK)):
                _write(sheet, line, place, one.cells.get(key), formats)
            _write(sheet, line, len(headings) - 1, one.sentence(), formats)
    return out.getvalue()


def _formats(book: Any) -> Mapping[str, Any]:
    return {
        "text": book.add_format({"valign": "top", "text_wrap": True, "num_format": "@"}),
        "quoted": book.add_format({"valign": "top", "text_wrap": True, "num_format": "@", "quote_prefix": True}),
        "date": book.add_format({"valign": "top", "num_format": "dd/mm/yyyy"}),
        "time": book.add_format({"valign": "top", "num_format": "[h]:mm:ss"}),
    }


def _write(sheet: Any, line: int, place: int, cell: Cell, formats: Mapping[str, Any]) -> None:
    if isinstance(cell, bool):
        cell = "Oui" if cell else "Non"
    if isinstance(cell, int | float) and abs(cell) < 1e15:  # noqa: PLR2004 - what a spreadsheet keeps exactly
        sheet.write_number(line, place, cell)
    elif isinstance(cell, datetime | date) and cell.year >= 1900:  # noqa: PLR2004 - a spreadsheet's first day
        sheet.write_datetime(line, place, cell, formats["date"])
    elif isinstance(cell, time | timedelta):
        sheet.write_datetime(line, place, cell, formats["time"])
    elif text := text_of(cell):
        is_calculated = text.lstrip("'").startswith(CALCULATED)
        sheet.write_string(line, place, text, formats["quoted" if is_calculated else "text"])
