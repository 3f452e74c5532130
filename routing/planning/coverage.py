"""Who covers which half-hour of the days to come, and where nobody does: the plan, asked for each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from routing.departements import NATIONAL, departements
from routing.planning.changes import changes
from routing.planning.desk import NO_REFERENT, LineState
from routing.planning.plan import Decision, decide
from routing.rules import Absence
from routing.snapshot import Snapshot

SLOT = timedelta(minutes=30)
LONGEST_LOOK_AHEAD = timedelta(days=60)


class Cover(StrEnum):
    """How a half-hour is covered."""

    LOCAL = "local"
    NATIONAL = "national"
    OVERFLOW = "overflow"
    CLOSED = "closed"
    """Nobody is expected: outside hours, a day off, an exceptional closure."""
    HOLE = "hole"
    """Somebody is expected and nobody can be rung."""


@dataclass(frozen=True, slots=True)
class Covered:
    """One département from `start` to `end` (UTC, whole half-hours), covered in one way by the same people.

    `by`: the short ids, rang by rang; `overflow`: the desk that calls are offered to; `reason`: why nobody rings.
    """

    departement: str
    start: datetime
    end: datetime
    cover: Cover
    by: tuple[tuple[str, ...], ...] = ()
    overflow: str | None = None
    reason: str | None = None

    @property
    def answer(self) -> tuple[object, ...]:
        """What callers of that half-hour meet; alike from one half-hour to the next, they are one range."""
        return (self.departement, self.cover, self.by, self.overflow, self.reason)


def coverage(
    snapshot: Snapshot, start: datetime, end: datetime, codes: Iterable[str] | None = None
) -> tuple[Covered, ...]:
    """The cover of each département (all of them by default) from `start` to `end` (aware), neighbours as one range.

    `start` goes down to its half-hour; a half-hour counts as it stands when it begins.
    """
    wanted = tuple(departements()) if codes is None else tuple(codes)
    first, last = _half_hour(start), _half_hour(end + SLOT - timedelta.resolution)
    return tuple(covered for code in wanted for covered in _merged(_stretches(snapshot, code, first, last)))


def _stretches(snapshot: Snapshot, code: str, first: datetime, last: datetime) -> Iterator[Covered]:
    """The cover between two half-hours, asked again only where it may have changed."""
    desks = {code, NATIONAL, *(rule.to for rule in snapshot.rules.overflows)}
    moments = (moment for desk in desks for moment in changes(snapshot, desk, first, (last - first).days))
    asked = {_half_hour(moment + SLOT - timedelta.resolution) for moment in moments}
    starts = sorted({first} | {moment for moment in asked if first < moment < last})
    for start, end in zip(starts, [*starts[1:], last], strict=True):
        yield replace(_slot(snapshot, code, start), end=end)


def holes_opened_by(snapshot: Snapshot, absence: Absence) -> tuple[Covered, ...]:
    """The half-hours that somebody covers today and that nobody would cover with this absence (60 days at most)."""
    ids = {absence.person, *(each.person for each in snapshot.rules.absences if each.suppleant == absence.person)}
    codes = sorted({line.departement for line in snapshot.people if line.id in ids})
    declared = replace(snapshot.rules, absences=(*snapshot.rules.absences, absence))
    after = replace(snapshot, rules=declared)
    end = min(absence.end, absence.start + LONGEST_LOOK_AHEAD)
    moments = [max(slot, absence.start) for slot in _slots(_half_hour(absence.start), end)]
    opened = (
        hole
        for code in codes
        for moment in moments
        if (hole := _slot(after, code, moment)).cover is Cover.HOLE
        and _slot(snapshot, code, moment).cover in {Cover.LOCAL, Cover.NATIONAL, Cover.OVERFLOW}
    )
    return tuple(_merged(opened))


def _half_hour(moment: datetime) -> datetime:
    utc = moment.astimezone(UTC)
    return utc.replace(minute=utc.minute // 30 * 30, second=0, microsecond=0)


def _slots(start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start += SLOT


def _slot(snapshot: Snapshot, code: str, at: datetime) -> Covered:
    decision = decide(snapshot, code, at)
    start = _half_hour(at)
    offered = None if decision.desk.rangs else decision.overflow
    return Covered(code, start, start + SLOT, _cover(decision), decision.desk.rangs, offered, decision.desk.reason)


def _cover(decision: Decision) -> Cover:
    desk = decision.desk
    if desk.rangs:
        return Cover.NATIONAL if desk.code == NATIONAL else Cover.LOCAL
    if decision.overflow:
        return Cover.OVERFLOW
    expected = desk.reason == NO_REFERENT or any(verdict.state is LineState.AWAY for verdict in desk.verdicts)
    return Cover.HOLE if expected else Cover.CLOSED


def _merged(slots: Iterable[Covered]) -> Iterator[Covered]:
    """Neighbouring half-hours that are covered alike, as one range."""
    current: Covered | None = None
    for slot in slots:
        if current and current.end == slot.start and current.answer == slot.answer:
            current = replace(current, end=slot.end)
            continue
        if current:
            yield current
        current = slot
    if current:
        yield current
