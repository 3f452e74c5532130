"""Due times of scheduled jobs as rows: taken, kept alive, ended, forgotten."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select, text, tuple_, update

from records.schema.job_tables import job_runs as table
from records.working.turns import LEASE, DueTurn, Run, is_of_the_future, turn


def moment(connection: Connection, ours: datetime) -> datetime:
    """The moment by which all machines agree what is due: the database's; `ours` where it has no clock of its own."""
    if connection.dialect.name != "postgresql":
        return ours
    found: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return found


def take(
    connection: Connection, job: str, slot: datetime, holder: str, now: datetime, *, is_daily: bool, keep: timedelta
) -> DueTurn:
    """Take the due time for this holder if it is his turn; rows of the job that are older than `keep` are forgotten."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(hashtext(:job), 12)"), {"job": job})
    runs = [_run(row) for row in connection.execute(select(table).where(table.c.job == job))]
    found = turn(runs, slot, now, is_daily=is_daily)
    if found is DueTurn.NOT_OURS:
        return found
    gone = [run.slot for run in runs if is_of_the_future(run, now) or (run.slot < now - keep and run.slot != slot)]
    if gone:
        connection.execute(delete(table).where(table.c.job == job, table.c.slot.in_(gone)))
    values: dict[str, Any] = {
        "holder": holder, "leased_until": now + LEASE, "started_at": now, "failed": found is DueTurn.GIVEN_UP,
        "done_at": None if found is DueTurn.OURS else now,
    }  # fmt: skip
    if any(run.slot == slot for run in runs):
        again = update(table).where(table.c.job == job, table.c.slot == slot)
        connection.execute(again.values(**values, tries=table.c.tries + 1))
    else:
        connection.execute(insert(table).values(job=job, slot=slot, tries=1, **values))
    return found


def renew(connection: Connection, mine: Iterable[tuple[str, datetime]], holder: str, now: datetime) -> None:
    """A sign of life of this holder for the due times that he is at work on."""
    which = tuple_(table.c.job, table.c.slot).in_(list(mine))
    alive = update(table).where(table.c.holder == holder, table.c.done_at.is_(None), which)
    connection.execute(alive.values(leased_until=now + LEASE))


def end(
    connection: Connection, job: str, slot: datetime, holder: str, now: datetime, *, failed: bool, news: str | None
) -> None:
    """It is done, or failed; nothing when somebody else has it by now."""
    this = update(table).where(table.c.job == job, table.c.slot == slot, table.c.holder == holder)
    connection.execute(this.values(done_at=now, failed=failed, news=news))


def latest(connection: Connection) -> list[Run]:
    """Of each job the last due time that ended, and those that did not."""
    last = select(table.c.job, func.max(table.c.slot).label("slot")).where(table.c.done_at.is_not(None))
    newest = last.group_by(table.c.job).subquery()
    joined = select(table).join(newest, and_(table.c.job == newest.c.job, table.c.slot == newest.c.slot))
    under_way = select(table).where(table.c.done_at.is_(None))
    return [_run(row) for query in (joined, under_way) for row in connection.execute(query)]


def forget_others(connection: Connection, known: Iterable[str], before: datetime) -> None:
    """Forget the old rows of jobs that are no longer any."""
    connection.execute(delete(table).where(table.c.job.not_in(list(known)), table.c.slot < before))


def _run(row: Any) -> Run:
    return Run(row.job, row.slot, row.holder, row.leased_until, row.tries, row.done_at, row.failed, row.news)
