"""Facts that are older than they are kept for are taken out; the rows of their calls, and so the figures, stay.

What a caller typed and said, and every number, stood in the facts: nothing of it is kept. A line in `archived_calls`
says that the call has no more facts, so that neither a late one nor a rebuilding touches its row.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, or_, select

from records.calls.ledger import lock_calls
from records.database import Engine, insert_for, reading, writing
from records.schema.ledger_tables import archived_calls
from records.schema.tables import facts

PORTION = 500
"""Facts looked at in one transaction, of some sixty calls: nobody who writes waits longer than for these."""


def months_before(at: datetime, months: int) -> datetime:
    """The same moment so many months ago, on the last day of a month that is too short."""
    year, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, calendar.monthrange(year, month + 1)[1]))


def archive(
    engine: Engine, *, before: datetime, at: datetime, between: Callable[[], None], portion: int = PORTION
) -> int:
    """Take out the facts of the calls of which nothing was heard since `before`, and return how many calls.

    Such a call is over: none lasts as long. `between` is called after each transaction, with nothing held.
    """
    archived, last = 0, None
    while old := _oldest(engine, before, last, portion):
        last = old[-1]
        with writing(engine) as connection:
            archived += _archive(connection, {one.call for one in old}, before, at)
        between()
    return archived


def archived_at(connection: Connection, call_id: str) -> datetime | None:
    """When the facts of a call were taken out, None when they were not."""
    return connection.scalar(select(archived_calls.c.archived_at).where(archived_calls.c.call_id == call_id))


def _oldest(engine: Engine, before: datetime, last: Row[Any] | None, portion: int) -> list[Row[Any]]:
    """The next facts from before that moment, the oldest first, after the last one that was looked at."""
    query = select(facts.c.id, facts.c.at, facts.c.call).where(facts.c.at < before)
    if last is not None:
        query = query.where(facts.c.at >= last.at, or_(facts.c.at > last.at, facts.c.id > last.id))  # by index
    with reading(engine) as connection:
        return list(connection.execute(query.order_by(facts.c.at, facts.c.id).limit(portion)))


def _archive(connection: Connection, call_ids: Collection[str], before: datetime, at: datetime) -> int:
    lock_calls(connection, call_ids)
    ages = select(facts.c.call, func.min(facts.c.at).label("first"), func.max(facts.c.at).label("last"))
    query = ages.where(facts.c.call.in_(call_ids)).group_by(facts.c.call)
    over = [
        {"call_id": one.call, "first_at": one.first, "archived_at": at}
        for one in connection.execute(query)
        if one.last < before
    ]
    if over:
        connection.execute(insert_for(connection, archived_calls).on_conflict_do_nothing(), over)
        connection.execute(delete(facts).where(facts.c.call.in_([one["call_id"] for one in over])))
    return len(over)
