"""How often something was asked for: lines under keyed fingerprints, so that nobody is flooded through us."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from records.schema.written_tables import form_attempts


def count_attempt(connection: Connection, at_most: Mapping[str, int], since: datetime, at: datetime) -> bool:
    """Count one more in each of these buckets; False, and nothing is counted, when one was full since then."""
    table = form_attempts.c
    for bucket, most in at_most.items():
        asked = select(func.count()).where(table.bucket == bucket, table.at > since)
        if connection.execute(asked).scalar_one() >= most:
            return False
    connection.execute(insert(form_attempts), [{"bucket": bucket, "at": at} for bucket in at_most])
    return True
