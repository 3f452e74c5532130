"""The tables of the tracking data: imports, the monthly survey, alerts of the radar, mails already sent."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    column,
    table,
)

metadata = MetaData()

calls = table(
    "calls",
    column("call_id", String),
    column("caller", String),
    column("dialled", String),
    column("departement", String),
    column("departement_given_by", String),
    column("outcome", String),
    column("absence_reason", String),
    column("answered_by", String),
    column("referent", String),
    column("referent_id", String),
    column("referent_phone", String),
    column("started_at", DateTime(timezone=True)),
    column("ended_at", DateTime(timezone=True)),
    column("local_date", Date),
    column("wait_seconds", Integer),
    column("talk_seconds", Integer),
    column("total_seconds", Integer),
    column("attempts", Text),
    column("message_seconds", Integer),
    column("recording", String),
    column("callback_number", String),
    column("callback_confirmed", Boolean),
    column("source", String),
)
qualifications = table(
    "qualifications",
    column("call_id", String),
    column("version", Integer),
    column("thematique", String),
    column("motif", String),
    column("sous_motif", String),
    column("niveau", String),
    column("resolved", Boolean),
    column("escalated", Boolean),
    column("comment", Text),
    column("by", String),
    column("at", DateTime(timezone=True)),
)

import_batches = Table(
    "import_batches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("departement", String(3), nullable=False),
    Column("file_name", String(200), nullable=False),
    Column("by", String(200), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("added", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
)

surveys = Table(
    "surveys",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("frozen_at", DateTime(timezone=True)),
    Column("sous_motifs", Text, nullable=False),
)
survey_frozen = Table(
    "survey_frozen",
    metadata,
    Column("month", String(7), nullable=False),
    Column("departement", String(3), nullable=False),
    Column("figures", Text, nullable=False),
    PrimaryKeyConstraint("month", "departement"),
)
survey_answers = Table(
    "survey_answers",
    metadata,
    Column("month", String(7), nullable=False),
    Column("departement", String(3), nullable=False),
    Column("comment", Text, nullable=False),
    Column("sent_at", DateTime(timezone=True), nullable=False),
    Column("sent_by", String(200), nullable=False),
    Column("late", Boolean, nullable=False),
    PrimaryKeyConstraint("month", "departement"),
)
survey_corrections = Table(
    "survey_corrections",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("month", String(7), nullable=False),
    Column("departement", String(3), nullable=False),
    Column("figure", String(120), nullable=False),
    Column("value", Float, nullable=False),
    Column("computed", Float),
    Column("reason", Text, nullable=False),
    Column("by", String(200), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)
report_mails = Table(
    "report_mails",
    metadata,
    Column("key", String(120), primary_key=True),
    Column("sent_at", DateTime(timezone=True), nullable=False),
)
radar_alerts = Table(
    "radar_alerts",
    metadata,
    Column("key", String(300), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("label", Text, nullable=False),
    Column("detected_at", DateTime(timezone=True), nullable=False),
    Column("calls", Integer, nullable=False),
    Column("departements", Text, nullable=False),
    Column("usual", Float, nullable=False),
    Column("dismissed_at", DateTime(timezone=True)),
    Column("dismissed_by", String(200)),
)
