"""The table of alerts: what the team was told of, so that each is told once when it begins and once when it is over."""

from __future__ import annotations

from sqlalchemy import Column, String, Table, Text

from records.schema.tables import Moment, metadata

alerts = Table(
    "alerts",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("about", String(120), nullable=False),
    Column("told", Text, nullable=False),
    Column("to_do", Text, nullable=False),
    Column("began_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("ended_at", Moment),
)
"""One row for each thing that may be wrong; `about` is a telephone number (E.164), a machine or a job, or empty.

`seen_at`: when somebody last saw it so. Open without `ended_at`.
"""
