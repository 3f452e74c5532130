"""What an answer says of a link: pure. Dead is what failed twice in a row, on different days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from routing.departements import PARIS

WEEKLY = timedelta(days=7)
DEAD_AFTER = 2
LONGEST_ERROR = 200
CLOSED_TO_US = frozenset({401, 403, 407, 429, 451})
"""Answers of a site that is there and does not want to be looked at by a program: nothing is known of the page."""
PERMANENT = frozenset({301, 308})


class LinkState(StrEnum):
    """What is known of an address."""

    UNKNOWN = "unknown"
    OK = "ok"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Probe:
    """What asking gave: the last status (None: no answer, `problem` says why in French); `moved_to`: for good."""

    status: int | None = None
    problem: str = ""
    moved_to: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """An article's address, and what is known of it."""

    article_id: int
    address: str
    state: LinkState
    checked_at: datetime | None
    failures: int
    error: str | None = None

    def is_due(self, at: datetime) -> bool:
        """A week after it was last asked; what has just failed for the first time, the day after."""
        if self.checked_at is None:
            return True
        if 0 < self.failures < DEAD_AFTER:
            return _day(self.checked_at) < _day(at)
        return at - self.checked_at >= WEEKLY - timedelta(hours=12)


def judged(link: Link, probe: Probe, at: datetime) -> Link:
    """What is known of the link after this answer."""
    if probe.status in CLOSED_TO_US:
        said = f"Le site refuse d’être vérifié ({probe.status}) : ouvrez-le vous-même."
        return Link(link.article_id, link.address, LinkState.UNKNOWN, at, 0, said)
    if probe.status is not None and probe.status < 400:  # noqa: PLR2004 - the statuses from there on are errors
        told = f"Déménagé pour de bon : {probe.moved_to}" if probe.moved_to else ""
        return Link(link.article_id, link.address, LinkState.OK, at, 0, told[:LONGEST_ERROR] or None)
    is_same_day = link.failures > 0 and link.checked_at is not None and _day(link.checked_at) == _day(at)
    failures = link.failures if is_same_day else link.failures + 1
    state = LinkState.DEAD if failures >= DEAD_AFTER else link.state
    said = probe.problem or f"Le site répond {probe.status}."
    return Link(link.article_id, link.address, state, at, failures, said[:LONGEST_ERROR])


def _day(moment: datetime) -> int:
    return moment.astimezone(PARIS).toordinal()
