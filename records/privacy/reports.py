"""The report of each night: how much of each line of the table of retention went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from records.schema.privacy_tables import retention_runs

KEPT_FOR = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class RetentionRun:
    """One line of one night."""

    line: str
    before: datetime
    done: int
    at: datetime


def keep_run(connection: Connection, line: str, before: datetime, done: int, at: datetime) -> None:
    """Add one line of a night to the report, and forget nights of long ago; it names nobody."""
    connection.execute(insert(retention_runs).values(line=line, before=before, done=done, at=at))
    connection.execute(delete(retention_runs).where(retention_runs.c.at < at - KEPT_FOR))


def runs(connection: Connection, limit: int) -> list[RetentionRun]:
    """The last lines, newest first."""
    columns = [retention_runs.c[name] for name in RetentionRun.__dataclass_fields__]
    query = select(*columns).order_by(retention_runs.c.at.desc(), retention_runs.c.id).limit(limit)
    return [RetentionRun(*row) for row in connection.execute(query)]
