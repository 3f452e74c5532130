"""The calls as a desk reads them: what is to do, who is on the line now, what this caller asked before."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, insert, or_, select

from records.facts import NATIONAL, AnsweredBy, AttemptResult, Outcome, Source
from records.schema.desk_tables import qualifications
from records.schema.tables import calls

TO_QUALIFY_FOR = timedelta(days=90)
"""Older calls are no longer asked for; they stay in the list of all calls."""
LIVE_FOR = timedelta(hours=2)
"""A call that says it is in progress since longer has lost its end."""
RECENT = timedelta(days=7)

Scope = tuple[str, ...] | None
"""The départements that a reader reads; None: all of them."""


@dataclass(frozen=True, slots=True)
class DeskCall:
    """A call as a line of the desk."""

    call_id: str
    caller: str | None
    departement: str | None
    outcome: str
    absence_reason: str | None
    answered_by: str | None
    referent: str | None
    started_at: datetime
    ended_at: datetime | None
    wait_seconds: int | None
    talk_seconds: int | None
    total_seconds: int | None
    attempts: tuple[dict[str, Any], ...]
    message_seconds: int | None
    callback_number: str | None
    source: str
    sous_motif: str | None = None
    resolved: bool | None = None
    escalated: bool | None = None

    @property
    def is_live(self) -> bool:
        """Whether the caller is still on the line, as far as we know."""
        return self.outcome == Outcome.IN_PROGRESS

    @property
    def is_talking(self) -> bool:
        """Whether somebody has taken the call and it goes on."""
        return self.is_live and (
            self.referent is not None or any(a.get("result") == AttemptResult.ACCEPTED for a in self.attempts)
        )

    @property
    def is_qualified(self) -> bool:
        """Whether it was said what the call was about."""
        return self.sous_motif is not None


_COLUMNS = [
    calls.c[name] for name in DeskCall.__dataclass_fields__ if name not in {"sous_motif", "resolved", "escalated"}
] + [qualifications.c.sous_motif, qualifications.c.resolved, qualifications.c.escalated]
_LINES = select(*_COLUMNS).join_from(calls, qualifications, qualifications.c.call_id == calls.c.call_id, isouter=True)


def _desk_call(row: Any) -> DeskCall:
    values = dict(row._mapping)  # noqa: SLF001 - the documented name of a row's mapping
    values["attempts"] = tuple(json.loads(values["attempts"] or "[]"))
    return DeskCall(**values)


def _within(scope: Scope) -> ColumnElement[bool]:
    """A référent's own départements; for the national team the calls that its desk took or that name no département."""
    if scope is not None:
        return calls.c.departement.in_(scope)
    return or_(
        calls.c.answered_by == AnsweredBy.NATIONAL, calls.c.departement.is_(None), calls.c.departement == NATIONAL
    )


def of_desk(scope: Scope) -> ColumnElement[bool]:
    """The calls that a desk deals with: what the national team took in a desk's place is the national team's."""
    ours = _within(scope)
    if scope is not None:
        ours = and_(ours, or_(calls.c.answered_by.is_(None), calls.c.answered_by != AnsweredBy.NATIONAL))
    return ours


def _to_qualify(scope: Scope, at: datetime) -> ColumnElement[bool]:
    return and_(
        of_desk(scope),
        calls.c.outcome == Outcome.ANSWERED,
        calls.c.started_at > at - TO_QUALIFY_FOR,
        qualifications.c.call_id.is_(None),
    )


def live_calls(connection: Connection, scope: Scope, at: datetime) -> list[DeskCall]:
    """The calls that ring or talk now, newest first."""
    live = and_(_within(scope), calls.c.outcome == Outcome.IN_PROGRESS, calls.c.started_at > at - LIVE_FOR)
    query = _LINES.where(live).order_by(calls.c.started_at.desc(), calls.c.call_id).limit(50)
    return [_desk_call(row) for row in connection.execute(query)]


def calls_to_qualify(
    connection: Connection, scope: Scope, at: datetime, *, limit: int = 20, offset: int = 0
) -> list[DeskCall]:
    """The answered calls that nobody has qualified, newest first."""
    query = _LINES.where(_to_qualify(scope, at)).order_by(calls.c.started_at.desc(), calls.c.call_id)
    return [_desk_call(row) for row in connection.execute(query.limit(limit).offset(offset))]


def all_calls(
    connection: Connection,
    scope: Scope,
    *,
    departement: str | None = None,
    since: date | None = None,
    until: date | None = None,
    limit: int = 30,
    offset: int = 0,
) -> list[DeskCall]:
    """The calls that the reader may see, newest first; by default every département of the scope, every day."""
    conditions: list[ColumnElement[bool]] = [] if scope is None else [calls.c.departement.in_(scope)]
    if departement:
        conditions.append(calls.c.departement == departement)
    if since:
        conditions.append(calls.c.local_date >= since)
    if until:
        conditions.append(calls.c.local_date <= until)
    query = _LINES.where(*conditions).order_by(calls.c.started_at.desc(), calls.c.call_id)
    return [_desk_call(row) for row in connection.execute(query.limit(limit).offset(offset))]


def read_call(connection: Connection, call_id: str) -> DeskCall | None:
    """One call, None when there is none of this id; whether the reader may see it is for the caller to check."""
    row = connection.execute(_LINES.where(calls.c.call_id == call_id)).first()
    return None if row is None else _desk_call(row)


# ---------------------------------------------------------------- what is known of a caller


@dataclass(frozen=True, slots=True)
class Recent:
    """What a caller asked in the seven days up to a call: its rank among them, and how many before are unresolved."""

    rank: int
    unresolved: int
    before: tuple[DeskCall, ...]


def recent_of(connection: Connection, lines: Sequence[DeskCall], scope: Scope) -> dict[str, Recent]:
    """For each of these calls whose caller called before within seven days (in the reader's départements): what for."""
    callers = {line.caller for line in lines if line.caller}
    if not callers:
        return {}
    first = min(line.started_at for line in lines) - RECENT
    conditions = [calls.c.caller.in_(callers), calls.c.started_at > first]
    if scope is not None:
        conditions.append(calls.c.departement.in_(scope))
    rows = connection.execute(_LINES.where(*conditions).order_by(calls.c.started_at.desc()).limit(2000))
    by_caller: dict[str, list[DeskCall]] = {}
    for row in rows:
        found = _desk_call(row)
        by_caller.setdefault(found.caller or "", []).append(found)
    recents = {line.call_id: _recent(line, by_caller.get(line.caller or "", [])) for line in lines if line.caller}
    return {call_id: recent for call_id, recent in recents.items() if recent.before}


def _recent(line: DeskCall, same_caller: Iterable[DeskCall]) -> Recent:
    before = tuple(
        other for other in same_caller if line.started_at - RECENT < other.started_at < line.started_at
    )  # fmt: skip
    unresolved = sum(other.resolved is False or _was_missed(other) for other in before)
    return Recent(len(before) + 1, unresolved, before)


def _was_missed(line: DeskCall) -> bool:
    return line.outcome not in {Outcome.ANSWERED, Outcome.IN_PROGRESS}


# ---------------------------------------------------------------- a call received outside the line


def add_manual_call(
    connection: Connection,
    *,
    caller: str | None,
    departement: str | None,
    started_at: datetime,
    local_date: date,
    talk_seconds: int,
    referent: str,
    linked_call_id: str | None = None,
) -> str:
    """Write down a call that the line has not seen; returns its id. It has no facts: folding never touches it."""
    call_id = f"manual-{secrets.token_hex(12)}"
    connection.execute(
        insert(calls).values(
            call_id=call_id, caller=caller, departement=departement, outcome=Outcome.ANSWERED,
            referent=referent, started_at=started_at, ended_at=started_at + timedelta(seconds=talk_seconds),
            local_date=local_date, talk_seconds=talk_seconds, total_seconds=talk_seconds, attempts="[]",
            callback_confirmed=False, linked_call_id=linked_call_id, source=Source.MANUAL,
        )
    )  # fmt: skip
    return call_id
