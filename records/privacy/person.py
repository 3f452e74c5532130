"""All that the tables know of a number."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, or_, select

from records.privacy.finding import calls_of, directories_with, texts_with
from records.privacy.written import written
from records.schema.desk_tables import answer_uses, audit, desk_marks, qualification_history, qualifications
from records.schema.request_tables import requests
from records.schema.tables import calls, deliveries, desk_tasks, facts

_AT_ONCE = 500


def known_of(connection: Connection, number: str, fingerprint: str) -> dict[str, list[dict[str, Any]]]:
    """Of an E.164 number: its calls with their facts and what was said of them, and every text in which it stands."""
    sought = written(number)
    ids = calls_of(connection, sought, fingerprint)
    told = [f"{kind}:{call_id}" for call_id in ids for kind in ("message", "callback")]
    uses = _rows(connection, answer_uses, answer_uses.c.call_id, ids)
    texts = [*texts_with(connection, sought), *directories_with(connection, sought)]
    return {
        "calls": _rows(connection, calls, calls.c.call_id, ids),
        "facts": [row | {"data": json.loads(row["data"])} for row in _rows(connection, facts, facts.c.call, ids)],
        "qualifications": _rows(connection, qualifications, qualifications.c.call_id, ids),
        "qualification_history": _rows(connection, qualification_history, qualification_history.c.call_id, ids),
        "tasks": _rows(connection, desk_tasks, desk_tasks.c.call_id, ids),
        "marks": _rows(connection, desk_marks, desk_marks.c.reference, ids),
        "requests": _unique(
            _rows(connection, requests, requests.c.call_id, ids)
            + _rows(connection, requests, requests.c.linked_call_id, ids)
            + _rows(connection, requests, requests.c.id, [
                one.key[0] for one in texts if one.column.table == "requests"
            ])
        ),
        "answers": uses,
        "mails": [
            *_rows(connection, deliveries, deliveries.c.reference, told),
            *(row for row in _rows(connection, deliveries, deliveries.c.reference, [str(use["id"]) for use in uses])
              if row["kind"] == "answer"),
        ],
        "texts": [
            {
                "table": one.column.table, "column": one.column.name, "line": one.column.line, "key": list(one.key),
                "text": one.text if one.column.table != "directory_versions" else _its_lines(one.text, sought.is_in),
            }
            for one in texts
        ],
        "audit": _audit(connection, ids),
    }  # fmt: skip


def _its_lines(text: str, is_in: Callable[[str], bool]) -> str:
    """Of a directory the lines that name the number: the others are other people's."""
    return "\n".join(line for line in text.splitlines() if is_in(line))


def _rows(connection: Connection, table: Table, column: Any, values: Sequence[Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for start in range(0, len(values), _AT_ONCE):
        query = select(table).where(column.in_(values[start : start + _AT_ONCE])).order_by(*table.primary_key)
        found += [dict(row) for row in connection.execute(query).mappings()]
    return found


def _unique(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({row["id"]: row for row in rows}.values())


def _audit(connection: Connection, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Who saw these calls' number or heard their message."""
    found: list[dict[str, Any]] = []
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        named = or_(audit.c.reference.in_(some), audit.c.reference.in_([f"message:{one}" for one in some]))
        found += [dict(row) for row in connection.execute(select(audit).where(named).order_by(audit.c.id)).mappings()]
    return found
