"""The calls as a desk reads them: what is to do, who is on the line now, what this caller asked before."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, func, insert, or_, select, update

from records.facts import NATIONAL, AnsweredBy, AttemptResult, Outcome, Source
from records.schema.desk_tables import desk_marks, qualification_history, qualifications
from records.schema.tables import calls, desk_tasks

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
    linked_call_id: str | None = None
    """The call whose callback this call was."""
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


def lines_query() -> Select[Any]:
    """Every call with what was said about it; for `desk_call_of`."""
    return _LINES


def desk_call_of(row: Any) -> DeskCall:
    """The call of a row of `lines_query`."""
    values = {name: getattr(row, name) for name in DeskCall.__dataclass_fields__}
    values["attempts"] = tuple(json.loads(values["attempts"] or "[]"))
    return DeskCall(**values)


def _within(scope: Scope) -> ColumnElement[bool]:
    """A référent's own départements; for the national team the calls that its desk took or that name no département."""
    if scope is not None:
        return calls.c.departement.in_(scope)
    return or_(
        calls.c.answered_by == AnsweredBy.NATIONAL, calls.c.departement.is_(None), calls.c.departement == NATIONAL
    )


def _to_qualify(scope: Scope, at: datetime) -> ColumnElement[bool]:
    ours = _within(scope)
    if scope is not None:  # what the national team took in their place is the national team's to qualify
        ours = and_(ours, or_(calls.c.answered_by.is_(None), calls.c.answered_by != AnsweredBy.NATIONAL))
    return and_(
        ours,
        calls.c.outcome == Outcome.ANSWERED,
        calls.c.started_at > at - TO_QUALIFY_FOR,
        qualifications.c.call_id.is_(None),
    )


def live_calls(connection: Connection, scope: Scope, at: datetime) -> list[DeskCall]:
    """The calls that ring or talk now, newest first."""
    live = and_(_within(scope), calls.c.outcome == Outcome.IN_PROGRESS, calls.c.started_at > at - LIVE_FOR)
    query = _LINES.where(live).order_by(calls.c.started_at.desc(), calls.c.call_id).limit(50)
    return [desk_call_of(row) for row in connection.execute(query)]


def calls_to_qualify(
    connection: Connection, scope: Scope, at: datetime, *, limit: int = 20, offset: int = 0
) -> list[DeskCall]:
    """The answered calls that nobody has qualified, newest first."""
    query = _LINES.where(_to_qualify(scope, at)).order_by(calls.c.started_at.desc(), calls.c.call_id)
    return [desk_call_of(row) for row in connection.execute(query.limit(limit).offset(offset))]


def read_call(connection: Connection, call_id: str) -> DeskCall | None:
    """One call, None when there is none of this id; whether the reader may see it is for the caller to check."""
    row = connection.execute(_LINES.where(calls.c.call_id == call_id)).first()
    return None if row is None else desk_call_of(row)


# ---------------------------------------------------------------- counts


@dataclass(frozen=True, slots=True)
class ToDo:
    """How much waits on a desk; `overdue` messages and callbacks have waited longer than they should."""

    calls: int
    messages: int
    callbacks: int
    overdue: int


def to_do(connection: Connection, scope: Scope, at: datetime, is_late: Callable[[str, datetime], bool]) -> ToDo:
    """The counts of a desk; `is_late` tells of a desk's code and of the moment since which something waits there."""
    joined = calls.outerjoin(qualifications, qualifications.c.call_id == calls.c.call_id)
    waiting = connection.execute(select(func.count()).select_from(joined).where(_to_qualify(scope, at))).scalar_one()
    desks = (NATIONAL,) if scope is None else scope
    query = select(desk_tasks.c.kind, desk_tasks.c.departement, desk_tasks.c.created_at)
    tasks = connection.execute(
        query.where(desk_tasks.c.departement.in_(desks), desk_tasks.c.handled_at.is_(None))
    ).all()
    kinds = [task.kind for task in tasks]
    overdue = sum(is_late(task.departement, task.created_at) for task in tasks)
    return ToDo(int(waiting), kinds.count("message"), kinds.count("callback"), overdue)


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
        found = desk_call_of(row)
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


def change_manual_call(
    connection: Connection,
    call_id: str,
    *,
    caller: str | None,
    departement: str | None,
    started_at: datetime,
    local_date: date,
    talk_seconds: int,
) -> None:
    """Write what a call added by hand really was; any other call stays as it is."""
    mine = and_(calls.c.call_id == call_id, calls.c.source == Source.MANUAL)
    values = {
        "caller": caller, "departement": departement, "started_at": started_at, "local_date": local_date,
        "ended_at": started_at + timedelta(seconds=talk_seconds), "talk_seconds": talk_seconds,
        "total_seconds": talk_seconds,
    }  # fmt: skip
    connection.execute(update(calls).where(mine).values(**values))


def delete_manual_call(connection: Connection, call_id: str) -> None:
    """Delete a call added by hand, with what was said about it; any other call stays."""
    mine = and_(calls.c.call_id == call_id, calls.c.source == Source.MANUAL)
    if connection.execute(delete(calls).where(mine)).rowcount != 1:
        return
    for table in (qualifications, qualification_history):
        connection.execute(delete(table).where(table.c.call_id == call_id))
    connection.execute(delete(desk_marks).where(desk_marks.c.reference == call_id))
