"""The tables of privacy: erased numbers, the machines that have forgotten them, how far each period was applied."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table

from records.schema.tables import Id, Moment, metadata

erased_numbers = Table(
    "erased_numbers",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("erased_at", Moment, nullable=False),
    Index(None, "erased_at"),
)
"""A keyed fingerprint (the secret key's) of each number that was erased, and when last: what it did before stays erased
whatever brings it back; a later call is a new one."""

forgetting_machines = Table(
    "forgetting_machines",
    metadata,
    Column("machine", String(200), primary_key=True),
    Column("seen_at", Moment, nullable=False),
    Column("forgot_until", Moment),
)
"""Each machine of the house: when its clerk was last there, and up to which erasure its own files have forgotten."""

retention_marks = Table(
    "retention_marks",
    metadata,
    Column("line", String(40), primary_key=True),
    Column("until", Moment, nullable=False),
)
"""Up to which moment a period of the table of retention was applied to what is only ever added."""

retention_runs = Table(
    "retention_runs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("line", String(40), nullable=False),
    Column("before", Moment, nullable=False),
    Column("done", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "at"),
)
"""The report: how much of each line of the table of retention was older than `before` and went, each night."""
