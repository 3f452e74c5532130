"""Hearing a département on the keypad (decision 7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from routing.departements import departements

OVERSEAS = ("97", "98")
CORSE = "20"
STAR = "*"
_TWO_DIGITS = 2


@dataclass(frozen=True, slots=True)
class Named:
    """The keys name this département."""

    code: str


@dataclass(frozen=True, slots=True)
class Unfinished:
    """`97` or `98`: the third digit is still to come."""

    keys: str


@dataclass(frozen=True, slots=True)
class Begun:
    """One digit where no digit alone is an answer: a code of two, whose second one is slow to come."""

    keys: str


@dataclass(frozen=True, slots=True)
class Corsica:
    """`20`: which of the two Corsican départements is still to be chosen."""


@dataclass(frozen=True, slots=True)
class National:
    """`*` as the first key: the national team."""


@dataclass(frozen=True, slots=True)
class Restart:
    """`*` after a digit: back to the menu, no failure counted."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """No département has this number."""

    keys: str


Reading: TypeAlias = Named | Unfinished | Begun | Corsica | National | Restart | Unknown


def read_menu(keys: str) -> Reading:
    """What the keys of the menu mean: at least one key of `0-9*`."""
    if keys.startswith(STAR):
        return National()
    if STAR in keys:
        return Restart()
    if len(keys) == 1:
        keys = f"0{keys}"
    if keys in OVERSEAS:
        return Unfinished(keys)
    return Corsica() if keys == CORSE else _named(keys)


def read_third(first: str, keys: str) -> Reading:
    """What follows `97` or `98`: the third digit (9 starts over, since no code ends with it), or a code typed anew.

    One key or the three that a postal code leaves (97 400) end the code; two keys, or `974` whole, are a code.
    """
    if STAR in keys or keys == "9":
        return Restart()
    if len(keys) == _TWO_DIGITS or keys in departements():
        return read_menu(keys)
    return _named(first + keys[0])


def read_corsica(keys: str) -> Reading:
    """Which Corsican département: 1 or 0 (200xx, 201xx), 2 or 6 (202xx, 206xx), or a code typed anew.

    One key or the three that a postal code leaves (20 167) choose; two keys, or three of an overseas code, are a code.
    """
    if STAR in keys:
        return Restart()
    if len(keys) == _TWO_DIGITS or keys in departements():
        return read_menu(keys)
    chosen = {"1": Named("2A"), "0": Named("2A"), "2": Named("2B"), "6": Named("2B")}
    return chosen.get(keys[0]) or (Begun(keys) if len(keys) == 1 else Unknown(CORSE + keys))


def read_code(keys: str) -> Reading:
    """What keys mean where they are none of the choices: a code typed instead, or the beginning of one."""
    return Begun(keys) if len(keys) == 1 and keys != STAR else read_menu(keys)


def _named(keys: str) -> Reading:
    return Named(keys) if keys in departements() else Unknown(keys)
