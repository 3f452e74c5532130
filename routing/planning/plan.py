"""Who should answer now: one function, used by live calls, `svi route`, the pages and the coverage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from routing.departements import NATIONAL
from routing.planning.because import Because, why, why_national, why_overflow
from routing.planning.desk import NO_REFERENT, DeskState, desk_at
from routing.planning.reopening import reopening
from routing.rules import OverflowWhen
from routing.snapshot import Snapshot

__all__ = ["Because", "Decision", "Plan", "decide", "plan"]

LOCAL_DESK = "local"
NATIONAL_DESK = "national"


@dataclass(frozen=True, slots=True)
class Plan:
    """Who rings for one département at one moment, in which order, or why nobody does.

    `desk` is `local` or `national` (a script that dials an overflow's plan calls it `overflow`); `asked` the code the
    caller gave; `served_by` the code of the desk whose people ring. `rangs` are short ids, same tuple = together.
    Empty `rangs` come with a `reason` (`closed`, `holiday`, `away`, `no_referent`) and `reopens`, the first moment
    (UTC) at which the plan rings anybody, None when none within 60 days.
    `overflow_closed` / `overflow_no_answer`: code of the desk offered in that case, or None.
    """

    asked: str
    at: datetime
    desk: str
    served_by: str
    rangs: tuple[tuple[str, ...], ...]
    reason: str | None
    reopens: datetime | None
    overflow_closed: str | None
    overflow_no_answer: str | None
    because: tuple[Because, ...]


class Decision(NamedTuple):
    """What the plan decides, without its sentences: the desk that serves the call, and the other one offered."""

    desk: DeskState
    to_national: bool
    """Whether the département has nobody to ring, so that the national team serves it."""
    when: OverflowWhen
    overflow: str | None


def decide(snapshot: Snapshot, departement: str, at: datetime) -> Decision:
    """Which desk serves `departement` (a code or `*`) at `at` (aware), and which one is offered besides."""
    own = desk_at(snapshot, departement, at)
    to_national = own.reason == NO_REFERENT and departement != NATIONAL
    desk = desk_at(snapshot, NATIONAL, at) if to_national else own
    when = OverflowWhen.NO_ANSWER if desk.rangs else OverflowWhen.CLOSED
    return Decision(desk, to_national, when, _overflow(snapshot, departement, desk, when, at))


def plan(snapshot: Snapshot, departement: str, at: datetime) -> Plan:
    """Who rings for `departement` (a code or `*`) at `at` (aware), by the snapshot."""
    desk, to_national, when, overflow = decide(snapshot, departement, at)
    return Plan(
        asked=departement,
        at=at,
        desk=NATIONAL_DESK if desk.code == NATIONAL else LOCAL_DESK,
        served_by=desk.code,
        rangs=desk.rangs,
        reason=NO_REFERENT if to_national and not desk.rangs else desk.reason,
        reopens=None if desk.rangs else reopening(snapshot, desk.code, at),
        overflow_closed=overflow if when is OverflowWhen.CLOSED else None,
        overflow_no_answer=overflow if when is OverflowWhen.NO_ANSWER else None,
        because=(
            *([why_national(departement)] if to_national else []),
            *why(desk),
            *([why_overflow(overflow, when)] if overflow else []),
        ),
    )


def _overflow(snapshot: Snapshot, departement: str, desk: DeskState, when: OverflowWhen, at: datetime) -> str | None:
    """The desk offered in that case (decision 22): the département's own setting before the national one."""
    set_for = {rule.departement: rule.to for rule in snapshot.rules.overflows if rule.when is when}
    national = None if departement == NATIONAL else set_for.get(None)
    to = set_for.get(departement, national)
    if to is None or to in {departement, desk.code} or not desk_at(snapshot, to, at).rangs:
        return None
    return to
