"""The columns of the call history: each is one declaration, and every position follows from their order.

The ten headings are the ministry's own. One more column is hidden: it names the call and prints its cells as they were
exported, each under the code of its column (decision 33), so that a corrected workbook tells what was changed by hand
and what by the desk since, and so that a file exported before a column was added is still understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum, auto
from functools import lru_cache
from hashlib import blake2b
from operator import attrgetter
from typing import Any
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


class Kind(Enum):
    """What a column holds: how it is written, compared, read back and checked follows from it."""

    PHONE = auto()
    DAY = auto()
    SECONDS = auto()
    MINUTES = auto()
    """A formula beside the seconds: never compared, read where the seconds are missing."""
    WORDS = auto()
    LEVEL = auto()
    YES_NO = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `key` names it in a HistoryRow, `code` in the hidden mark (for ever; without one: not compared)."""

    key: str
    heading: str
    width: int
    kind: Kind
    code: str = ""
    also: tuple[str, ...] = ()
    """Other headings met in files filled by hand."""
    from_operator: bool = False
    """Whether a telephone call's value is not corrected by hand."""
    with_wording: bool = False
    """Whether it is taken together with the other columns of the wording, or not at all."""
    identifies: bool = False
    """Whether it is part of the id of a line without a mark: never a new column, or known lines would count twice."""

    def text(self, row: HistoryRow) -> str:
        """The value as a reader sees it and as it is compared."""
        return TEXTS[self.kind](getattr(row, self.key))


def yes_no(value: bool | None) -> str:
    """« Oui », « Non », or nothing."""
    return "" if value is None else "Oui" if value else "Non"


LEVELS = ("1", "2", "1/2")


def level_words(niveau: str) -> str:
    """A level in the words of the ministry's tool: « Niveau 1 »."""
    return f"Niveau {niveau}" if niveau in LEVELS else niveau


def _words(value: str | None) -> str:
    return value or ""


def _day(value: date) -> str:
    return value.strftime("%d/%m/%Y")


def _seconds(value: int | None) -> str:
    return "" if value is None else str(value)


TEXTS: Mapping[Kind, Callable[[Any], str]] = {
    Kind.PHONE: _words,
    Kind.DAY: _day,
    Kind.SECONDS: _seconds,
    Kind.WORDS: _words,
    Kind.LEVEL: _words,
    Kind.YES_NO: yes_no,
}


def letter(place: int) -> str:
    """The name of a column counted from 0: 0 is A, 26 is AA."""
    before, last = divmod(place, 26)
    return (letter(before - 1) if before else "") + chr(ord("A") + last)


Prints = Mapping[str, str]
"""What cells were when exported: six hexadecimal digits by the code of their column."""


@lru_cache(4096)  # the same wordings come again and again
def print_of(text: str) -> str:
    """The six hexadecimal digits of a cell."""
    return f"{crc32(text.encode()) & 0xFFFFFF:06x}"


@dataclass(frozen=True)
class Columns:
    """Declared columns in their order, and what follows from it."""

    declared: tuple[Column, ...]
    compared: tuple[Column, ...] = field(init=False)
    """Those with a code."""
    _places: Mapping[str, int] = field(init=False, repr=False)
    _printed: tuple[tuple[str, Callable[[Any], Any], Callable[[Any], str], bool], ...] = field(init=False, repr=False)
    """Of each compared column its code, value, text, and whether it is the number: looked up once, not for each row."""

    def __post_init__(self) -> None:
        """Prepare the look-ups."""
        object.__setattr__(self, "compared", tuple(column for column in self.declared if column.code))
        printed = [(one.code, attrgetter(one.key), TEXTS[one.kind], one.kind is Kind.PHONE) for one in self.compared]
        object.__setattr__(self, "_printed", tuple(printed))
        object.__setattr__(self, "_places", {column.key: place for place, column in enumerate(self.declared)})

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings of the columns that a reader sees."""
        return tuple(column.heading for column in self.declared)

    @property
    def mark_place(self) -> int:
        """The place of the hidden column, counted from 0: after the declared ones."""
        return len(self.declared)

    def place(self, key: str) -> int:
        """The place of a column, counted from 0."""
        return self._places[key]

    def letter(self, key: str) -> str:
        """The name that a spreadsheet gives to a column."""
        return letter(self._places[key])

    def mark(self, row: HistoryRow, *, with_phone: bool = True) -> str:
        """The hidden cell: the call's id, then code and print of each compared cell; the number's only if it is shown.

        The print of a masked number would give it away.
        """
        prints = (
            f"{code}:{print_of(text(value_of(row)) if with_phone or not is_phone else '')}"
            for code, value_of, text, is_phone in self._printed
        )
        return f"{row.call_id}|{','.join(prints)}"


COLUMNS = Columns(
    (
        Column(
            "phone", "Numéro de téléphone", 20, Kind.PHONE, "ph", ("Téléphone", "Numéro"),
            from_operator=True, identifies=True,
        ),
        Column(
            "day", "Date", 12, Kind.DAY, "da", ("Date d'appel", "Date de l'appel"), from_operator=True, identifies=True
        ),
        Column(
            "seconds", "Durée d'appel (en secondes)", 16, Kind.SECONDS, "se", ("Durée d'appel", "Durée en secondes"),
            from_operator=True, identifies=True,
        ),
        Column("minutes", "Durée en minutes", 12, Kind.MINUTES),
        Column(
            "thematique", "Thématique", 48, Kind.WORDS, "th", ("Thème",), with_wording=True, identifies=True
        ),
        Column("motif", "Motif", 46, Kind.WORDS, "mo", with_wording=True, identifies=True),
        Column("sous_motif", "Sous motif", 52, Kind.WORDS, "so", with_wording=True, identifies=True),
        Column(
            "niveau", "Niveau de sollicitation", 14, Kind.LEVEL, "ni",
            ("Niveau", "Niveau de sollicitation (1 ou 2)"), with_wording=True, identifies=True,
        ),
        Column("resolved", "Problème résolu ?", 12, Kind.YES_NO, "re", ("Résolu",), identifies=True),
        Column("escalated", "Escaladé au national ?", 14, Kind.YES_NO, "es", ("Escaladé",), identifies=True),
    )
)  # fmt: skip
"""The ten columns of the ministry's tool, in order."""
MARK_HEADING = "Repère (ne pas modifier)"
REQUESTS_SHEET, REQUEST_RESULTS_SHEET = "Demandes", "Résultats des demandes"
"""The sheets of requests: no call stands in them, whatever their columns."""
FIRST_MARK = ("ph", "da", "se", "th", "mo", "so", "ni", "re", "es")
"""The order of the prints in files exported before marks named their columns; they had no code."""


def read_mark(text: str) -> tuple[str, Prints] | None:
    """The call's id and its prints by code from a hidden cell; None when the cell is not one of ours.

    A code that no column has any more is kept and harms nobody; a column that the mark does not name has no print.
    """
    call_id, _, told = text.strip().rpartition("|")
    if not call_id:
        return None
    if re.fullmatch(rf"[0-9a-f]{{{6 * len(FIRST_MARK)}}}", told):
        return call_id, dict(zip(FIRST_MARK, re.findall(".{6}", told), strict=True))
    if re.fullmatch(r"[a-z]+:[0-9a-f]{6}(?:,[a-z]+:[0-9a-f]{6})*", told):
        return call_id, dict(_named(told.split(",")))
    return None


def _named(prints: Iterable[str]) -> Iterable[tuple[str, str]]:
    for each in prints:
        code, _, digits = each.partition(":")
        yield code, digits


IDENTIFYING = tuple(column for column in COLUMNS.compared if column.identifies)


def identity(row: HistoryRow, *, with_phone: bool = True) -> tuple[str, ...]:
    """The cells by which a line without a mark is known again, its number left out where it may be masked."""
    return tuple(column.text(row) for column in IDENTIFYING if with_phone or column.kind is not Kind.PHONE)


def content_id(departement: str, row: HistoryRow, occurrence: int) -> str:
    """The id of a row without a mark: its content and its occurrence number in the file (decision 33)."""
    content = "\x1f".join((departement, *identity(row), str(occurrence)))
    return "imp-" + blake2b(content.encode(), digest_size=12).hexdigest()
