"""Text for a spreadsheet's CSV: `;`, a BOM, and every cell that a spreadsheet would calculate kept as text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

_CALCULATED = re.compile(r"['\s]*[=+\-@＝＋－＠]|'*[\t\r\n]")


def csv_safe(text: object) -> str:
    """The text, behind an apostrophe when a spreadsheet would calculate it; NUL signs dropped.

    What already begins with an apostrophe gets one more, so that taking one away gives back each text
    exactly (`routing.directory.cells` reads our own files so).
    """
    plain = str(text).replace("\x00", "")
    return f"'{plain}" if _CALCULATED.match(plain) else plain


def csv_of(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A CSV file as French spreadsheets read it: `;`, CRLF, a BOM, every cell text-safe."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([csv_safe(heading) for heading in headings])
    writer.writerows([[csv_safe("" if cell is None else cell) for cell in row] for row in rows])
    return "\ufeff" + out.getvalue()
