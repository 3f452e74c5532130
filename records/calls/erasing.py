"""Taking a caller's number out of everything that was written down; the calls stay, without it, for the figures.

Each call gets a tombstone: neither a late line of a journal nor the operator's log brings the number back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select, update

from records.calls.ledger import lock_calls
from records.database import insert_for
from records.facts import FactKind
from records.outbox import Owed
from records.schema.desk_tables import answer_uses, kept_forms, qualification_history, qualifications
from records.schema.knowledge_tables import article_report_voices, article_reports
from records.schema.request_tables import request_events, requests, tickets
from records.schema.tables import calls, deliveries, desk_tasks, facts, quarantine, tombstones
from records.schema.written_tables import filed_forms

GOES_ON = timedelta(hours=2)
"""A call without an end that is younger than this may still go on: it is left for later."""

BY = "effacement"
"""Who is said to have handled a callback whose number was erased."""

ERASED = "[numéro effacé]"

_AT_ONCE = 500
_SIGNIFICANT = 9
"""The last digits of a number, which are the same however it is written."""


@dataclass(frozen=True, slots=True)
class Erased:
    """The calls that lost the number, how many facts held it, and how many calls still go on and keep it."""

    calls: tuple[str, ...]
    facts: int
    going_on: int


def erase_number(connection: Connection, number: str, fingerprint: str, at: datetime) -> Erased:
    """Take an E.164 number, and its fingerprint, out of calls, facts, tasks and comments; returns what was done."""
    its = or_(calls.c.caller == number, calls.c.callback_number == number, calls.c.caller_fingerprint == fingerprint)
    is_over = or_(calls.c.ended_at.isnot(None), calls.c.started_at < at - GOES_ON)
    found = connection.scalars(select(calls.c.call_id).where(its, is_over)).all()
    lock_calls(connection, found)
    changed = 0
    for start in range(0, len(found), _AT_ONCE):
        some = found[start : start + _AT_ONCE]
        changed += _scrub_facts(connection, some, number)
        _scrub_texts(connection, some, number)
        _scrub_answers(connection, some, at)
        _scrub_calls(connection, some, at)
    _scrub_written(connection, number)
    _scrub_what_waits(connection, number)
    connection.execute(delete(quarantine).where(quarantine.c.raw.contains(number[-_SIGNIFICANT:])))
    left = connection.scalars(select(calls.c.call_id).where(its)).all()
    return Erased(tuple(found), changed, len(left))


def _scrub_calls(connection: Connection, call_ids: Collection[str], at: datetime) -> None:
    nothing = {"caller": None, "caller_fingerprint": None, "callback_number": None}
    connection.execute(update(calls).where(calls.c.call_id.in_(call_ids)).values(nothing))
    waiting = (desk_tasks.c.call_id.in_(call_ids), desk_tasks.c.kind == "callback", desk_tasks.c.handled_at.is_(None))
    connection.execute(update(desk_tasks).where(*waiting).values(handled_at=at, handled_by=BY))
    stones = [{"call_id": call_id, "erased_at": at} for call_id in call_ids]
    connection.execute(insert_for(connection, tombstones).on_conflict_do_nothing(), stones)


def _scrub_answers(connection: Connection, call_ids: Collection[str], at: datetime) -> None:
    """Forget to whom ready answers were sent for these calls; one that has not left yet does not leave."""
    sent = connection.scalars(select(answer_uses.c.id).where(answer_uses.c.call_id.in_(call_ids))).all()
    nothing = {"recipient": None, "subject": None, "text": None, "done_at": func.coalesce(deliveries.c.done_at, at)}
    its = (deliveries.c.kind == str(Owed.ANSWER), deliveries.c.reference.in_([str(use) for use in sent]))
    connection.execute(update(deliveries).where(*its).values(nothing))
    connection.execute(update(answer_uses).where(answer_uses.c.id.in_(sent)).values(recipient=None))


def _scrub_facts(connection: Connection, call_ids: Collection[str], number: str) -> int:
    """How many facts of these calls held the number; the directory's numbers, of those who were rung, stay."""
    wanted = (facts.c.call.in_(call_ids), facts.c.kind != str(FactKind.RANG_RUNG))
    changed = 0
    for row in connection.execute(select(facts.c.id, facts.c.data).where(*wanted)).all():
        clean = json.dumps(_without(json.loads(row.data), number[-_SIGNIFICANT:]))
        if json.loads(clean) != json.loads(row.data):
            connection.execute(update(facts).where(facts.c.id == row.id).values(data=clean))
            changed += 1
    return changed


def _scrub_texts(connection: Connection, call_ids: Collection[str], number: str) -> None:
    """Take the number, however it is written, out of what people wrote about these calls."""
    written = _written(number)
    asked = connection.scalars(select(requests.c.id).where(requests.c.call_id.in_(call_ids))).all()
    for column in (qualifications.c.comment, qualification_history.c.comment):
        _scrub_column(connection, column, call_ids, written)
    _scrub_requests(connection, asked, written)


def _scrub_written(connection: Connection, number: str) -> None:
    """Take the number out of the requests that began with no call: nothing tells whose they are but their texts."""
    asked = connection.scalars(select(requests.c.id).where(requests.c.call_id.is_(None))).all()
    for start in range(0, len(asked), _AT_ONCE):
        _scrub_requests(connection, asked[start : start + _AT_ONCE], _written(number))


def _scrub_requests(connection: Connection, asked: Collection[int], written: re.Pattern[str]) -> None:
    for column in (
        requests.c.subject, requests.c.description, requests.c.result, request_events.c.text, request_events.c.data,
        tickets.c.title,
    ):  # fmt: skip
        _scrub_column(connection, column, asked, written)


def _scrub_what_waits(connection: Connection, number: str) -> None:
    """Take the number out of forms that wait or are kept for their authors, of mails that have not left, of reports."""
    written = _written(number)
    for forms in (kept_forms, filed_forms):
        for row in connection.execute(select(forms.c.id, forms.c.fields).where(forms.c.fields != "")).all():
            clean = json.dumps(_rewritten(json.loads(row.fields), written))
            if clean != row.fields:
                connection.execute(update(forms).where(forms.c.id == row.id).values(fields=clean))
    for column in (deliveries.c.text, article_report_voices.c.text, article_reports.c.result):
        table = column.table
        for row in connection.execute(select(table.c.id, column.label("text")).where(column != "")).all():
            clean = written.sub(ERASED, row.text)
            if clean != row.text:
                connection.execute(update(table).where(table.c.id == row.id).values({column.name: clean}))


def _written(number: str) -> re.Pattern[str]:
    """The number however it is written."""
    return re.compile(r"(?:(?:\+|00)\d{2,3}[\s.\-/()]*|0)?" + r"[\s.\-/]*".join(number[-_SIGNIFICANT:]))


def _scrub_column(connection: Connection, column: Any, its: Collection[Any], written: re.Pattern[str]) -> None:
    """Rewrite one column of the lines of these calls, or of these requests."""
    table = column.table
    owner = requests.c.id if table is requests else table.c.call_id if "call_id" in table.c else table.c.request_id
    key = list(table.primary_key)
    found = select(*key, column.label("text")).where(owner.in_(its), column != "")
    for *values, text in connection.execute(found).all():
        clean = (
            json.dumps(_rewritten(json.loads(text), written)) if column.name == "data" else written.sub(ERASED, text)
        )
        if clean != text:
            same = [one == value for one, value in zip(key, values, strict=True)]
            connection.execute(update(table).where(*same).values({column.name: clean}))


def _rewritten(value: Any, written: re.Pattern[str]) -> Any:
    """The value with the number taken out of each of its texts."""
    match value:
        case dict():
            return {name: _rewritten(one, written) for name, one in value.items()}
        case list():
            return [_rewritten(one, written) for one in value]
        case str():
            return written.sub(ERASED, value)
        case _:
            return value


def _without(value: Any, digits: str) -> Any:
    """The value with each text that holds the digits, however they are written, as null."""
    match value:
        case dict():
            return {name: _without(one, digits) for name, one in value.items()}
        case list():
            return [_without(one, digits) for one in value]
        case str() if digits in re.sub(r"[^0-9]", "", value):
            return None
        case _:
            return value
