"""Imports made, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, insert, select

from records.schema.report_tables import import_batches
from records.schema.tables import tombstones

IDS_AT_ONCE = 500


def keep_import(connection: Connection, values: Mapping[str, Any]) -> None:
    """Note who imported which file, when, and what came of it."""
    connection.execute(insert(import_batches).values(**values))


def imports_of(connection: Connection, departement: str) -> list[dict[str, Any]]:
    """The last imports of a département, newest first."""
    query = select(import_batches).where(import_batches.c.departement == departement)
    return [dict(r) for r in connection.execute(query.order_by(import_batches.c.id.desc()).limit(20)).mappings()]


def erased_ids(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Those of these calls that were erased on request."""
    wanted, found = sorted(set(ids)), set[str]()
    for start in range(0, len(wanted), IDS_AT_ONCE):
        piece = wanted[start : start + IDS_AT_ONCE]
        found.update(connection.scalars(select(tombstones.c.call_id).where(tombstones.c.call_id.in_(piece))))
    return found
