"""What was said to be done on a desk lately: missed callers, answers, messages and callbacks, calls qualified."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from records.desks.accounts import Account
from records.desks.desk_calls import Scope
from records.schema.desk_tables import desk_marks, qualifications
from records.schema.request_tables import requests
from records.schema.tables import calls, desk_tasks
from support.worklist.line import LineKind
from support.worklist.store import desks_of, on_desk


@dataclass(frozen=True, slots=True)
class DoneLine:
    """What somebody said is done, a moment ago; `departement` and `number` as in a line."""

    kind: LineKind
    reference: str
    departement: str | None
    number: str | None
    subject: str
    done_at: datetime
    done_by: str


def done_since(connection: Connection, reader: Account, since: datetime) -> list[DoneLine]:
    """What was done on the reader's desks since then, newest first; of calls, those that the reader qualified."""
    scope = reader.scope
    found = [
        *_missed_done(connection, scope, since),
        *_answers_read(connection, scope, since),
        *_tasks_handled(connection, scope, since),
        *_qualified(connection, reader, since),
    ]
    return sorted(found, key=lambda done: (done.done_at, done.reference), reverse=True)


def _missed_done(connection: Connection, scope: Scope, since: datetime) -> list[DoneLine]:
    """A caller who called several times was done once."""
    m = desk_marks
    query = (
        select(calls.c.call_id, calls.c.departement, calls.c.caller, calls.c.local_date, m.c.done_at, m.c.done_by)
        .join_from(m, calls, calls.c.call_id == m.c.reference)
        .where(m.c.kind == str(LineKind.MISSED), m.c.done_at > since, on_desk(scope))
        .order_by(calls.c.started_at.desc(), calls.c.call_id.desc())
    )
    once = {
        (row.departement, row.caller, row.local_date, row.done_at): DoneLine(
            LineKind.MISSED, row.call_id, row.departement, row.caller, "", row.done_at, row.done_by or ""
        )
        for row in connection.execute(query)
    }
    return list(once.values())


def _answers_read(connection: Connection, scope: Scope, since: datetime) -> list[DoneLine]:
    if scope is None:
        return []
    m, numbers = desk_marks, select(requests.c.id).where(requests.c.departement.in_(scope))
    marks = connection.execute(select(m).where(m.c.kind == str(LineKind.ANSWER), m.c.done_at > since)).all()
    ours = numbers.where(requests.c.id.in_([int(row.reference) for row in marks]))
    rows = {
        str(row.id): row
        for row in connection.execute(
            select(requests.c.id, requests.c.departement, requests.c.subject).where(requests.c.id.in_(ours))
        )
    }
    return [
        DoneLine(
            LineKind.ANSWER, row.reference, rows[row.reference].departement, None, rows[row.reference].subject,
            row.done_at, row.done_by or "",
        )
        for row in marks
        if row.reference in rows
    ]  # fmt: skip


def _tasks_handled(connection: Connection, scope: Scope, since: datetime) -> list[DoneLine]:
    t = desk_tasks
    query = (
        select(
            t.c.kind, t.c.call_id, t.c.departement, t.c.handled_at, t.c.handled_by, calls.c.caller,
            calls.c.callback_number,
        )
        .join_from(t, calls, calls.c.call_id == t.c.call_id)
        .where(t.c.departement.in_(desks_of(scope)), t.c.handled_at > since)
    )  # fmt: skip
    return [
        DoneLine(
            LineKind(row.kind), row.call_id, row.departement, row.callback_number or row.caller, "", row.handled_at,
            row.handled_by or "",
        )
        for row in connection.execute(query)
    ]  # fmt: skip


def _qualified(connection: Connection, reader: Account, since: datetime) -> list[DoneLine]:
    q = qualifications
    query = (
        select(q.c.call_id, q.c.sous_motif, q.c.at, q.c.by, calls.c.departement, calls.c.caller)
        .join_from(q, calls, calls.c.call_id == q.c.call_id)
        .where(q.c.by == reader.email, q.c.at > since)
    )
    return [
        DoneLine(LineKind.QUALIFY, row.call_id, row.departement, row.caller, row.sous_motif, row.at, row.by)
        for row in connection.execute(query)
    ]
