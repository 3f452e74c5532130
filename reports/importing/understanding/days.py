"""The day of a call, as people write it in a workbook."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from records.wording import fold_words, plain
from reports.figures.periods import EARLIEST, MONTHS, french_day
from reports.importing.reading.book import Cell, text_of
from reports.importing.understanding.cells import QUOTED, CellRefused, check_readable, quoted

EXCEL_EPOCH = date(1899, 12, 30)
FIRST_DAY_NUMBER, LAST_DAY_NUMBER = (EARLIEST - EXCEL_EPOCH).days, 100_000
"""Excel's numbers of the days that a workbook may mean; the last is in the year 2173."""
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
FEWEST_LETTERS = 3
CENTURY = 100

_FOLDED_MONTHS = tuple(map(fold_words, MONTHS))
_WEEKDAY = re.compile(r"(?:le )?(?:(lun|mar|mer|jeu|ven|sam|dim)[a-z]*[.,]* )?(?:le )?")
_HOUR = re.compile(
    r"[ t,]+(?:a |vers |- )?\d{1,2} ?[:h] ?(?:\d{2})?(?::\d{2}(?:[.,]\d+)?)?(?: ?[ap]m)?(z|[+-]\d{2}:?\d{2})?$"
)
_BETWEEN = r" ?[/⁄∕.,\-\\ _] ?"
_NUMBERS = re.compile(rf"(\d{{1,2}}){_BETWEEN}(\d{{1,2}}){_BETWEEN}(\d{{4}}|\d{{2}})(?!\d)")
_ISO = re.compile(r"(\d{4})[/.\-](\d{1,2})[/.\-](\d{1,2})(?!\d)")
_WORDS = re.compile(r"(\d{1,2})(?:er)?[ .\-/]*([a-z]{3,9})[ .\-/]*(\d{4}|\d{2})(?!\d)")
_ALL_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DAY_NUMBER = re.compile(r"(4\d{4})(?:[.,]\d+)?")


@dataclass(frozen=True, slots=True)
class _Found:
    day: date
    note: str = ""


def read_day(cell: Cell, today: date) -> tuple[date, str]:
    """The day of a cell, and a note where its reading is to be seen ("" otherwise); CellRefused otherwise.

    Reads a date, 12/04/2025, 12-4-25, 12 avril 2025, 12-avr-25, 2025-04-12, 20250412, or Excel's number of the day.
    """
    check_readable(cell, "la date")
    if cell is None or text_of(cell) == "":
        raise CellRefused("la date manque")
    found = _found_in(cell)
    if found is None:
        raise CellRefused(f"la date {quoted(cell)} n'est pas une date (attendu : 12/04/2025){_hint(cell)}")
    if found.day < EARLIEST:
        raise CellRefused(f"la date {quoted(cell)} est antérieure au {french_day(EARLIEST)}")
    if found.day > today:
        raise CellRefused(f"la date {quoted(cell)} est dans le futur")
    return found.day, found.note and f"Date {quoted(cell)} lue {found.day:%d/%m/%Y}{found.note}."


def _hint(cell: Cell) -> str:
    text = plain(text_of(cell)) if isinstance(cell, str) else ""
    if re.fullmatch(r"(?:le )?(?:[a-z]+[ .]+)?\d{1,2}[/.\- ](?:\d{1,2}|[a-z]+\.?)", text):
        return " : l’année manque"
    if re.match(r"(?:0?[1-9]|1[0-2])/(?:1[3-9]|2\d|3[01])/(?:\d{4}|\d{2})\b", text):
        return " : le mois semble écrit d’abord, à l’américaine"
    if re.fullmatch(r"[a-z]+\.?[ /\-]\d{2,4}", text):
        return " : le jour manque"
    if len(re.findall(r"\d{1,2}/\d{1,2}/\d{2,4}", text)) > 1 or re.match(r"\d{1,2} ?- ?\d{1,2}/", text):
        return " : une ligne est un seul appel, d’un seul jour"
    return ""


def _found_in(cell: Cell) -> _Found | None:
    if isinstance(cell, datetime):
        return _Found(cell.date())
    if isinstance(cell, date):
        return _Found(cell)
    if isinstance(cell, bool | time | timedelta):
        return None
    if isinstance(cell, int | float):
        if FIRST_DAY_NUMBER <= cell <= LAST_DAY_NUMBER:
            return _Found(EXCEL_EPOCH + timedelta(days=int(cell)))
        return _of_digits(str(int(cell))) if cell == cell and abs(cell) < 1e8 else None  # noqa: PLR0124, PLR2004
    return _found_in_text(plain(text_of(cell)).strip(QUOTED))


def _found_in_text(text: str) -> _Found | None:
    start = _WEEKDAY.match(text)
    weekday = start[1] if start else None
    rest = text[start.end() :] if start else text
    hour = _HOUR.search(rest)
    rest = rest[: hour.start()] if hour else rest
    if _DAY_NUMBER.fullmatch(rest):
        return _Found(EXCEL_EPOCH + timedelta(days=int(rest[:5])), " : c’est le numéro d’un jour dans le tableur")
    if rest.isdecimal():
        return _of_digits(rest)
    day, end = _day_at_the_start(rest)
    after = rest[end:].strip(" .,;:()'’")
    if day is None or any(sign.isdecimal() for sign in after):
        return None
    if hour and hour[1]:
        return _Found(day, " : l’heure y est donnée pour un fuseau, le jour peut être le voisin")
    if weekday and not WEEKDAYS[day.weekday()].startswith(weekday):
        return _Found(day, f" : c’était un {WEEKDAYS[day.weekday()]}")
    return _Found(day, f" : « {after} » est laissé de côté" if after else "")


def _day_at_the_start(text: str) -> tuple[date | None, int]:
    """The day that a text begins with, and where it ends."""
    if found := _ISO.match(text):
        return _day(found[1], found[2], found[3]), found.end()
    if found := _NUMBERS.match(text):
        return _day(found[3], found[2], found[1]), found.end()
    if found := _WORDS.match(text):
        months = [number for number, name in enumerate(_FOLDED_MONTHS, start=1) if name.startswith(found[2])]
        if len(months) == 1:
            return _day(found[3], str(months[0]), found[1]), found.end()
    return None, 0


def _of_digits(digits: str) -> _Found | None:
    """« 20250412 » or « 12042025 »: no day of this century can be read both ways."""
    if not (found := _ALL_DIGITS.fullmatch(digits)):
        return None
    day = _day(found[1], found[2], found[3]) or _day(digits[4:], digits[2:4], digits[:2])
    return _Found(day) if day else None


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year) + (2000 if int(year) < CENTURY and len(year) == 2 else 0), int(month), int(day))  # noqa: PLR2004
    except ValueError:
        return None
