"""How an address asks to be requested: the fragment after it, which the operator reads and never sends.

What it may say: docs/operator.md#overrides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urldefrag

CONNECTING, READING, REFUSED, FAILED = "ct", "rt", "4xx", "5xx"
BROKEN = "broken"
"""A connection that was made and then cut: no policy names it, so that only `all` asks again."""
POLICIES = frozenset({CONNECTING, READING, REFUSED, FAILED, "all"})
_WHOLE = {"ct": (100, 10_000), "rt": (100, 15_000), "tt": (100, 15_000), "rc": (0, 5)}
"""The bounds of each number; times in milliseconds."""
_WORDS = {"e": r"[a-z0-9,-]+", "sni": "[yn]"}


@dataclass(frozen=True, slots=True)
class Overrides:
    """How one request is made. Seconds; `retries` after the first try, for the failures that `policy` names."""

    connect: float = 5.0
    read: float = 15.0
    total: float = 15.0
    retries: int = 1
    policy: frozenset[str] = frozenset({CONNECTING})

    def retry_after(self, failure: str) -> bool:
        """Whether a request that failed so is made again; never one that did not fail."""
        return failure in self.policy or (bool(failure) and "all" in self.policy)


def read_overrides(url: str) -> Overrides:
    """What the address asks for; ValueError for a word or a number that the operator does not know."""
    fragment = urldefrag(url).fragment
    told = dict(_pair(one) for one in fragment.split("&")) if fragment else {}
    numbers = {name: _number(name, told[name]) for name in _WHOLE if name in told}
    default = Overrides()
    return Overrides(
        numbers.get("ct", default.connect * 1000) / 1000,
        numbers.get("rt", default.read * 1000) / 1000,
        numbers.get("tt", default.total * 1000) / 1000,
        numbers.get("rc", default.retries),
        _policy(told["rp"]) if "rp" in told else default.policy,
    )


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    if name not in {*_WHOLE, *_WORDS, "rp"} or (name in _WORDS and not re.fullmatch(_WORDS[name], value)):
        raise ValueError(f"{text[:40]!r} is no connection override")
    return name, value


def _number(name: str, text: str) -> int:
    low, high = _WHOLE[name]
    if not re.fullmatch(r"[0-9]{1,5}", text) or not low <= int(text) <= high:
        raise ValueError(f"{name}={text[:40]} is not between {low} and {high}")
    return int(text)


def _policy(text: str) -> frozenset[str]:
    asked = frozenset(text.split(","))
    if not asked <= POLICIES:
        raise ValueError(f"rp={text[:40]} names what is no failure")
    return asked
