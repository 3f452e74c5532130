"""Opening a file: which sheets are histories, where their headings stand, and the lines under them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from types import MappingProxyType

from python_calamine import CalamineError, CalamineWorkbook

from records.wording import Wording, fold_words
from reports.importing.reading.book import (
    MARK,
    MINUTES,
    Cell,
    Chosen,
    Heading,
    How,
    Line,
    ReadBook,
    ReadSheet,
    WorkbookRefused,
    text_of,
)
from reports.workbook.columns import COLUMNS, MARK_HEADING, REQUEST_RESULTS_SHEET, REQUESTS_SHEET, Columns, letter

LARGEST_BYTES = 30 * 1024 * 1024
LARGEST_UNPACKED = 600 * 1024 * 1024
LARGEST_ROWS = 200_000
HEADER_WITHIN = 30
NEEDED = ("day", *Wording._fields)
NOTHING: Chosen = MappingProxyType({})

NOT_OF_CALLS = frozenset(map(fold_words, (REQUESTS_SHEET, REQUEST_RESULTS_SHEET)))
"""Sheets in which no call stands, whatever their columns."""


def read_book(content: bytes, chosen: Chosen = NOTHING, columns: Columns = COLUMNS) -> ReadBook:
    """The histories of a file; WorkbookRefused otherwise. `chosen` maps the headings that people mapped by hand."""
    check_container(content)
    fields = _fields(columns) | dict(chosen)
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        names = [name for name in book.sheet_names if fold_words(name) not in NOT_OF_CALLS]
        names.sort(key=lambda name: not fold_words(name).startswith("historique"))
        for name in names:
            lines = book.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=LARGEST_ROWS + HEADER_WITHIN)
            header = _find_header(lines, fields)
            if header is not None:
                return _book_of(name, lines, *header)
    except CalamineError as error:
        raise WorkbookRefused("Le fichier est abîmé ou n'est pas un classeur : il n'a pas pu être lu.") from error
    raise WorkbookRefused(
        "Aucune feuille ne porte les colonnes de l'historique d'appel (Date, Thématique, Motif, Sous motif…)."
    )


def _book_of(name: str, lines: Sequence[Sequence[Cell]], index: int, fields: dict[int, str]) -> ReadBook:
    headings = tuple(
        Heading(letter(place), text_of(cell), fields.get(place, ""), How.KNOWN if place in fields else How.UNKNOWN)
        for place, cell in enumerate(lines[index])
        if text_of(cell)
    )
    return ReadBook((ReadSheet(name, index + 1, headings, tuple(_lines_under(lines, index, fields))),))


def check_container(content: bytes) -> None:
    """Refuse before parsing: empty, too large, protected by a password, an old format, or a bomb."""
    if not content:
        raise WorkbookRefused("Le fichier est vide.")
    if len(content) > LARGEST_BYTES:
        raise WorkbookRefused(f"Le fichier dépasse {LARGEST_BYTES // 1024 // 1024} Mo : découpez-le par année.")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise WorkbookRefused("Le classeur est protégé par un mot de passe : enregistrez-le sans mot de passe.")
        raise WorkbookRefused("Le classeur est dans un ancien format : enregistrez-le au format .xlsx.")
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise WorkbookRefused("Le fichier est abîmé ou n'est pas un classeur : il n'a pas pu être lu.") from error
    if sum(part.file_size for part in parts) > LARGEST_UNPACKED or len(parts) > 10_000:  # noqa: PLR2004 - absurd
        raise WorkbookRefused("Le contenu du classeur est démesuré : il n'a pas été ouvert.")
    if any(part.flag_bits & 1 for part in parts):
        raise WorkbookRefused("Le classeur est protégé par un mot de passe : enregistrez-le sans mot de passe.")


def _fields(columns: Columns) -> dict[str, str]:
    """The key meant by each heading, folded."""
    headings = {fold_words(MARK_HEADING): MARK}
    for column in columns.declared:
        headings.update(dict.fromkeys(map(fold_words, (column.heading, *column.also)), column.key))
    return headings


def _find_header(lines: Sequence[Sequence[Cell]], fields: Mapping[str, str]) -> tuple[int, dict[int, str]] | None:
    for index, cells in enumerate(lines[:HEADER_WITHIN]):
        found: dict[int, str] = {}
        for place, cell in enumerate(cells):
            key = fields.get(fold_words(text_of(cell)))
            if key is not None and key not in found.values():
                found[place] = key
        if set(NEEDED) <= set(found.values()):
            return index, found
    return None


def _lines_under(lines: Sequence[Sequence[Cell]], index: int, fields: dict[int, str]) -> Iterator[Line]:
    if len(lines) > LARGEST_ROWS + index + 1:
        raise WorkbookRefused(f"Le classeur a plus de {LARGEST_ROWS} lignes : découpez-le par année.")
    for number, cells in enumerate(lines[index + 1 :], start=index + 2):
        named = {key: cells[column] for column, key in fields.items() if column < len(cells)}
        if any(text_of(cell) for key, cell in named.items() if key not in {MARK, MINUTES}):
            yield number, named
