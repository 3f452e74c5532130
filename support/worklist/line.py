"""What a line of « À faire » is: what waits since when, in which order, which missed callers leave by themselves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from records.facts import AnsweredBy, Outcome
from routing.calendar.open_days import due_at
from routing.departements import NATIONAL

MISSED_FOR = timedelta(days=30)
"""After a month a call back surprises more than it helps; older missed calls stay in the list of all calls."""
LISTED_FOR = timedelta(days=90)
"""Older calls are no longer asked for; they stay in the list of all calls."""


class LineKind(StrEnum):
    """What waits; the values stand in addresses and in `desk_marks.kind`."""

    MISSED = "missed"
    MESSAGE = "message"
    CALLBACK = "callback"
    QUALIFY = "qualify"
    ONGOING = "ongoing"
    ANSWER = "answer"
    REQUEST = "request"


OPEN_DAYS: Mapping[LineKind, int] = {
    LineKind.MISSED: 1, LineKind.MESSAGE: 1, LineKind.CALLBACK: 1, LineKind.ANSWER: 1, LineKind.ONGOING: 5,
}  # fmt: skip
"""Open days within which a line should be done (decision 52). A request has its own promise; nobody waits for a
qualification, which has none and comes after the others, newest first."""

MISSED_OUTCOMES = frozenset({Outcome.ABANDONED_RINGING, Outcome.ABSENCE, Outcome.MISSED})
"""Rang out, heard the absence message and left nothing, known from the operator's log alone."""


@dataclass(frozen=True, slots=True)
class LineMark:
    """What people said about a line, or about one call of a missed caller."""

    owner: str | None = None
    owned_at: datetime | None = None
    aside_until: datetime | None = None
    aside_by: str | None = None
    done_at: datetime | None = None
    done_by: str | None = None


UNMARKED = LineMark()
Marks = Mapping[tuple[str, str], LineMark]
"""(kind, reference) → what was said."""


@dataclass(frozen=True, slots=True)
class CallSeen:
    """As much of a call as tells whether its caller was helped; `started_at` is UTC, `local_date` the desk's day."""

    call_id: str
    caller: str | None
    departement: str | None
    outcome: str
    absence_reason: str | None
    answered_by: str | None
    started_at: datetime
    local_date: date
    linked_call_id: str | None = None
    is_qualified: bool = False


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One line. `number` is whom to call (E.164, shown masked), `owner` an account's address, moments are UTC.

    `calls`: of a missed caller all that he made that day, oldest first; `reference` is then the first one's id.
    """

    kind: LineKind
    reference: str
    departement: str | None
    since: datetime
    due: datetime | None = None
    number: str | None = None
    subject: str = ""
    state: str = ""
    seconds: int | None = None
    owner: str | None = None
    aside_until: datetime | None = None
    calls: tuple[CallSeen, ...] = ()
    channel: str = ""
    """How a request came; `phone` of one that began with a call."""

    @property
    def key(self) -> str:
        """What names the line in a page: « missed:CA1 »."""
        return f"{self.kind}:{self.reference}"

    @property
    def references(self) -> tuple[str, ...]:
        """What marks of this line refer to."""
        return tuple(call.call_id for call in self.calls) or (self.reference,)

    def is_late(self, now: datetime) -> bool:
        """Whether its promise is over."""
        return self.due is not None and self.due < now

    def is_aside(self, now: datetime) -> bool:
        """Whether somebody set it aside until a day that has not come."""
        return self.aside_until is not None and self.aside_until > now


def promise(kind: LineKind, since: datetime, departement: str | None, usage: Collection[str]) -> datetime | None:
    """When the line becomes late (UTC), None when nobody waits for it."""
    if kind not in OPEN_DAYS:
        return None
    due = since
    for _ in range(OPEN_DAYS[kind]):
        due = due_at(due, departement or NATIONAL, usage)
    return due


def marked(line: WorkLine, marks: Marks, usage: Collection[str]) -> WorkLine:
    """The line with what was said about it: of several calls the last word on whose it is, and aside if all are.

    What was set aside until a day is promised within that day.
    """
    found = [marks.get((line.kind, reference), UNMARKED) for reference in line.references]
    owned = [mark for mark in found if mark.owner and mark.owned_at]
    owner = max(owned, key=lambda mark: mark.owned_at or line.since).owner if owned else line.owner
    days = [mark.aside_until for mark in found if mark.aside_until]
    aside = min(days) if len(days) == len(found) else None
    due = line.due
    if aside and due:
        due = max(due, due_at(aside, line.departement or NATIONAL, usage))
    return replace(line, owner=owner, aside_until=aside, due=due)


def in_order(lines: Iterable[WorkLine]) -> list[WorkLine]:
    """Oldest promise first; then what nobody waits for, newest first, while it is remembered."""
    every = sorted(lines, key=lambda line: line.key)
    promised = [(line.due, line.since, line) for line in every if line.due]
    rest = sorted((line for line in every if not line.due), key=lambda line: line.since, reverse=True)
    return [line for _, _, line in sorted(promised, key=lambda one: one[:2])] + rest


def following(lines: Sequence[WorkLine], kind: str, reference: str, reader: str, now: datetime) -> WorkLine | None:
    """The line to go on with after another: the first of its kind, else the first; not one that a colleague has."""
    free = [
        line for line in lines
        if reference not in line.references and not line.is_aside(now) and line.owner in {None, reader}
    ]  # fmt: skip
    return next((line for line in free if line.kind == kind), next(iter(free), None))


# ---------------------------------------------------------------- missed callers


def still_missed(missed: Iterable[CallSeen], others: Iterable[CallSeen]) -> list[CallSeen]:
    """The missed calls whose callers nobody has helped since; `others` are further calls of the same numbers."""
    by_caller: dict[str, list[CallSeen]] = {}
    for other in others:
        by_caller.setdefault(other.caller or "", []).append(other)
    return [call for call in missed if call.caller and not is_helped(call, by_caller.get(call.caller, ()))]


def is_helped(missed: CallSeen, others: Iterable[CallSeen]) -> bool:
    """Whether a missed caller leaves the list by himself (decision 46).

    He was called back; he called again and the desk or the national team answered; he left a message or asked to be
    called back afterwards that day, which is a line of its own; or somebody qualified his call.
    """
    return missed.is_qualified or any(_helps(other, missed) for other in others)


def _helps(other: CallSeen, missed: CallSeen) -> bool:
    if other.outcome == Outcome.ANSWERED and other.linked_call_id == missed.call_id:
        return True
    if other.caller != missed.caller or other.started_at <= missed.started_at:
        return False
    is_same_desk = other.departement == missed.departement
    if other.outcome == Outcome.ANSWERED:
        return is_same_desk or other.answered_by == AnsweredBy.NATIONAL
    is_left = other.outcome in {Outcome.MESSAGE, Outcome.CALLBACK}
    return is_left and is_same_desk and other.local_date == missed.local_date


def missed_callers(missed: Iterable[CallSeen]) -> list[tuple[CallSeen, ...]]:
    """The calls of each line: of one caller, desk and local day, however often he called, oldest first."""
    groups: dict[tuple[str | None, str | None, date], list[CallSeen]] = {}
    for call in sorted(missed, key=lambda one: (one.started_at, one.call_id)):
        groups.setdefault((call.departement, call.caller, call.local_date), []).append(call)
    return [tuple(group) for group in groups.values()]


def missed_lines(missed: Iterable[CallSeen], usage: Collection[str]) -> list[WorkLine]:
    """A line for each of `missed_callers`."""
    return [
        WorkLine(
            LineKind.MISSED, first.call_id, first.departement, first.started_at,
            promise(LineKind.MISSED, first.started_at, first.departement, usage), first.caller, calls=group,
        )
        for group in missed_callers(missed)
        for first in group[:1]
    ]  # fmt: skip


# ---------------------------------------------------------------- answers of the national team


@dataclass(frozen=True, slots=True)
class StepSeen:
    """One step of a request: who made it is of the département's desk, or not."""

    at: datetime
    move: str
    is_ours: bool


TOLD = frozenset({"answer", "ask", "plan", "cancel_exchange", "hand_back", "close", "change_ticket"})
"""Steps of the national desk that a référent should read."""
TOLD_OF_A_USERS = frozenset({"answer", "close"})
"""Of a request that a user wrote: what was answered in the end; questions and exchanges are for whoever wrote."""


def unread_answer(
    steps: Iterable[StepSeen], read_at: datetime | None, moves: Collection[str] = TOLD
) -> StepSeen | None:
    """The newest step of the national desk that nobody of the département has read or followed; None when none.

    A request in which the département's desk took no step is not its own to follow: one that a user wrote is when the
    desk began on it, or escalated it.
    """
    ordered = sorted(steps, key=lambda step: step.at)
    ours = [step.at for step in ordered if step.is_ours]
    told = [step for step in ordered if not step.is_ours and step.move in moves]
    if not ours or not told or told[-1].at <= max(ours) or (read_at is not None and told[-1].at <= read_at):
        return None
    return told[-1]
