"""A telephone number however people write it: found in what they wrote, and taken out of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

GONE = "[numéro effacé]"

_APART = r"[\s.\-‐‑‒–—−/()_'’·•,\u200b-\u200f\u2060\ufeff]{0,3}"
"""What people put between digits: blanks of every kind, stops, dashes, slashes, parentheses, signs that nobody sees."""

_NINE = ("33", "262", "590", "594", "596")
"""Countries of which nine digits follow the code, or a zero."""
_SHORT = ("508", "681", "687", "689")
"""Countries whose numbers are so short that they mean something with their code alone."""
_SIGNIFICANT = 9


@dataclass(frozen=True, slots=True)
class WrittenNumber:
    """An E.164 number and the ways of writing it. `digits` are those that every way has."""

    e164: str
    digits: str
    pattern: re.Pattern[str]

    @property
    def like(self) -> str:
        """What SQL's LIKE finds wherever the number stands, and sometimes elsewhere; the letter O is a zero, too."""
        return "%" + "%".join(self.digits.replace("0", "")) + "%"

    @property
    def typed(self) -> str:
        """What LIKE finds where the digits stand without anything between them."""
        return f"%{self.digits}%"

    def is_in(self, text: str) -> bool:
        """Whether the number stands in a text."""
        return self.pattern.search(text) is not None

    def out_of(self, text: str) -> str:
        """The text with the number taken out."""
        return self.pattern.sub(GONE, text)

    def out_of_value(self, value: Any) -> Any:
        """A value of JSON with the number taken out of each of its texts."""
        match value:
            case dict():
                return {name: self.out_of_value(one) for name, one in value.items()}
            case list():
                return [self.out_of_value(one) for one in value]
            case str():
                return self.out_of(value)
            case _:
                return value


def written(e164: str) -> WrittenNumber:
    """Every usual way of writing an E.164 number."""
    digits = re.sub(r"[^0-9]", "", e164)
    code = next((one for one in (*_NINE, *_SHORT) if digits.startswith(one)), digits[:-_SIGNIFICANT])
    national = digits.removeprefix(code)
    codes = "|".join(_spaced(one) for one in ({code, "33"} if code in _NINE else {code}) if one)
    abroad = rf"(?:(?:\+|{_zero()}{_APART}{_zero()}){_APART})?(?:{codes}){_APART}(?:{_zero()}{_APART})?"
    front = abroad if code in _SHORT else rf"\(?(?:{abroad}|{_zero()}{_APART})" if codes else ""
    front = front if code in _SHORT or not front else f"(?:{front})?"
    pattern = re.compile(rf"(?<![0-9]){front}{_spaced(national)}(?![0-9])")
    return WrittenNumber(e164, national if code not in _SHORT else digits, pattern)


def _zero() -> str:
    return "[0Oo０]"


def _spaced(digits: str) -> str:
    return _APART.join(_zero() if one == "0" else f"[{one}{chr(ord('０') + int(one))}]" for one in digits)
