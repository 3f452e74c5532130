"""The tables that every machine reads: files kept in the database, what is remembered of callers."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, PrimaryKeyConstraint, String, Table

from records.schema.tables import Id, Moment, metadata

stored_files = Table(
    "stored_files",
    metadata,
    Column("area", String(16), nullable=False),
    Column("name", String(200), nullable=False),
    Column("put_at", Moment, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
    PrimaryKeyConstraint("area", "name"),
)
"""Files kept in the database (AUDIO_STORE=database): messages, recordings that callers hear, attachments."""

remembered_lines = Table(
    "remembered_lines",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(80), nullable=False, unique=True),
    Column("fingerprint", String(40)),
    Column("line", String(400), nullable=False),
    Column("until", BigInteger, nullable=False),
    Index(None, "fingerprint"),
    Index(None, "until"),
    sqlite_autoincrement=True,
)
"""What each machine learnt of callers, one line of its file each (`ivr/memory/callers.py`), no number among them.

A line that changes is written anew under a greater `id`, and ids are given one writer at a time: whoever has read up to
one has missed none. `until` (epoch seconds): when the line counts no more.
"""
