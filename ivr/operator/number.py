"""How our number should be set at the operator's: the addresses that it calls."""

from __future__ import annotations

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


class OurNumber(Protocol):
    """Our number, at the operator's. Both raise OperatorUnavailable."""

    def differences(self, expected: NumberSettings) -> list[str]:
        """One French sentence for each setting that is not as `expected`."""

    def configure(self, expected: NumberSettings) -> None:
        """Set the number as `expected`."""
