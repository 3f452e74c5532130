"""The facts of one call, each once, in the order of its documents: what the fold and the story read from.

Whatever comes twice counts once: of two receptions of one fact the earlier is kept, and of two readings of the
operator's log the later. Values are read with suspicion: what has not the expected shape is taken for not told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from math import inf
from typing import Any, TypeVar

from records.calls.lines import data_text
from records.facts import Fact, FactKind

_Word = TypeVar("_Word", bound=StrEnum)
_LONGEST_SECONDS = 10**9

ON_A_LEG = frozenset(
    {
        FactKind.PICKED_UP,
        FactKind.ACCEPTED,
        FactKind.REFUSED,
        FactKind.LEG_STARTED,
        FactKind.LEG_RINGING,
        FactKind.LEG_ANSWERED,
        FactKind.LEG_ENDED,
    }
)
"""What happens on a référent's leg."""

_PROVES_NO_CALL = ON_A_LEG | {FactKind.APOLOGISED, FactKind.RECORDING_READY, FactKind.RECORDING_SILENT}


class CallFacts:
    """The facts of one call without its doubles, to be asked by kind, document and person."""

    def __init__(self, call_id: str, facts: Iterable[Fact], until: float = inf) -> None:
        """Keep the facts of `call_id` alone, of the documents `until` the one of that number."""
        self._call_id = call_id
        self.until = until
        kept: dict[tuple[Any, ...], Fact] = {}
        for fact in facts:
            if fact.call == call_id and fact.n <= until:
                before = kept.get(fact.key)
                kept[fact.key] = fact if before is None else _kept(before, fact)
        self.facts = sorted(kept.values(), key=lambda fact: (fact.n, fact.at, fact.kind, fact.who))
        self._by_kind: dict[FactKind, list[Fact]] = {}
        for fact in self.facts:
            self._by_kind.setdefault(fact.kind, []).append(fact)

    @property
    def is_proven(self) -> bool:
        """Whether anything speaks of the caller's own leg; callbacks about a call that we never saw prove none."""
        return any(fact.kind not in _PROVES_NO_CALL for fact in self.facts)

    @property
    def unheard(self) -> frozenset[int]:
        """The documents that failed, so that nobody heard what was answered, if anything was."""
        return frozenset(fact.n for fact in self._apologies())

    @property
    def apologies(self) -> frozenset[int]:
        """The numbers under which an apology rang the national team."""
        return frozenset(fact.data["rang"] for fact in self._apologies())

    def _apologies(self) -> list[Fact]:
        """Those that a caller heard (a référent hears one on his own leg) and whose ringing has a number of its own."""
        return [fact for fact in self.all(FactKind.APOLOGISED) if not fact.who and type(fact.data.get("rang")) is int]

    def up_to(self, n: int) -> CallFacts:
        """The call as it was known when its document `n` was asked for."""
        return CallFacts(self._call_id, self.facts, n)

    def all(self, *kinds: FactKind) -> list[Fact]:
        """The facts of these kinds, in the order of their documents."""
        if len(kinds) == 1:
            return self._by_kind.get(kinds[0], [])
        return [fact for fact in self.facts if fact.kind in kinds]

    def last(self, kind: FactKind) -> Fact | None:
        """The fact of this kind with the highest document number."""
        found = self._by_kind.get(kind)
        return found[-1] if found else None

    def first_at(self) -> datetime:
        """The earliest reception of all."""
        return min(fact.at for fact in self.facts)


def _kept(one: Fact, other: Fact) -> Fact:
    if one.at == other.at:
        return min(one, other, key=lambda fact: (data_text(fact.data), fact.source))
    earlier, later = (one, other) if one.at < other.at else (other, one)
    return later if one.kind is FactKind.LOGGED else earlier


def happened(fact: Fact) -> datetime:
    """When it happened by the operator's clock, or else when we heard of it."""
    return moment(fact.data.get("timestamp")) or fact.at


def moment(value: Any) -> datetime | None:
    """An aware ISO 8601 moment in UTC, or None."""
    try:
        found = datetime.fromisoformat(value)
        return found.astimezone(UTC) if found.tzinfo is not None else None
    except (TypeError, ValueError, OverflowError):
        return None


def seconds(value: Any) -> int | None:
    """A number of seconds, whole and not negative, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _LONGEST_SECONDS:
        return None
    return round(value)


def text(value: Any) -> str | None:
    """A text that is not empty, or None."""
    return value if isinstance(value, str) and value else None


def word(kind: type[_Word], value: Any) -> _Word | None:
    """A word of a closed list, or None."""
    return kind(value) if isinstance(value, str) and value in list(kind) else None


def objects(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list, or none."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list | tuple) else []
