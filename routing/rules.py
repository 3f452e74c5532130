"""What people set about routing: absences, closures, notices, absence messages, overflow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from routing.calendar.public_holidays import KEPT_BY_DEFAULT


@dataclass(frozen=True, slots=True)
class Absence:
    """A person is away from `start` to `end` (UTC; None: until further notice is not allowed, decision 21).

    `suppleant` is the short id of the person who takes the absent one's rang, or None.
    """

    id: int
    person: str
    start: datetime
    end: datetime
    suppleant: str | None = None


@dataclass(frozen=True, slots=True)
class Closure:
    """An exceptional closure, of one département or (None) of all of them; UTC; `label` is French and shown."""

    id: int
    departement: str | None
    start: datetime
    end: datetime
    label: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """An announcement that every caller hears before the menu; UTC."""

    id: int
    text: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class AbsenceMessage:
    """What a département says when nobody takes the call. `reason` None: any. `audio` is a content-hash file name."""

    departement: str
    reason: str | None
    text: str | None = None
    audio: str | None = None


class OverflowWhen(StrEnum):
    """When another desk is offered."""

    NO_ANSWER = "no_answer"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Overflow:
    """Callers of `departement` (None: every one) are offered `to` (a code, or `*`) in the case `when` (decision 22)."""

    departement: str | None
    to: str
    when: OverflowWhen


@dataclass(frozen=True, slots=True)
class Rules:
    """All that people set, as the snapshot carries it. `usage_holidays`: départements whose own days off count."""

    absences: tuple[Absence, ...] = ()
    closures: tuple[Closure, ...] = ()
    notices: tuple[Notice, ...] = ()
    messages: tuple[AbsenceMessage, ...] = ()
    overflows: tuple[Overflow, ...] = ()
    usage_holidays: frozenset[str] = KEPT_BY_DEFAULT
