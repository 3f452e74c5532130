"""From the lines of a file to rows, and every line that cannot be understood with its reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from records.wording import Entry, Wording, Wordings
from reports.importing.reading.book import CALLS, MARK, MINUTES, Cell, LinePlace, ReadBook, text_of
from reports.importing.understanding.answers import read_answers, read_level, read_yes_no
from reports.importing.understanding.callers import read_caller
from reports.importing.understanding.cells import CellRefused, check_readable, is_ditto, quoted
from reports.importing.understanding.days import read_day
from reports.importing.understanding.lasting import read_seconds
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

NEEDED = frozenset({Kind.DAY, Kind.SECONDS})
"""What is asked of every line, whatever its headings: an absent day is never today."""
NAMES = Wording._fields
ANSWERS = ("resolved", "escalated")
"""The two columns that are read together."""
Meant = Mapping[str, str]
"""What people said of unknown wordings: the `Wording.key` of the entry by the key of the wording as typed."""
NOTHING_MEANT: Meant = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Refused:
    """One line that is not imported, and why."""

    place: LinePlace
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

    place: LinePlace
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
    prints: Mapping[str, str] = field(default_factory=dict)
    """What stands for each number of the lines, by which an erased one is known."""


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
    found, reading = Understood(book), _LineRules(columns, wordings, today, read_phone, meant)
    for sheet in book.sheets:
        name = sheet.name if len(book.sheets) > 1 else ""
        for line, cells in sheet.lines:
            place = LinePlace(name, line)
            try:
                found.rows.append(_understand_line(place, cells, reading))
            except _LineRefused as refusal:
                found.refused.append(Refused(place, refusal.reasons, refusal.wording, refusal.near, dict(cells)))
    _once_each(found, columns)
    return found


class _LineRefused(Exception):  # noqa: N818 - as above
    def __init__(self, *reasons: str, wording: Wording | None = None, near: tuple[Entry, ...] = ()) -> None:
        super().__init__(*reasons)
        self.reasons, self.wording, self.near = reasons, wording, near


class _WordingUnknown(CellRefused):
    def __init__(self, reason: str, wording: Wording, near: tuple[Entry, ...]) -> None:
        super().__init__(reason)
        self.wording, self.near = wording, near


def _what_is_unknown(wording: Wording, wordings: Wordings) -> str:
    """The first of the three names that leads nowhere."""
    missing = {"thematique": "la thématique", "motif": "le motif", "sous_motif": "le sous-motif"}
    unknown = {"thematique": "pas de thématique", "motif": "pas de motif", "sous_motif": "pas de sous-motif"}
    name = wordings.first_unknown(wording)
    text = getattr(wording, name)
    return (
        f"{unknown[name]} « {text} »{'' if name == 'thematique' else ' à cet endroit'}"
        if text
        else f"{missing[name]} manque"
    )


def _once_each(found: Understood, columns: Columns) -> None:
    """Of the lines that carry the same mark, one is the call; a copy that became another call is a line added.

    The call is the line that is nearest to what was exported, the first of those. A copy with another number, day or
    duration is what people make of a line to write the next one; any other copy is refused.
    """
    marked: dict[str, list[ReadRow]] = {}
    for read in found.rows:
        if read.row.call_id is not None:
            marked.setdefault(read.row.call_id, []).append(read)
    if all(len(copies) == 1 for copies in marked.values()):
        return
    first = {
        call_id: max(copies, key=lambda read: sum(_is_as_exported(read, column) for column in columns.compared))
        for call_id, copies in marked.items()
    }
    rows, found.rows = found.rows, []
    for read in rows:
        kept = first.get(read.row.call_id or "", read)
        if read is kept:
            found.rows.append(read)
        elif all(_is_as_exported(read, column) for column in columns.compared if column.from_operator):
            reason = (
                f"cet appel figure déjà ({kept.place}) ; pour une ligne ajoutée, videz sa colonne masquée, "
                f"« {MARK_HEADING} »"
            )
            cells = {column.key: getattr(read.row, column.key) for column in columns.compared}
            found.refused.append(Refused(read.place, (reason,), cells=cells))
        else:
            note = f"Ligne copiée de celle de l’appel exporté ({kept.place}), lue comme un appel ajouté."
            added = replace(read.row, call_id=None, by_telephone=False)
            found.rows.append(replace(read, row=added, base={}, notes=(*read.notes, note)))


def _is_as_exported(read: ReadRow, column: Column) -> bool:
    return read.base.get(column.code) in {None, print_of(column.text(read.row))}


@dataclass(frozen=True, slots=True)
class _LineRules:
    """How the cells of a line become the values of its columns."""

    columns: Columns
    wordings: Wordings
    today: date
    read_phone: Callable[[str], str]
    meant: Meant
    _entries: dict[Wording, Entry | None] = field(default_factory=dict)
    _unknown: dict[Wording, tuple[str, tuple[Entry, ...]]] = field(default_factory=dict)

    def entry(self, typed: Wording) -> Entry | None:
        """The entry of a wording, looked for once: the same ones come again and again."""
        if typed not in self._entries:
            said = self.meant.get(typed.key, "") if self.meant else ""
            self._entries[typed] = self.wordings.as_told(typed) or self.wordings.of_key(said)
        return self._entries[typed]

    def unknown(self, typed: Wording) -> _WordingUnknown:
        """Why a wording is refused, and the nearest to it."""
        if typed not in self._unknown:
            why = f"« {_said(typed)} » n'est pas dans la nomenclature : {_what_is_unknown(typed, self.wordings)}"
            self._unknown[typed] = why, self.wordings.near(typed)
        why, near = self._unknown[typed]
        return _WordingUnknown(why, typed, near)


@dataclass(slots=True)
class _LineRead:
    """One line while it is read: its cells, what its mark says, and what was found so far."""

    cells: Mapping[str, Cell]
    reading: _LineRules
    base: Prints
    values: dict[str, Any] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    phone_is_masked: bool = False

    def read(self) -> None:
        """The value of each compared column that the file has, and why some could not be read."""
        self.values |= {"phone": None, "day": self.reading.today, "seconds": None}
        above = [one.heading for one in self.reading.columns.declared if is_ditto(self.cells.get(one.key))]
        if above:
            named = ", ".join(f"« {heading} »" for heading in above)
            self.reasons.append(f"{named} : « comme au-dessus » ne se lit pas, recopiez ce que dit la ligne du dessus")
        for column in self.reading.columns.compared:
            if column.key in ANSWERS or (column.key not in self.cells and column.kind not in NEEDED):
                continue
            try:
                self.values[column.key] = self._value(column)
            except CellRefused as refusal:
                self.reasons.append(str(refusal))
        self._read_answers()
        many = self.cells.get(CALLS)
        if text_of(many) not in {"", "1", "01", "1,0", "1.0"}:
            self.reasons.append(
                f"la colonne du nombre d'appels dit {quoted(many)} : écrivez une ligne par appel, ou ôtez cette colonne"
            )

    def _value(self, column: Column) -> Any:
        cell = self.cells.get(column.key)
        match column.kind:
            case Kind.PHONE:
                caller = read_caller(cell, self.reading.read_phone)
                self.phone_is_masked = caller.is_masked
                return self._noted(caller.phone, "" if caller.is_masked and self.base else caller.note)
            case Kind.DAY:
                return self._noted(*read_day(cell, self.reading.today))
            case Kind.SECONDS:
                return self._noted(*read_seconds(cell, self.cells.get(MINUTES), self._is_as_exported(column)))
            case Kind.LEVEL:
                level, note = read_level(cell)
                return self._noted(level or "", note)
            case Kind.YES_NO:
                return self._noted(*read_yes_no(cell, column.heading))
            case _:
                check_readable(cell, f"la colonne « {column.heading} »")
                return text_of(cell)

    def _noted(self, value: Any, note: str) -> Any:
        if note:
            self.notes.append(note)
        return value

    def _is_as_exported(self, column: Column) -> Callable[[int], bool]:
        exported = self.base.get(column.code)
        return lambda seconds: exported is not None and exported == print_of(str(seconds))

    def _read_answers(self) -> None:
        headings = {column.key: column.heading for column in self.reading.columns.declared}
        resolved, escalated = (self.cells.get(key) for key in ANSWERS)
        try:
            found = read_answers(resolved, escalated, (headings[ANSWERS[0]], headings[ANSWERS[1]]))
        except CellRefused as refusal:
            self.reasons.append(str(refusal))
            return
        self.values |= {"resolved": found.resolved, "escalated": found.escalated}
        self.notes += found.notes


def _understand_line(place: LinePlace, cells: Mapping[str, Cell], reading: _LineRules) -> ReadRow:
    call_id, base = read_mark(text_of(cells.get(MARK))) or (None, {})
    line = _LineRead(cells, reading, base)
    line.read()
    row = HistoryRow(**line.values, call_id=call_id)
    unknown: _WordingUnknown | None = None
    if row.thematique or row.motif or row.sous_motif:
        try:
            row, note = _with_wording(row, reading, base)
            line.notes += filter(None, (note,))
        except _WordingUnknown as refusal:
            unknown = refusal
            line.reasons.append(str(refusal))
    elif row.resolved is not None or row.escalated is not None:
        line.reasons.append("la thématique, le motif et le sous-motif manquent")
    else:
        row = replace(row, niveau="")
    if line.reasons:
        raise _LineRefused(
            *line.reasons, wording=unknown.wording if unknown else None, near=unknown.near if unknown else ()
        )
    known = frozenset(cells) | ({"seconds"} if MINUTES in cells else frozenset())
    return ReadRow(place, row, known, base, line.phone_is_masked, tuple(line.notes))


def _with_wording(row: HistoryRow, reading: _LineRules, base: Prints) -> tuple[HistoryRow, str]:
    """The row in the nomenclature's wording, and a note where a name was missing.

    The wording that one of our calls carries is kept as it is; so is the level that somebody wrote, 1/2 too. A level
    that nobody wrote follows from the list.
    """
    typed = Wording(row.thematique, row.motif, row.sous_motif)
    names = [column for column in COLUMNS.compared if column.key in NAMES]
    entry = reading.entry(typed)
    if all(base.get(column.code) == print_of(column.text(row)) for column in names):
        return replace(row, niveau=row.niveau or _level(entry, row.escalated)), ""
    if entry is None:
        raise reading.unknown(typed)
    is_plain = (all(typed) and reading.wordings.find(*typed) is not None) or typed.key in reading.meant
    note = "" if is_plain else f"« {_said(typed)} » est compté dans « {entry.wording.sous_motif} »."
    return replace(row, **entry.wording._asdict(), niveau=row.niveau or _level(entry, row.escalated)), note


def _said(wording: Wording) -> str:
    return " / ".join(text or "(vide)" for text in wording)


def _level(entry: Entry | None, escalated: bool | None) -> str:
    if entry is None:
        return ""
    return entry.niveau if escalated is None else entry.niveau_when(escalated=escalated)
