"""A file of separated values, as spreadsheets of all systems write it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from io import StringIO

import ftfy

from reports.importing.reading.book import Cell, WorkbookRefused

SINGLE_BYTES = ("cp1252", "mac_roman", "cp850")
"""Windows, an old Mac, DOS: nothing in the file tells which."""
FRENCH = frozenset("éèêëàâçîïôùûüœÉÈÀÇÊÔŒ’«»°–€")
SEPARATORS = ";,\t|"
LARGEST_CELL = 100_000
_QUOTED_FORMULA = re.compile(r'^="([^"]*)"$')
"""« ="0199001234" », by which programs keep the zero of a number."""
MANY = 5
"""Separators within one cell that show lines swallowed by a quote."""


def text_of_bytes(content: bytes) -> str:
    """The text of the file in whatever encoding; WorkbookRefused when it is no text."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return _mended(content.decode(encoding, "replace"))
    if content[1::2].count(0) > len(content) // 4:
        return _mended(content.decode("utf-16-le", "replace"))
    if b"\0" in content[:100_000]:
        raise WorkbookRefused("Le fichier est abîmé ou n'est pas un classeur : il n'a pas pu être lu.")
    try:
        return _mended(content.decode("utf-8"))
    except UnicodeDecodeError:
        return max((content.decode(encoding, "replace") for encoding in SINGLE_BYTES), key=_frenchness)


def _mended(text: str) -> str:
    """The text with what was encoded twice put right (« NumÃ©ro »)."""
    return ftfy.fix_encoding(text) if re.search("Ã[©¨ª\xa0§´‰€]|â€™", text) else text


def _frenchness(text: str) -> int:
    beyond = [sign for sign in text[:200_000] if ord(sign) > 127]  # noqa: PLR2004 - the end of ASCII
    return sum(1 if sign in FRENCH else -1 for sign in beyond)


def csv_rows(text: str) -> Iterator[tuple[int, list[Cell]]]:
    """The filled lines with their numbers from 1."""
    said = re.match(r"\s*\"?sep=(.)\"?[;,\t]*(?:\r\n|\r|\n|$)", text[:200], re.IGNORECASE)
    separator = said[1] if said else _separator(text)
    previous = csv.field_size_limit(LARGEST_CELL)
    try:
        line = 1
        reader = csv.reader(
            StringIO(text.replace("\r\n", "\n").replace("\r", "\n")),
            delimiter=separator,
            skipinitialspace=separator != "\t",
        )
        for cells in reader:
            if any(cell.count("\n") > 1 and cell.count(separator) > MANY for cell in cells):
                raise WorkbookRefused(f"Un guillemet ouvert à la ligne {line} du .csv n'est pas refermé : corrigez-le.")
            if any(map(str.strip, cells)) and not (line == 1 and said):
                yield line, [_QUOTED_FORMULA.sub(r"\1", cell) for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        raise WorkbookRefused(f"Le fichier .csv ne se lit plus à la ligne {line} : il est abîmé.") from error
    finally:
        csv.field_size_limit(previous)


def _separator(text: str) -> str:
    """The sign that cuts most of the first lines into the same number of cells."""
    lines = [line for line in re.split(r"[\r\n]+", text[:50_000]) if line.strip()][:40]
    counts = {sign: sum(line.count(sign) for line in lines) for sign in SEPARATORS}
    best = max(SEPARATORS, key=lambda sign: (sum(line.count(sign) > 1 for line in lines), counts[sign]))
    return best if counts[best] else ";"
