"""The number of a past caller: kept as far as it is a number, otherwise left out; it never refuses a call."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from records.wording import fold_words
from reports.importing.reading.book import Cell, UnreadableCell, text_of
from reports.importing.understanding.cells import quoted

WITHHELD = frozenset({
    "", "masque", "numero masque", "inconnu", "anonyme", "anonymous", "prive", "non communique", "nc", "cache",
    "numero cache", "numero inconnu",
})  # fmt: skip
_FRENCH = re.compile(r"(?<![0-9+])(?:\+33|0033|0)[ .\-]?(?:\(0\)[ .\-]?)?[1-9](?:[ .\-]?[0-9]{2}){4}(?![0-9])")
_ABROAD = re.compile(r"(?:\+|00)[1-9][0-9 .\-()]{6,18}[0-9]")
_BEFORE = re.compile(r"^(?:tel|tél|téléphone|telephone|port|portable|mobile|fixe|num|numéro|n°)[ .:]*", re.IGNORECASE)
_EXTENSION = re.compile(r"(?:poste|ext|p|int)\.? ?[0-9]{1,6}", re.IGNORECASE)
_LETTER_O = re.compile(r"(?<![^\W\d])[oO](?=[0-9 ]*[0-9])")
_COMMAS = re.compile(r"(?<=[0-9]),(?=[0-9]{2}(?:,|$))")
_DECIMAL = re.compile(r"(?<=[0-9]{9})[.,]0+$")
_ROUNDED = re.compile(r"[0-9]+0{5}")


@dataclass(frozen=True, slots=True)
class ReadCaller:
    """The number as it is kept, None when there is none; a note when it was not plainly written."""

    phone: str | None
    is_masked: bool = False
    note: str = ""


def read_caller(cell: Cell, read_phone: Callable[[str], str]) -> ReadCaller:
    """The caller of a line. `read_phone` gives the number of a text, or raises ValueError with the French reason."""
    if isinstance(cell, UnreadableCell):
        return ReadCaller(None, note=f"Numéro laissé de côté : {cell.reason}.")
    text = " ".join(unicodedata.normalize("NFKC", text_of(cell)).split())
    if not any(map(str.isdecimal, text)) and fold_words(text) in WITHHELD:
        return ReadCaller(None)
    if is_masked(text):
        return ReadCaller(None, is_masked=True, note=f"Numéro {quoted(cell)} laissé de côté : il est masqué.")
    try:
        phone = read_phone(_bare(text))
    except ValueError as error:
        return _inside(text, cell, read_phone, str(error))
    is_rounded = isinstance(cell, float | int) and _ROUNDED.fullmatch(text)
    return ReadCaller(
        phone, note=f"Numéro {quoted(cell)} gardé : le tableur l’a peut-être arrondi." if is_rounded else ""
    )


def is_masked(text: str) -> bool:
    """Whether a telephone number is shown with hidden digits."""
    return "•" in text or "*" in text or bool(re.search(r"\dx|xx", text.casefold()))


def _bare(text: str) -> str:
    """Without what people put around a number: « Tél : », « tel: », a mark or a picture after it."""
    text = _BEFORE.sub("", text)
    text = _COMMAS.sub(" ", _DECIMAL.sub("", text))  # 01,99,00,12,34; a number that went through a .csv, 199001234.0
    return "".join(sign for sign in text if unicodedata.category(sign)[0] != "S" or sign == "+").strip(" .;,:")


def _inside(text: str, cell: Cell, read_phone: Callable[[str], str], why: str) -> ReadCaller:
    """The first number among other words; none where other digits stand beside it."""
    typed = _LETTER_O.sub("0", text)
    found = _FRENCH.findall(typed) or _ABROAD.findall(typed)
    rest = _EXTENSION.sub("", _ABROAD.sub("", _FRENCH.sub("", typed)))
    if not found or any(sign.isdecimal() for sign in rest):
        return ReadCaller(None, note=f"Numéro {quoted(cell)} laissé de côté : {why.partition(' : ')[0]}.")
    try:
        phone = read_phone(found[0])
    except ValueError as error:
        return ReadCaller(None, note=f"Numéro {quoted(cell)} laissé de côté : {str(error).partition(' : ')[0]}.")
    is_all = not any(sign.isalnum() for sign in typed.replace(found[0], "", 1))
    after = "" if is_all else " : le reste est laissé de côté"
    return ReadCaller(phone, note=f"Numéro {quoted(cell)} lu {quoted(found[0])}{after}.")
