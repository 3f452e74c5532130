"""The tables of the reports: imports made, the monthly survey, alerts of the radar, alarms of the line."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from records.schema.tables import Id, Moment, metadata

import_batches = Table(
    "import_batches",
    metadata,
    Column("id", Id, primary_key=True),
    Column("departement", String(3), nullable=False),
    Column("file_name", String(200), nullable=False),
    Column("by", String(254), nullable=False),
    Column("at", Moment, nullable=False),
    Column("added", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
)

surveys = Table(
    "surveys",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("opened_at", Moment, nullable=False),
    Column("frozen_at", Moment),
    Column("sous_motifs", Text, nullable=False),
)
"""One line a month (`2026-11`); `sous_motifs` is the JSON list of those that are followed."""

survey_frozen = Table(
    "survey_frozen",
    metadata,
    Column("month", String(7), nullable=False),
    Column("departement", String(3), nullable=False),
    Column("figures", Text, nullable=False),
    PrimaryKeyConstraint("month", "departement"),
)
"""The figures of each département as they were when the survey closed; JSON (decision 34)."""

survey_answers = Table(
    "survey_answers",
    metadata,
    Column("month", String(7), nullable=False),
    Column("departement", String(3), nullable=False),
    Column("comment", Text, nullable=False),
    Column("sent_at", Moment, nullable=False),
    Column("sent_by", String(254), nullable=False),
    Column("late", Boolean, nullable=False),
    PrimaryKeyConstraint("month", "departement"),
)

survey_corrections = Table(
    "survey_corrections",
    metadata,
    Column("id", Id, primary_key=True),
    Column("month", String(7), nullable=False),
    Column("departement", String(3), nullable=False),
    Column("figure", String(250), nullable=False),
    Column("value", Float, nullable=False),
    Column("computed", Float),
    Column("reason", Text, nullable=False),
    Column("by", String(254), nullable=False),
    Column("at", Moment, nullable=False),
    Column("withdrawn_at", Moment),
    Column("withdrawn_by", String(254)),
    Index(None, "month", "departement"),
)
"""What we computed, what the département says instead, and why; a line is added or withdrawn, never changed."""

prepared_workbooks = Table(
    "prepared_workbooks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("departement", String(3)),
    Column("since", Date, nullable=False),
    Column("until", Date, nullable=False),
    Column("with_pivot", Boolean, nullable=False),
    Column("asked_by", String(254), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("started_at", Moment),
    Column("rows_written", Integer, nullable=False),
    Column("rows_expected", Integer),
    Column("told_at", Moment),
    Column("ready_at", Moment),
    Column("file", String(80)),
    Column("bytes", BigInteger),
    Column("failed_at", Moment),
    Column("error", String(200)),
    Index(None, "ready_at"),
)
"""Workbooks written in the background, one at a time; `departement` None is France, `told_at` the last sign of life,
`tries` how often it was begun."""

radar_alerts = Table(
    "radar_alerts",
    metadata,
    Column("key", String(300), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("label", Text, nullable=False),
    Column("detected_at", Moment, nullable=False),
    Column("calls", Integer, nullable=False),
    Column("departements", Text, nullable=False),
    Column("usual", Float, nullable=False),
    Column("announcement", Text, nullable=False),
    Column("dismissed_at", Moment),
    Column("dismissed_by", String(254)),
)
"""`departements` are codes separated by spaces."""

line_alarms = Table(
    "line_alarms",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("phone", String(32), nullable=False),
    Column("told", Text, nullable=False),
    Column("began_at", Moment, nullable=False),
    Column("ended_at", Moment),
)
"""What was wrong with the telephone, as the release before kept it; `alerts` has it since migration 0015."""
