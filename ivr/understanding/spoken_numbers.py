"""A département by its number: « neuf trois », « 97 4 », « 60 15 », « 13 001 » — runs of digits to codes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

CORSICA = ("2A", "2B")

_POSTAL = 5
_EMERGENCY = "115"
_OWN_POSTAL_CODES = {"97133": "977", "97150": "978"}
_CORSICAN = {"20": CORSICA, "2a": ("2A",), "2b": ("2B",)}
_CORSICAN_POSTAL = {**_CORSICAN, "200": ("2A",), "201": ("2A",), "202": ("2B",), "206": ("2B",)}
"""How a whole postal code of Corsica begins; « deux cents » alone is no département."""

CONFUSABLE_NUMBERS = (
    # Heard alike, by edit distance of their sounds (docs/france.md#heard-alike).
    *({"66", "70", "76"}, {"67", "76", "77"}, {"64", "74"}, {"63", "73"}, {"61", "71"}, {"65", "75", "76"}),
    *({"85", "86", "87", "88"}, {"91", "93", "95"}, {"55", "57"}),
    # The same by analogy, not measured: treize and seize, soixante-deux and soixante-douze, a last word swallowed.
    *({"13", "16"}, {"73", "76"}, {"06", "10"}, {"62", "72"}, {"68", "78"}, {"69", "79"}, {"60", "70"}, {"80", "90"}),
    *({"81", "91"}, {"82", "92"}, {"83", "93"}, {"84", "94"}, {"85", "95"}),
    *({"975", "976", "977"}, {"973", "976"}, {"986", "987", "988"}),
    # The end swallowed (trente-deux, trente) or the beginning cut off by the prompt (soixante-douze).
    *({"30"}, {"40"}, {"50"}, {"10", "11", "12", "14", "15", "17", "18", "19"}),
    {"22", "23", "24", "25", "26", "27", "28", "29"},
)
"""Sets of numbers that one hears for another: they are always confirmed aloud."""

_CONFUSABLE = frozenset().union(*CONFUSABLE_NUMBERS)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a run of digits can mean; `is_exact`: said in a usual way, and unlike any other number."""

    codes: tuple[str, ...] = ()
    is_exact: bool = False


def read_run(run: tuple[str, ...], known: Collection[str]) -> Reading:
    """The départements that adjacent numbers name together, or each by itself; none for 115, years, telephones."""
    added = added_up(run)
    if len(added) == 1 and added != run:
        return Reading(_one(added[0], known))
    joined = "".join(run)
    codes = _one(joined, known) if _is_said_as_one(run, known) else ()
    if codes:
        is_exact = len(codes) == 1 and len(joined) > 1 and codes[0] not in _CONFUSABLE
        return Reading(codes, is_exact and run[:-1] != ("4",))  # « quatre un » may be quatre-vingt-un without its vingt
    return _each(run, known)


def _is_said_as_one(run: tuple[str, ...], known: Collection[str]) -> bool:
    """Whether the pieces may make one number: digit by digit, or a département followed by the rest of its code."""
    joined = "".join(run)
    is_digit_by_digit = all(len(piece) == 1 for piece in run)
    is_postal = len(joined) == _POSTAL and (len(run[0]) == 2 or run[0] in known)  # noqa: PLR2004 -- a code's length
    return len(run) == 1 or is_digit_by_digit or is_postal or len(joined) <= 3  # noqa: PLR2004 -- a code's length


def _one(digits: str, known: Collection[str]) -> tuple[str, ...]:
    """The codes that one number means, as on the keypad; a postal code counts by its beginning."""
    if digits in _CORSICAN:
        return _CORSICAN[digits]
    if len(digits) == _POSTAL:
        own = _OWN_POSTAL_CODES.get(digits)
        return (own,) if own else _first_known(digits, known)
    code = digits[1:] if len(digits) == 3 and digits[0] == "0" else digits.zfill(2)  # noqa: PLR2004 -- a code's length
    return (code,) if code in known else ()


def _first_known(postal: str, known: Collection[str]) -> tuple[str, ...]:
    for begins in (postal[:3], postal[:2]):
        if codes := _CORSICAN_POSTAL.get(begins, (begins,) if begins in known else ()):
            return codes
    return ()


def _each(run: tuple[str, ...], known: Collection[str]) -> Reading:
    """Several départements one after the other; a number among them that is none spoils them all."""
    if "".join(run) == _EMERGENCY or any(len(piece) == 1 for piece in run):
        return Reading()
    each = [_one(piece, known) for piece in run]
    if not all(each):
        return Reading()
    codes = tuple(dict.fromkeys(code for one in each for code in one))
    return Reading(codes, is_exact=len(codes) == 1 and codes[0] not in _CONFUSABLE)


def added_up(run: tuple[str, ...]) -> tuple[str, ...]:
    """The run with split numbers put together: 60 15 is 75, 4 20 13 is 93, 9 100 74 is 974, 100 15 is 115."""
    pieces: list[int] = []
    for piece in map(int, run) if all(piece.isdigit() and len(piece) <= _POSTAL for piece in run) else ():
        pieces.append(piece)
        while len(pieces) > 1 and (total := _sum(*pieces[-2:])):
            pieces[-2:] = [total]
    return tuple(map(str, pieces)) if 0 < len(pieces) < len(run) else run


def _sum(left: int, right: int) -> int | None:
    """Two numbers that French says in a row for one, as one; else None."""
    match left, right:
        case 4, 20:
            return 80
        case (2 | 3 | 4 | 5 | 6 | 7 | 8 | 9) as hundreds, 100:
            return hundreds * 100
        case hundreds, rest if hundreds in range(100, 1000, 100) and rest in range(1, 100):
            return hundreds + rest
        case tens, rest if tens in range(20, 100, 10) and rest in range(1, 20 if tens in {60, 80} else 10):
            return tens + rest
        case _:
            return None
