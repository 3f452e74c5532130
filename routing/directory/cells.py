"""A CSV file as people send them: any common encoding, comma or semicolon, cells that run over several lines."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

MAX_BYTES = 2_000_000
MAX_ROWS = 5_000
MAX_CELL = 2_000
_CALCULATED = re.compile(r"['\s]*[=+\-@＝＋－＠]|[\t\r\n]")


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


def read_rows(content: bytes) -> Iterator[Row]:
    """The records that have at least one filled cell, the header first; Unreadable as soon as something is wrong."""
    if len(content) > MAX_BYTES:
        raise Unreadable(1, f"fichier trop gros : {MAX_BYTES // 1_000_000} Mo au plus")
    text = decoded(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True)
    count, begins = 0, 1
    while True:
        begins = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Unreadable(begins, _why(error)) from None
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > MAX_ROWS + 1:
            raise Unreadable(begins, f"trop de lignes : {MAX_ROWS} au plus")
        if any(len(cell) > MAX_CELL for cell in cells):
            raise Unreadable(
                begins, f"une cellule dépasse {MAX_CELL} caractères : un guillemet n'est peut-être pas fermé"
            )
        yield Row(begins, tuple(map(unguarded, cells)), reader.line_num)


def _why(error: csv.Error) -> str:
    if "unexpected end" in str(error) or "field larger" in str(error):
        return "un guillemet ouvert sur cette ligne n'est jamais fermé"
    return "guillemets mal placés : une cellule entre guillemets finit par un guillemet suivi d'un séparateur"


def decoded(content: bytes) -> str:
    """The text of a file in UTF-8 with or without BOM, else Windows-1252; Unreadable otherwise."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable(1, "fichier en UTF-16 : enregistrez-le en « CSV UTF-8 »")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(line, "encodage illisible : enregistrez le fichier en « CSV UTF-8 »") from None


def delimiter_of(text: str) -> str:
    """`;` or `,`: what parts the header's cells."""
    header = text.lstrip("\r\n").split("\n", 1)[0].split("\r", 1)[0]
    unquoted = re.sub(r'"[^"]*"', "", header)
    return ";" if unquoted.count(";") > unquoted.count(",") else ","


def unguarded(cell: str) -> str:
    """The cell without the apostrophe that a download puts before what a spreadsheet would calculate."""
    return cell[1:] if cell.startswith("'") and _CALCULATED.match(cell[1:]) else cell


def clean(cell: str) -> str:
    """The cell with every kind of space as one plain space, trimmed; ValueError when it hides control characters."""
    spaced = "".join(" " if unicodedata.category(character) == "Zs" else character for character in cell)
    trimmed = " ".join(spaced.strip().split(" "))
    if any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for character in trimmed):
        raise ValueError("caractère de contrôle ou invisible dans la cellule")
    return re.sub(r" {2,}", " ", trimmed)


def fold(text: str) -> str:
    """The text without case, accents or repeated spaces, for comparing."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(bare.split())
