"""What the tables count for one scope: sums only, so that a region is the sum of its départements.

The words of docs/contract.md#figures are made of these sums in `reports.figures.definitions`; the SQL that fills them
is in `records.counting.figures`. Nothing here touches a table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Scope:
    """Which calls are counted: local days `since` to `until` inclusive (decision 31).

    `departements` None means France: every call, those without a département too. `niveau` and `thematique` keep the
    calls whose qualification carries that wording.
    """

    since: date
    until: date
    departements: tuple[str, ...] | None = None
    niveau: str | None = None
    thematique: str | None = None


SOON = 60
"""Seconds within which a call is picked up soon."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The sums of one scope. Seconds are whole; `waits` maps a wait in seconds to its number of calls.

    Of a scope with a level or a thématique, what was said of its treated calls alone is summed (`SAID`): what becomes
    of a call before somebody talks about it has neither, and every other sum is nothing there.
    """

    treated: int = 0
    """Answered calls, plus those entered by hand or imported."""
    talk_known: int = 0
    """Treated calls whose talk is known."""
    talk_seconds: int = 0
    qualified: int = 0
    resolution_known: int = 0
    """Qualified calls of which somebody said whether they are resolved."""
    resolved: int = 0
    escalation_known: int = 0
    escalated: int = 0
    received: int = 0
    """Telephone calls in which a département was given."""
    received_answered: int = 0
    absences: int = 0
    messages: int = 0
    callbacks: int = 0
    abandoned_menu: int = 0
    abandoned_ringing: int = 0
    answered_soon: int = 0
    """Received calls answered within `SOON` seconds."""
    lost: int = 0
    """Received calls that nobody answered and after which nothing was left: neither a message nor a callback."""
    repeats: int = 0
    """Received calls of a known number that had already called the same département earlier that local day."""
    waits: Mapping[int, int] = field(default_factory=dict)

    def __add__(self, other: Tally) -> Tally:
        """The sums of both scopes together."""
        sums = {name: getattr(self, name) + getattr(other, name) for name in SUMS}
        return Tally(**sums, waits=Counter(self.waits) + Counter(other.waits))


SUMS: tuple[str, ...] = tuple(name for name in Tally.__slots__ if name != "waits")
"""The additive names of a tally, in the order of the dataclass."""


SAID: tuple[str, ...] = (
    "treated", "talk_known", "talk_seconds", "qualified", "resolution_known", "resolved", "escalation_known",
    "escalated",
)  # fmt: skip
"""The sums that a level or a thématique has too."""


def total(tallies: Iterable[Tally]) -> Tally:
    """The sum of all tallies; an empty one when there is none."""
    return sum(tallies, Tally())


@dataclass(frozen=True, slots=True)
class MotiveTally:
    """How often one wording was cited in treated calls, and how long those calls were (decision 36)."""

    niveau: str
    thematique: str
    motif: str
    sous_motif: str
    count: int
    talk_known: int
    talk_seconds: int
    resolution_known: int = 0
    resolved: int = 0
    escalation_known: int = 0
    escalated: int = 0


class HourCount(NamedTuple):
    """The calls received in an hour, and those of them that were lost (`Tally.lost`)."""

    received: int
    lost: int
