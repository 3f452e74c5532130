"""A telephone number however people write it, or an address: found in what they wrote, and taken out of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

GONE = "[numéro effacé]"

ODD_DIGITS = "[¹²³¼-¾\u0660-\u1fff\u2070-\uffff\U00010000-\U0010ffff]"
"""A pattern, for SQL too, of all signs that may be digits and are none of ASCII, and of some that are not."""

_APART = r"[\s.\-‐‑‒–—−/()_'’·•,]{0,3}"
"""What people put between digits: blanks of every kind, stops, dashes, slashes, parentheses."""
_UNSEEN = {"Cf", "Mn", "Me"}
_FILLERS = "\u115f\u1160\u2800"
"""What nobody sees between digits: categories of Unicode (soft hyphens, joiners, marks), letters without a shape."""
_RAISED = "０"
"""Of the digits that stand here for those that are raised, circled or part of a fraction: they may be one of the
number, or stand behind it for something else (« m² », a note)."""
_ESCAPED = re.compile(r"\\+(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|U(000[0-9a-fA-F]{5}|0010[0-9a-fA-F]{4}))")

_NINE = ("33", "262", "590", "594", "596")
"""Countries of which nine digits follow the code, or a zero."""
_SHORT = ("508", "681", "687", "689")
"""Countries whose numbers are so short that they mean something with their code alone."""
_SIGNIFICANT = 9


@dataclass(frozen=True, slots=True)
class PlainText:
    """A text as numbers are sought in it: every decimal digit one of ASCII, no sign that nobody sees.

    `places` says where in the text each sign stands, and at last how long the text is.
    """

    text: str
    places: range | list[int]

    def span(self, found: re.Match[str]) -> tuple[int, int]:
        """From where until where in the text that is, with what nobody sees behind it."""
        return self.places[found.start()], max(self.places[found.end() - 1] + 1, self.places[found.end()])


def folded(text: str) -> PlainText:
    """The text as numbers are sought in it (Unicode's NFKC, sign by sign)."""
    if text.isascii():
        return PlainText(text, range(len(text) + 1))
    told: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(text):
        for one in _folded_sign(sign):
            told.append(one)
            places.append(place)
    return PlainText("".join(told), [*places, len(text)])


def _folded_sign(sign: str) -> str:
    if sign.isascii():
        return sign
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    plain = unicodedata.normalize("NFKC", sign)
    if plain == sign and (digit := unicodedata.digit(sign, None)) is not None:
        plain = str(digit)
    seen = (one for one in plain if unicodedata.category(one) not in _UNSEEN and one not in _FILLERS)
    return "".join(chr(ord(_RAISED) + int(one)) if one.isdecimal() else one for one in seen)


@dataclass(frozen=True, slots=True)
class SoughtText:
    """Something to be found in texts. `like` is what SQL's LIKE finds wherever it stands, and sometimes elsewhere.

    `gone` is what stands in its place afterwards; texts and `like` are compared in small letters.
    """

    pattern: re.Pattern[str]
    like: str
    gone: str

    def is_in(self, text: str) -> bool:
        """Whether it stands in a text."""
        return next(self._spans(text), None) is not None

    def is_in_value(self, value: Any) -> bool:
        """Whether it stands in one of the texts of a value of JSON."""
        match value:
            case dict():
                return any(self.is_in_value(one) for one in value.values())
            case list():
                return any(self.is_in_value(one) for one in value)
            case _:
                return isinstance(value, str) and self.is_in(value)

    def out_of(self, text: str) -> str:
        """The text with it taken out; every other sign stays as it was written."""
        kept, last = [], 0
        for start, end in self._spans(text):
            kept += [text[last:start], self.gone]
            last = end
        return "".join([*kept, text[last:]])

    def out_of_value(self, value: Any) -> Any:
        """A value of JSON with it taken out of each of its texts."""
        match value:
            case dict():
                return {name: self.out_of_value(one) for name, one in value.items()}
            case list():
                return [self.out_of_value(one) for one in value]
            case str():
                return self.out_of(value)
            case _:
                return value

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        found = folded(text)
        return (found.span(one) for one in self.pattern.finditer(found.text))


@dataclass(frozen=True, slots=True)
class WrittenNumber(SoughtText):
    """An E.164 number; `digits` are those that every way of writing it has."""

    e164: str
    digits: str

    @property
    def typed(self) -> str:
        """What LIKE finds where the digits stand without anything between them."""
        return f"%{self.digits}%"


def written(e164: str) -> WrittenNumber:
    """Every usual way of writing an E.164 number; in SQL zeros are left out, for the letter O is one, too."""
    digits = re.sub(r"[^0-9]", "", e164)
    code = next((one for one in (*_NINE, *_SHORT) if digits.startswith(one)), digits[:-_SIGNIFICANT])
    national = digits.removeprefix(code)
    codes = "|".join(_spaced(one) for one in ({code, "33"} if code in _NINE else {code}) if one)
    abroad = rf"(?:(?:\+|{_zero()}{_APART}{_zero()}){_APART})?(?:{codes}){_APART}(?:{_zero()}{_APART})?"
    front = abroad if code in _SHORT else rf"\(?(?:{abroad}|{_zero()}{_APART})" if codes else ""
    front = front if code in _SHORT or not front else f"(?:{front})?"
    pattern = re.compile(rf"(?<![0-9]){front}{_spaced(national)}(?![0-9])")
    least = national if code not in _SHORT else digits
    return WrittenNumber(pattern, f"%{'%'.join(least.replace('0', ''))}%", GONE, e164, least)


def written_address(email: str, gone: str) -> SoughtText:
    """An electronic address, alone or in a sentence; another that ends or begins with it is another."""
    pattern = re.compile(rf"(?<![a-z0-9._%+-]){re.escape(email)}(?![a-z0-9-]|\.[a-z0-9])", re.IGNORECASE)
    return SoughtText(pattern, f"%{email.lower()}%", gone)


def unescaped(text: str) -> str:
    """A line of JSON or of Python's in ASCII, of which not all may be left, with its signs as they were typed."""
    signs = _ESCAPED.sub(lambda found: chr(int(found[1] or found[2] or found[3], 16)), text)
    return signs.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _zero() -> str:
    return f"[0Oo{_RAISED}]"


def _spaced(digits: str) -> str:
    return _APART.join(_zero() if one == "0" else f"[{one}{chr(ord(_RAISED) + int(one))}]" for one in digits)
