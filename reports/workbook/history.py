"""The sheet « Historique d'appel »: one line per treated call, lists for the lines added by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any

from reports.workbook.columns import MARK_HEADING, Column, Columns, HistoryRow, Kind, yes_no
from reports.workbook.nomenclature import Lists

SPARE_ROWS = 2_000
"""Lines under the last call that have lists and formats ready for hand-made entries."""
FORMULA_ROWS = 200
"""Of these, the lines whose minutes are already a formula."""
EXCEL_EPOCH = date(1899, 12, 30).toordinal()
NUMBER_FORMATS: Mapping[Kind, str] = {
    Kind.PHONE: "@", Kind.LEVEL: "@", Kind.DAY: "dd/mm/yyyy", Kind.MINUTES: "[mm]:ss",
}  # fmt: skip
CHOICES: Mapping[Kind, list[str]] = {Kind.LEVEL: ["1", "2", "1/2"], Kind.YES_NO: ["Oui", "Non"]}


@dataclass(frozen=True, slots=True)
class History:
    """What the results need to know of the history: its number of calls and the ranges of its columns."""

    rows: int
    columns: Columns

    def column(self, key: str) -> str:
        """The absolute range of a column, spare lines included."""
        letter = self.columns.letter(key)
        return f"'Historique d''appel'!${letter}$2:${letter}${self.rows + SPARE_ROWS + 1}"


@dataclass(frozen=True, slots=True)
class Shown:
    """How the lines are shown: telephone numbers, and a column for the département in a consolidated workbook."""

    phone: Callable[[str], str] = str
    phones_are_masked: bool = False
    with_departement: bool = False


Put = Callable[[int, HistoryRow], None]
"""Writes one cell of a row on a line counted from 0."""


def write_history(
    book: Any, sheet: Any, rows: Iterable[HistoryRow], lists: Lists, shown: Shown, *, columns: Columns
) -> History:
    """Write the lines as they come and return what was written."""
    header = book.add_format({"bold": True, "bg_color": "#E3E3FD", "text_wrap": True, "valign": "top"})
    styles = {kind: book.add_format({"num_format": shape}) for kind, shape in NUMBER_FORMATS.items()}
    _shape(sheet, columns, styles, with_departement=shown.with_departement)
    sheet.set_row(0, 32)
    headings = (*columns.headings, MARK_HEADING, *(["Département"] if shown.with_departement else []))
    for place, heading in enumerate(headings):
        sheet.write_string(0, place, heading, header)
    puts = [_put(sheet, column, columns, styles.get(column.kind), shown) for column in columns.declared]
    puts.append(_put_mark(sheet, columns, shown))
    count = 0
    for count, row in enumerate(rows, start=1):
        for put in puts:
            put(count, row)
    _add_formulas(sheet, count, columns, styles)
    _add_lists(sheet, count, lists, columns)
    return History(count, columns)


def _shape(sheet: Any, columns: Columns, styles: Mapping[Kind, Any], *, with_departement: bool) -> None:
    for place, column in enumerate(columns.declared):
        sheet.set_column(place, place, column.width, styles.get(column.kind))
    after = columns.mark_place + 1
    sheet.set_column(columns.mark_place, columns.mark_place, 12, None, {"hidden": True})
    if with_departement:
        sheet.set_column(after, after, 14, styles[Kind.PHONE])
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _put(sheet: Any, column: Column, columns: Columns, style: Any, shown: Shown) -> Put:
    """How the cells of a column are written."""
    place, value_of = columns.place(column.key), attrgetter(column.key)
    string, number = sheet.write_string, sheet.write_number

    def put_phone(at: int, row: HistoryRow) -> None:
        value = value_of(row)
        if value:
            string(at, place, shown.phone(value))

    def put_day(at: int, row: HistoryRow) -> None:
        number(at, place, value_of(row).toordinal() - EXCEL_EPOCH, style)

    def put_seconds(at: int, row: HistoryRow) -> None:
        value = value_of(row)
        if value is not None:
            number(at, place, value)

    def put_minutes(at: int, row: HistoryRow) -> None:
        if row.seconds is None:
            sheet.write_blank(at, place, None, style)
        else:
            sheet.write_formula(at, place, f"={seconds}{at + 1}/86400", style, row.seconds / 86_400)

    def put_words(at: int, row: HistoryRow) -> None:
        value = value_of(row)
        if value:
            string(at, place, value)

    def put_yes_no(at: int, row: HistoryRow) -> None:
        value = value_of(row)
        if value is not None:
            string(at, place, yes_no(value))

    seconds = columns.letter("seconds")
    return {
        Kind.PHONE: put_phone, Kind.DAY: put_day, Kind.SECONDS: put_seconds, Kind.MINUTES: put_minutes,
        Kind.WORDS: put_words, Kind.LEVEL: put_words, Kind.YES_NO: put_yes_no,
    }[column.kind]  # fmt: skip


def _put_mark(sheet: Any, columns: Columns, shown: Shown) -> Put:
    """How the hidden cell is written, and after it the département of a consolidated workbook."""
    place, with_phone = columns.mark_place, not shown.phones_are_masked

    def put(at: int, row: HistoryRow) -> None:
        if row.call_id:
            sheet.write_string(at, place, columns.mark(row, with_phone=with_phone))
        if shown.with_departement:
            sheet.write_string(at, place + 1, row.departement or "")

    return put


def _add_formulas(sheet: Any, count: int, columns: Columns, styles: Mapping[Kind, Any]) -> None:
    place, seconds = columns.place("minutes"), columns.letter("seconds")
    for spare in range(count + 1, count + 1 + FORMULA_ROWS):
        cell = f"{seconds}{spare + 1}"
        sheet.write_formula(spare, place, f'=IF({cell}="","",{cell}/86400)', styles[Kind.MINUTES], "")


def _add_lists(sheet: Any, count: int, lists: Lists, columns: Columns) -> None:
    last = count + SPARE_ROWS
    sheet.autofilter(0, 0, max(count, 1), columns.mark_place - 1)
    menus = lists.menus(columns.letter("thematique"), columns.letter("motif"), first_row=2)
    for place, column in enumerate(columns.declared):
        check = _check_of(column, menus)
        if check:
            sheet.data_validation(1, place, last, place, check)


def _check_of(column: Column, menus: Mapping[str, str]) -> dict[str, Any] | None:
    """What a spreadsheet lets one type in a column; None when anything."""
    source = menus.get(column.key) or CHOICES.get(column.kind)
    if source:
        wrong = {"error_title": "Hors de la liste", "error_message": "Choisissez une valeur de la liste."}
        return {"validate": "list", "source": source, **wrong}
    if column.kind is Kind.SECONDS:
        return {
            "validate": "integer", "criteria": "between", "minimum": 0, "maximum": 86_400,
            "error_title": "Durée", "error_message": "Écrivez un nombre entier de secondes.",
        }  # fmt: skip
    return None
