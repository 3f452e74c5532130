"""Text for a spreadsheet's CSV: a cell that begins like a formula is kept as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

STARTERS = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_safe(text: object) -> str:
    """The text, behind an apostrophe when a spreadsheet would calculate it; NUL signs dropped."""
    plain = str(text).replace("\x00", "")
    return f"'{plain}" if plain.lstrip(" ").startswith(STARTERS) or plain.startswith(STARTERS) else plain


def csv_of(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A CSV file as French spreadsheets read it: `;`, CRLF, a BOM, every cell text-safe."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([[csv_safe("" if cell is None else cell) for cell in row] for row in rows])
    return "\ufeff" + out.getvalue()
