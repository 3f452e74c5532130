"""The sheet « Historique d'appel »: one line per treated call, lists for the lines added by hand.

With pivot tables the lines are those of an Excel table, « Appels », whose part is added when the file is closed
(`reports.workbook.pivot_parts`); then three hidden columns say in numbers what a pivot table cannot count in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any

from xlsxwriter.worksheet import Worksheet

from reports.workbook.columns import (
    LEVELS,
    MARK_HEADING,
    Column,
    Columns,
    HistoryRow,
    Kind,
    letter,
    level_words,
    yes_no,
)
from reports.workbook.nomenclature import Lists
from reports.workbook.pages import OPEN_LINES, PERCENT, Looks

SHEET_LINES = 1_048_576
"""What a sheet holds in Excel and LibreOffice, the headings included."""
SHEET_COLUMNS = 16_384
FIRST_PAGE = 40
"""Lines that fit on the first page: as far as there, lines to fill have their minutes ready."""
SPARE_MINUTES = 20
EXCEL_EPOCH = date(1899, 12, 30).toordinal()
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
"""A number outside of these days was not meant as a date: 12042025."""
LONGEST_SECONDS = 86_400
NUMBER_FORMATS: Mapping[Kind, str] = {
    Kind.PHONE: "@", Kind.LEVEL: "@", Kind.DAY: "dd/mm/yyyy", Kind.MINUTES: "[mm]:ss",
}  # fmt: skip
CHOICES: Mapping[Kind, list[str]] = {
    Kind.LEVEL: [level_words(level) for level in LEVELS], Kind.YES_NO: ["Oui", "Non"],
}  # fmt: skip
COUNTED = ("Calcul 1", "Calcul 2", "Calcul 3")
"""The headings of the hidden columns of a table: one a call; 1 or 0 for resolved, for escalated. Never to be changed,
and unlike any heading that the import may take for one of its own."""


COUNTED_FORMATS = ("0", PERCENT, PERCENT)


class HistorySheet(Worksheet):  # type: ignore[misc]  # the library ships no types
    """A sheet whose formulas go out as they are given, since no function of theirs is newer than Excel 2010.

    XlsxWriter looks for thirty newer ones in each formula: half the time of a long history with pivot tables.
    """

    def _prepare_formula(self, formula: str, *_: object) -> str:
        return formula.removeprefix("=")


class TooManyRows(ValueError):  # noqa: N818 - the house says what happened
    """More calls than a sheet has lines; the message is a French sentence."""


def check_fits(rows: int) -> None:
    """Refuse a history that has no place on a sheet."""
    if rows >= SHEET_LINES:
        calls, most = (f"{number:,}".replace(",", "\xa0") for number in (rows, SHEET_LINES - 1))
        raise TooManyRows(
            f"Le classeur ne peut pas être écrit : la période a trop d’appels ({calls}, et une feuille en porte {most} "
            "au plus). Choisissez une période plus courte, ou un seul département."
        )


@dataclass(frozen=True, slots=True)
class History:
    """What the results need to know of the history: its number of calls and the ranges of its columns."""

    rows: int
    columns: Columns
    with_departement: bool = False

    def column(self, key: str) -> str:
        """A whole column: a line added, inserted or sorted anywhere is counted."""
        letter = self.columns.letter(key)
        return f"'Historique d''appel'!${letter}:${letter}"

    def lines(self, key: str) -> str:
        """The part of a column over which an array is computed: its lines, and as many again as one may add by hand."""
        letter = self.columns.letter(key)
        return f"'Historique d''appel'!${letter}$1:${letter}${min(self.rows + 5_001, SHEET_LINES)}"

    @property
    def headings(self) -> tuple[str, ...]:
        """Every heading of the table « Appels », hidden ones included."""
        return (*_headings(self.columns, with_departement=self.with_departement), *COUNTED)


@dataclass(frozen=True, slots=True)
class Shown:
    """How the lines are shown: telephone numbers, a column for the département, and the columns that pivots count."""

    phone: Callable[[str], str] = str
    phones_are_masked: bool = False
    with_departement: bool = False
    as_table: bool = False


Put = Callable[[int, HistoryRow], None]
"""Writes one cell of a row on a line counted from 0."""


def write_history(
    sheet: Any, rows: Iterable[HistoryRow], lists: Lists, shown: Shown, looks: Looks, *, columns: Columns
) -> History:
    """Write the lines as they come and return what was written; TooManyRows when they have no place."""
    styles = {kind: looks.open(shape, apart=kind is Kind.MINUTES) for kind, shape in NUMBER_FORMATS.items()}
    headings = _headings(columns, with_departement=shown.with_departement)
    _shape(sheet, columns, styles, looks, shown)
    sheet.set_row(0, 32)
    for place, heading in enumerate((*headings, *(COUNTED if shown.as_table else ()))):
        sheet.write_string(0, place, heading, looks.header)
    puts = [_put(sheet, column, columns, styles.get(column.kind), shown) for column in columns.declared]
    puts.append(_put_mark(sheet, columns, shown))
    if shown.as_table:
        puts.append(_put_counted(sheet, columns, len(headings)))
    count = 0
    for count, row in enumerate(rows, start=1):
        if count >= SHEET_LINES:
            check_fits(count)
        for put in puts:
            put(count, row)
    _add_minutes(sheet, count, columns, styles, shown)
    _add_lists(sheet, lists, columns)
    _add_warnings(sheet, columns, looks)
    if shown.as_table:
        sheet.ignore_errors({"calculated_column": f"A2:{letter(len(headings) + len(COUNTED) - 1)}{SHEET_LINES}"})
    else:
        sheet.autofilter(0, 0, max(count, 1), len(headings) - 1)
        _open_the_rest(sheet, len(headings), looks)
        sheet.protect("", {**OPEN_LINES, "delete_rows": True})
    return History(count, columns, shown.with_departement)


def _headings(columns: Columns, *, with_departement: bool) -> tuple[str, ...]:
    return (*columns.headings, MARK_HEADING, *(["Département"] if with_departement else []))


def _shape(sheet: Any, columns: Columns, styles: Mapping[Kind, Any], looks: Looks, shown: Shown) -> None:
    for place, column in enumerate(columns.declared):
        sheet.set_column(place, place, column.width, styles.get(column.kind, looks.open()))
    after = columns.mark_place + 1
    sheet.set_column(columns.mark_place, columns.mark_place, 12, looks.open(), {"hidden": True})
    if shown.with_departement:
        sheet.set_column(after, after, 14, styles[Kind.PHONE])
        after += 1
    if shown.as_table:
        # LibreOffice writes the figures of a pivot table as their source is written.
        for place, shape in enumerate(COUNTED_FORMATS, start=after):
            sheet.set_column(place, place, 12, looks.open(shape), {"hidden": True})
    sheet.freeze_panes(1, 0)
    looks.print_on(sheet, heading=0)


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

    def put_level(at: int, row: HistoryRow) -> None:
        value = value_of(row)
        if value:
            string(at, place, level_words(value))

    def put_yes_no(at: int, row: HistoryRow) -> None:
        value = value_of(row)
        if value is not None:
            string(at, place, yes_no(value))

    seconds = columns.letter("seconds")
    return {
        Kind.PHONE: put_phone, Kind.DAY: put_day, Kind.SECONDS: put_seconds, Kind.MINUTES: put_minutes,
        Kind.WORDS: put_words, Kind.LEVEL: put_level, Kind.YES_NO: put_yes_no,
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


def counted_formulas(cell: Callable[[str], str]) -> tuple[str, ...]:
    """The formulas of the hidden columns of a table; `cell` gives the cell of a column, by its key, on their line."""
    theme = cell("thematique")

    def told(key: str) -> str:
        return f'IF({theme}="","",IF({cell(key)}="Oui",1,IF({cell(key)}="Non",0,"")))'

    return (f'IF({cell("day")}="","",1)', told("resolved"), told("escalated"))


def _put_counted(sheet: Any, columns: Columns, first: int) -> Put:
    """How the hidden columns of a table are written."""

    def put(at: int, row: HistoryRow) -> None:
        told = (None, None) if not row.is_qualified else (row.resolved, row.escalated)
        values = (1, *("" if one is None else int(one) for one in told))
        formulas = counted_formulas(lambda key: f"{columns.letter(key)}{at + 1}")
        for place, (formula, value) in enumerate(zip(formulas, values, strict=True), start=first):
            sheet.write_formula(at, place, f"={formula}", None, value)

    return put


def _open_the_rest(sheet: Any, first: int, looks: Looks) -> None:
    """Open every column to the right as well: on a locked sheet no line is deleted that has a locked cell."""
    widest = sheet.dim_colmax
    sheet.set_column(first, SHEET_COLUMNS - 1, None, looks.open())
    sheet.dim_colmax = widest  # what is written is as wide as before


def _add_minutes(sheet: Any, count: int, columns: Columns, styles: Mapping[Kind, Any], shown: Shown) -> None:
    """Minutes ready on the next lines of a short history; under a longer one a spreadsheet goes on by itself."""
    place, seconds = columns.place("minutes"), columns.letter("seconds")
    last = 0 if shown.as_table else min(count + SPARE_MINUTES, FIRST_PAGE)
    for spare in range(count + 1, last + 1):
        cell = f"{seconds}{spare + 1}"
        sheet.write_formula(spare, place, f'=IF(ISNUMBER({cell}),{cell}/86400,"")', styles[Kind.MINUTES], "")


def _add_lists(sheet: Any, lists: Lists, columns: Columns) -> None:
    menus = lists.menus(columns.letter("thematique"), columns.letter("motif"), first_row=2)
    for place, column in enumerate(columns.declared):
        check = _check_of(column, menus)
        if check:
            sheet.data_validation(1, place, SHEET_LINES - 1, place, check)


def _check_of(column: Column, menus: Mapping[str, str]) -> dict[str, Any] | None:
    """What a spreadsheet lets one type in a column; None when anything."""
    source = menus.get(column.key) or CHOICES.get(column.kind)
    if source:
        wrong = {"error_title": "Hors de la liste", "error_message": "Choisissez une valeur de la liste."}
        return {"validate": "list", "source": source, **wrong}
    if column.kind is Kind.SECONDS:
        return {
            "validate": "integer", "criteria": "between", "minimum": 0, "maximum": LONGEST_SECONDS,
            "error_title": "Durée", "error_message": "Écrivez un nombre entier de secondes.",
        }  # fmt: skip
    if column.kind is Kind.DAY:
        return {
            "validate": "date", "criteria": "between", "minimum": FIRST_DAY, "maximum": LAST_DAY,
            "error_title": "Date", "error_message": "Écrivez une date comme 12/04/2025.",
        }  # fmt: skip
    return None


def _add_warnings(sheet: Any, columns: Columns, looks: Looks) -> None:
    """Red for each date or duration that no figure can count: what `unread` of the results counts."""
    day, seconds, minutes, theme = (
        f"${columns.letter(key)}2" for key in ("day", "seconds", "minutes", "thematique")
    )  # fmt: skip
    first, last = (one.toordinal() - EXCEL_EPOCH for one in (FIRST_DAY, LAST_DAY))
    wrong_day = f"IF(ISNUMBER({day}),OR({day}<{first},{day}>{last}),TRUE)"
    no_seconds = f"IF(ISNUMBER({minutes}),{minutes}>0,FALSE)"
    impossible = f"OR({seconds}<0,{seconds}>{LONGEST_SECONDS},AND({seconds}>0,{seconds}<1))"
    for key, formula in (
        ("day", f'=IF({day}="",OR({theme}<>"",ISNUMBER({seconds})),{wrong_day})'),
        ("seconds", f'=IF({seconds}="",{no_seconds},IF(ISNUMBER({seconds}),{impossible},TRUE))'),
        ("minutes", f'=IF({minutes}="",FALSE,NOT(ISNUMBER({minutes})))'),
    ):
        place = columns.place(key)
        sheet.conditional_format(
            1, place, SHEET_LINES - 1, place, {"type": "formula", "criteria": formula, "format": looks.wrong}
        )
