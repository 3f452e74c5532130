"""The trail: who did or saw what, about which call, account or setting, and when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert

from records.schema.desk_tables import audit

LONGEST_REFERENCE = 200


def note(connection: Connection, *, by: str, what: str, reference: str, at: datetime) -> None:
    """Add a line to the trail: who did or saw what, about which call or account."""
    connection.execute(insert(audit).values(at=at, by=by, what=what, reference=reference[:LONGEST_REFERENCE]))
