"""The tables of sums: what the calls of a day or a month add up to, and which of these sums no longer hold.

Triggers of the database mark a day whenever a call, its qualification or its task changes, whoever changes it; they are
written in migration 0009. SQLite forgets the triggers of a table that a later migration rebuilds: such a migration
writes them again (`svi sums check` names those that are missing).
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from records.schema.tables import Id, metadata

FRANCE = "fr"
"""The code of the sums of every call of a day or a month; that of calls without a département is empty."""
DAY, MONTH = "d", "m"

TRIGGERS = tuple(
    f"{table}_touch_{change}" for table in ("calls", "qualifications", "desk_tasks")
    for change in ("insert", "update", "delete")
)  # fmt: skip

call_sums = Table(
    "call_sums",
    metadata,
    Column("departement", String(3), nullable=False),
    Column("grain", String(1), nullable=False),
    Column("first", Date, nullable=False),
    Column("treated", Integer, nullable=False),
    Column("talk_known", Integer, nullable=False),
    Column("talk_seconds", Id, nullable=False),
    Column("qualified", Integer, nullable=False),
    Column("resolution_known", Integer, nullable=False),
    Column("resolved", Integer, nullable=False),
    Column("escalation_known", Integer, nullable=False),
    Column("escalated", Integer, nullable=False),
    Column("received", Integer, nullable=False),
    Column("received_answered", Integer, nullable=False),
    Column("absences", Integer, nullable=False),
    Column("messages", Integer, nullable=False),
    Column("callbacks", Integer, nullable=False),
    Column("abandoned_menu", Integer, nullable=False),
    Column("abandoned_ringing", Integer, nullable=False),
    Column("answered_soon", Integer, nullable=False),
    Column("lost", Integer, nullable=False),
    Column("repeats", Integer, nullable=False),
    Column("waits", Text, nullable=False),
    Column("hours", Text, nullable=False),
    Column("delays", Text, nullable=False),
    Column("cited", Text, nullable=False),
    PrimaryKeyConstraint("departement", "grain", "first"),
    Index(None, "grain", "first"),
)
"""The sums of a tally (`records.counting.tally`) for one day (`grain` d) or one month (m, by its first day).

JSON: `waits` {seconds: calls}, `delays` {minutes: tasks}, `hours` {hour of the week: [received, lost]}, `cited`
{id of the wording: its seven sums, as `records.counting.rows.CITED`}."""

cited_wordings = Table(
    "cited_wordings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("niveau", String(3), nullable=False),
    Column("thematique", String(200), nullable=False),
    Column("motif", String(200), nullable=False),
    Column("sous_motif", String(200), nullable=False),
    Index("uq_cited_wordings_wording", "niveau", "thematique", "motif", "sous_motif", unique=True),
)
"""Every wording that a call ever carried, under a number; lines are added only."""

touched_sums = Table(
    "touched_sums",
    metadata,
    Column("id", Id, primary_key=True),
    Column("grain", String(1), nullable=False),
    Column("first", Date, nullable=False),
    Column("departement", String(3), nullable=False),
    Column("seen", Boolean, nullable=False),
    Index(None, "grain", "first", "departement", "seen"),
)
"""The sums that no longer hold: the rows are counted instead until these sums are counted anew. Lines are only added
and taken away, and no key is unique: whoever writes a call waits for nobody because of them.

`seen`: whoever counts anew has read it and is about to take it away, so that a change after that adds another line
(SQLite alone, where a second line for a day that has one is not added)."""

sums_generation = Table(
    "sums_generation",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("number", Id, nullable=False),
)
"""One line, a number that grows whenever sums are written: of two that count anew at once, one starts again."""
