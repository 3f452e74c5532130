"""Reading a workbook filled by hand: from bytes to rows, and every row that cannot be understood with its reason."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from io import BytesIO
from typing import TypeVar

from python_calamine import CalamineError, CalamineWorkbook

from records.wording import Wordings, fold_words
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
from reports.workbook.columns import COLUMNS, HEADINGS, HistoryRow, prints, read_mark

LARGEST_BYTES = 30 * 1024 * 1024
LARGEST_UNPACKED = 600 * 1024 * 1024
LARGEST_ROWS = 200_000
HEADER_WITHIN = 30
MARK = "mark"
FIELDS: Mapping[str, str] = {
    fold_words(heading): key
    for heading, key in zip(
        HEADINGS, [*(c.key for c in COLUMNS[:3]), "minutes", *(c.key for c in COLUMNS[3:])], strict=True
    )
} | {
    "telephone": "phone",
    "numero": "phone",
    "date d appel": "day",
    "date de l appel": "day",
    "duree d appel": "seconds",
    "duree en secondes": "seconds",
    "theme": "thematique",
    "niveau": "niveau",
    "niveau de sollicitation 1 ou 2": "niveau",
    "resolu": "resolved",
    "escalade": "escalated",
    "repere ne pas modifier": MARK,
}
_T = TypeVar("_T")
Line = tuple[int, dict[str, Cell]]
"""The number of a line in the sheet and its cells by field."""
NEEDED = ("day", "thematique", "motif", "sous_motif")


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
    """One line that was understood. `base` are the prints of its cells as exported, for a call of ours."""

    line: int
    row: HistoryRow
    base: tuple[str, ...] | None = None
    phone_is_masked: bool = False


@dataclass(slots=True)
class Understood:
    """All lines of a file."""

    rows: list[ReadRow] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def read_lines(content: bytes) -> Iterator[Line]:
    """Each line that is not empty; WorkbookRefused otherwise."""
    check_container(content)
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        names = sorted(book.sheet_names, key=lambda name: not fold_words(name).startswith("historique"))
        for name in names:
            lines = book.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=LARGEST_ROWS + HEADER_WITHIN)
            header = _find_header(lines)
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


def _find_header(lines: Sequence[Sequence[Cell]]) -> tuple[int, dict[int, str]] | None:
    for index, cells in enumerate(lines[:HEADER_WITHIN]):
        fields: dict[int, str] = {}
        for column, cell in enumerate(cells):
            key = FIELDS.get(fold_words(text_of(cell)))
            if key is not None and key not in fields.values():
                fields[column] = key
        if set(NEEDED) <= set(fields.values()):
            return index, fields
    return None


def _lines_under(lines: Sequence[Sequence[Cell]], index: int, fields: dict[int, str]) -> Iterator[Line]:
    if len(lines) > LARGEST_ROWS + index + 1:
        raise WorkbookRefused(f"Le classeur a plus de {LARGEST_ROWS} lignes : découpez-le par année.")
    for number, cells in enumerate(lines[index + 1 :], start=index + 2):
        named = {key: cells[column] for column, key in fields.items() if column < len(cells)}
        if any(text_of(cell) for key, cell in named.items() if key not in {MARK, "minutes"}):
            yield number, named


def understand(
    content: bytes,
    wordings: Wordings,
    today: date,
    read_phone: Callable[[str], str],
    *,
    read: Callable[[bytes], Iterable[Line]] = read_lines,
) -> Understood:
    """Every line of the workbook, understood or refused. `read_phone` gives E.164 or raises ValueError in French."""
    found = Understood()
    seen: dict[str, int] = {}
    for line, cells in read(content):
        try:
            understood = _understand_line(line, cells, wordings, today, read_phone)
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
            f"cet appel figure déjà à la ligne {first} ; pour une ligne ajoutée, videz sa colonne masquée K"
        )


def _understand_line(
    line: int, cells: Mapping[str, Cell], wordings: Wordings, today: date, read_phone: Callable[[str], str]
) -> ReadRow:
    reasons: list[str] = []

    def attempt(read: Callable[[], _T], otherwise: _T) -> _T:
        try:
            return read()
        except CellRefused as refusal:
            reasons.append(str(refusal))
            return otherwise

    day = attempt(lambda: read_date(cells.get("day"), today), today)
    seconds = attempt(lambda: read_seconds(cells.get("seconds"), cells.get("minutes")), None)
    phone = attempt(lambda: _read_phone(cells.get("phone"), read_phone), None)
    level = attempt(lambda: read_level(cells.get("niveau")), None)
    resolved = attempt(lambda: read_yes_no(cells.get("resolved"), "Problème résolu ?"), None)
    escalated = attempt(lambda: read_yes_no(cells.get("escalated"), "Escaladé au national ?"), None)
    texts = [text_of(cells.get(key)) for key in ("thematique", "motif", "sous_motif")]
    mark = read_mark(text_of(cells.get(MARK)))
    row = HistoryRow(phone, day, seconds, call_id=mark[0] if mark else None)
    if any(texts):
        row = replace(
            row, thematique=texts[0], motif=texts[1], sous_motif=texts[2], niveau=level or "",
            resolved=bool(resolved), escalated=bool(escalated),
        )  # fmt: skip
        row = attempt(lambda: _with_wording(row, wordings, mark[1] if mark else None), row)
    elif resolved is not None or escalated is not None:
        reasons.append("la thématique, le motif et le sous-motif manquent")
    if reasons:
        raise _LineRefused(*reasons)
    return ReadRow(line, row, mark[1] if mark else None, is_masked(text_of(cells.get("phone"))))


def _read_phone(cell: Cell, read_phone: Callable[[str], str]) -> str | None:
    text = text_of(cell)
    if is_withheld(cell) or is_masked(text):
        return None
    try:
        return read_phone(text)
    except ValueError as error:
        raise CellRefused(f"le numéro {quoted(cell)} n'est pas utilisable ({error})") from error


def _with_wording(row: HistoryRow, wordings: Wordings, base: tuple[str, ...] | None) -> HistoryRow:
    """The row in the nomenclature's wording; the wording that one of our calls carries is kept as it is."""
    if base is not None and _wording_prints(row) == base[3:6]:
        return row
    entry = wordings.find(row.thematique, row.motif, row.sous_motif)
    if entry is None:
        said = " / ".join(text or "(vide)" for text in (row.thematique, row.motif, row.sous_motif))
        raise CellRefused(f"{quoted(said)} n'est pas dans la nomenclature")
    thematique, motif, sous_motif = entry.wording
    level = row.niveau or entry.niveau
    if level == "1/2":
        level = "2" if row.escalated else "1"
    return replace(row, thematique=thematique, motif=motif, sous_motif=sous_motif, niveau=level)


def _wording_prints(row: HistoryRow) -> tuple[str, ...]:
    digits = prints(row)
    return tuple(digits[i : i + 6] for i in range(18, 36, 6))
