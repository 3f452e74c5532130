"""What the ledger keeps beside facts and rows: calls to fold, calls whose facts were taken out, who may write here."""

from __future__ import annotations

from sqlalchemy import Column, String, Table

from records.schema.tables import Id, Moment, metadata

told_calls = Table(
    "told_calls",
    metadata,
    Column("id", Id, primary_key=True),
    Column("call_id", String(64), nullable=False),
)
"""Calls of which a webhook told the database first (`WRITE_FIRST=database`) and whose rows the clerk has still to fold.

A line is added, never changed: whoever tells waits for nobody.
"""

archived_calls = Table(
    "archived_calls",
    metadata,
    Column("call_id", String(64), primary_key=True),
    Column("first_at", Moment, nullable=False),
    Column("archived_at", Moment, nullable=False),
)
"""Calls whose facts were taken out after `FACTS_MONTHS`: the row stays as it is, nothing folds it again.

`first_at`: when the first of its facts was known, which a closed survey still asks (decision 79).
"""

schema_floor = Table(
    "schema_floor",
    metadata,
    Column("oldest", String(8), primary_key=True),
)
"""One line: the oldest revision whose code may still write here. A migration that takes something away raises it."""
