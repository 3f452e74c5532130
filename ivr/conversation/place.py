"""Where a call is: the step and all that was decided so far, as the address of the next webhook carries it.

An address holds letters, digits, `-`, `_` and `.` only; never a telephone number, a name or free text. The operator's
signature covers it, so nobody can forge it (decisions 1 and 2).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from functools import partial
from types import MappingProxyType
from typing import Any, NoReturn, Self

from records.facts import NATIONAL, AbsenceReason, AnsweredBy, GivenBy
from routing.departements import departements

MOST_DOCUMENTS = 40
"""A call that asks for more documents than this is led to its end (decision 1)."""

APART = 100
"""Added to the number of a document that failed: what an apology rings has a number that nothing else has."""

MOST_RETURNS = 2
"""How often `*` leads back to the menu (decision 1)."""

MOST_FAILURES = 3
"""Wrong or silent answers, mixed, until the national team takes over."""


class Step(StrEnum):
    """The steps of the conversation; each is an address under `/voice/`."""

    ARRIVAL = "arrival"
    MENU = "menu"
    OFFER = "offer"
    THIRD = "third"
    CORSE = "corse"
    SURE = "sure"
    CHOOSE = "choose"
    CHANGE = "change"
    MORE = "more"
    RING = "ring"
    SCREEN = "screen"
    TAKE = "take"
    ABSENCE = "absence"
    MESSAGE = "message"
    NUMBER = "number"
    CALLBACK = "callback"


class Cap(StrEnum):
    """Why a caller is not rung for, though somebody would answer (decisions 17 and 42)."""

    REDIAL = "redial"
    WITHHELD = "withheld"
    FULL = "full"


class AddressRefused(ValueError):  # noqa: N818 — it tells a decision, like every refusal of this house
    """The address is not one of ours."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the conversation. `n` is the number of the document that asks; the rest is what is known there.

    `rangs`: short ids still to ring, the rang that rings now first. `began`: epoch seconds when the plan was made.
    `spent`: seconds that the rangs before this one can have taken at most. `asked`: how often this step was asked
    again. `of`: number of the document in which the callback number was given. `keys`: first digits (97, 98, or one).
    """

    step: Step
    n: int = 1
    failures: int = 0
    returns: int = 0
    departement: str | None = None
    given_by: GivenBy | None = None
    keys: str = ""
    candidates: tuple[str, ...] = ()
    version: int = 0
    rangs: tuple[tuple[str, ...], ...] = ()
    desk: AnsweredBy = AnsweredBy.LOCAL
    served_by: str | None = None
    began: int = 0
    reopens: int = 0
    spent: int = 0
    reason: AbsenceReason | None = None
    capped: Cap | None = None
    overflow: str | None = None
    asked: int = 0
    of: int = 0
    person: str = ""

    def next(self, step: Step, **changes: object) -> Self:
        """The place that the next document leads to: one document further, asked for the first time."""
        return replace(self, step=step, n=self.n + 1, **{"asked": 0, **changes})  # type: ignore[arg-type]

    def again(self, **changes: object) -> Self:
        """The same step, asked once more."""
        return replace(self, n=self.n + 1, asked=self.asked + 1, **changes)  # type: ignore[arg-type]

    @property
    def address(self) -> str:
        """Path and query, e.g. `/voice/menu?n=2`; fields that hold their default are left out."""
        return f"/voice/{self.step}?{'&'.join(f'{name}={text}' for name, text in self._written())}"

    def callback_address(self, path: str) -> str:
        """The address of a callback (`leg`, `recorded`) that belongs to this place."""
        return f"/voice/{path}?n={self.n}" + (f"&p={self.person}" if self.person else "")

    def _written(self) -> list[tuple[str, str]]:
        return [
            (short, _WRITE[name](getattr(self, name)))
            for name, short in _SHORT.items()
            if name == "n" or getattr(self, name) != _DEFAULTS[name]
        ]


_SHORT = {
    "n": "n",
    "failures": "f",
    "returns": "r",
    "departement": "d",
    "given_by": "b",
    "keys": "q",
    "candidates": "c",
    "version": "v",
    "rangs": "h",
    "desk": "k",
    "served_by": "s",
    "began": "t",
    "reopens": "o",
    "spent": "e",
    "reason": "x",
    "capped": "y",
    "overflow": "w",
    "asked": "a",
    "of": "m",
    "person": "p",
}
_LONG = {short: name for name, short in _SHORT.items()}
_DEFAULTS = {f.name: f.default for f in fields(Place)}
_NUMBER = re.compile(r"[0-9]{1,10}")
_KEYS = re.compile(r"9[78]|[0-9]")
_ID = re.compile(r"[a-z0-9]{4,16}")
_STAR = "nat"
"""How the code `*` is written in an address."""


def _write_code(code: str | None) -> str:
    return _STAR if code == "*" else str(code)


_WRITE: Mapping[str, Callable[[Any], str]] = {
    **dict.fromkeys(("n", "failures", "returns", "version", "began", "reopens", "spent", "asked", "of"), str),
    **dict.fromkeys(("keys", "person", "given_by", "desk", "reason", "capped"), str),
    **dict.fromkeys(("departement", "served_by", "overflow"), _write_code),
    "candidates": lambda codes: ".".join(_write_code(code) for code in codes),
    "rangs": lambda rangs: "-".join(".".join(rang) for rang in rangs),
}


def _refused(text: str) -> NoReturn:
    message = f"not one of our addresses: {text[:40]!r}"
    raise AddressRefused(message)


def _matched(pattern: re.Pattern[str], text: str) -> str:
    return text if pattern.fullmatch(text) else _refused(text)


def _number(text: str, most: int = 9_999_999_999) -> int:
    number = int(_matched(_NUMBER, text))
    return number if number <= most else _refused(text)


def _code(text: str) -> str:
    return text if text in departements() else _refused(text)


def _desk(text: str) -> str:
    return NATIONAL if text == _STAR else _code(text)


_READ: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(("n", "of"), partial(_number, most=999)),
    **dict.fromkeys(("version", "began", "reopens", "spent"), _number),
    "failures": partial(_number, most=MOST_FAILURES),
    "returns": partial(_number, most=MOST_RETURNS),
    "asked": partial(_number, most=9),
    "departement": _code,
    **dict.fromkeys(("served_by", "overflow"), _desk),
    "keys": lambda text: _matched(_KEYS, text),
    "person": lambda text: _matched(_ID, text),
    "given_by": GivenBy,
    "desk": AnsweredBy,
    "reason": AbsenceReason,
    "capped": Cap,
    "candidates": lambda text: tuple(_code(code) for code in text.split(".")),
    "rangs": lambda text: tuple(tuple(_matched(_ID, one) for one in rang.split(".")) for rang in text.split("-")),
}


@dataclass(frozen=True, slots=True)
class Carried:
    """What a step's address carries besides `n`: the fields that the step cannot do without, and those it may have."""

    needs: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()


def _carried(needs: str = "", may: str = "") -> Carried:
    return Carried(frozenset(needs.split()), frozenset(may.split()))


_COUNTS = "failures returns"
_PLANNED = f"{_COUNTS} given_by version rangs desk served_by began reopens reason capped overflow"
_LEFT = f"{_PLANNED} departement spent asked of"

CARRIED: Mapping[Step, Carried] = MappingProxyType(
    {
        Step.ARRIVAL: _carried(),
        Step.MENU: _carried(may=f"{_COUNTS} keys"),
        Step.OFFER: _carried("departement", _COUNTS),
        Step.THIRD: _carried("keys", _COUNTS),
        Step.CORSE: _carried(may=_COUNTS),
        Step.SURE: _carried("candidates", _COUNTS),
        Step.CHOOSE: _carried("candidates", _COUNTS),
        Step.CHANGE: _carried("departement", _PLANNED),
        Step.MORE: _carried("departement", _PLANNED),
        Step.RING: _carried("rangs", f"{_PLANNED} departement spent of"),
        Step.SCREEN: _carried("person", "departement desk"),
        Step.TAKE: _carried("person", "departement desk"),
        Step.ABSENCE: _carried(may=_LEFT),
        Step.MESSAGE: _carried(may=_LEFT),
        Step.NUMBER: _carried(may=_LEFT),
        Step.CALLBACK: _carried("of", _LEFT),
    }
)
"""Whoever adds a field or a step adds it here: an address that carries anything else is refused."""

_HOW_MANY = {Step.SURE: range(1, 2), Step.CHOOSE: range(2, 4)}
"""How many candidates a confirmation is about."""

_HOW_LONG = {Step.MENU: 1, Step.THIRD: 2}
"""How many first keys were typed where more are waited for."""


def read_place(step: str, query: Mapping[str, str]) -> Place:
    """The place that an address names, or AddressRefused: what a step needs is there, and nothing foreign to it."""
    try:
        values = {_LONG[short]: _READ[_LONG[short]](text) for short, text in query.items() if short in _LONG}
        place = Place(Step(step), **values)
    except ValueError as error:
        raise AddressRefused(str(error)) from error
    carried, known = CARRIED[place.step], values.keys() - {"n"}
    if not carried.needs <= known <= carried.needs | carried.may:
        _refused(f"{step} with {' '.join(sorted(known))}")
    if len(place.keys) not in {0, _HOW_LONG.get(place.step)}:
        _refused(f"{step} after {place.keys}")
    if len(place.candidates) not in _HOW_MANY.get(place.step, range(1)):
        _refused(f"{step} with {len(place.candidates)} candidates")
    return place
