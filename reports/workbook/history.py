"""The sheet « Historique d'appel »: one line per treated call, lists for the lines added by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from reports.workbook.columns import COLUMNS, HEADINGS, HistoryRow, mark, yes_no
from reports.workbook.nomenclature import Lists

SPARE_ROWS = 2_000
"""Lines under the last call that have lists and formats ready for hand-made entries."""
FORMULA_ROWS = 200
"""Of these, the lines whose minutes are already a formula."""
MARK_COLUMN = 10
DEPARTEMENT_COLUMN = 11
EXCEL_EPOCH = date(1899, 12, 30).toordinal()


@dataclass(frozen=True, slots=True)
class History:
    """What the results need to know of the history: its number of calls and the ranges of its columns."""

    rows: int

    def column(self, letter: str) -> str:
        """The absolute range of a column, spare lines included."""
        return f"'Historique d''appel'!${letter}$2:${letter}${self.rows + SPARE_ROWS + 1}"


@dataclass(frozen=True, slots=True)
class Shown:
    """How the lines are shown: telephone numbers, and a column for the département in a consolidated workbook."""

    phone: Callable[[str], str] = str
    phones_are_masked: bool = False
    with_departement: bool = False


def write_history(book: Any, sheet: Any, rows: Iterable[HistoryRow], lists: Lists, shown: Shown) -> History:
    """Write the lines as they come and return what was written."""
    header = book.add_format({"bold": True, "bg_color": "#E3E3FD", "text_wrap": True, "valign": "top"})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    minutes = book.add_format({"num_format": "[mm]:ss"})
    text = book.add_format({"num_format": "@"})
    _shape(sheet, day, minutes, text, with_departement=shown.with_departement)
    sheet.set_row(0, 32)
    for column, heading in enumerate(HEADINGS):
        sheet.write_string(0, column, heading, header)
    sheet.write_string(0, MARK_COLUMN, "Repère (ne pas modifier)", header)
    if shown.with_departement:
        sheet.write_string(0, DEPARTEMENT_COLUMN, "Département", header)
    count = 0
    for count, row in enumerate(rows, start=1):
        _write_row(sheet, count, row, (day, minutes), shown)
    for spare in range(count + 1, count + 1 + FORMULA_ROWS):
        sheet.write_formula(spare, 3, f'=IF(C{spare + 1}="","",C{spare + 1}/86400)', minutes, "")
    _add_lists(sheet, count, lists)
    return History(count)


def _shape(sheet: Any, day: Any, minutes: Any, text: Any, *, with_departement: bool) -> None:
    widths = [column.width for column in COLUMNS]
    formats = (text, day, None, minutes, None, None, None, text, None, None)
    for column, (width, shown) in enumerate(zip([*widths[:3], 12, *widths[3:]], formats, strict=True)):
        sheet.set_column(column, column, width, shown)
    sheet.set_column(MARK_COLUMN, MARK_COLUMN, 12, None, {"hidden": True})
    if with_departement:
        sheet.set_column(DEPARTEMENT_COLUMN, DEPARTEMENT_COLUMN, 14, text)
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _write_row(sheet: Any, at: int, row: HistoryRow, formats: tuple[Any, Any], shown: Shown) -> None:
    day, minutes = formats
    string = sheet.write_string
    if row.phone:
        string(at, 0, shown.phone(row.phone))
    sheet.write_number(at, 1, row.day.toordinal() - EXCEL_EPOCH, day)
    if row.seconds is None:
        sheet.write_blank(at, 3, None, minutes)
    else:
        sheet.write_number(at, 2, row.seconds)
        sheet.write_formula(at, 3, f"=C{at + 1}/86400", minutes, row.seconds / 86_400)
    for column, value in enumerate((row.thematique, row.motif, row.sous_motif, row.niveau), start=4):
        if value:
            string(at, column, value)
    if row.resolved is not None:
        string(at, 8, yes_no(row.resolved))
    if row.escalated is not None:
        string(at, 9, yes_no(row.escalated))
    if row.call_id:
        # The print of a masked number would give it away.
        string(at, MARK_COLUMN, mark(replace(row, phone=None) if shown.phones_are_masked else row))
    if shown.with_departement:
        string(at, DEPARTEMENT_COLUMN, row.departement or "")


def _add_lists(sheet: Any, count: int, lists: Lists) -> None:
    last = count + SPARE_ROWS
    sheet.autofilter(0, 0, max(count, 1), 9)
    wrong = {"error_title": "Hors de la liste", "error_message": "Choisissez une valeur de la liste."}
    for column, source in enumerate(lists.menus(first_row=2), start=4):
        sheet.data_validation(1, column, last, column, {"validate": "list", "source": source, **wrong})
    sheet.data_validation(1, 7, last, 7, {"validate": "list", "source": ["1", "2", "1/2"], **wrong})
    sheet.data_validation(1, 8, last, 9, {"validate": "list", "source": ["Oui", "Non"], **wrong})
    sheet.data_validation(
        1, 2, last, 2,
        {"validate": "integer", "criteria": "between", "minimum": 0, "maximum": 86_400,
         "error_title": "Durée", "error_message": "Écrivez un nombre entier de secondes."},
    )  # fmt: skip
