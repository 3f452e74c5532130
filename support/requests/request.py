"""What a request is: how it stands, its steps, its telephone exchange, its ticket; and who a reader is to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    def sender_name(self) -> str:
        """« Prénom Nom » of whoever wrote it, "" where nobody gave one."""
        return " ".join(part for part in (self.prenom, self.nom) if part)

    @property
    def is_withdrawn(self) -> bool:
        """Whether it ended without a result: whoever asked took it back."""
        return self.closed_at is not None and self.result is None


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
    return Account(0, asked.created_by, asked.sender_name, AccountRole.REFERENT, ())


def parties_of(asked: Request, reader: Account | None) -> frozenset[Party]:
    """What a reader is to a request; None, whoever runs the machine, is both.

    The référents of the département ask while the national desk has it and work on it while theirs has it; whoever
    filed it asks, wherever it is.
    """
    if reader is None:
        return frozenset(Party)
    works, is_own = reader.may(Permission.WORK_LEVEL_2), asked.departement in reader.departements
    found = {Party.ASKER} if asked.created_by == reader.email else set()
    if asked.desk is WhichDesk.LOCAL:
        found |= {Party.DESK} if is_own else set()
    elif works:
        found.add(Party.DESK)
    elif is_own:
        found.add(Party.ASKER)
    return frozenset(found)


def moves_now(
    asked: Request, reader: Account | None, at: datetime, exchange: PhoneExchange | None, tickets: Sequence[Ticket]
) -> tuple[Move, ...]:
    """What this reader may do to the request at this moment: what the table allows, and what there is to do it to."""
    newest, email = next(iter(tickets), None), reader.email if reader else ""
    has_open_ticket = newest is not None and newest.state not in TICKET_OVER
    missing = {
        Move.ASK: asked.desk is WhichDesk.LOCAL and asked.channel == "phone",
        Move.RATE: asked.channel == "phone",
        Move.TAKE: asked.owner == email and asked.state is not RequestState.OPEN,
        Move.CANCEL_EXCHANGE: exchange is None,
        Move.HOLD_EXCHANGE: exchange is None or exchange.starts_at > at,
        Move.OPEN_TICKET: has_open_ticket,
        Move.CHANGE_TICKET: newest is None or not TICKET_MOVES[newest.state],
        Move.HAND_BACK: asked.departement in {None, NATIONAL},
        Move.REOPEN: not may_reopen(asked.closed_at, at),
    }
    return tuple(move for move in moves_of(asked.standing, parties_of(asked, reader)) if not missing.get(move))
