"""The sheets of a file as lines of cells, whatever program wrote it."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from reports.importing.reading.book import Cell, WorkbookRefused
from reports.importing.reading.csv_file import csv_rows, text_of_bytes
from reports.importing.reading.parts import (
    Parts,
    SheetParts,
    ods_duration,
    parts_of_ods,
    parts_of_xls,
    parts_of_xlsx,
)

DAMAGED = "Le fichier est abîmé ou n'est pas un classeur : il n'a pas pu être lu."
PROTECTED = "Le classeur est protégé par un mot de passe : enregistrez-le sans mot de passe."
OLE = b"\xd0\xcf\x11\xe0"
CSV_NAME = "Fichier .csv"
MOST_COLUMNS = 1_000
"""Filled cells of one line; the widest history that people were seen to keep had a hundred."""
Row = tuple[int, Sequence[Cell]]
"""The number of a line, from 1, and its cells from column A; never a line without content."""


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet. `rows` may be read once; `is_1904` None: the file does not tell from which year its days count."""

    name: str
    rows: Iterable[Row]
    parts: SheetParts = field(default_factory=SheetParts)
    is_1904: bool | None = False
    is_hidden: bool = False
    is_text: bool = False
    """Whether it comes from a .csv, whose dates are text as the program that wrote it was set."""


def grids_of(content: bytes) -> Iterator[Grid]:
    """The sheets of a file in its order, each read when its turn comes; WorkbookRefused for a file that has none."""
    if not content.startswith((OLE, b"PK")):
        yield Grid(CSV_NAME, map(_bounded, csv_rows(text_of_bytes(content))), is_text=True)
        return
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
        parts = _parts_of(content, [sheet.name for sheet in sheets])
        is_ods = not content.startswith(OLE) and b"opendocument" in content[:200]
        for sheet in sheets:
            said, cells = parts.sheet(sheet.name), book.get_sheet_by_name(sheet.name)
            said.merged += cells.merged_cell_ranges or ()
            is_hidden = sheet.visible != SheetVisibleEnum.Visible
            yield Grid(sheet.name, _rows(cells, said, is_ods=is_ods), said, parts.is_1904, is_hidden)
    except PasswordError as error:
        raise WorkbookRefused(PROTECTED) from error
    except (CalamineError, zipfile.BadZipFile, OSError, KeyError, EOFError, NotImplementedError) as error:
        raise WorkbookRefused(DAMAGED) from error
    except BaseException as error:
        # The library's own faults are no Exception: a damaged file ends no process.
        if type(error).__name__ == "PanicException":
            raise WorkbookRefused(DAMAGED) from error
        raise


def _parts_of(content: bytes, names: Sequence[str]) -> Parts:
    if content.startswith(OLE):
        is_1904, sheets = parts_of_xls(content)
        return Parts(is_1904, dict(zip(names, sheets, strict=False)) if len(sheets) == len(names) else {})
    with zipfile.ZipFile(BytesIO(content)) as archive:
        try:
            if "content.xml" in archive.namelist():
                return parts_of_ods(archive)
            return parts_of_xlsx(archive)
        except (zipfile.BadZipFile, zlib.error, ValueError, RuntimeError) as error:
            raise WorkbookRefused(DAMAGED) from error


def _rows(sheet: CalamineSheet, said: SheetParts, *, is_ods: bool) -> Iterator[Row]:
    if sheet.start is None:
        return
    before: list[Cell] = [""] * sheet.start[1]
    for row, read in enumerate(sheet.iter_rows()):
        cells = [*before, *(map(ods_duration, read) if is_ods else read)]
        for column, unreadable in said.unreadable.get(row, {}).items():
            if column < len(cells):
                cells[column] = unreadable
        if any(cell != "" for cell in cells):
            yield _bounded((row + 1, cells))


def _bounded(row: Row) -> Row:
    """The line; WorkbookRefused for one of more cells than a history has: each would be asked about."""
    line, cells = row
    if len(cells) > MOST_COLUMNS and sum(cell != "" for cell in cells) > MOST_COLUMNS:
        raise WorkbookRefused(
            f"La ligne {line} a plus de {MOST_COLUMNS} cellules remplies : gardez les colonnes de l'historique d'appel."
        )
    return row
