"""From the lines of a file to rows, and every line that cannot be understood with its reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from records.wording import Entry, Wording, Wordings
from reports.importing.reading.book import MARK, MINUTES, Cell, Place, ReadBook, text_of
from reports.importing.understanding.cells import (
    CellRefused,
    is_masked,
    is_withheld,
    quoted,
    read_date,
    read_level,
    read_seconds,
    read_yes_no,
)
from reports.workbook.columns import (
    COLUMNS,
    MARK_HEADING,
    Column,
    Columns,
    HistoryRow,
    Kind,
    Prints,
    print_of,
    read_mark,
)

NAMES = Wording._fields
Meant = Mapping[str, str]
"""What people said of unknown wordings: the `Wording.key` of the entry by the key of the wording as typed."""
NOTHING_MEANT: Meant = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Refused:
    """One line that is not imported, and why."""

    place: Place
    reasons: tuple[str, ...]
    wording: Wording | None = None
    """The wording as typed, when it is unknown."""
    near: tuple[Entry, ...] = ()
    """The entries nearest to it, best first."""
    cells: Mapping[str, Cell] = field(default_factory=dict)
    """The line as it was read, by the keys of its columns."""

    def sentence(self) -> str:
        """« Ligne 12 : … »."""
        return f"{self.place} : {' ; '.join(self.reasons)}."


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One line that was understood. `base` are the prints of its cells as exported; none for a call not of ours."""

    place: Place
    row: HistoryRow
    columns: frozenset[str]
    """The keys of the columns that the file has."""
    base: Prints = field(default_factory=dict)
    phone_is_masked: bool = False
    notes: tuple[str, ...] = ()
    """French sentences to show beside the line: a doubtful reading with its value, a number that was left out."""


@dataclass(slots=True)
class Understood:
    """All lines of a file."""

    book: ReadBook
    rows: list[ReadRow] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def understand(
    book: ReadBook,
    wordings: Wordings,
    today: date,
    read_phone: Callable[[str], str],
    *,
    columns: Columns = COLUMNS,
    meant: Meant = NOTHING_MEANT,
) -> Understood:
    """Every line of a file, understood or refused.

    `read_phone` gives a number or raises ValueError in French; `meant` maps the unknown wordings mapped by hand.
    """
    found, reading = Understood(book), _Reading(columns, today, read_phone)
    seen: dict[str, Place] = {}
    for sheet in book.sheets:
        name = sheet.name if len(book.sheets) > 1 else ""
        for line, cells in sheet.lines:
            place = Place(name, line)
            try:
                understood = _understand_line(place, cells, wordings, meant, reading)
                _check_seen_once(understood, seen)
                found.rows.append(understood)
            except _LineRefused as refusal:
                found.refused.append(Refused(place, refusal.reasons, refusal.wording, refusal.near, dict(cells)))
    return found


class _LineRefused(Exception):  # noqa: N818 - as above
    def __init__(self, *reasons: str, wording: Wording | None = None, near: tuple[Entry, ...] = ()) -> None:
        super().__init__(*reasons)
        self.reasons, self.wording, self.near = reasons, wording, near


class _WordingUnknown(CellRefused):
    def __init__(self, wording: Wording, near: tuple[Entry, ...]) -> None:
        said = " / ".join(text or "(vide)" for text in wording)
        super().__init__(f"« {said} » n'est pas dans la nomenclature")
        self.wording, self.near = wording, near


def _check_seen_once(read: ReadRow, seen: dict[str, Place]) -> None:
    if read.row.call_id is None:
        return
    first = seen.setdefault(read.row.call_id, read.place)
    if first != read.place:
        raise _LineRefused(
            f"cet appel figure déjà ({first}) ; pour une ligne ajoutée, videz sa colonne masquée, « {MARK_HEADING} »"
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


def _understand_line(
    place: Place, cells: Mapping[str, Cell], wordings: Wordings, meant: Meant, reading: _Reading
) -> ReadRow:
    values, reasons = reading.values(cells)
    call_id, base = read_mark(text_of(cells.get(MARK))) or (None, {})
    row = HistoryRow(**values, call_id=call_id)
    unknown: _WordingUnknown | None = None
    if row.thematique or row.motif or row.sous_motif:
        try:
            row = _with_wording(row, wordings, meant, base)
        except _WordingUnknown as refusal:
            unknown = refusal
            reasons.append(str(refusal))
    elif row.resolved is not None or row.escalated is not None:
        reasons.append("la thématique, le motif et le sous-motif manquent")
    else:
        row = replace(row, niveau="")
    if reasons:
        raise _LineRefused(*reasons, wording=unknown.wording if unknown else None, near=unknown.near if unknown else ())
    known = frozenset(cells) | ({"seconds"} if MINUTES in cells else frozenset())
    return ReadRow(place, row, known, base, is_masked(text_of(cells.get("phone"))))


def _read_phone(cell: Cell, read_phone: Callable[[str], str]) -> str | None:
    text = text_of(cell)
    if is_withheld(cell) or is_masked(text):
        return None
    try:
        return read_phone(text)
    except ValueError as error:
        raise CellRefused(f"le numéro {quoted(cell)} n'est pas utilisable ({error})") from error


def _with_wording(row: HistoryRow, wordings: Wordings, meant: Meant, base: Prints) -> HistoryRow:
    """The row in the nomenclature's wording; the wording that one of our calls carries is kept as it is."""
    names = [column for column in COLUMNS.compared if column.key in NAMES]
    if all(base.get(column.code) == print_of(column.text(row)) for column in names):
        return row
    typed = Wording(row.thematique, row.motif, row.sous_motif)
    entry = wordings.find(*typed) or wordings.of_key(meant.get(typed.key, ""))
    if entry is None:
        raise _WordingUnknown(typed, wordings.near(typed))
    level = row.niveau or entry.niveau
    if level == "1/2":
        level = "2" if row.escalated else "1"
    return replace(row, **entry.wording._asdict(), niveau=level)
