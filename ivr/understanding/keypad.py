"""Hearing a département on the keypad (decision 7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from routing.departements import departements

OVERSEAS = ("97", "98")
CORSE = "20"
STAR = "*"


@dataclass(frozen=True, slots=True)
class Named:
    """The keys name this département."""

    code: str


@dataclass(frozen=True, slots=True)
class Unfinished:
    """`97` or `98`: the third digit is still to come."""

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


Reading: TypeAlias = Named | Unfinished | Corsica | National | Restart | Unknown


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


def read_third(first: str, key: str) -> Reading:
    """What the third digit after `97` or `98` means; 9 starts over, since no code ends with it."""
    if key in {STAR, "9"}:
        return Restart()
    return _named(first + key)


def read_corsica(key: str) -> Reading:
    """Which Corsican département a key chooses: 1 or 0 (200xx, 201xx), 2 or 6 (202xx, 206xx)."""
    if key == STAR:
        return Restart()
    return {"1": Named("2A"), "0": Named("2A"), "2": Named("2B"), "6": Named("2B")}.get(key, Unknown(CORSE + key))


def _named(keys: str) -> Reading:
    return Named(keys) if keys in departements() else Unknown(keys)
