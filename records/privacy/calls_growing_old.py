"""Calls that grow old: they lose their numbers, then everything but what figures count. Figures do not change.

A day goes at once: a figure tells the repeated calls of a number on one day by what stands for that number, and the
calls of the day keep the same thing for the same number, its keyed fingerprint first, a random word afterwards.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, bindparam, delete, exists, func, or_, select, update

from records.database import insert_for, reading, writing
from records.facts import FactKind
from records.privacy.portions import AT_ONCE, Cut
from records.schema.desk_tables import desk_marks, qualification_history, qualifications
from records.schema.privacy_tables import retention_marks
from records.schema.tables import calls, desk_tasks, facts, tombstones

BY_ERASURE = "effacement"
"""Who is said to have handled a callback whose number was erased; figures tell these apart."""

RANDOM = "x"
"""What a random word begins with that stands in the place of a fingerprint."""

NUMBERS_IN = {"caller": None, "number": None, "forwarded_from": None}
WORDS_IN = {"keys": "", "text": ""}
"""What becomes of these values in facts."""

_OF_A_CALLER = (
    FactKind.ARRIVED, FactKind.ENDED, FactKind.LOGGED, FactKind.CALLBACK_ASKED, FactKind.CALLBACK_TYPED,
)  # fmt: skip
_SPOKEN_OR_TYPED = (FactKind.SPOKE, FactKind.PRESSED)


class Numbers:
    """Calls keep a fingerprint instead of their numbers, in their rows and facts; nothing folds them again."""

    def count(self, connection: Connection, cut: Cut) -> int:
        """How many calls are due."""
        return connection.scalar(select(func.count()).select_from(calls).where(*_with_numbers(cut.before))) or 0

    def portions(self, engine: Engine, cut: Cut) -> Iterator[int]:
        """Each day at once."""
        for day in _days(engine, _with_numbers(cut.before)):
            with writing(engine) as connection:
                due = (calls.c.local_date == day, *_with_numbers(cut.before))
                query = select(calls.c.call_id, calls.c.caller, calls.c.caller_fingerprint).where(*due)
                rows = connection.execute(query).all()
                for some in _pieces([row.call_id for row in rows]):
                    change_facts(connection, some, _OF_A_CALLER, NUMBERS_IN)
                    change_facts(connection, some, _SPOKEN_OR_TYPED, WORDS_IN)
                    nothing = {"caller": None, "callback_number": None}
                    connection.execute(update(calls).where(calls.c.call_id.in_(some)).values(nothing))
                    bury(connection, some, cut.at)
                    close_callbacks(connection, some, cut.at)
                lacking = [row for row in rows if row.caller and not row.caller_fingerprint]
                give_prints(connection, {row.call_id: cut.fingerprint(row.caller) for row in lacking})
            yield len(rows)


class Statistics:
    """Calls keep what figures count, and nothing else: neither people, nor facts, nor what stands for a number."""

    def count(self, connection: Connection, cut: Cut) -> int:
        """How many calls are due."""
        return connection.scalar(select(func.count()).select_from(calls).where(*_with_people(cut.before))) or 0

    def portions(self, engine: Engine, cut: Cut) -> Iterator[int]:
        """Each day at once."""
        for day in _days(engine, _with_people(cut.before)):
            with writing(engine) as connection:
                due = (calls.c.local_date == day, *_with_people(cut.before))
                ids = list(connection.scalars(select(calls.c.call_id).where(*due)))
                give_prints(connection, random_words(connection, ids))
                for some in _pieces(ids):
                    self._strip(connection, some, cut.at)
            yield len(ids)

    def _strip(self, connection: Connection, ids: Sequence[str], at: datetime) -> None:
        nobody = {
            "caller": None, "callback_number": None, "referent": None, "referent_id": None, "referent_phone": None,
            "recording": None, "attempts": "[]",
        }  # fmt: skip
        connection.execute(update(calls).where(calls.c.call_id.in_(ids)).values(nobody))
        connection.execute(delete(facts).where(facts.c.call.in_(ids)))
        said = {"by": "", "comment": ""}
        connection.execute(update(qualifications).where(qualifications.c.call_id.in_(ids)).values(said))
        connection.execute(delete(qualification_history).where(qualification_history.c.call_id.in_(ids)))
        people = (desk_tasks.c.call_id.in_(ids), desk_tasks.c.handled_by.is_distinct_from(BY_ERASURE))
        connection.execute(update(desk_tasks).where(*people).values(handled_by=None))
        connection.execute(delete(desk_marks).where(desk_marks.c.reference.in_(ids)))
        bury(connection, ids, at)


class SaidWords:
    """Facts lose what callers said and typed. They are only added: a mark says how far this was done."""

    line = "speech"

    def count(self, connection: Connection, cut: Cut) -> int:
        """How many facts are due."""
        due = self._due(connection, cut.before)
        return connection.scalar(select(func.count()).select_from(facts).where(*due)) or 0

    def portions(self, engine: Engine, cut: Cut) -> Iterator[int]:
        """In the order of their moments."""
        last: tuple[datetime, int] | None = None
        while True:
            with reading(engine) as connection:
                due = [*self._due(connection, cut.before)]
                if last is not None:
                    due.append(or_(facts.c.at > last[0], and_(facts.c.at == last[0], facts.c.id > last[1])))
                query = select(facts.c.id, facts.c.at, facts.c.data).where(*due).order_by(facts.c.at, facts.c.id)
                rows = connection.execute(query.limit(AT_ONCE)).all()
            with writing(engine) as connection:
                _rewrite(connection, rows, WORDS_IN)
                _mark(connection, self.line, rows[-1].at if rows else cut.before)
            if not rows:
                return
            last = (rows[-1].at, rows[-1].id)
            yield len(rows)

    def _due(self, connection: Connection, before: datetime) -> tuple[ColumnElement[bool], ...]:
        until = connection.scalar(select(retention_marks.c.until).where(retention_marks.c.line == self.line))
        kinds = facts.c.kind.in_([str(kind) for kind in _SPOKEN_OR_TYPED])
        return (facts.c.at < before, kinds, *((facts.c.at >= until,) if until is not None else ()))


# ---------------------------------------------------------------- what is due


def _with_numbers(before: datetime) -> tuple[ColumnElement[bool], ...]:
    is_buried = exists().where(tombstones.c.call_id == calls.c.call_id)
    has_one = or_(calls.c.caller.is_not(None), calls.c.callback_number.is_not(None), ~is_buried)
    return (calls.c.local_date < before.date(), has_one)


def _with_people(before: datetime) -> tuple[ColumnElement[bool], ...]:
    columns = (calls.c.caller, calls.c.callback_number, calls.c.referent, calls.c.referent_phone, calls.c.recording)
    is_said_by = exists().where(qualifications.c.call_id == calls.c.call_id, qualifications.c.by != "")
    has_some = or_(
        *(column.is_not(None) for column in columns),
        calls.c.attempts != "[]",
        and_(calls.c.caller_fingerprint.is_not(None), ~calls.c.caller_fingerprint.startswith(RANDOM)),
        is_said_by,
    )
    return (calls.c.local_date < before.date(), has_some)


def _days(engine: Engine, due: Sequence[ColumnElement[bool]]) -> list[date]:
    with reading(engine) as connection:
        return list(connection.scalars(select(calls.c.local_date).where(*due).distinct().order_by(calls.c.local_date)))


# ---------------------------------------------------------------- what is done to a call


def bury(connection: Connection, call_ids: Collection[str], at: datetime) -> None:
    """Neither a late line of a journal nor the operator's log brings these calls back as they were."""
    stones = [{"call_id": call_id, "erased_at": at} for call_id in call_ids]
    if stones:
        connection.execute(insert_for(connection, tombstones).on_conflict_do_nothing(), stones)


def close_callbacks(connection: Connection, call_ids: Collection[str], at: datetime) -> None:
    """Nobody is asked any more to call a number back that is gone."""
    waiting = (desk_tasks.c.call_id.in_(call_ids), desk_tasks.c.kind == "callback", desk_tasks.c.handled_at.is_(None))
    connection.execute(update(desk_tasks).where(*waiting).values(handled_at=at, handled_by=BY_ERASURE))


def random_words(connection: Connection, call_ids: Collection[str]) -> dict[str, str]:
    """A random word for each call that had a number: the same for one number on one day, and for nothing else."""
    word: dict[tuple[Any, ...], str] = {}
    found: dict[str, str] = {}
    who = func.coalesce(calls.c.caller_fingerprint, calls.c.caller)
    for some in _pieces(list(call_ids)):
        query = select(calls.c.call_id, calls.c.local_date, who.label("who")).where(calls.c.call_id.in_(some))
        for row in connection.execute(query.where(who.is_not(None))):
            found[row.call_id] = word.setdefault((row.local_date, row.who), RANDOM + secrets.token_hex(15))
    return found


def give_prints(connection: Connection, prints: dict[str, Any]) -> None:
    """Write what stands for the number of each of these calls."""
    if prints:
        one = update(calls).where(calls.c.call_id == bindparam("this")).values(caller_fingerprint=bindparam("print"))
        connection.execute(one, [{"this": call_id, "print": text} for call_id, text in prints.items()])


def change_facts(
    connection: Connection, call_ids: Collection[str], kinds: Iterable[FactKind], becomes: dict[str, Any]
) -> int:
    """Put other values in these facts, by name; how many were changed."""
    query = select(facts.c.id, facts.c.data).where(facts.c.call.in_(call_ids), facts.c.kind.in_(list(map(str, kinds))))
    return _rewrite(connection, connection.execute(query).all(), becomes)


def _rewrite(connection: Connection, rows: Iterable[Any], becomes: dict[str, Any]) -> int:
    changed = []
    for row in rows:
        data = json.loads(row.data)
        clean = {name: becomes[name] if name in becomes and value else value for name, value in data.items()}
        if clean != data:
            changed.append({"this": row.id, "text": json.dumps(clean)})
    if changed:
        one = update(facts).where(facts.c.id == bindparam("this")).values(data=bindparam("text"))
        connection.execute(one, changed)
    return len(changed)


def _mark(connection: Connection, line: str, until: datetime) -> None:
    statement = insert_for(connection, retention_marks).values(line=line, until=until)
    connection.execute(statement.on_conflict_do_update(index_elements=["line"], set_={"until": until}))


def _pieces(items: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]
