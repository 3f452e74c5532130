"""What machines tell each other of callers, as rows: the lines of their files, no number among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, text

from records.schema.audio_tables import remembered_lines as table

_LOCK = 806_000_157
"""The advisory lock of all who write lines: ids are given in the order in which transactions end."""

AT_ONCE = 500
_ONE_DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class ToldLine:
    """One line: what it is about (`key`), whose it is, its text, and when it counts no more (epoch seconds)."""

    key: str
    fingerprint: str | None
    line: str
    until: int


def tell(connection: Connection, lines: Iterable[ToldLine]) -> None:
    """Write these lines; one takes the place of an earlier one of the same key, and is read after all others."""
    newest = list({one.key: one for one in lines}.values())
    _alone(connection)
    for start in range(0, len(newest), AT_ONCE):
        some = newest[start : start + AT_ONCE]
        connection.execute(delete(table).where(table.c.key.in_([one.key for one in some])))
        rows = [{"key": one.key, "fingerprint": one.fingerprint, "line": one.line, "until": one.until} for one in some]
        connection.execute(insert(table), rows)


def told_after(connection: Connection, seen: int, at_most: int = 5000) -> Sequence[tuple[int, str]]:
    """The lines after that number, in the order in which they count."""
    query = select(table.c.id, table.c.line).where(table.c.id > seen).order_by(table.c.id).limit(at_most)
    return [(row.id, row.line) for row in connection.execute(query)]


def newest(connection: Connection) -> int:
    """The number of the last line, 0 when there is none."""
    return connection.scalar(select(func.max(table.c.id))) or 0


def forget(connection: Connection, fingerprint: str, stone: ToldLine) -> bool:
    """Take away all lines of a fingerprint and leave a stone that tells every machine; whether there were any."""
    _alone(connection)
    gone = connection.execute(delete(table).where(table.c.fingerprint == fingerprint)).rowcount
    tell(connection, [stone])
    return bool(gone)


def forget_old(connection: Connection, now: int, last_calls: int) -> int:
    """Take away what counts no more, and of each caller the calls of days ago beyond the last ones; how many went."""
    _alone(connection)
    over = connection.execute(delete(table).where(table.c.until < now)).rowcount
    place = func.row_number().over(partition_by=table.c.fingerprint, order_by=(table.c.until.desc(), table.c.id.desc()))
    of_calls = select(table.c.id, table.c.until, place.label("place")).where(table.c.key.like("c:%")).subquery()
    beyond = select(of_calls.c.id).where(of_calls.c.place > last_calls)
    young = select(func.max(table.c.until)).scalar_subquery() - _ONE_DAY
    more = connection.execute(delete(table).where(table.c.id.in_(beyond), table.c.until < young)).rowcount
    return int(over + more)


def _alone(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
