"""Who is told of a step of a request, and until when there is something to learn from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from records.invitation import Guest
from support.requests.letters.invitation import PlannedExchange
from support.requests.request import Request, RequestEvent
from support.requests.states import MOVES, Move, Party, RequestState, WhichDesk

COMPLETED_WITHIN = timedelta(minutes=5)
"""A request of the telephone that has just been opened may still be completed: its mail waits so long, and tells what
stands then. One that was written is told at once."""

_TO_ASKER = frozenset({
    Move.ANSWER, Move.ASK, Move.HAND_BACK, Move.OPEN_TICKET, Move.CHANGE_TICKET, Move.CLOSE, Move.REOPEN,
})  # fmt: skip
_TO_DESK = frozenset({Move.OPEN, Move.ADD, Move.ESCALATE, Move.CLIMB, Move.WITHDRAW, Move.REOPEN})
_ALSO_TO_SENDER = frozenset({
    Move.OPEN, Move.ESCALATE, Move.CLIMB, Move.HOLD_EXCHANGE, Move.MERGE, Move.WITHDRAW,
})  # fmt: skip
"""Of a request that was written: its sender has no page where work waits for him, so his mails tell all of it."""
OF_EXCHANGE = frozenset({Move.PLAN, Move.CANCEL_EXCHANGE})
GIVEN = frozenset({Move.ASSIGN, Move.TAKE})
"""The request has another owner, and with it the exchange that is planned."""

TOLD = _TO_ASKER | _ALSO_TO_SENDER | _TO_DESK | OF_EXCHANGE | GIVEN
"""The moves of which somebody is told."""

_HANDED_OVER = frozenset({Move.HAND_BACK, Move.ESCALATE, Move.CLIMB})
"""The request is at another desk."""


class Addressee(NamedTuple):
    """Somebody who is told: as whoever asked, or as whoever works on it (`is_desk`)."""

    guest: Guest
    is_desk: bool


@dataclass(frozen=True, slots=True)
class Matter:
    """A request as it stands, every step of it in order, and the people around it.

    `askers`: where an answer goes; `desk`: who is told while nobody owns it; `names`: by address;
    `uids`: of the invitation of each exchange; `local`: the département's desk, wherever the request is.
    """

    request: Request
    steps: Sequence[RequestEvent]
    askers: Sequence[Guest]
    desk: Sequence[Guest]
    names: Mapping[str, str]
    uids: Mapping[int, str]
    local: Sequence[Guest] = ()

    @property
    def is_written(self) -> bool:
        """Whether it was written (form, mail) by somebody who may have no account."""
        return self.request.is_written

    def step(self, number: int) -> RequestEvent | None:
        """One of its steps."""
        return next((step for step in self.steps if step.id == number), None)

    def guest(self, email: str) -> Guest:
        """Whoever has this address."""
        return Guest(email, self.names.get(email.casefold(), ""))

    def exchange(self, step: RequestEvent) -> PlannedExchange | None:
        """The exchange that a step planned, moved, cancelled or gave to somebody else; None when it is about none."""
        if step.move is Move.PLAN:
            return self._exchange(step, int(step.data["sequence"]))
        planned = self._planned(step) if step.move in OF_EXCHANGE | GIVEN else None
        if planned is None:
            return None
        is_cancelled = step.move is Move.CANCEL_EXCHANGE
        return self._exchange(planned, int((step if is_cancelled else planned).data["sequence"]), is_cancelled)

    def _exchange(self, planned: RequestEvent, sequence: int, is_cancelled: bool = False) -> PlannedExchange:
        number, before = int(planned.data["exchange"]), planned.data.get("before")
        return PlannedExchange(
            self.uids.get(number, f"exchange-{number}"), sequence,
            datetime.fromisoformat(planned.data["starts_at"]), int(planned.data["minutes"]),
            datetime.fromisoformat(before) if before else None, is_cancelled=is_cancelled,
        )  # fmt: skip

    def _planned(self, step: RequestEvent) -> RequestEvent | None:
        """The step that planned the exchange that stood before `step`: the one that it names, or one still to come."""
        standing: dict[int, RequestEvent] = {}
        for earlier in self.steps:
            if earlier.id >= step.id:
                break
            if earlier.move is Move.PLAN:
                standing[int(earlier.data["exchange"])] = earlier
            elif earlier.move in {Move.CANCEL_EXCHANGE, Move.HOLD_EXCHANGE}:
                standing.pop(int(earlier.data["exchange"]), None)
        if "exchange" in step.data:
            return standing.get(int(step.data["exchange"]))
        return next((one for one in standing.values() if datetime.fromisoformat(one.data["starts_at"]) > step.at), None)

    def was_never_told(self, step: RequestEvent) -> bool:
        """Whether a request was withdrawn before its desk was told of it."""
        is_early = step.at <= self.request.created_at + COMPLETED_WITHIN and not self.is_written
        return step.move is Move.WITHDRAW and is_early and self.request.owner is None

    def worker(self, step: RequestEvent) -> Guest | None:
        """Whoever worked on it once `step` was made, whose calendar has its exchange."""
        email: str | None = None
        for earlier in self.steps:
            if earlier.id > step.id:
                break
            rule = MOVES.get(earlier.move)
            if "owner" in earlier.data:
                email = earlier.data["owner"]
            elif rule is not None and rule.by == {Party.DESK}:
                email = None if rule.desk else email or earlier.by
        email = email or self.request.owner
        return self.guest(email) if email else None

    def former(self, step: RequestEvent) -> Guest | None:
        """Whoever had the request before the step gave it to somebody else, with the exchange that is planned."""
        before = step.data.get("before") if step.move in GIVEN else None
        is_other = before and before != step.data["owner"] and self.exchange(step)
        return self.guest(str(before)) if is_other else None


def readers_of_step(matter: Matter, step: RequestEvent) -> list[Addressee]:
    """Who is told, each address once; never whoever made the step, but of an exchange: it is in two calendars."""
    owner, worker, former = matter.request.owner, matter.worker(step), matter.former(step)
    found: list[Addressee] = []
    is_receipt = step.move is Move.OPEN and matter.is_written
    if is_receipt:
        found = [Addressee(guest, is_desk=False) for guest in matter.askers]
    if step.move is Move.ASSIGN or (step.move is Move.TAKE and matter.exchange(step)):
        found = [Addressee(matter.guest(str(step.data["owner"])), is_desk=True)]
    if former:
        found.append(Addressee(former, is_desk=True))
    if step.move in told_to_desk(matter) and not matter.was_never_told(step):
        found += [Addressee(guest, is_desk=True) for guest in ([matter.guest(owner)] if owner else matter.desk)]
    if step.move is Move.CLIMB:
        found += [Addressee(guest, is_desk=True) for guest in matter.local]
    if step.move in _told_to_asker(matter):
        found += [Addressee(guest, is_desk=False) for guest in matter.askers]
    if step.move in OF_EXCHANGE and worker:
        found.append(Addressee(worker, is_desk=True))
    once: dict[str, Addressee] = {}
    for reader in found:
        once.setdefault(reader.guest.email.casefold(), reader)
    is_for_maker = (
        is_receipt
        or step.move in OF_EXCHANGE | {Move.TAKE}
        or (former and former.email.casefold() == step.by.casefold())
    )
    return [reader for email, reader in once.items() if is_for_maker or email != step.by.casefold()]


def told_to_desk(matter: Matter) -> frozenset[Move]:
    """The moves that the desk is told of; who wrote is no référent: what is handed back is news to the local desk."""
    return _TO_DESK | {Move.HAND_BACK} if matter.is_written else _TO_DESK


def _told_to_asker(matter: Matter) -> frozenset[Move]:
    return _TO_ASKER | OF_EXCHANGE | (_ALSO_TO_SENDER if matter.is_written else frozenset())


def is_over(matter: Matter, step: RequestEvent, reader: Addressee, at: datetime) -> bool:
    """Whether what happened meanwhile leaves this reader nothing to learn from the mail."""
    request, is_closed = matter.request, matter.request.state is RequestState.CLOSED
    later = [one for one in matter.steps if one.id > step.id]
    has_changed = step.move in OF_EXCHANGE and any(one.data.get("exchange") == step.data["exchange"] for one in later)
    has_owner = reader.is_desk and request.owner is not None and request.owner != reader.guest.email.casefold()
    has_moved_on = is_closed or any(one.move in _HANDED_OVER for one in later)
    match step.move:
        case Move.OPEN if not reader.is_desk:
            return False
        case Move.HAND_BACK | Move.ESCALATE | Move.CLIMB if matter.is_written:
            return has_moved_on or (has_owner and reader in desk_of(matter))
        case Move.OPEN | Move.ESCALATE | Move.CLIMB:
            return is_closed or request.owner is not None
        case Move.ADD | Move.REOPEN:
            return is_closed or has_owner
        case Move.ASSIGN | Move.TAKE if leaves(matter, step, reader):
            return request.owner == reader.guest.email.casefold()
        case Move.ASSIGN | Move.TAKE:
            return is_closed or request.owner != reader.guest.email.casefold()
        case Move.ASK:
            return is_closed or any(one.move is Move.ADD for one in later)
        case Move.CHANGE_TICKET | Move.OPEN_TICKET:
            return is_closed or any(one.move is Move.CHANGE_TICKET for one in later)
        case Move.HAND_BACK:
            return is_closed or request.desk is WhichDesk.NATIONAL
        case Move.CLOSE | Move.WITHDRAW | Move.MERGE:
            return not is_closed
        case Move.PLAN:
            exchange = matter.exchange(step)
            return is_closed or has_changed or has_owner or exchange is None or exchange.start <= at
        case _:
            return has_changed


def desk_of(matter: Matter) -> list[Addressee]:
    """The desk where the request is, as readers."""
    return [Addressee(guest, is_desk=True) for guest in matter.desk]


def leaves(matter: Matter, step: RequestEvent, reader: Addressee) -> bool:
    """Whether the step takes the request, and its exchange, away from this reader."""
    former = matter.former(step)
    return former is not None and former.email.casefold() == reader.guest.email.casefold()
