"""The tables of scheduled and heavy work: which machine did what is due, and what people asked for and wait for."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, String, Table, Text

from records.schema.tables import Id, Moment, metadata

job_runs = Table(
    "job_runs",
    metadata,
    Column("job", String(80), nullable=False),
    Column("slot", Moment, nullable=False),
    Column("holder", String(120), nullable=False),
    Column("leased_until", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("done_at", Moment),
    Column("failed", Boolean, nullable=False),
    Column("news", Text),
    PrimaryKeyConstraint("job", "slot"),
)
"""A due time (`slot`) of a scheduled job, taken by one process of all machines (`holder`) until its lease ends; `news`
is JSON, what the run tells `/health`."""

heavy_work = Table(
    "heavy_work",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("account", String(254), nullable=False),
    Column("parameters", Text, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("state", String(10), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("holder", String(120)),
    Column("leased_until", Moment),
    Column("started_at", Moment),
    Column("progress", Integer, nullable=False),
    Column("total", Integer),
    Column("ended_at", Moment),
    Column("result", Text),
    Column("size", Id),
    Column("error", Text),
    Index(None, "state"),
    Index(None, "account"),
)
"""Work that takes more than a moment: asked for by an account, done by the heavy process of one machine (`holder`),
whose lease tells whether it lives. `parameters` and `result` are JSON, by kind; `size` is that of the result's file."""

heavy_files = Table(
    "heavy_files",
    metadata,
    Column("work", Id, nullable=False),
    Column("role", String(10), nullable=False),
    Column("piece", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    PrimaryKeyConstraint("work", "role", "piece"),
)
"""The files of heavy work, in pieces: what was sent (`sent`) and what was made (`made`), so that any machine may take
the work up and any may give its result."""
