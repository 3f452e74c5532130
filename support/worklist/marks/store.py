"""What people say about the lines of « À faire »: whose one is, until when it is set aside, that it is done."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, literal, select

from records.database import insert_for
from records.schema.desk_tables import desk_marks
from records.schema.tables import calls
from support.worklist.line import LineKind, LineMark, Marks, WorkLine


def set_aside_of(connection: Connection, references: Collection[str], at: datetime) -> set[tuple[str, str]]:
    """The (kind, reference) of what is set aside of these."""
    found: set[tuple[str, str]] = set()
    for some in in_portions(sorted(references)):
        query = select(desk_marks.c.kind, desk_marks.c.reference).where(desk_marks.c.reference.in_(some))
        found |= {(row.kind, row.reference) for row in connection.execute(query.where(desk_marks.c.aside_until > at))}
    return found


def marks_of(connection: Connection, lines: Sequence[WorkLine]) -> Marks:
    """What was said about these lines and is not done."""
    references = {reference for line in lines for reference in line.references}
    found: dict[tuple[str, str], LineMark] = {}
    for some in in_portions(sorted(references)):
        rows = connection.execute(select(desk_marks).where(desk_marks.c.reference.in_(some)))
        found |= {(row.kind, row.reference): _mark(row) for row in rows}
    return found


def _mark(row: Any) -> LineMark:
    return LineMark(row.owner, row.owned_at, row.aside_until, row.aside_by, row.done_at, row.done_by)


def in_portions(every: Sequence[str], size: int = 900) -> Iterable[Sequence[str]]:
    """No statement names more values than the oldest SQLite takes."""
    return (every[start : start + size] for start in range(0, len(every), size))


def mark(connection: Connection, line: WorkLine, *, unless: ColumnElement[bool] | None = None, **values: Any) -> bool:
    """Write the same thing about everything that the line stands for.

    False, and nothing more is written, where a mark that is `unless` stands: somebody was quicker since it was read.
    """
    for reference in sorted(line.references):  # always in one order: two writers never wait for each other
        row = {"kind": str(line.kind), "reference": reference, **values}
        made = insert_for(connection, desk_marks).values(**row)
        written = made.on_conflict_do_update(
            index_elements=["kind", "reference"], set_=values, where=None if unless is None else ~unless
        )
        if connection.execute(written.returning(literal(1))).first() is None:
            return False
    return True


def is_done(line: WorkLine) -> ColumnElement[bool]:
    """A mark that says the line is done; an answer read earlier is not the one that came since."""
    return and_(desk_marks.c.done_at.is_not(None), desk_marks.c.done_at >= line.since)


def is_taken_since(connection: Connection, line: WorkLine, email: str) -> ColumnElement[bool]:
    """A mark that says the line is somebody's, and did not when the line was read in this transaction."""
    seen = {each.owner for each in marks_of(connection, [line]).values() if each.owner}
    return and_(desk_marks.c.owner.is_not(None), desk_marks.c.owner.not_in([email, *sorted(seen)]))


def mark_read(connection: Connection, kind: LineKind, reference: str) -> LineMark | None:
    """What was said about this call or request; None when nothing was."""
    wanted = (desk_marks.c.kind == str(kind), desk_marks.c.reference == reference)
    row = connection.execute(select(desk_marks).where(*wanted)).first()
    return None if row is None else _mark(row)


def undo_done(connection: Connection, kind: LineKind, reference: str, seen: LineMark) -> list[str]:
    """Take back that it is done; of a missed caller for every call that the same word was about. Returns those."""
    done = (desk_marks.c.kind == str(kind), desk_marks.c.done_at == seen.done_at, desk_marks.c.done_by == seen.done_by)
    references = [reference]
    if kind is LineKind.MISSED:
        one = select(calls.c.caller, calls.c.departement, calls.c.local_date).where(calls.c.call_id == reference)
        caller, departement, day = connection.execute(one).one()
        same = (
            calls.c.caller == caller,
            calls.c.local_date == day,
            calls.c.departement.is_not_distinct_from(departement),
        )
        marks = select(desk_marks.c.reference).join(calls, calls.c.call_id == desk_marks.c.reference)
        references = list(connection.scalars(marks.where(*done, *same).order_by(calls.c.started_at)).all())
    undone = desk_marks.update().where(*done, desk_marks.c.reference.in_(references))
    connection.execute(undone.values(done_at=None, done_by=None))
    return references
