"""Sound, memory of callers and redials where every machine reads them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "stored_files",
        sa.Column("area", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("put_at", MOMENT, nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("area", "name", name=op.f("pk_stored_files")),
    )
    op.create_table(
        "remembered_lines",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("fingerprint", sa.String(length=40), nullable=True),
        sa.Column("line", sa.String(length=400), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remembered_lines")),
        sa.UniqueConstraint("key", name=op.f("uq_remembered_lines_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_remembered_lines_fingerprint"), "remembered_lines", ["fingerprint"], unique=False)
    op.create_index(op.f("ix_remembered_lines_until"), "remembered_lines", ["until"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_remembered_lines_until"), table_name="remembered_lines")
    op.drop_index(op.f("ix_remembered_lines_fingerprint"), table_name="remembered_lines")
    op.drop_table("remembered_lines")
    op.drop_table("stored_files")
