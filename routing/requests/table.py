"""The one table that sends a written request to a desk: sender, level and thématique, then who is there to answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Wrote(StrEnum):
    """Who writes."""

    USER = "user"
    REFERENT = "referent"


class SentTo(StrEnum):
    """To which desk a request goes; the values are those of docs/contract.md#a-request."""

    LOCAL = "local"
    NATIONAL = "national"


ANOMALY = "Assistance technique et anomalie"
NIVEAUX = ("1", "1/2", "2")
UNCOVERED = "personne"
"""The key of what is no rule of the table: the département has nobody who answers within what is promised."""
UNKNOWN = "annuaire"
"""The key of what is no rule either: no directory serves, so nobody knows who is there; the national team is."""
NO_RULE = "aucune"
"""The key where no rule speaks: the national team answers what nobody foresaw."""


@dataclass(frozen=True, slots=True)
class RequestRule:
    """One line of the table; `sender`, `niveau` or `thematique` empty: whichever it is. The first that fits holds."""

    key: str
    desk: SentTo
    sender: str = ""
    niveau: str = ""
    thematique: str = ""

    def fits(self, *, sender: str, niveau: str, thematique: str) -> bool:
        """Whether the rule speaks of such a request."""
        return (
            self.sender in {"", sender} and self.niveau in {"", niveau} and self.thematique in {"", thematique}
        )  # fmt: skip


DELIVERED: tuple[RequestRule, ...] = (
    RequestRule("anomalie", SentTo.NATIONAL, thematique=ANOMALY),
    RequestRule("referent", SentTo.NATIONAL, sender=Wrote.REFERENT),
    RequestRule("niveau-2", SentTo.NATIONAL, niveau="2"),
    RequestRule("niveau-1-2", SentTo.LOCAL, niveau="1/2"),
    RequestRule("niveau-1", SentTo.LOCAL, niveau="1"),
)
"""The table as it is delivered (slides of the reform, May 2025)."""


class Routed(NamedTuple):
    """The desk of a request, and the key of the rule that sent it there."""

    desk: SentTo
    rule: str


def route_request(
    rules: Sequence[RequestRule], *, sender: str, niveau: str, thematique: str, is_covered: bool | None
) -> Routed:  # fmt: skip
    """Where such a request goes; `is_covered`: somebody of the département answers within what is promised.

    None when nobody can say, the directory being away.
    """
    found = next((rule for rule in rules if rule.fits(sender=sender, niveau=niveau, thematique=thematique)), None)
    if found is None:
        return Routed(SentTo.NATIONAL, NO_RULE)
    if found.desk is SentTo.LOCAL and not is_covered:
        return Routed(SentTo.NATIONAL, UNKNOWN if is_covered is None else UNCOVERED)
    return Routed(found.desk, found.key)
