"""The columns of the call history: heading, width, and how a value is compared from one file to the next.

The ten headings are the ministry's own. The eleventh column is hidden: it names the call and prints its cells as they
were exported (decision 33), so that a corrected workbook tells what was changed by hand and what by the desk since.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from zlib import crc32


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One call of `nombre_appels`, as the workbook shows it. `call_id` None: the row is not known to us.

    An unqualified call has empty wordings and None for `resolved` and `escalated`. `phone` is E.164 or None.
    """

    phone: str | None
    day: date
    seconds: int | None
    thematique: str = ""
    motif: str = ""
    sous_motif: str = ""
    niveau: str = ""
    resolved: bool | None = None
    escalated: bool | None = None
    call_id: str | None = None
    departement: str | None = None
    by_telephone: bool = False
    """Whether number, day and duration come from the operator, and are thus not corrected by hand."""

    @property
    def is_qualified(self) -> bool:
        """Whether the row carries a qualification."""
        return bool(self.thematique)


@dataclass(frozen=True, slots=True)
class Column:
    """One compared column: `key` names the field of HistoryRow, `text` its value as a reader sees it."""

    key: str
    heading: str
    width: int
    text: Callable[[HistoryRow], str]
    from_operator: bool = False


def yes_no(value: bool | None) -> str:
    """« Oui », « Non », or nothing."""
    return "" if value is None else "Oui" if value else "Non"


COLUMNS: tuple[Column, ...] = (
    Column("phone", "Numéro de téléphone", 20, lambda row: row.phone or "", from_operator=True),
    Column("day", "Date", 12, lambda row: row.day.strftime("%d/%m/%Y"), from_operator=True),
    Column(
        "seconds",
        "Durée d'appel (en secondes)",
        16,
        lambda row: "" if row.seconds is None else str(row.seconds),
        from_operator=True,
    ),
    Column("thematique", "Thématique", 48, lambda row: row.thematique),
    Column("motif", "Motif", 46, lambda row: row.motif),
    Column("sous_motif", "Sous motif", 52, lambda row: row.sous_motif),
    Column("niveau", "Niveau de sollicitation", 14, lambda row: row.niveau),
    Column("resolved", "Problème résolu ?", 12, lambda row: yes_no(row.resolved)),
    Column("escalated", "Escaladé au national ?", 14, lambda row: yes_no(row.escalated)),
)
MINUTES_HEADING = "Durée en minutes"
HEADINGS: tuple[str, ...] = (
    *(column.heading for column in COLUMNS[:3]),
    MINUTES_HEADING,
    *(column.heading for column in COLUMNS[3:]),
)
"""The ten headings of the ministry's tool, in order."""


def cell_texts(row: HistoryRow) -> tuple[str, ...]:
    """The compared cells of a row, one per column of COLUMNS."""
    return tuple(column.text(row) for column in COLUMNS)


def mark(row: HistoryRow) -> str:
    """The hidden eleventh cell: the call's id, then a short print of each compared cell."""
    return f"{row.call_id}|{prints(row)}"


def prints(row: HistoryRow) -> str:
    """Six hexadecimal digits per compared cell."""
    return "".join(f"{crc32(text.encode()) & 0xFFFFFF:06x}" for text in cell_texts(row))


def read_mark(text: str) -> tuple[str, tuple[str, ...]] | None:
    """The call's id and its prints from a hidden cell; None when the cell is not one of ours."""
    call_id, _, digits = text.strip().rpartition("|")
    if not call_id or len(digits) != 6 * len(COLUMNS) or set(digits) - set("0123456789abcdef"):
        return None
    return call_id, tuple(digits[i : i + 6] for i in range(0, len(digits), 6))


def content_id(departement: str, row: HistoryRow, occurrence: int) -> str:
    """The id of a row without a mark: its content and its occurrence number in the file (decision 33)."""
    content = "\x1f".join((departement, *cell_texts(row), str(occurrence)))
    return "imp-" + blake2b(content.encode(), digest_size=12).hexdigest()
