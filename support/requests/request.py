"""What a request is: how it stands, and its steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from records.wording import Wording
from support.requests.states import Move, RequestState, WhichDesk


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
