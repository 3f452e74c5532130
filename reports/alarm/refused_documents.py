"""Whom the operator did not ring because it refused the document that should have rung them (its fallback told us)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from records.facts import Fact, FactKind

_TELLS_OF_A_LEG = frozenset(
    {FactKind.LEG_STARTED, FactKind.LEG_RINGING, FactKind.LEG_ANSWERED, FactKind.LEG_ENDED, FactKind.PICKED_UP}
)


def refused_people(facts: Iterable[Fact]) -> dict[str, str]:
    """By person, the operator's error that came instead of ringing him. Our own errors have names, not digits."""
    told = list(facts)
    known = {fact.n for fact in told if fact.kind in _TELLS_OF_A_LEG or fact.kind is FactKind.RING_ENDED}
    rungs = sorted((fact for fact in told if fact.kind is FactKind.RANG_RUNG), key=lambda fact: (fact.at, fact.n))
    found: dict[str, str] = {}
    for apology in told:
        error = str(apology.data.get("error", ""))
        if apology.kind is FactKind.APOLOGISED and error.isdecimal():
            before = [fact for fact in rungs if fact.at < apology.at]
            if before and before[-1].n not in known:
                found |= dict.fromkeys(_people(before[-1]), error)
    return found


def _people(rung: Fact) -> list[str]:
    people: Any = rung.data.get("people") or []
    return [str(one.get("id")) for one in people if isinstance(one, dict)]
