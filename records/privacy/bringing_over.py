"""A backup is put back: what was erased since it was made is erased from it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, inspect, select

from records.database import insert_for
from records.privacy.erased import all_erased, keep_all_erased
from records.schema.privacy_tables import erased_numbers
from records.schema.tables import tombstones


@dataclass(frozen=True, slots=True)
class Gone:
    """What a database knows of erased callers: their calls, and their fingerprints with when each was erased."""

    stones: dict[str, datetime]
    fingerprints: dict[str, datetime]


def gone_from(connection: Connection) -> Gone:
    """What this database knows; a table that it does not have yet holds nothing."""
    there = set(inspect(connection).get_table_names())
    stones = connection.execute(select(tombstones)).all() if tombstones.name in there else ()
    known = all_erased(connection) if erased_numbers.name in there else {}
    return Gone({row.call_id: row.erased_at for row in stones}, known)


def bring_over(connection: Connection, gone: Gone) -> None:
    """Let this database know it too, before a journal is replayed into it."""
    stones = [{"call_id": call_id, "erased_at": at} for call_id, at in gone.stones.items()]
    if stones:
        connection.execute(insert_for(connection, tombstones).on_conflict_do_nothing(), stones)
    keep_all_erased(connection, gone.fingerprints)
