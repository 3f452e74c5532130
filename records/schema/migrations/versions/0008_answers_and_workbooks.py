"""What nobody said of a call is neither yes nor no; a correction of the survey can be withdrawn; prepared workbooks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SAID_OF_A_CALL = ("qualifications", "qualification_history")
ANSWERS = ("resolved", "escalated")


def upgrade() -> None:
    _let_answers_be_missing(missing=True)
    with op.batch_alter_table("survey_corrections") as table:
        table.add_column(sa.Column("withdrawn_at", MOMENT, nullable=True))
        table.add_column(sa.Column("withdrawn_by", sa.String(length=254), nullable=True))
    op.create_table(
        "prepared_workbooks",
        sa.Column("id", ID, nullable=False),
        sa.Column("departement", sa.String(length=3), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("with_pivot", sa.Boolean(), nullable=False),
        sa.Column("asked_by", sa.String(length=254), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("rows_written", sa.Integer(), nullable=False),
        sa.Column("rows_expected", sa.Integer(), nullable=True),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.Column("ready_at", MOMENT, nullable=True),
        sa.Column("file", sa.String(length=80), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("failed_at", MOMENT, nullable=True),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prepared_workbooks")),
    )
    op.create_index(op.f("ix_prepared_workbooks_ready_at"), "prepared_workbooks", ["ready_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_prepared_workbooks_ready_at"), table_name="prepared_workbooks")
    op.drop_table("prepared_workbooks")
    op.execute("delete from survey_corrections where withdrawn_at is not null")
    with op.batch_alter_table("survey_corrections") as table:
        table.drop_column("withdrawn_by")
        table.drop_column("withdrawn_at")
    for name in SAID_OF_A_CALL:  # the version before knows yes and no alone
        said = sa.table(name, *(sa.column(column, sa.Boolean()) for column in ANSWERS))
        no = {column: sa.func.coalesce(said.c[column], sa.false()) for column in ANSWERS}
        op.execute(sa.update(said).values(no))
    _let_answers_be_missing(missing=False)


def _let_answers_be_missing(*, missing: bool) -> None:
    for name in SAID_OF_A_CALL:
        with op.batch_alter_table(name) as table:
            for column in ANSWERS:
                table.alter_column(column, existing_type=sa.Boolean(), nullable=missing)
