"""What level 2 says of a call that it was asked about: a new version of the call's qualification (decision 55)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from records.schema.desk_tables import qualification_history, qualifications
from records.wording import Wording

KEPT = ("call_id", "thematique", "motif", "sous_motif", "niveau", "resolved", "escalated", "comment")


def restate(
    connection: Connection,
    call_id: str | None,
    *,
    by: str,
    at: datetime,
    solved: bool | None = None,
    wording: Wording | None = None,
    niveau: str | None = None,
) -> bool:
    """Whether a new version was written: the qualification with what is given changed, the rest as it stands.

    A call that nobody qualified, or that says so already, gets none.
    """
    if call_id is None:
        return False
    query = select(qualifications).where(qualifications.c.call_id == call_id).with_for_update()
    row = connection.execute(query).mappings().first()
    if row is None:
        return False
    before = {name: row[name] for name in KEPT}
    told: dict[str, Any] = {"resolved": solved, "niveau": niveau, **(wording._asdict() if wording else {})}
    after = before | {name: value for name, value in told.items() if value is not None}
    if after == before:
        return False
    after |= {"version": row["version"] + 1, "by": by, "at": at}
    connection.execute(update(qualifications).where(qualifications.c.call_id == call_id).values(**after))
    connection.execute(insert(qualification_history).values(**after))
    return True
