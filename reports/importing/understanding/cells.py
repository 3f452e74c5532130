"""Understanding one cell of a workbook filled by hand: dates, durations, levels, yes or no, telephone numbers.

Each `read_…` returns the value, or refuses with a French sentence that quotes the cell.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from records.wording import QUOTES, fold_words, plain
from reports.figures.periods import EARLIEST, MONTHS, french_day
from reports.importing.reading.book import Cell, text_of

LONGEST_SECONDS = 86_400
EXCEL_EPOCH = date(1899, 12, 30)
YES = frozenset({"oui", "o", "x", "1", "vrai", "true", "yes"})
NO = frozenset({"non", "n", "0", "faux", "false", "no"})
WITHHELD = frozenset({"", "masque", "numero masque", "inconnu", "anonyme", "prive", "non communique", "nc"})
QUOTED = QUOTES + " "
FOLDED_MONTHS = {fold_words(name): number for number, name in enumerate(MONTHS, start=1)}


class CellRefused(ValueError):  # noqa: N818 - the house says what happened
    """A cell that cannot be understood; the message is a French sentence."""


def quoted(cell: Cell) -> str:
    """The cell in quotes, shortened, for a sentence."""
    text = text_of(cell)
    return f"« {text[:60]}{'…' if len(text) > 60 else ''} »"  # noqa: PLR2004 - what fits on a line


def read_date(cell: Cell, today: date) -> date:
    """The day of a date cell, of a text such as 12/04/2025, 12-4-25 or « 12 avril 2025 », or of Excel's day number."""
    if cell is None or text_of(cell) == "":
        raise CellRefused("la date manque")
    day = _day_of(cell)
    if day is None:
        raise CellRefused(f"la date {quoted(cell)} n'est pas une date (attendu : 12/04/2025)")
    if day < EARLIEST:
        raise CellRefused(f"la date {quoted(cell)} est antérieure au {french_day(EARLIEST)}")
    if day > today:
        raise CellRefused(f"la date {quoted(cell)} est dans le futur")
    return day


def _day_of(cell: Cell) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, bool | time | timedelta):
        return None
    if isinstance(cell, int | float):
        return EXCEL_EPOCH + timedelta(days=int(cell)) if 1 <= cell <= 100_000 else None  # noqa: PLR2004 - year 2173
    return _day_of_text(text_of(cell))


def _day_of_text(text: str) -> date | None:
    numbers = re.match(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d{2})(?:\D|$)", text)
    iso = re.match(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:\D|$)", text)
    words = re.search(r"(\d{1,2})(?:er)? ([a-z]+) (\d{4})", fold_words(text))
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if numbers:
            year = int(numbers[3])
            return date(year if year > 99 else 2000 + year, int(numbers[2]), int(numbers[1]))  # noqa: PLR2004 - two digits
        if words and words[2] in FOLDED_MONTHS:
            return date(int(words[3]), FOLDED_MONTHS[words[2]], int(words[1]))
    except ValueError:
        return None
    return None


def read_seconds(seconds: Cell, minutes: Cell = None) -> int | None:
    """The duration in whole seconds from « en secondes », else from « en minutes »; None when both are empty."""
    found = _seconds_of(seconds, per_unit=1)
    if found is None:
        found = _seconds_of(minutes, per_unit=60)
    if found is not None and not 0 <= found <= LONGEST_SECONDS:
        raise CellRefused(f"une durée de {found} s n'est pas possible (de 0 à 24 heures)")
    return found


def _seconds_of(cell: Cell, per_unit: int) -> int | None:
    if cell is None or text_of(cell) in {"", "-"}:
        return None
    if isinstance(cell, time):
        return _clock_seconds(cell.hour, cell.minute, cell.second)
    if isinstance(cell, timedelta):
        whole = round(cell.total_seconds())
        return _clock_seconds(whole // 3600, whole % 3600 // 60, whole % 60) if whole >= 0 else whole
    if isinstance(cell, datetime) and cell.year <= 1900:  # noqa: PLR2004 - Excel's day 0, 1 or 2: a duration of over a day
        return _clock_seconds((cell.date() - date(1899, 12, 31)).days * 24 + cell.hour, cell.minute, cell.second)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if cell != cell or abs(cell) > 1e9:  # noqa: PLR0124, PLR2004 - not a number, or nonsense
            raise CellRefused(f"la durée {quoted(cell)} n'est pas possible")
        return int(cell * per_unit + 0.5) if cell >= 0 else -1
    return _seconds_of_text(text_of(cell), per_unit)


def _clock_seconds(hours: int, minutes: int, seconds: int) -> int:
    # Somebody who types 08:10 for eight minutes and ten seconds gets ten past eight from a spreadsheet.
    if hours and not seconds:
        return hours * 60 + minutes
    return hours * 3600 + minutes * 60 + seconds


def _seconds_of_text(text: str, per_unit: int) -> int:
    typed = plain(text.replace("’", "'").replace("'", " min ").replace('"', " ")).strip(QUOTED).replace(",", ".")
    colons = re.fullmatch(r"(?:(\d+):)?(\d+):(\d{1,2})", typed)
    words = re.fullmatch(
        r"(?:(\d+) ?(?:h|heures?))? ?(?:(\d+) ?(?:m|mn|min|minutes?)\.?)? ?(?:(\d+) ?(?:s|sec|secondes?)?\.?)?", typed
    )
    if colons:
        hours, minutes, seconds = (int(part or 0) for part in colons.groups())
        return hours * 3600 + minutes * 60 + seconds
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", typed):
        return int(float(typed) * per_unit + 0.5)
    if words and typed:
        hours, minutes, seconds = (int(part or 0) for part in words.groups())
        return hours * 3600 + minutes * 60 + seconds
    raise CellRefused(f"la durée {quoted(text)} n'est pas une durée (attendu : 490 ou 08:10)")


def read_yes_no(cell: Cell, heading: str) -> bool | None:
    """True, False, or None when the cell is empty."""
    if isinstance(cell, bool):
        return cell
    text = fold_words(text_of(cell))
    if text in YES:
        return True
    if text in NO:
        return False
    if not text:
        return None
    raise CellRefused(f"« {heading} » contient {quoted(cell)} : écrivez Oui ou Non")


def read_level(cell: Cell) -> str | None:
    """`1`, `2` or `1/2`; None when the cell is empty. Spreadsheets turn 1/2 into the first of February: undone here."""
    if isinstance(cell, date) and (cell.day, cell.month) == (1, 2):
        return "1/2"
    text = re.sub(r"^(niveau|niv\.?|n) ?", "", plain(text_of(cell)).strip(QUOTED)).replace(" ", "")
    if text in {"", "-"}:
        return None
    level = {"1": "1", "2": "2", "1/2": "1/2", "1-2": "1/2", "1et2": "1/2", "1ou2": "1/2", "½": "1/2", "0.5": "1/2"}
    if text in level:
        return level[text]
    raise CellRefused(f"le niveau {quoted(cell)} n'existe pas : écrivez 1, 2 ou 1/2")


def is_masked(text: str) -> bool:
    """Whether a telephone number is shown with hidden digits."""
    return "•" in text or "*" in text or bool(re.search(r"\dx|xx", text.casefold()))


def is_withheld(cell: Cell) -> bool:
    """Whether the cell says that the number is not known."""
    return fold_words(text_of(cell)) in WITHHELD
