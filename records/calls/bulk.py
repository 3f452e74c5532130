"""Writing many calls at once: imports and demonstration data. These rows have no facts; folding never touches them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, insert, select, update

from records.facts import Outcome, Source
from records.schema.desk_tables import qualification_history, qualifications
from records.schema.tables import calls, desk_tasks

CHUNK = 5_000
CALL_COLUMNS: tuple[str, ...] = tuple(column.name for column in calls.columns)
QUALIFICATION_COLUMNS: tuple[str, ...] = tuple(column.name for column in qualifications.columns)
Row = Mapping[str, Any]


def write_calls(connection: Connection, rows: Iterable[tuple[Row, Row | None]]) -> int:
    """Insert calls, each with its qualification or None, and return how many. Columns that are not named stay empty."""
    written, source = 0, iter(rows)
    while chunk := list(islice(source, CHUNK)):
        _insert(connection, calls, CALL_COLUMNS, (_full(call, CALL_COLUMNS) for call, _ in chunk))
        qualified = [
            _full({**row, "call_id": call["call_id"]}, QUALIFICATION_COLUMNS) for call, row in chunk if row is not None
        ]
        for table in (qualifications, qualification_history):
            _insert(connection, table, QUALIFICATION_COLUMNS, iter(qualified))
        written += len(chunk)
    return written


def write_callbacks_made(connection: Connection, made: Iterable[Row]) -> None:
    """Insert callbacks that were made: `call_id`, `departement`, `created_at`, `handled_at`, `handled_by`."""
    source = iter(made)
    while chunk := [{**row, "kind": str(Outcome.CALLBACK)} for row in islice(source, CHUNK)]:
        connection.execute(insert(desk_tasks), chunk)


def qualification_row(
    wording: tuple[str, str, str], niveau: str, *, resolved: bool | None, escalated: bool | None, by: str, at: datetime
) -> dict[str, Any]:
    """A qualification as its table keeps it."""
    thematique, motif, sous_motif = wording
    return {
        "thematique": thematique, "motif": motif, "sous_motif": sous_motif, "niveau": niveau,
        "resolved": resolved, "escalated": escalated, "by": by, "at": at,
    }  # fmt: skip


def _full(row: Row, names: tuple[str, ...]) -> dict[str, Any]:
    defaults: dict[str, Any] = {"attempts": "[]", "callback_confirmed": False, "version": 1, "comment": ""}
    return {name: row.get(name, defaults.get(name)) for name in names}


def _insert(connection: Connection, table: Any, names: tuple[str, ...], rows: Iterator[dict[str, Any]]) -> None:
    if connection.dialect.name == "postgresql":
        _copy(connection, table.name, names, rows)
        return
    chunk = list(rows)
    if chunk:
        connection.execute(insert(table), chunk)


def _copy(connection: Connection, table: str, names: tuple[str, ...], rows: Iterator[dict[str, Any]]) -> None:
    """PostgreSQL's COPY, several times faster than INSERT."""
    quoted = ", ".join(f'"{name}"' for name in names)
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(f"COPY {table} ({quoted}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(tuple(row.values()))


def correct_call(connection: Connection, call_id: str, values: Row) -> None:
    """Change the number, the day or the duration of a call that was entered by hand or imported."""
    by_hand = calls.c.source.in_((Source.MANUAL, Source.IMPORT))
    connection.execute(update(calls).where(calls.c.call_id == call_id, by_hand).values(**values))


def requalify(connection: Connection, call_id: str, qualification: Row) -> None:
    """Give a call a new version of its qualification, its comment kept; every version stays in the history."""
    same = qualifications.c.call_id == call_id
    kept = connection.execute(select(qualifications.c.version, qualifications.c.comment).where(same)).one_or_none()
    version, comment = (kept.version + 1, kept.comment) if kept else (1, "")
    row = {**qualification, "call_id": call_id, "version": version, "comment": comment}
    if kept:
        connection.execute(update(qualifications).where(same).values(**row))
    else:
        connection.execute(insert(qualifications).values(**row))
    connection.execute(insert(qualification_history).values(**row))
