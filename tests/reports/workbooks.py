"""Workbooks as people fill them, exported or corrected, and how the tests have them understood."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from records.wording import Wording, Wordings
from reports.figures.periods import Period
from reports.importing.reading.sheets import read_book
from reports.importing.understanding.lines import Understood, understand
from reports.workbook.book import write_workbook
from reports.workbook.columns import COLUMNS, Columns, HistoryRow
from tests.reports.counting import ACCESS, ENTRIES, content_of

TODAY = date(2026, 11, 24)
CONNECTION = "Problème de connexion au SI SIAO"
WORDINGS = Wordings(
    ENTRIES,
    {
        Wording(ACCESS, CONNECTION, "Réinitialisation mot de passe"): ENTRIES[1].wording,
        Wording("Assistance technique et anomalie", "Incidents techniques", "Disfonctionnement"): ENTRIES[5].wording,
    },
)
YEAR = Period(date(2025, 1, 1), date(2026, 12, 31))


def read_phone(text: str) -> str:
    """Ten digits, or nine when a spreadsheet ate the zero."""
    digits = re.sub(r"\D", "", text.replace("+33", "0"))
    if len(digits) not in {9, 10}:
        raise ValueError("il n'a pas dix chiffres")
    return "+33" + digits[-9:]


def made_by_hand(
    *lines: tuple[Any, ...], headings: tuple[str, ...] = COLUMNS.headings, sheet: str = "Historique d'appel"
) -> bytes:
    book = Workbook()
    active = book.active
    assert isinstance(active, Worksheet)
    active.title = sheet
    active.append(headings)
    for line in lines:
        active.append(line)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def understood(content: bytes, columns: Columns = COLUMNS) -> Understood:
    return understand(read_book(content, columns=columns), WORDINGS, TODAY, read_phone, columns=columns)


def exported(*rows: HistoryRow, columns: Columns = COLUMNS) -> bytes:
    out = BytesIO()
    write_workbook(out, content_of(rows, YEAR), columns)
    return out.getvalue()


def corrected(content: bytes, **cells: Any) -> bytes:
    book = load_workbook(BytesIO(content))
    for place, value in cells.items():
        book["Historique d'appel"][place] = value
    out = BytesIO()
    book.save(out)
    return out.getvalue()
