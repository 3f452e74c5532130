"""The treated calls of a scope one by one, with the qualification they carry: what a workbook lists."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, select

from records.counting.figures import within
from records.counting.rows import BY_TELEPHONE, is_treated
from records.counting.tally import Scope
from records.schema.desk_tables import qualifications
from records.schema.tables import calls

CHUNK = 2_000
"""Rows held in memory at once."""
IDS_AT_ONCE = 500


class TreatedCall(NamedTuple):
    """A call of `nombre_appels`; the wordings are None when it is not qualified."""

    call_id: str
    caller: str | None
    departement: str | None
    day: date
    talk_seconds: int | None
    source: str
    thematique: str | None
    motif: str | None
    sous_motif: str | None
    niveau: str | None
    resolved: bool | None
    escalated: bool | None

    @property
    def by_telephone(self) -> bool:
        """Whether the operator gave its number, day and duration."""
        return self.source in BY_TELEPHONE


def _treated() -> Select[Any]:
    c, q = calls.c, qualifications.c
    query: Select[Any] = select(
        c.call_id, c.caller, c.departement, c.local_date, c.talk_seconds, c.source,
        q.thematique, q.motif, q.sous_motif, q.niveau, q.resolved, q.escalated,
    )  # fmt: skip
    return query.select_from(calls.outerjoin(qualifications, q.call_id == c.call_id)).where(is_treated)


def treated_calls(connection: Connection, scope: Scope) -> Iterator[TreatedCall]:
    """The treated calls of a scope by local day, a few thousand at a time."""
    query = _treated().where(*within(scope)).order_by(calls.c.local_date, calls.c.started_at, calls.c.call_id)
    for row in connection.execute(query, execution_options={"yield_per": CHUNK}):
        yield TreatedCall(*row)


def treated_by_id(connection: Connection, ids: Collection[str]) -> dict[str, TreatedCall]:
    """The treated calls among these ids."""
    wanted = sorted(ids)
    found = {}
    for start in range(0, len(wanted), IDS_AT_ONCE):
        query = _treated().where(calls.c.call_id.in_(wanted[start : start + IDS_AT_ONCE]))
        found.update({row[0]: TreatedCall(*row) for row in connection.execute(query)})
    return found


def known_ids(connection: Connection, ids: Collection[str]) -> set[str]:
    """Those of these ids that any call has."""
    wanted = sorted(ids)
    found: set[str] = set()
    for start in range(0, len(wanted), IDS_AT_ONCE):
        piece = select(calls.c.call_id).where(calls.c.call_id.in_(wanted[start : start + IDS_AT_ONCE]))
        found.update(connection.scalars(piece))
    return found
