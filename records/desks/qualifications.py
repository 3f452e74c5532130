"""What was said about calls: read by every room, as `calls list --json` gives it (docs/contract.md#a-call)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, select

from records.desks.statut import Solved, show_statut
from records.schema.desk_tables import qualifications
from records.schema.request_tables import requests

IDS_AT_ONCE = 500


def qualifications_of(connection: Connection, call_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """The qualification of each of these calls that has one, in the contract's words; `at` is ISO 8601, UTC."""
    wanted = sorted(set(call_ids))
    query = select(qualifications, requests.c.closed_at).join_from(
        qualifications, requests, requests.c.call_id == qualifications.c.call_id, isouter=True
    )
    found = {}
    for start in range(0, len(wanted), IDS_AT_ONCE):
        some = query.where(qualifications.c.call_id.in_(wanted[start : start + IDS_AT_ONCE]))
        found.update({row.call_id: _to_json(row) for row in connection.execute(some)})
    return found


def _to_json(row: Any) -> dict[str, Any]:
    solved = Solved(row.resolved, row.escalated)
    return {
        "thematique": row.thematique,
        "motif": row.motif,
        "sous_motif": row.sous_motif,
        "niveau": row.niveau,
        "statut": show_statut(solved, level_2_closed=row.closed_at is not None),
        "resolved": row.resolved,
        "escalated": row.escalated,
        "comment": row.comment,
        "by": row.by,
        "at": row.at.isoformat(),
    }
