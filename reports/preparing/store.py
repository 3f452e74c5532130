"""Prepared workbooks as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select, update

from records.schema.report_tables import prepared_workbooks as table
from reports.figures.periods import Period
from reports.preparing.prepared import Prepared

LONGEST_ERROR = 200
_unfinished = (table.c.ready_at.is_(None), table.c.failed_at.is_(None))


def _prepared(row: Any) -> Prepared:
    return Prepared(
        row.id, row.departement, Period(row.since, row.until), row.with_pivot, row.asked_by, row.asked_at, row.tries,
        row.started_at, row.rows_written, row.rows_expected, row.told_at, row.ready_at, row.file, row.bytes,
        row.failed_at, row.error,
    )  # fmt: skip


def add(
    connection: Connection, departement: str | None, period: Period, *, with_pivot: bool, by: str, at: datetime
) -> int:  # fmt: skip
    """Ask for a workbook; returns its number."""
    values = {
        "departement": departement, "since": period.since, "until": period.until, "with_pivot": with_pivot,
        "asked_by": by, "asked_at": at, "rows_written": 0, "tries": 0,
    }  # fmt: skip
    return int(connection.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())


def prepared_of(connection: Connection, by: str) -> list[Prepared]:
    """What this reader asked for, newest first."""
    query = select(table).where(table.c.asked_by == by).order_by(table.c.id.desc())
    return [_prepared(row) for row in connection.execute(query)]


def prepared(connection: Connection, number: int) -> Prepared | None:
    """One of them; None when it is gone."""
    row = connection.execute(select(table).where(table.c.id == number)).one_or_none()
    return None if row is None else _prepared(row)


def unfinished(connection: Connection) -> list[Prepared]:
    """Those neither ready nor failed, kept for whoever asks first until his transaction ends."""
    query = select(table).where(*_unfinished).order_by(table.c.id).with_for_update()
    return [_prepared(row) for row in connection.execute(query)]


def start(connection: Connection, number: int, at: datetime) -> None:
    """Somebody begins to write it, from its beginning."""
    values = {
        "started_at": at, "told_at": at, "rows_written": 0, "rows_expected": None, "tries": table.c.tries + 1
    }  # fmt: skip
    connection.execute(update(table).where(table.c.id == number, *_unfinished).values(**values))


def tell(
    connection: Connection, number: int, tries: int, at: datetime, *, written: int, expected: int | None
) -> bool:  # fmt: skip
    """A sign of life of the one who began it as try `tries`; False when it is no more his."""
    mine = update(table).where(table.c.id == number, table.c.tries == tries, *_unfinished)
    return bool(connection.execute(mine.values(told_at=at, rows_written=written, rows_expected=expected)).rowcount)


def finish(
    connection: Connection, number: int, tries: int, at: datetime, *, file: str, size: int, rows: int
) -> bool:  # fmt: skip
    """It is written; False when it is no more his who wrote it."""
    values = {"ready_at": at, "told_at": at, "file": file, "bytes": size, "rows_written": rows, "rows_expected": rows}
    mine = update(table).where(table.c.id == number, table.c.tries == tries, *_unfinished)
    return bool(connection.execute(mine.values(**values)).rowcount)


def fail(connection: Connection, number: int, at: datetime, error: str) -> None:
    """It will not be written; the French reason."""
    this = update(table).where(table.c.id == number, *_unfinished)
    connection.execute(this.values(failed_at=at, error=error[:LONGEST_ERROR]))


def forget_before(connection: Connection, moment: datetime) -> list[str]:
    """Forget those that were ready, or failed, before that moment; returns the names of their files."""
    return _forget(connection, or_(table.c.ready_at < moment, table.c.failed_at < moment))


def forget_with_numbers(connection: Connection) -> list[str]:
    """Forget the ready workbooks of départements, and take those that are being written from their writers.

    They have whole telephone numbers in them, France's has none. Returns the names of the files.
    """
    away = {"started_at": None, "told_at": None, "tries": table.c.tries + 1}
    connection.execute(
        update(table)
        .where(table.c.departement.is_not(None), table.c.started_at.is_not(None), *_unfinished)
        .values(away)
    )
    return _forget(connection, and_(table.c.departement.is_not(None), table.c.ready_at.is_not(None)))


def _forget(connection: Connection, which: ColumnElement[bool]) -> list[str]:
    gone = connection.scalars(delete(table).where(which).returning(table.c.file))
    return [name for name in gone if name]


def files(connection: Connection) -> set[str]:
    """The names of the files that somebody may still take."""
    return set(connection.scalars(select(table.c.file).where(table.c.file.is_not(None))))


def take_your_time(connection: Connection) -> None:
    """No limit for this transaction: it reads calls for as long as a workbook is written."""
    if connection.dialect.name == "postgresql":
        for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
            connection.exec_driver_sql(f"SET LOCAL {limit} = 0")
