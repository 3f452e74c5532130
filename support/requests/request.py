"""What a request is: how it stands, its steps, its telephone exchange, its ticket; and who a reader is to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from records.desks.accounts import Account
from records.desks.permissions import AccountRole, Permission
from records.facts import NATIONAL
from records.wording import Wording
from support.requests.states import (
    TICKET_MOVES,
    TICKET_OVER,
    Move,
    Party,
    RequestState,
    Standing,
    TicketKind,
    TicketState,
    WhichDesk,
    may_reopen,
    moves_of,
)

PHONE = "phone"
"""The channel of a request that began with a call."""
REFERENT = "referent"
"""The sender of what a référent asks; others are users."""


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody is asked to solve, as it stands; moments are UTC, `owner` is an account's address."""

    id: int
    channel: str
    sender: str
    call_id: str | None
    departement: str | None
    version: int
    subject: str
    description: str
    wording: Wording
    niveau: str
    reply_to: str
    desk: WhichDesk
    owner: str | None
    state: RequestState
    created_at: datetime
    created_by: str
    due_at: datetime | None = None
    taken_at: datetime | None = None
    first_answer_at: datetime | None = None
    closed_at: datetime | None = None
    result: str | None = None
    nom: str | None = None
    prenom: str | None = None
    profil: str | None = None
    route: str | None = None
    climbed_at: datetime | None = None
    linked_call_id: str | None = None
    merged_into: int | None = None
    rating: int | None = None

    @property
    def standing(self) -> Standing:
        """Where it is."""
        return Standing(self.state, self.desk)

    def is_late(self, at: datetime) -> bool:
        """Whether what its state promises is overdue."""
        return self.due_at is not None and self.due_at < at

    @property
    def is_withdrawn(self) -> bool:
        """Whether it ended without a result: whoever asked took it back."""
        return self.closed_at is not None and self.result is None and self.merged_into is None

    @property
    def is_written(self) -> bool:
        """Whether it came by the form or by mail, and not from a call that a référent escalated."""
        return self.channel != PHONE

    @property
    def asked_by(self) -> str:
        """Whoever wrote it, by name; empty for a request that a référent made of a call."""
        return " ".join(part for part in (self.prenom, self.nom) if part)


@dataclass(frozen=True, slots=True)
class RequestEvent:
    """One step of a request; `data` tells what changed."""

    id: int
    request_id: int
    at: datetime
    by: str
    move: Move
    text: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PhoneExchange:
    """A telephone exchange: `planned`, `held` or `cancelled`; `sequence` counts its invitations from 0 (RFC 5545)."""

    id: int
    request_id: int
    uid: str
    sequence: int
    starts_at: datetime
    minutes: int
    state: str
    proposed_by: str

    @property
    def ends_at(self) -> datetime:
        """When it is over (UTC)."""
        return self.starts_at + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Ticket:
    """A technical ticket, with its own reference."""

    id: int
    reference: str
    request_id: int
    kind: TicketKind
    state: TicketState
    title: str
    opened_at: datetime
    changed_at: datetime


def as_its_sender(asked: Request) -> Account:
    """Whoever wrote a request, as a reader: proved by the private link, without an account, of this request only."""
    return Account(0, asked.created_by, asked.asked_by, AccountRole.REFERENT, ())


def parties_of(asked: Request, reader: Account | None) -> frozenset[Party]:
    """What a reader is to a request; None, whoever runs the machine, is both.

    The référents of the département work on it while theirs has it; whoever filed it asks, wherever it is. While the
    national desk has what a référent asked, his colleagues ask as well: what a user wrote, they read.
    """
    if reader is None:
        return frozenset(Party)
    works, is_own = reader.may(Permission.WORK_LEVEL_2), asked.departement in reader.departements
    found = {Party.ASKER} if asked.created_by == reader.email else set()
    if asked.desk is WhichDesk.LOCAL:
        found |= {Party.DESK} if is_own else set()
    elif works:
        found.add(Party.DESK)
    elif is_own and asked.sender == REFERENT:
        found.add(Party.ASKER)
    return frozenset(found)


_WRITTEN_ONLY = frozenset({Move.CONFIRM, Move.CLIMB, Move.LINK, Move.MERGE, Move.RATE})


def exists_for(asked: Request, move: Move) -> bool:
    """Whether a move is one of requests that came this way: a référent who works on his own call's asks nobody."""
    if asked.is_written:
        return True
    return move not in _WRITTEN_ONLY and not (move is Move.ASK and asked.desk is WhichDesk.LOCAL)


def may_climb(asked: Request, at: datetime) -> bool:
    """Whether the local desk owes what is overdue, and the request has not gone to the national desk by itself yet.

    A question waits for whoever wrote, and who was answered waits for nothing that was promised.
    """
    owes = asked.state is RequestState.OPEN or (asked.state is RequestState.TAKEN and asked.first_answer_at is None)
    is_at_local = asked.is_written and asked.desk is WhichDesk.LOCAL
    return is_at_local and owes and asked.climbed_at is None and asked.is_late(at)


def is_double_of(asked: Request, other: Request) -> bool:
    """Whether one may be merged into the other: both written, by the same person or by the same kind in one place."""
    if asked.id == other.id or not (asked.is_written and other.is_written) or other.merged_into is not None:
        return False
    is_same = asked.created_by.casefold() == other.created_by.casefold()
    return is_same or (asked.departement == other.departement and asked.sender == other.sender)


def moves_now(
    asked: Request, reader: Account | None, at: datetime, exchange: PhoneExchange | None, tickets: Sequence[Ticket]
) -> tuple[Move, ...]:
    """What this reader may do to the request at this moment: what the table allows, and what there is to do it to."""
    newest, email = next(iter(tickets), None), reader.email if reader else ""
    parties = parties_of(asked, reader)
    has_open_ticket = newest is not None and newest.state not in TICKET_OVER
    missing = {
        Move.RATE: asked.created_by != email,
        Move.TAKE: asked.owner == email and asked.state is not RequestState.OPEN,
        Move.CANCEL_EXCHANGE: exchange is None,
        Move.HOLD_EXCHANGE: exchange is None or exchange.starts_at > at,
        Move.OPEN_TICKET: has_open_ticket,
        Move.CHANGE_TICKET: newest is None or not TICKET_MOVES[newest.state],
        Move.HAND_BACK: asked.departement in {None, NATIONAL},
        Move.REOPEN: not may_reopen(asked.closed_at, at) or not may_part(asked, parties),
    }
    return tuple(
        move for move in moves_of(asked.standing, parties) if not missing.get(move) and exists_for(asked, move)
    )


def may_part(asked: Request, parties: Collection[Party]) -> bool:
    """Whether these may open it again: what was merged is parted by the desk that merged it, and by nobody else."""
    return asked.merged_into is None or Party.DESK in parties
