"""What the ledger keeps beside the rows of calls: calls told to the database first, calls whose facts were taken out.

And the oldest code that may write here: a release that is rolled back reads it (decision 90).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "told_calls",
        sa.Column("id", ID, nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_told_calls")),
    )
    op.create_table(
        "archived_calls",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("archived_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_archived_calls")),
    )
    floor = op.create_table(
        "schema_floor",
        sa.Column("oldest", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("oldest", name=op.f("pk_schema_floor")),
    )
    op.bulk_insert(floor, [{"oldest": "0010"}])


def downgrade() -> None:
    op.drop_table("schema_floor")
    op.drop_table("archived_calls")
    op.drop_table("told_calls")
