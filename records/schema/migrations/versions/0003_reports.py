"""The tracking data: imports, the monthly survey, mails already sent, alerts of the radar; an index for figures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = (
    "import_batches",
    "radar_alerts",
    "report_mails",
    "survey_answers",
    "survey_corrections",
    "survey_frozen",
    "surveys",
)


def upgrade() -> None:
    op.create_table(
        "import_batches",
        sa.Column("id", ID, nullable=False),
        sa.Column("departement", sa.String(length=3), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("by", sa.String(length=254), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batches")),
    )
    op.create_table(
        "radar_alerts",
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("detected_at", MOMENT, nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("departements", sa.Text(), nullable=False),
        sa.Column("usual", sa.Float(), nullable=False),
        sa.Column("announcement", sa.Text(), nullable=False),
        sa.Column("dismissed_at", MOMENT, nullable=True),
        sa.Column("dismissed_by", sa.String(length=254), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_radar_alerts")),
    )
    op.create_table(
        "report_mails",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_report_mails")),
    )
    op.create_table(
        "surveys",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("frozen_at", MOMENT, nullable=True),
        sa.Column("sous_motifs", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_surveys")),
    )
    op.create_table(
        "survey_frozen",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("departement", sa.String(length=3), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("month", "departement", name=op.f("pk_survey_frozen")),
    )
    op.create_table(
        "survey_answers",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("departement", sa.String(length=3), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("sent_by", sa.String(length=254), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("month", "departement", name=op.f("pk_survey_answers")),
    )
    op.create_table(
        "survey_corrections",
        sa.Column("id", ID, nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("departement", sa.String(length=3), nullable=False),
        sa.Column("figure", sa.String(length=250), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("computed", sa.Float(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=254), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_corrections")),
    )
    op.create_index(op.f("ix_calls_departement_local_date"), "calls", ["departement", "local_date"])
    op.create_index(op.f("ix_survey_corrections_month_departement"), "survey_corrections", ["month", "departement"])


def downgrade() -> None:
    op.drop_index(op.f("ix_calls_departement_local_date"), "calls")
    for name in TABLES:
        op.drop_table(name)
