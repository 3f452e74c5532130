"""What was erased stays erased; how far each period of the table of retention was applied."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from records.schema.tables import Id, Moment

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erased_numbers",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("erased_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_erased_numbers")),
    )
    op.create_index(op.f("ix_erased_numbers_erased_at"), "erased_numbers", ["erased_at"])
    op.create_table(
        "forgetting_machines",
        sa.Column("machine", sa.String(length=200), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("forgot_until", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("machine", name=op.f("pk_forgetting_machines")),
    )
    op.create_table(
        "retention_marks",
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("line", name=op.f("pk_retention_marks")),
    )
    op.create_table(
        "retention_runs",
        sa.Column("id", Id, nullable=False),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("before", Moment(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_runs")),
    )
    op.create_index(op.f("ix_retention_runs_at"), "retention_runs", ["at"])


def downgrade() -> None:
    for table in ("retention_runs", "retention_marks", "forgetting_machines", "erased_numbers"):
        op.drop_table(table)
