"""How our numbers should be set at the operator's: the addresses that they call, and where the account may call."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class NumberSettings:
    """The addresses that one number calls; all by POST, a static fallback by GET."""

    voice: str
    fallback: str
    status: str
    fallback_method: str = "POST"


def wanted(public_url: str, static_fallback: str = "") -> NumberSettings:
    """What our number should be set to; `static_fallback` is the first document of a copy hosted elsewhere."""
    own = f"{public_url}/voice"
    if static_fallback:
        return NumberSettings(own, static_fallback, f"{own}/status", "GET")
    return NumberSettings(own, f"{own}/fallback", f"{own}/status")


@dataclass(frozen=True, slots=True)
class HeldNumber:
    """One number of our account, E.164: whether its calls come to us, and a French sentence for each difference."""

    number: str
    leads_here: bool
    differences: tuple[str, ...]


class OurNumbers(Protocol):
    """The account's numbers, at the operator's. Each raises OperatorUnavailable."""

    def held(self, expected: NumberSettings) -> list[HeldNumber]:
        """Every number of the account, compared with how one of ours should be set."""

    def configure(self, numbers: Collection[str], expected: NumberSettings) -> None:
        """Set those of `numbers` (E.164) that the account holds as `expected`."""

    def closed_countries(self, countries: Collection[str]) -> frozenset[str]:
        """Those of these countries (two letters, ISO 3166-1) whose ordinary numbers the account may not call."""
