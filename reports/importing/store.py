"""Imports made, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, and_, insert, select

from records.schema.desk_tables import qualification_history, qualifications
from records.schema.report_tables import import_batches
from records.schema.tables import tombstones

IDS_AT_ONCE = 500
_LOCK = 20_261_126
"""The advisory lock of whoever writes an import."""


def take_turn(connection: Connection) -> None:
    """Wait until no other import is being written: each is compared with what the one before it left.

    Without it the second of two clicks on « Accepter » fails on PostgreSQL; SQLite has one writer anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


def keep_import(connection: Connection, values: Mapping[str, Any]) -> None:
    """Note who imported which file, when, and what came of it."""
    connection.execute(insert(import_batches).values(**values))


def imports_of(connection: Connection, departement: str) -> list[dict[str, Any]]:
    """The last imports of a département, newest first."""
    query = select(import_batches).where(import_batches.c.departement == departement)
    return [dict(r) for r in connection.execute(query.order_by(import_batches.c.id.desc()).limit(20)).mappings()]


def erased_ids(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Those of these calls that were erased on request."""
    query = select(tombstones.c.call_id)
    return {
        call_id
        for piece in _pieces(ids)
        for call_id in connection.scalars(query.where(tombstones.c.call_id.in_(piece)))
    }


def said_by_imports(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Those of these calls whose qualification was written by an import: by the same person at the same moment."""
    q, b = qualifications.c, import_batches.c
    query = select(q.call_id).select_from(qualifications.join(import_batches, and_(q.by == b.by, q.at == b.at)))
    return {call_id for piece in _pieces(ids) for call_id in connection.scalars(query.where(q.call_id.in_(piece)))}


def earlier_qualifications(connection: Connection, ids: Iterable[str]) -> dict[str, set[tuple[object, ...]]]:
    """What was said of these calls before what they carry now: thématique, motif, sous-motif, level, both answers."""
    h, q = qualification_history.c, qualifications.c
    query = (
        select(h.call_id, h.thematique, h.motif, h.sous_motif, h.niveau, h.resolved, h.escalated)
        .select_from(qualification_history.join(qualifications, h.call_id == q.call_id))
        .where(h.version < q.version)
    )
    found: dict[str, set[tuple[object, ...]]] = {}
    for piece in _pieces(ids):
        for call_id, *said in connection.execute(query.where(h.call_id.in_(piece))):
            found.setdefault(call_id, set()).add(tuple(said))
    return found


def _pieces(ids: Iterable[str]) -> Iterator[list[str]]:
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), IDS_AT_ONCE):
        yield wanted[start : start + IDS_AT_ONCE]
