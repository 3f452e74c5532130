"""A table tried before it is published: which of the last month's written requests would have gone elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from records.database import Connection
from records.wording import Wording
from routing.requests.table import UNCOVERED, UNKNOWN, RequestRule, SentTo, route_request
from support.routes.store import AskedThen, routes_in_force, written_requests

TRIED_OVER = timedelta(days=30)
IS_COVERED = {UNCOVERED: False, UNKNOWN: None}
"""What was found of the département when a request was written, by the rule that it met; else somebody was there, or
nobody asked: then it is taken for granted."""


class Moved(NamedTuple):
    """So many requests of one département and motif that would have gone from one desk to another."""

    departement: str
    thematique: str
    motif: str
    sent_from: SentTo
    sent_to: SentTo
    number: int


@dataclass(frozen=True, slots=True)
class Trial:
    """How many requests were tried, and those that would have moved, most first."""

    since: datetime
    tried: int
    moves: tuple[Moved, ...]

    @property
    def moved(self) -> int:
        """How many would have moved."""
        return sum(move.number for move in self.moves)


def try_rules(
    connection: Connection, rules: Sequence[RequestRule], level_of: Callable[[Wording], str | None], at: datetime
) -> Trial:
    """The edited rules beside those in force, over the requests written in the thirty days before `at`.

    A request counts with the motif and the level under which it was written (`level_of` its wording).
    """
    since, current = at - TRIED_OVER, routes_in_force(connection).rules
    asked = written_requests(connection, since, at, level_of)
    return Trial(since, len(asked), moves(asked, current, rules))


def moves(
    asked: Sequence[AskedThen], current: Sequence[RequestRule], edited: Sequence[RequestRule]
) -> tuple[Moved, ...]:
    """Those of these requests that one table sends elsewhere than the other, by département and motif, most first."""
    found: Counter[tuple[str, str, str, SentTo, SentTo]] = Counter()
    for one in asked:
        before, after = (_desk(rules, one) for rules in (current, edited))
        if before is not after:
            found[one.departement or "", one.wording.thematique, one.wording.motif, before, after] += 1
    listed = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Moved(*what, number) for what, number in listed)


def _desk(rules: Sequence[RequestRule], one: AskedThen) -> SentTo:
    return route_request(
        rules, sender=one.sender, niveau=one.niveau, thematique=one.wording.thematique,
        is_covered=IS_COVERED.get(one.route or "", True),
    ).desk  # fmt: skip
