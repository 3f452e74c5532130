"""What is odd about a table that routes written requests: lines that never hold, desks that get what is not theirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum, auto
from hashlib import sha256
from itertools import product

from routing.requests.table import ANOMALY, DELIVERED, NIVEAUX, NO_RULE, RequestRule, SentTo, Wrote, route_request


class Danger(StrEnum):
    """What a table does that nobody may want."""

    NOTHING_NATIONAL = auto()
    NOTHING_LOCAL = auto()
    LEVEL_2_LOCAL = auto()
    REFERENT_LOCAL = auto()
    ANOMALY_LOCAL = auto()
    UNFORESEEN = auto()
    """Some requests meet no line: the national team gets them."""


def keyed(desk: SentTo, sender: str, niveau: str, thematique: str) -> RequestRule:
    """The rule that says this, with its key: the one of the delivered table, else a short digest of what it says.

    So a key means the same in every version, and a request goes on telling why it went where it went.
    """
    wanted = (desk, sender, niveau, thematique)
    for rule in DELIVERED:
        if (rule.desk, rule.sender, rule.niveau, rule.thematique) == wanted:
            return rule
    return RequestRule("r" + sha256("\x1f".join(wanted).encode()).hexdigest()[:12], *wanted)


def hidden_lines(rules: Sequence[RequestRule]) -> Iterator[tuple[int, int]]:
    """Each line that never holds, with the one before it that speaks of all its requests; counted from 1."""
    for place, rule in enumerate(rules, 1):
        for earlier, other in enumerate(rules[: place - 1], 1):
            said = ((other.sender, rule.sender), (other.niveau, rule.niveau), (other.thematique, rule.thematique))
            if all(broad in {"", narrow} for broad, narrow in said):
                yield place, earlier
                break


def dangers_of(rules: Sequence[RequestRule], thematiques: Sequence[str]) -> tuple[Danger, ...]:
    """What the table does with each kind of request, somebody being there; thématiques it names are tried as well."""
    named = [*thematiques, ANOMALY, *(rule.thematique for rule in rules if rule.thematique)]
    found, desks = set(), set()
    for sender, niveau, thematique in product(Wrote, NIVEAUX, dict.fromkeys(named)):
        sent = route_request(rules, sender=sender, niveau=niveau, thematique=thematique, is_covered=True)
        desks.add(sent.desk)
        if sent.rule == NO_RULE:
            found.add(Danger.UNFORESEEN)
        if sent.desk is SentTo.LOCAL:
            found |= {Danger.LEVEL_2_LOCAL} if niveau == "2" else set()
            found |= {Danger.REFERENT_LOCAL} if sender is Wrote.REFERENT else set()
            found |= {Danger.ANOMALY_LOCAL} if thematique == ANOMALY else set()
    if SentTo.NATIONAL not in desks:
        found.add(Danger.NOTHING_NATIONAL)
    if SentTo.LOCAL not in desks:
        found.add(Danger.NOTHING_LOCAL)
    return tuple(danger for danger in Danger if danger in found)
