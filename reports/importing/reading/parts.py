"""What a file says of its cells and its library does not tell: epoch, errors, formulas that were never computed.

Only what is needed is looked for, with patterns over the parts as they are unpacked: parsing them would take longer
than reading the whole file.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from typing import IO

from reports.importing.reading.book import Cell, UnreadableCell, WorkbookRefused
from reports.workbook.columns import letter

Range = tuple[tuple[int, int], tuple[int, int]]
"""First and last cell, rows and columns counted from 0."""
SMALL_PART = 8_000_000
"""Bytes of the parts that list the sheets."""
AT_ONCE = 1 << 20
LONGEST_LINE = 16 << 20


@dataclass(slots=True)
class SheetParts:
    """Of one sheet: the cells that cannot be known, by row and column counted from 0, and cells that span rows."""

    unreadable: dict[int, dict[int, UnreadableCell]] = field(default_factory=dict)
    merged: list[Range] = field(default_factory=list)
    has_places: bool = True
    """Whether its cells say in which column they stand."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Of one file: the year from which its days count (None: not known), and its sheets by name."""

    is_1904: bool | None
    sheets: Mapping[str, SheetParts]

    def sheet(self, name: str) -> SheetParts:
        """What is said of a sheet; nothing for one that is not named."""
        return self.sheets.get(name) or SheetParts()


def without_value(row: int, column: int) -> UnreadableCell:
    """A formula whose value was never computed, as programs write them that are no spreadsheets."""
    place = f"{letter(column)}{row + 1}"
    return UnreadableCell(
        f"la formule de la cellule {place} n'a pas de valeur enregistrée ; ouvrez le fichier dans un tableur, "
        "enregistrez-le, puis renvoyez-le"
    )


def with_error(row: int, column: int, error: str = "") -> UnreadableCell:
    """A cell that shows an error."""
    shown = f" {error}" if re.fullmatch(r"#[A-Z0-9/!?#]{2,12}", error) else ""
    return UnreadableCell(f"la cellule {letter(column)}{row + 1} contient une erreur de formule{shown}")


def parts_of_xlsx(archive: zipfile.ZipFile) -> Parts:
    """What an OOXML workbook says, transitional or strict."""
    names = set(archive.namelist())
    book_path = next((name for name in sorted(names) if name.lower().endswith("xl/workbook.xml")), "")
    if not book_path:
        return Parts(None, {})
    book = _small(archive, book_path)
    folder, name = posixpath.split(book_path)
    rels_path = f"{folder}/_rels/{name}.rels"
    targets = {}
    for tag in re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", _small(archive, rels_path) if rels_path in names else ""):
        targets[_attribute(tag, "Id")] = _attribute(tag, "Target")
    sheets = {}
    for tag in re.findall(r"<(?:\w+:)?sheet\b[^>]*>", book):
        target = targets.get(_attribute(tag, r"\w+:id"), "")
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        if path in names:
            with archive.open(path) as part:
                sheets[_attribute(tag, "name")] = _sheet_of_xlsx(part)
    properties = re.search(r"<(?:\w+:)?workbookPr\b[^>]*>", book)
    return Parts(properties is not None and _attribute(properties[0], "date1904") in {"1", "true", "on"}, sheets)


def _small(archive: zipfile.ZipFile, path: str) -> str:
    with archive.open(path) as part:
        return part.read(SMALL_PART).decode("utf-8", "replace")


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf"""\s{name}\s*=\s*(?:"([^"]*)"|'([^']*)')""", tag)
    return unescape(found[1] if found[1] is not None else found[2]) if found else ""


_NEVER_COMPUTED = (
    re.compile(rb"<f\b[^>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>"),
    re.compile(rb"<\w+:f\b[^>]*(?:/>|>[^<]*</\w+:f>)\s*(?:<\w+:v\s*/>|<\w+:v>\s*</\w+:v>)?\s*</\w+:c>"),
)
"""A formula without a value; the second where the program names its elements with a prefix."""
_ROW = re.compile(rb"""<(?:\w+:)?row\b([^>]*)>""")
_CELL = re.compile(rb"""<(?:\w+:)?c(?=[\s/>])([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)""", re.DOTALL)
_REFERENCE = re.compile(rb"""\sr=["']([A-Z]{0,3})(\d{1,7})["']""")
_EMPTY_TEXT = re.compile(rb"""\st=["']str["']""")
_VALUE = re.compile(rb"""<(?:\w+:)?v\b[^>]*>\s*([^<\s][^<]*)<""")


def _sheet_of_xlsx(part: IO[bytes]) -> SheetParts:
    found, rows_before, first = SheetParts(), 0, True
    for piece in _pieces(part, b"row>"):
        if first and b"<" in piece:
            cells = _CELL.findall(piece[:20_000])
            found.has_places = not cells or any(_REFERENCE.search(attributes) for attributes, _ in cells)
            first = not cells
        if _is_suspect(piece):
            _note_cells(found, piece, rows_before)
        rows_before += piece.count(b"row>")
    return found


def _is_suspect(piece: bytes) -> bool:
    """Whether a piece may hold a cell that cannot be known; looked for by what begins with letters, which is quick."""
    if b't="e"' in piece or b"t='e'" in piece:
        return True
    plain, prefixed = _NEVER_COMPUTED
    return bool(b"<f" in piece and plain.search(piece)) or bool(b":f" in piece and prefixed.search(piece))


def _note_cells(found: SheetParts, piece: bytes, rows_before: int) -> None:
    starts = list(_ROW.finditer(piece))
    ends = [start.start() for start in starts[1:]] + [len(piece)]
    for count, (start, end) in enumerate(zip(starts, ends, strict=True)):
        said = _REFERENCE.search(start[1])
        row = int(said[2]) - 1 if said else rows_before + count
        for place, cell in enumerate(_CELL.finditer(piece, start.end(), end)):
            attributes, content = cell[1], cell[2] or b""
            reference = _REFERENCE.search(attributes)
            column = _column(reference[1]) if reference and reference[1] else place
            value = _VALUE.search(content)
            if re.search(rb"""\st=["']e["']""", attributes):
                error = value[1].decode("ascii", "replace").strip() if value else ""
                found.unreadable.setdefault(row, {})[column] = with_error(row, column, error)
            elif not value and re.search(rb"<(?:\w+:)?f\b", content) and not _EMPTY_TEXT.search(attributes):
                found.unreadable.setdefault(row, {})[column] = without_value(row, column)


def _column(letters: bytes) -> int:
    number = 0
    for one in letters:
        number = number * 26 + one - 64
    return number - 1


def _pieces(part: IO[bytes], end: bytes) -> Iterator[bytes]:
    """A part in pieces of whole rows."""
    kept = b""
    while True:
        read = part.read(AT_ONCE)
        if not read:
            break
        kept += read
        cut = kept.rfind(end)
        if cut >= 0:
            yield kept[: cut + len(end)]
            kept = kept[cut + len(end) :]
        elif len(kept) > LONGEST_LINE:
            raise WorkbookRefused("Le contenu du classeur est démesuré : sa lecture a été arrêtée.")
    yield kept


_ODS_SUSPECT = re.compile(
    rb"""number-rows-spanned="(?!1")|calcext:value-type="error"|table:formula="[^"]*"(?![^>]*office:value-type)[^>]*/>"""
)
_ODS_TOKEN = re.compile(rb"""<table:(table|table-row|table-cell|covered-table-cell)((?:\s[^>]*)?)>""")


def parts_of_ods(archive: zipfile.ZipFile) -> Parts:
    """What an OpenDocument workbook says."""
    with archive.open("content.xml") as part:
        head = part.read(AT_ONCE)
    epoch = re.search(rb"""<table:null-date\b[^>]*table:date-value="(\d{4})""", head)
    with archive.open("content.xml") as part:
        if not any(_ODS_SUSPECT.search(piece) for piece in _pieces(part, b"</table:table-row>")):
            return Parts(epoch is not None and epoch[1] == b"1904", {})
    with archive.open("content.xml") as part:
        sheets = _sheets_of_ods(part)
    return Parts(epoch is not None and epoch[1] == b"1904", sheets)


def _sheets_of_ods(part: IO[bytes]) -> dict[str, SheetParts]:
    sheets: dict[str, SheetParts] = {}
    found, row, column, repeated = SheetParts(), -1, 0, 1
    for piece in _pieces(part, b"</table:table-row>"):
        for token in _ODS_TOKEN.finditer(piece):
            kind, said = token[1], token[2]
            if kind == b"table":
                name = _attribute(said.decode("utf-8", "replace"), "table:name")
                found, row, repeated = sheets.setdefault(name, SheetParts()), -1, 1
            elif kind == b"table-row":
                row, column = row + repeated, 0
                repeated = _number(said, b"rows-repeated")
            else:
                _note_ods_cell(found, said, row, column)
                column += _number(said, b"columns-repeated")
    return sheets


def _note_ods_cell(found: SheetParts, said: bytes, row: int, column: int) -> None:
    spanned = _number(said, b"rows-spanned")
    if spanned > 1:
        found.merged.append(((row, column), (row + spanned - 1, column + _number(said, b"columns-spanned") - 1)))
    if b'calcext:value-type="error"' in said:
        found.unreadable.setdefault(row, {})[column] = with_error(row, column)
    elif b"table:formula=" in said and b"office:value-type" not in said and said.endswith(b"/"):
        found.unreadable.setdefault(row, {})[column] = without_value(row, column)


def _number(said: bytes, name: bytes) -> int:
    found = re.search(rb"table:number-" + name + rb'="(\d{1,7})"', said)
    return int(found[1]) if found else 1


_XLS_EPOCH = re.compile(rb"\x22\x00\x02\x00([\x00\x01])\x00\x0e\x00\x02\x00")
"""The record of the epoch, and the beginning of the one that follows it."""
_XLS_RECORD = re.compile(
    rb"(?P<sheet>\x09\x08\x10\x00\x00\x06\x10\x00)"
    rb"|\x06\x00[\x16-\xff][\x00-\x1f](?P<row>..)(?P<column>..)..\x02.(?P<error>[\x00\x07\x0f\x17\x1d\x24\x2a])...\xff\xff"
    rb"|\x05\x02\x08\x00(?P<row2>..)(?P<column2>..)..(?P<error2>[\x00\x07\x0f\x17\x1d\x24\x2a])\x01",
    re.DOTALL,
)
"""The beginning of a sheet, a formula that shows an error, an error without a formula."""
_XLS_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def parts_of_xls(content: bytes) -> tuple[bool | None, list[SheetParts]]:
    """What a workbook of Excel 97 says of its epoch, and of its sheets in their order.

    The records are looked for in the file as it is: spreadsheets write theirs in order, and hardly one is cut.
    """
    sheets: list[SheetParts] = []
    for record in _XLS_RECORD.finditer(content):
        if record["sheet"]:
            sheets.append(SheetParts())
        elif sheets:
            row, column = (int.from_bytes(record[name] or record[f"{name}2"], "little") for name in ("row", "column"))
            error = _XLS_ERRORS[(record["error"] or record["error2"])[0]]
            if column < 256:  # noqa: PLR2004 - what such a sheet has
                sheets[-1].unreadable.setdefault(row, {})[column] = with_error(row, column, error)
    found = _XLS_EPOCH.search(content)
    return None if found is None else found[1] == b"\x01", sheets


def ods_duration(cell: Cell) -> Cell:
    """« PT25H10M00S », which the library leaves as text, as a duration."""
    found = re.fullmatch(r"PT(\d{1,6})H(\d{1,2})M(\d{1,2})(?:[.,]\d+)?S", cell) if isinstance(cell, str) else None
    return timedelta(hours=int(found[1]), minutes=int(found[2]), seconds=int(found[3])) if found else cell
