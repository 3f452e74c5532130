"""Scheduled work once for a due time, and heavy work in a process of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "job_runs",
        sa.Column("job", sa.String(length=80), nullable=False),
        sa.Column("slot", MOMENT, nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.Column("leased_until", MOMENT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("failed", sa.Boolean(), nullable=False),
        sa.Column("news", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("job", "slot", name=op.f("pk_job_runs")),
    )
    op.create_table(
        "heavy_work",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("account", sa.String(length=254), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=True),
        sa.Column("leased_until", MOMENT, nullable=True),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("size", ID, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_heavy_work")),
    )
    op.create_index(op.f("ix_heavy_work_state"), "heavy_work", ["state"], unique=False)
    op.create_index(op.f("ix_heavy_work_account"), "heavy_work", ["account"], unique=False)
    op.create_table(
        "heavy_files",
        sa.Column("work", ID, nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("piece", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("work", "role", "piece", name=op.f("pk_heavy_files")),
    )


def downgrade() -> None:
    op.drop_table("heavy_files")
    op.drop_index(op.f("ix_heavy_work_account"), table_name="heavy_work")
    op.drop_index(op.f("ix_heavy_work_state"), table_name="heavy_work")
    op.drop_table("heavy_work")
    op.drop_table("job_runs")
