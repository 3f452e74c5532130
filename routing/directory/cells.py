"""A CSV file as people send them: any common encoding and separator, cells that run over several lines."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass

MAX_BYTES = 2_000_000
MAX_ROWS = 5_000
MAX_CELL = 2_000
MAX_CELLS = 200
"""Cells of one line."""
MAX_LINES = 50_000
"""Lines of the file, empty ones too."""
FIRST_LINES = 20
"""Physical lines among which the header stands: a title and a date may come before it."""
ENOUGH_HEADINGS = 3
_CALCULATED = re.compile(r"['\s]*[=+\-@＝＋－＠]|'*[\t\r\n]")
_SEPARATOR = re.compile(r'"?sep=([;,\t])?', re.IGNORECASE)
_DELIMITERS = (",", ";", "\t")
WINDOWS = {byte: bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0xA0)}
"""What Windows-1252 has where ISO 8859-1 has control characters; five bytes that it has not stay such characters."""
_NO_TEXT = {
    b"PK\x03\x04": "c'est un classeur (.xlsx ou .ods) renommé",
    b"\xd0\xcf\x11\xe0": "c'est un classeur Excel (.xls) renommé",
    b"%PDF": "c'est un PDF",
    b"{\\rtf": "c'est un document de traitement de texte",
}


class Unreadable(ValueError):  # noqa: N818 - it tells a decision; the French reason is its text
    """A file that is no CSV we read; `line` is the physical line of the trouble, its text the French reason."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one record and the physical lines on which it begins and ends (1 = first line of the file)."""

    line: int
    cells: tuple[str, ...]
    last: int = 0


def read_rows(content: bytes, headings: Collection[str] = ()) -> Iterator[Row]:
    """The records that have at least one filled cell, the header first; Unreadable as soon as something is wrong.

    A line `sep=;` is none of them. `headings`: folded names of columns, by which the separator is recognised when lines
    of a title come before the header (they are records too).
    """
    if len(content) > MAX_BYTES:
        raise Unreadable(1, f"fichier trop gros : {MAX_BYTES // 1_000_000} Mo au plus")
    text = decoded(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text, headings), strict=True)
    count, begins = 0, 1
    while True:
        begins = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Unreadable(begins, _why(error, text)) from None
        if reader.line_num > MAX_LINES:
            raise Unreadable(MAX_LINES, f"trop de lignes vides : {MAX_LINES} lignes au plus en tout")
        if len(cells) > MAX_CELLS:
            raise Unreadable(begins, f"trop de colonnes sur cette ligne : {MAX_CELLS} au plus")
        if not any(cell.strip() for cell in cells) or (not count and _SEPARATOR.match(cells[0])):
            continue
        count += 1
        if count > MAX_ROWS + 1:
            raise Unreadable(begins, f"trop de lignes : {MAX_ROWS} au plus")
        if any(len(cell) > MAX_CELL for cell in cells):
            raise Unreadable(
                begins, f"une cellule dépasse {MAX_CELL} caractères : un guillemet n'est peut-être pas fermé"
            )
        yield Row(begins, tuple(map(unguarded, cells)), reader.line_num)


def _why(error: csv.Error, text: str) -> str:
    if re.search("[\x80-\x9f]", text):
        return "encodage illisible : enregistrez le fichier en « CSV UTF-8 »"
    if "unexpected end" in str(error) or "field larger" in str(error):
        return "un guillemet ouvert sur cette ligne n'est jamais fermé"
    return "guillemets mal placés : une cellule entre guillemets finit par un guillemet suivi d'un séparateur"


def decoded(content: bytes) -> str:
    """The text of a file in UTF-8 or UTF-16, else in Windows-1252; Unreadable when it is no text at all.

    Bytes that Windows-1252 does not have become control characters (0x81 is U+0081), which no cell may hold.
    """
    for beginning, what in _NO_TEXT.items():
        if content.startswith(beginning):
            raise Unreadable(1, f"{what}, pas un fichier CSV : ouvrez-le et enregistrez-le en « CSV UTF-8 »")
    return _unicode(content) or content.decode("latin-1").translate(WINDOWS)


def is_unicode(content: bytes) -> bool:
    """Whether the encoding of a file is certain: UTF-8 or UTF-16, not a guess."""
    return not content or bool(_unicode(content))


def _unicode(content: bytes) -> str:
    """The text of a file in UTF-8 or UTF-16 (« texte Unicode » of a spreadsheet); empty where it is neither."""
    half = len(content) // 2
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif half and content[1::2].count(0) > 0.7 * half:
        encoding = "utf-16-le"
    elif half and content[::2].count(0) > 0.7 * half:
        encoding = "utf-16-be"
    else:
        encoding = "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return ""


def delimiter_of(text: str, headings: Collection[str] = ()) -> str:
    """`;`, `,` or a tab: what a line `sep=` says, else what parts the most `headings`, else the first line's cells."""
    lines = [line for line in re.split(r"[\r\n]+", text[: MAX_CELL * FIRST_LINES]) if line.strip()][:FIRST_LINES]
    told = _SEPARATOR.match(lines[0]) if lines else None
    if told and told[1]:
        return told[1]
    lines = [re.sub(r'"[^"]*"', lambda quoted: re.sub("[;,\t]", " ", quoted[0]), line) for line in lines]
    for line in lines:
        known = {each: sum(folded_heading(cell) in headings for cell in line.split(each)) for each in _DELIMITERS}
        best = max(_DELIMITERS, key=lambda each: known[each])
        if known[best] >= ENOUGH_HEADINGS:
            return best
    return max(_DELIMITERS, key=lines[0].count) if lines else ","


def folded_heading(cell: str) -> str:
    """A heading without case, accents, signs, and what stands in brackets: « Filtrage (oui/non) » is `filtrage`."""
    return re.sub(r"[^a-z0-9]", "", fold(re.sub(r"\(.*?\)", "", cell)))


def unguarded(cell: str) -> str:
    """The cell without the apostrophe that a download puts before what a spreadsheet would calculate."""
    return cell[1:] if cell.startswith("'") and _CALCULATED.match(cell[1:]) else cell


def clean(cell: str) -> str:
    """The cell with every kind of space as one plain space, trimmed; ValueError when it hides control characters."""
    if cell.isascii() and cell.isprintable():
        return " ".join(cell.split())
    spaced = "".join(" " if unicodedata.category(character) == "Zs" else character for character in cell)
    trimmed = " ".join(spaced.strip().split(" "))
    if re.search("[\ufffd\x80-\x9f]", trimmed):
        raise ValueError("lettre illisible : enregistrez le fichier en « CSV UTF-8 »")
    if any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for character in trimmed):
        raise ValueError("caractère de contrôle ou invisible dans la cellule")
    return re.sub(r" {2,}", " ", trimmed)


def fold(text: str) -> str:
    """The text without case, accents or repeated spaces, for comparing."""
    if text.isascii():
        return " ".join(text.lower().split())
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(bare.split())
