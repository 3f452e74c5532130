"""« À faire » as rows: what waits on a desk, and where a line comes from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    and_,
    case,
    cast,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
)

from records.database import insert_unless_there
from records.desks.accounts import Account
from records.desks.desk_calls import Scope, of_desk
from records.desks.permissions import Permission
from records.facts import NATIONAL, Outcome
from records.schema.desk_tables import account_departements, accounts, desk_marks, desks_without_missed, qualifications
from records.schema.request_tables import request_events, requests
from records.schema.tables import calls, desk_tasks
from support.requests.request import REFERENT
from support.requests.states import RequestState, WhichDesk
from support.worklist.line import (
    LISTED_FOR,
    MISSED_FOR,
    MISSED_OUTCOMES,
    TOLD,
    TOLD_OF_A_USERS,
    CallSeen,
    LineKind,
    StepSeen,
    WorkLine,
    in_order,
    marked,
    missed_callers,
    missed_lines,
    promise,
    still_missed,
    unread_answer,
)
from support.worklist.marks.store import in_portions, marks_of, set_aside_of

MOST = 500
"""Lines of one kind that are read; a desk with more has other troubles than the order of its list."""
ANSWERED_SINCE = timedelta(days=90)
"""An answer that nobody has read for so long is found in the list of requests."""
WITHHELD_FOR = timedelta(days=7)


def desks_of(scope: Scope) -> tuple[str, ...]:
    """The codes of the reader's own desks."""
    return (NATIONAL,) if scope is None else scope


def on_desk(scope: Scope) -> ColumnElement[bool]:
    """Calls made to these desks; the national team's own named no département."""
    if scope is not None:
        return calls.c.departement.in_(scope)
    return or_(calls.c.departement.is_(None), calls.c.departement == NATIONAL)


def read_lines(connection: Connection, reader: Account, at: datetime, usage: Collection[str]) -> list[WorkLine]:
    """Everything that is to do on the reader's desks, in order, what is set aside included."""
    scope = reader.scope
    lines = [
        *missed_lines(_missed(connection, scope, at), usage),
        *(_task_line(row, usage) for row in connection.execute(_waiting_tasks(scope))),
        *(_open_call(row, usage) for row in connection.execute(_waiting_calls(scope, at))),
        *map(_request_line, connection.execute(_waiting_requests(reader))),
        *_answers(connection, scope, at, usage),
    ]
    marks = marks_of(connection, lines)
    return in_order(marked(line, marks, usage) for line in lines)


def count_lines(connection: Connection, reader: Account, at: datetime) -> int:
    """How many of the lines that `read_lines` gives are not set aside, and nothing else of them: no promise, no row.

    The database counts what is a line by itself, all of it in one statement.
    """
    scope = reader.scope
    each = (_waiting_tasks(scope), _waiting_calls(scope, at), _waiting_requests(reader))
    alone = connection.scalar(select(sum((_not_aside(query, at) for query in each), literal(0)))) or 0
    missed = missed_callers(_missed(connection, scope, at))
    together = [tuple((str(LineKind.MISSED), call.call_id) for call in line) for line in missed]
    together += [((str(LineKind.ANSWER), str(row.id)),) for row, _ in _unread(connection, scope, at)]
    aside = set_aside_of(connection, {reference for line in together for _, reference in line}, at)
    return int(alone) + sum(not aside.issuperset(line) for line in together)


def _not_aside(query: Select[Any], at: datetime) -> ColumnElement[int]:
    """How many rows of a query that names the `kind` and `reference` of its lines are not set aside."""
    line = query.subquery()
    is_mark = and_(desk_marks.c.kind == line.c.kind, desk_marks.c.reference == line.c.reference)
    aside = exists().where(is_mark, desk_marks.c.aside_until > at)
    return select(func.count()).select_from(line).where(~aside).scalar_subquery()


# ---------------------------------------------------------------- missed callers

_SEEN = select(
    calls.c.call_id, calls.c.caller, calls.c.departement, calls.c.outcome, calls.c.absence_reason, calls.c.answered_by,
    calls.c.started_at, calls.c.local_date, calls.c.linked_call_id,
)  # fmt: skip


def _missed(connection: Connection, scope: Scope, at: datetime) -> list[CallSeen]:
    done = exists().where(
        desk_marks.c.kind == str(LineKind.MISSED),
        desk_marks.c.reference == calls.c.call_id,
        desk_marks.c.done_at.isnot(None),
    )
    qualified = exists().where(qualifications.c.call_id == calls.c.call_id)
    query = _SEEN.where(_missed_on(connection, scope, at - MISSED_FOR), calls.c.caller.isnot(None), ~done, ~qualified)
    query = query.order_by(calls.c.started_at, calls.c.call_id).limit(MOST)
    missed = [CallSeen(*row) for row in connection.execute(query)]
    return still_missed(missed, _further_calls(connection, missed))


def _missed_on(connection: Connection, scope: Scope, since: datetime) -> ColumnElement[bool]:
    """Missed calls of the desks that want them listed; what the log alone knows counts where it names a département."""
    without = desks_without(connection, scope)
    listed = on_desk(scope)
    if scope is not None:
        listed = calls.c.departement.in_([code for code in scope if code not in without])
    elif NATIONAL in without:
        listed = and_(listed, calls.c.call_id.is_(None))
    outcomes = [str(one) for one in MISSED_OUTCOMES]
    known = or_(calls.c.outcome != Outcome.MISSED, calls.c.departement.isnot(None))
    outcome = func.coalesce(calls.c.outcome, "")  # the few calls of a desk are found by its index, not by the outcome's
    return and_(listed, outcome.in_(outcomes), calls.c.started_at > since, known)


def _further_calls(connection: Connection, missed: Sequence[CallSeen]) -> list[CallSeen]:
    """What the same numbers did since the first of these calls."""
    if not missed:
        return []
    first = min(call.started_at for call in missed)
    found: list[CallSeen] = []
    for some in in_portions(sorted({call.caller for call in missed if call.caller})):
        query = _SEEN.where(calls.c.caller.in_(some), calls.c.started_at > first)
        found += [CallSeen(*row) for row in connection.execute(query)]
    return found


def withheld_missed(connection: Connection, scope: Scope, at: datetime) -> int:
    """How many missed calls of the last week hid their number: nobody can call them back."""
    hidden = and_(_missed_on(connection, scope, at - WITHHELD_FOR), calls.c.caller.is_(None))
    return int(connection.execute(select(func.count()).select_from(calls).where(hidden)).scalar_one())


def desks_without(connection: Connection, scope: Scope) -> frozenset[str]:
    """Those of these desks that do not want their missed callers listed."""
    table = desks_without_missed
    return frozenset(
        connection.scalars(select(table.c.departement).where(table.c.departement.in_(desks_of(scope)))).all()
    )


def set_without(connection: Connection, desk: str, *, by: str, at: datetime, without: bool) -> bool:
    """Whether the desk's choice has changed."""
    table = desks_without_missed
    if without:
        return insert_unless_there(connection, table, {"departement": desk, "set_by": by, "set_at": at})
    return bool(connection.execute(delete(table).where(table.c.departement == desk)).rowcount)


# ---------------------------------------------------------------- messages, callbacks, calls


def _waiting_tasks(scope: Scope) -> Select[Any]:
    """The messages and callbacks that wait."""
    return (
        select(
            desk_tasks.c.kind, desk_tasks.c.call_id.label("reference"), desk_tasks.c.departement,
            desk_tasks.c.created_at, calls.c.caller, calls.c.callback_number, calls.c.message_seconds,
        )
        .join_from(desk_tasks, calls, calls.c.call_id == desk_tasks.c.call_id)
        .where(desk_tasks.c.departement.in_(desks_of(scope)), desk_tasks.c.handled_at.is_(None))
        .order_by(desk_tasks.c.created_at, desk_tasks.c.call_id)
        .limit(MOST)
    )  # fmt: skip


def _task_line(row: Any, usage: Collection[str]) -> WorkLine:
    kind = LineKind(row.kind)
    due = promise(kind, row.created_at, row.departement, usage)
    number = row.callback_number or row.caller
    return WorkLine(kind, row.reference, row.departement, row.created_at, due, number, seconds=row.message_seconds)


def _waiting_calls(scope: Scope, at: datetime) -> Select[Any]:
    """Answered calls that nobody has qualified, and those whose statut is « En cours »: in one look at the calls.

    En cours: helped neither here nor, where they went there, by level 2. What level 2 has closed is looked up once for
    all calls: joined to each, SQLite would scan all requests for each call where most requests are of no call.
    """
    q, asked, since = qualifications, requests.c, at - LISTED_FOR
    closed = select(asked.call_id).where(
        asked.created_at > since, asked.call_id.isnot(None), asked.closed_at.isnot(None)
    )  # fmt: skip
    is_new = and_(q.c.call_id.is_(None), calls.c.outcome == Outcome.ANSWERED)
    is_ongoing = and_(q.c.resolved.is_(False), or_(q.c.escalated.is_not(True), calls.c.call_id.in_(closed)))
    kind = case((q.c.call_id.is_(None), str(LineKind.QUALIFY)), else_=str(LineKind.ONGOING))
    return (
        select(
            kind.label("kind"), calls.c.call_id.label("reference"), calls.c.departement, calls.c.caller,
            calls.c.started_at, calls.c.referent, calls.c.talk_seconds, q.c.at, q.c.sous_motif, q.c.by,
        )
        .join_from(calls, q, q.c.call_id == calls.c.call_id, isouter=True)
        .where(of_desk(scope), calls.c.started_at > since, or_(is_new, is_ongoing))
        .order_by(calls.c.started_at.desc(), calls.c.call_id)
        .limit(2 * MOST)
    )  # fmt: skip


def _open_call(row: Any, usage: Collection[str]) -> WorkLine:
    kind = LineKind(row.kind)
    if kind is LineKind.QUALIFY:
        return WorkLine(
            kind, row.reference, row.departement, row.started_at, None, row.caller, row.referent or "",
            seconds=row.talk_seconds,
        )  # fmt: skip
    due = promise(kind, row.at, row.departement, usage)
    return WorkLine(kind, row.reference, row.departement, row.at, due, row.caller, row.sous_motif, owner=row.by)


# ---------------------------------------------------------------- requests


def _waiting_requests(reader: Account) -> Select[Any]:
    """What the reader's own desk has to work on."""
    if reader.may(Permission.WORK_LEVEL_2):
        ours = or_(requests.c.desk == WhichDesk.NATIONAL, requests.c.departement.is_(None))
    else:
        ours = and_(requests.c.desk == WhichDesk.LOCAL, requests.c.departement.in_(reader.scope or ()))
    query = select(
        literal(str(LineKind.REQUEST)).label("kind"), cast(requests.c.id, String).label("reference"),
        *(requests.c[name] for name in ("departement", "created_at", "due_at", "subject", "state", "owner", "channel")),
    )  # fmt: skip
    return query.where(ours, requests.c.state != RequestState.CLOSED).order_by(requests.c.due_at).limit(MOST)


def _request_line(row: Any) -> WorkLine:
    return WorkLine(
        LineKind(row.kind), row.reference, row.departement, row.created_at, row.due_at, None, row.subject, row.state,
        owner=row.owner, channel=row.channel,
    )  # fmt: skip


def _answers(connection: Connection, scope: Scope, at: datetime, usage: Collection[str]) -> list[WorkLine]:
    kind = LineKind.ANSWER
    return [
        WorkLine(
            kind, str(row.id), row.departement, step.at, promise(kind, step.at, row.departement, usage), None,
            row.subject, step.move,
        )
        for row, step in _unread(connection, scope, at)
    ]  # fmt: skip


def has_unread_answer(connection: Connection, scope: Scope, number: int, at: datetime) -> bool:
    """Whether the desk has not yet read what the national team said in the request of that number."""
    return bool(_unread(connection, scope, at, requests.c.id == number))


def _unread(
    connection: Connection, scope: Scope, at: datetime, *which: ColumnElement[bool]
) -> list[tuple[Any, StepSeen]]:
    """Requests with the national team in which it said something that the département's desk has not read."""
    if scope is None:
        return []
    asked = (
        select(requests.c.id, requests.c.departement, requests.c.subject, requests.c.sender)
        .where(
            *which,
            requests.c.departement.in_(scope),
            requests.c.desk == WhichDesk.NATIONAL,
            exists().where(request_events.c.request_id == requests.c.id, request_events.c.at > at - ANSWERED_SINCE),
        )
        .order_by(requests.c.id.desc())
        .limit(MOST)
    )
    rows = connection.execute(asked).all()
    if not rows:
        return []
    numbers = [row.id for row in rows]
    steps, read = _steps(connection, numbers, scope), _read_at(connection, list(map(str, numbers)))
    found = []
    for row in rows:
        moves, number = TOLD if row.sender == REFERENT else TOLD_OF_A_USERS, str(row.id)
        if step := unread_answer(steps.get(number, ()), read.get(number), moves):
            found.append((row, step))
    return found


def _steps(connection: Connection, numbers: Sequence[int], scope: tuple[str, ...]) -> dict[str, list[StepSeen]]:
    """The steps of these requests; « ours » are those of whoever has an account for one of these départements."""
    ours = (
        select(accounts.c.email)
        .join_from(accounts, account_departements, account_departements.c.account_id == accounts.c.id)
        .where(account_departements.c.departement.in_(scope))
    )
    table = request_events
    query = select(table.c.request_id, table.c.at, table.c.move, table.c.by.in_(ours).label("is_ours"))
    found: dict[str, list[StepSeen]] = {}
    for row in connection.execute(query.where(table.c.request_id.in_(numbers)).order_by(table.c.id)):
        found.setdefault(str(row.request_id), []).append(StepSeen(row.at, row.move, bool(row.is_ours)))
    return found


def _read_at(connection: Connection, numbers: Sequence[str]) -> dict[str, datetime]:
    table = desk_marks
    wanted = (table.c.kind == str(LineKind.ANSWER), table.c.reference.in_(numbers), table.c.done_at.isnot(None))
    return {row.reference: row.done_at for row in connection.execute(select(table).where(*wanted))}


# ---------------------------------------------------------------- where a line comes from


def worked_off(connection: Connection, call_id: str) -> LineKind:
    """Which line a call that is now qualified comes from: it may be the call back of another one."""
    back = select(calls.c.linked_call_id).where(calls.c.call_id == call_id)
    of = connection.execute(back).scalar()
    if of is None:
        return LineKind.QUALIFY
    waited = select(desk_tasks.c.kind).where(desk_tasks.c.call_id == of).order_by(desk_tasks.c.handled_at.desc())
    kind: str | None = connection.execute(waited.limit(1)).scalar()
    return LineKind(kind) if kind else LineKind.MISSED


def departement_of(connection: Connection, kind: LineKind, reference: str) -> tuple[bool, str | None]:
    """Whether there is such a call or request at all, and whose it is."""
    if kind in {LineKind.ANSWER, LineKind.REQUEST}:
        query = select(requests.c.departement).where(requests.c.id == int(reference))
    else:
        query = select(calls.c.departement).where(calls.c.call_id == reference)
    row = connection.execute(query).first()
    return (row is not None, None if row is None else row[0])


def taken_by(connection: Connection, call_ids: Collection[str], people: Collection[str]) -> str | None:
    """The newest of these calls that one of these people (short ids) has taken."""
    query = select(calls.c.call_id).where(calls.c.call_id.in_(call_ids), calls.c.referent_id.in_(people))
    found: str | None = connection.execute(query.order_by(calls.c.started_at.desc()).limit(1)).scalar()
    return found
