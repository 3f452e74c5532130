"""Does a cell show that its text was read or saved in the wrong encoding? « GaÃ«l », « Ga?l », « rŽfŽrent »."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import ftfy

from routing.directory.cells import WINDOWS

ADVICE = "repartez du fichier d'origine et enregistrez-le en « CSV UTF-8 »"
FRENCH = frozenset("àâçéèêëîïôœùûüÿÀÂÇÉÈÊËÎÏÔŒÙÛÜŸ’«»–°€·\u00a0")

Place = TypeVar("Place")

_LETTER = r"[^\W\d_]"
_LOST = re.compile("[\ufffd\x80-\x9f]")
_QUESTION = re.compile(rf"{_LETTER}\?|\?{_LETTER}")
_ENTITY = re.compile(r"&(?:#\d{1,6}|#x[0-9a-f]{1,5}|[a-z]{2,8});", re.IGNORECASE)
# What the letters of a Macintosh (é is 0x8E) or of MS-DOS (é is 0x82) become where Windows reads them: « Ž », « ‚ ».
_STRANGE = re.compile(
    rf"{_LETTER}[‚ƒ„†‡ˆ‰‹›˜™•√¬±≠≤≥∞∂∑∏∫◊¤¦§¨¯¸¶÷£¥©®¼½¾×€¡∩ⁿ⌠]{_LETTER}|{_LETTER}[ƒ‡†‰ˆ˜‚]|[ƒ‡†‰ˆ˜‚]{_LETTER}"
    rf"|{_LETTER}√|√{_LETTER}|{_LETTER}{{2}}(?<!qu)(?<!Qu)´{_LETTER}|Ã[ŠŒŽŸ\u00a1-\u00bf]|Å[’“]|Ă[´˘ĽŁŞŹŻŽ]"
    r"|[a-zà-ÿ][ŠŽŸ]|[A-Za-zà-ÿ][ŠŽŸ][a-zà-ÿ]|[a-zà-ÿ]Œ(?!u)"
)
# What no name of a person or a structure holds: a capital with an accent (but É) within a word, as Mac and MS-DOS read
# the letters of Windows (« HÈlËne », « HÚlÞne », « …lise »), or the code of a letter.
_NO_NAME = re.compile(
    rf"[a-zß-öø-ÿ][À-ÈÊ-ÖØ-ÞĂ](?![A-ZÀ-ÖØ-Þ])|[A-Z][ÁÈËÍÓÙÚÞ][a-zß-öø-ÿ]|…{_LETTER}|[¿\u25a0-\u25af]"
    r"|=[0-9A-F]{2}=[0-9A-F]{2}|%[0-9A-F]{2}%[0-9A-F]{2}|\\x[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\+A[A-Za-z0-9]{2}-"
)
_STRANGE_QUOTE = re.compile(rf"{_LETTER}[“”]{_LETTER}")
_STRANGE_APOSTROPHE = re.compile(rf"{_LETTER}{{2}}(?<!qu)(?<!Qu)‘{_LETTER}")
_END_OF_A_WORD = re.compile(rf"(?<={_LETTER})Ã ")
_ODD_CASE = re.compile(r"(?<=[a-zà-ÿ])[À-ÖØ-ÞŒŠŽŸ]|\b[à-öø-ÿœ](?=[a-z])")
_AFTER_LATIN, _AFTER_SIGNS = 0x180, 0x2200
_BOXES = re.compile("[\u2500-\u259f]")
_BYTES = {ord(character): byte for byte, character in WINDOWS.items()}
_OTHERS = ("mac_roman", "cp850")


def damage(cell: str, *, is_certain: bool) -> bool:
    """Whether letters of the cell were lost or replaced; a real « João », « Željko » or « L’Haÿ » is none.

    `is_certain`: the file is in UTF-8 or UTF-16, so an odd apostrophe is what somebody typed.
    """
    if cell.isascii():
        return _entities(cell) != cell
    if (
        _LOST.search(cell)
        or _BOXES.search(cell)
        or _STRANGE.search(cell)
        or _entities(cell) != cell
        or _unwound(cell) != cell
    ):
        return True
    if _STRANGE_QUOTE.search(cell) and not {"“", "”"} <= set(cell):
        return True
    return not is_certain and bool(_STRANGE_APOSTROPHE.search(cell))


def lost_letter(cell: str) -> bool:
    """Whether a « ? » stands where a letter stood: beside a letter, without a space."""
    return bool(_QUESTION.search(cell))


def damaged_name(cell: str) -> bool:
    """Whether a name shows damage that any other text may well hold: « HÈlËne », « Noлl », « Ga=C3=ABl »."""
    return bool(_NO_NAME.search(cell)) or any(len(_alphabets(word)) > 1 for word in cell.split())


def _alphabets(word: str) -> set[str]:
    return {unicodedata.name(each, "").split(" ")[0] for each in word if unicodedata.category(each) in {"Lu", "Ll"}}


def damaged_cells(cells: Mapping[Place, str], *, is_certain: bool) -> dict[Place, str]:
    """The French reason of each cell of a file that a wrong encoding has damaged, by its place.

    One damaged cell of a file whose encoding is a guess shows that the guess is wrong: all its accents are then.
    """
    bad = {place: cell for place, cell in cells.items() if damage(cell, is_certain=is_certain)}
    if not bad:
        return {}
    bad |= {place: cell for place, cell in cells.items() if damage(cell, is_certain=False)}
    repaired = repairer(bad.values(), cells.values())
    return {
        place: why_damaged(cell.strip(), repaired(cell).strip())
        for place, cell in cells.items()
        if place in bad or (not is_certain and repaired(cell) != cell)
    }


def repairer(damaged: Iterable[str], cells: Iterable[str]) -> Callable[[str], str]:
    """What most likely gives back the `cells` of a file, known from the damaged ones; it changes nothing in doubt."""
    bad, text = " ".join(damaged), " ".join(cell for cell in cells if not cell.isascii())
    if _unwound(bad) != bad or _entities(bad) != bad:
        return lambda cell: _entities(_unwound(cell))
    best = min(_OTHERS, key=lambda name: _oddness(_reread(text, name)))
    if _oddness(_reread(text, best)) >= _oddness(text):
        return str
    return lambda cell: _reread(cell, best)


def why_damaged(cell: str, repaired: str) -> str:
    """The French reason, with what was probably meant where that is known."""
    meant = f" (sans doute « {repaired} »)" if repaired != cell and not _LOST.search(repaired) else ""
    return f"lettres abîmées par un mauvais encodage{meant} : {ADVICE}"


def _unwound(cell: str) -> str:
    """The text before it was saved in UTF-8 and read as something else; the name « IRMÃ Maria » stays.

    What would give letters of another alphabet is a chance meeting of two letters, no damage.
    """
    kept = _END_OF_A_WORD.sub("\ue000", cell)
    found = (_from_dos(kept) if _BOXES.search(kept) else ftfy.fix_encoding(kept)).replace("\ue000", "Ã ")
    return found if all(each.isascii() or _is_usual(each) for each in found) else cell


def _is_usual(character: str) -> bool:
    """Whether a name or a sentence of ours may hold it: Latin letters, signs and punctuation."""
    if character.isalpha():
        return ord(character) < _AFTER_LATIN
    return unicodedata.category(character)[0] in "PSZM" and ord(character) < _AFTER_SIGNS


def _from_dos(cell: str) -> str:
    """The text whose UTF-8 was read by MS-DOS: « Ga├½l »."""
    for encoding in ("cp850", "cp437"):
        try:
            return cell.encode(encoding).decode()
        except UnicodeError:
            continue
    return cell


def _entities(cell: str) -> str:
    return html.unescape(cell) if _ENTITY.search(cell) else cell


def _reread(cell: str, encoding: str) -> str:
    """The bytes that Windows has read, as `encoding` reads them."""
    try:
        return cell.translate(_BYTES).encode("latin-1").decode(encoding)
    except UnicodeError:
        return cell


def _oddness(text: str) -> int:
    strange = sum(not character.isascii() and character not in FRENCH for character in text)
    return 3 * strange + 2 * len(_ODD_CASE.findall(text))
