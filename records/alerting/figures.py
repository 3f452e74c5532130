"""What the watch asks the database: how far the journal was moved, what happened to calls, which mails wait."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, and_, case, func, select

from records.calls.rows import FOLDED_SOURCES
from records.facts import Outcome
from records.schema.job_tables import job_runs
from records.schema.tables import calls, deliveries, journal_offsets

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TRIED = 3
"""Tries after which a mail that does not leave is no accident."""

WAITED = timedelta(minutes=10)

Counts = list[list[str | int]]
"""Values of labels, then a number."""


@dataclass(frozen=True, slots=True)
class MailsOwed:
    """Mails that wait, by kind: how many, and how many of them no server has taken so far; since when."""

    waiting: Counts
    failing: Counts
    oldest: datetime | None
    oldest_failing: datetime | None
    why: str


def hurry(connection: Connection, seconds: float) -> None:
    """Give up whatever this transaction asks for longer than that (PostgreSQL; SQLite waits for nobody to read)."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {round(seconds * 1000)}")


def offsets(connection: Connection) -> dict[str, int]:
    """By journal file, how many bytes of it are in the database."""
    return {row.file: row.offset for row in connection.execute(select(journal_offsets))}


def calls_by_desk(connection: Connection, first: date | None = None, before: date | None = None) -> Counts:
    """Outcome, département (empty: none), number of the calls that are over, of those days or of all."""
    wanted = [calls.c.source.in_(FOLDED_SOURCES), calls.c.outcome != str(Outcome.IN_PROGRESS)]
    wanted += [calls.c.local_date >= first] if first else []
    wanted += [calls.c.local_date < before] if before else []
    found = select(calls.c.outcome, calls.c.departement, func.count()).where(*wanted)
    rows = connection.execute(found.group_by(calls.c.outcome, calls.c.departement))
    return [[outcome, departement or "", number] for outcome, departement, number in rows]


def calls_in_progress(connection: Connection, at: datetime) -> int:
    """Calls of the last day that have begun and not ended."""
    wanted = (calls.c.started_at > at - DAY, calls.c.outcome == str(Outcome.IN_PROGRESS))
    return connection.scalar(select(func.count()).select_from(calls).where(*wanted)) or 0


def legs_of_the_last_hour(connection: Connection, at: datetime) -> Counts:
    """Result, number of the telephones rung in the calls of the last hour."""
    wanted = (calls.c.started_at > at - HOUR, calls.c.attempts != "[]")
    told = connection.scalars(select(calls.c.attempts).where(*wanted))
    found = Counter(leg["result"] for attempts in told for leg in json.loads(attempts) if leg["result"])
    return [[result, number] for result, number in sorted(found.items())]


def last_job_done(connection: Connection) -> datetime | None:
    """When any machine last did a piece of scheduled work."""
    last: datetime | None = connection.scalar(select(func.max(job_runs.c.done_at)))
    return last


def mails_owed(connection: Connection, at: datetime) -> MailsOwed:
    """The mails of the outbox that have not left."""
    waits = (deliveries.c.recipient.isnot(None), deliveries.c.done_at.is_(None))
    fails = and_(
        deliveries.c.error.isnot(None), deliveries.c.tries >= TRIED, deliveries.c.created_at <= at - WAITED
    )  # fmt: skip
    found = select(
        deliveries.c.kind, func.count().label("number"), func.sum(case((fails, 1), else_=0)).label("failing"),
        func.min(deliveries.c.created_at).label("oldest"),
        func.min(case((fails, deliveries.c.created_at))).label("oldest_failing"),
    ).where(*waits).group_by(deliveries.c.kind).order_by(deliveries.c.kind)  # fmt: skip
    rows = connection.execute(found).all()
    last = select(deliveries.c.error).where(*waits, fails).order_by(deliveries.c.created_at.desc()).limit(1)
    return MailsOwed(
        [[row.kind, row.number] for row in rows],
        [[row.kind, int(row.failing)] for row in rows if row.failing],
        min((row.oldest for row in rows), default=None),
        min((row.oldest_failing for row in rows if row.oldest_failing), default=None),
        str(connection.scalar(last) or ""),
    )
