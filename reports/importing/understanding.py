"""Reading a workbook filled by hand: from bytes to rows, and every row that cannot be understood with its reason."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from io import BytesIO
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from records.wording import Wording, Wordings, fold_words
from reports.importing.cells import (
    Cell,
    CellRefused,
    is_masked,
    is_withheld,
    quoted,
    read_date,
    read_level,
    read_seconds,
    read_yes_no,
    text_of,
)
from reports.workbook.columns import (
    COLUMNS,
    MARK_HEADING,
    REQUEST_RESULTS_SHEET,
    REQUESTS_SHEET,
    Column,
    Columns,
    HistoryRow,
    Kind,
    Prints,
    print_of,
    read_mark,
)

LARGEST_BYTES = 30 * 1024 * 1024
LARGEST_UNPACKED = 600 * 1024 * 1024
LARGEST_ROWS = 200_000
HEADER_WITHIN = 30
MARK, MINUTES = "mark", "minutes"
Line = tuple[int, dict[str, Cell]]
"""The number of a line in the sheet and its cells by field."""
NAMES = Wording._fields
NEEDED = ("day", *NAMES)


class WorkbookRefused(ValueError):  # noqa: N818 - the house says what happened
    """A file that cannot be read at all; the message is a French sentence."""


@dataclass(frozen=True, slots=True)
class Refused:
    """One line that is not imported, and why."""

    line: int
    reasons: tuple[str, ...]

    def sentence(self) -> str:
        """« Ligne 12 : … »."""
        return f"Ligne {self.line} : {' ; '.join(self.reasons)}."


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One line that was understood. `base` are the prints of its cells as exported; none for a call not of ours."""

    line: int
    row: HistoryRow
    columns: frozenset[str]
    """The keys of the columns that the file has."""
    base: Prints = field(default_factory=dict)
    phone_is_masked: bool = False


@dataclass(slots=True)
class Understood:
    """All lines of a file."""

    rows: list[ReadRow] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


NOT_OF_CALLS = frozenset(map(fold_words, (REQUESTS_SHEET, REQUEST_RESULTS_SHEET)))
"""Sheets in which no call stands, whatever their columns."""


def read_lines(content: bytes, columns: Columns = COLUMNS) -> Iterator[Line]:
    """Each line that is not empty; WorkbookRefused otherwise."""
    check_container(content)
    fields = _fields(columns)
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        names = [name for name in book.sheet_names if fold_words(name) not in NOT_OF_CALLS]
        names.sort(key=lambda name: not fold_words(name).startswith("historique"))
        for name in names:
            lines = book.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=LARGEST_ROWS + HEADER_WITHIN)
            header = _find_header(lines, fields)
            if header is not None:
                return _lines_under(lines, *header)
    except CalamineError as error:
        raise WorkbookRefused("Le fichier est abîmé ou n'est pas un classeur : il n'a pas pu être lu.") from error
    raise WorkbookRefused(
        "Aucune feuille ne porte les colonnes de l'historique d'appel (Date, Thématique, Motif, Sous motif…)."
    )


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


def understand(
    content: bytes,
    wordings: Wordings,
    today: date,
    read_phone: Callable[[str], str],
    *,
    read: Callable[[bytes], Iterable[Line]] = read_lines,
    columns: Columns = COLUMNS,
) -> Understood:
    """Every line of the workbook, understood or refused. `read_phone` gives E.164 or raises ValueError in French."""
    found, reading = Understood(), _Reading(columns, today, read_phone)
    seen: dict[str, int] = {}
    for line, cells in read(content):
        try:
            understood = _understand_line(line, cells, wordings, reading)
            _check_seen_once(understood, seen)
            found.rows.append(understood)
        except _LineRefused as refusal:
            found.refused.append(Refused(line, refusal.reasons))
    return found


class _LineRefused(Exception):  # noqa: N818 - as above
    def __init__(self, *reasons: str) -> None:
        super().__init__(*reasons)
        self.reasons = reasons


def _check_seen_once(read: ReadRow, seen: dict[str, int]) -> None:
    if read.row.call_id is None:
        return
    first = seen.setdefault(read.row.call_id, read.line)
    if first != read.line:
        raise _LineRefused(
            f"cet appel figure déjà à la ligne {first} ; pour une ligne ajoutée, videz sa colonne masquée, "
            f"« {MARK_HEADING} »"
        )


@dataclass(frozen=True, slots=True)
class _Reading:
    """How the cells of a line become the values of its columns."""

    columns: Columns
    today: date
    read_phone: Callable[[str], str]

    def values(self, cells: Mapping[str, Cell]) -> tuple[dict[str, Any], list[str]]:
        """The value of each compared column that the file has, and why some could not be read."""
        found: dict[str, Any] = {"phone": None, "day": self.today, "seconds": None}
        reasons = []
        for column in self.columns.compared:
            if column.key not in cells and column.kind is not Kind.SECONDS:
                continue
            try:
                found[column.key] = self._value(column, cells)
            except CellRefused as refusal:
                reasons.append(str(refusal))
        return found, reasons

    def _value(self, column: Column, cells: Mapping[str, Cell]) -> Any:
        cell = cells.get(column.key)
        match column.kind:
            case Kind.PHONE:
                return _read_phone(cell, self.read_phone)
            case Kind.DAY:
                return read_date(cell, self.today)
            case Kind.SECONDS:
                return read_seconds(cell, cells.get(MINUTES))
            case Kind.LEVEL:
                return read_level(cell) or ""
            case Kind.YES_NO:
                return read_yes_no(cell, column.heading)
            case _:
                return text_of(cell)


def _understand_line(line: int, cells: Mapping[str, Cell], wordings: Wordings, reading: _Reading) -> ReadRow:
    values, reasons = reading.values(cells)
    call_id, base = read_mark(text_of(cells.get(MARK))) or (None, {})
    row = HistoryRow(**values, call_id=call_id)
    if row.thematique or row.motif or row.sous_motif:
        row = replace(row, resolved=bool(row.resolved), escalated=bool(row.escalated))
        try:
            row = _with_wording(row, wordings, base)
        except CellRefused as refusal:
            reasons.append(str(refusal))
    elif row.resolved is not None or row.escalated is not None:
        reasons.append("la thématique, le motif et le sous-motif manquent")
    else:
        row = replace(row, niveau="")
    if reasons:
        raise _LineRefused(*reasons)
    known = frozenset(cells) | ({"seconds"} if MINUTES in cells else frozenset())
    return ReadRow(line, row, known, base, is_masked(text_of(cells.get("phone"))))


def _read_phone(cell: Cell, read_phone: Callable[[str], str]) -> str | None:
    text = text_of(cell)
    if is_withheld(cell) or is_masked(text):
        return None
    try:
        return read_phone(text)
    except ValueError as error:
        raise CellRefused(f"le numéro {quoted(cell)} n'est pas utilisable ({error})") from error


def _with_wording(row: HistoryRow, wordings: Wordings, base: Prints) -> HistoryRow:
    """The row in the nomenclature's wording; the wording that one of our calls carries is kept as it is."""
    names = [column for column in COLUMNS.compared if column.key in NAMES]
    if all(base.get(column.code) == print_of(column.text(row)) for column in names):
        return row
    entry = wordings.find(row.thematique, row.motif, row.sous_motif)
    if entry is None:
        said = " / ".join(text or "(vide)" for text in (row.thematique, row.motif, row.sous_motif))
        raise CellRefused(f"{quoted(said)} n'est pas dans la nomenclature")
    level = row.niveau or entry.niveau
    if level == "1/2":
        level = "2" if row.escalated else "1"
    return replace(row, **entry.wording._asdict(), niveau=level)
