"""The first tables: facts and calls, what people set about routing, what is owed to somebody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "absence_messages",
        sa.Column("id", ID, nullable=False),
        sa.Column("departement", sa.String(length=3), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("audio", sa.String(length=200), nullable=True),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence_messages")),
    )
    op.create_index(op.f("ix_absence_messages_departement"), "absence_messages", ["departement"])
    op.create_table(
        "absences",
        sa.Column("id", ID, nullable=False),
        sa.Column("person", sa.String(length=16), nullable=False),
        sa.Column("start", MOMENT, nullable=False),
        sa.Column("end", MOMENT, nullable=False),
        sa.Column("suppleant", sa.String(length=16), nullable=True),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    op.create_index(op.f("ix_absences_end"), "absences", ["end"])
    op.create_index(op.f("ix_absences_person_end"), "absences", ["person", "end"])
    op.create_table(
        "calls",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("caller", sa.String(length=64), nullable=True),
        sa.Column("caller_fingerprint", sa.String(length=64), nullable=True),
        sa.Column("dialled", sa.String(length=64), nullable=True),
        sa.Column("departement", sa.String(length=3), nullable=True),
        sa.Column("departement_given_by", sa.String(length=16), nullable=True),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("absence_reason", sa.String(length=16), nullable=True),
        sa.Column("answered_by", sa.String(length=16), nullable=True),
        sa.Column("referent", sa.String(length=200), nullable=True),
        sa.Column("referent_id", sa.String(length=16), nullable=True),
        sa.Column("referent_phone", sa.String(length=32), nullable=True),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("wait_seconds", sa.BigInteger(), nullable=True),
        sa.Column("talk_seconds", sa.BigInteger(), nullable=True),
        sa.Column("total_seconds", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Text(), nullable=False),
        sa.Column("message_seconds", sa.BigInteger(), nullable=True),
        sa.Column("recording", sa.String(length=64), nullable=True),
        sa.Column("callback_number", sa.String(length=64), nullable=True),
        sa.Column("callback_confirmed", sa.Boolean(), nullable=False),
        sa.Column("linked_call_id", sa.String(length=64), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_calls")),
    )
    op.create_index(op.f("ix_calls_caller_fingerprint_started_at"), "calls", ["caller_fingerprint", "started_at"])
    op.create_index(op.f("ix_calls_caller_started_at"), "calls", ["caller", "started_at"])
    op.create_index(op.f("ix_calls_departement_started_at"), "calls", ["departement", "started_at"])
    op.create_index(op.f("ix_calls_local_date_departement"), "calls", ["local_date", "departement"])
    op.create_index(op.f("ix_calls_outcome_started_at"), "calls", ["outcome", "started_at"])
    op.create_index(op.f("ix_calls_started_at"), "calls", ["started_at"])
    op.create_table(
        "closures",
        sa.Column("id", ID, nullable=False),
        sa.Column("departement", sa.String(length=3), nullable=True),
        sa.Column("start", MOMENT, nullable=False),
        sa.Column("end", MOMENT, nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closures")),
    )
    op.create_index(op.f("ix_closures_end"), "closures", ["end"])
    op.create_table(
        "deliveries",
        sa.Column("id", ID, nullable=False),
        sa.Column("dedupe_key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("next_try_at", MOMENT, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_deliveries_dedupe_key")),
    )
    op.create_index(op.f("ix_deliveries_done_at_next_try_at"), "deliveries", ["done_at", "next_try_at"])
    op.create_table(
        "desk_tasks",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("departement", sa.String(length=3), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("handled_at", MOMENT, nullable=True),
        sa.Column("handled_by", sa.String(length=200), nullable=True),
        sa.Column("audio_file", sa.String(length=200), nullable=True),
        sa.Column("audio_state", sa.String(length=16), nullable=True),
        sa.Column("fetched_at", MOMENT, nullable=True),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("call_id", "kind", name=op.f("pk_desk_tasks")),
    )
    op.create_index(op.f("ix_desk_tasks_departement_handled_at"), "desk_tasks", ["departement", "handled_at"])
    op.create_index(op.f("ix_desk_tasks_handled_at_created_at"), "desk_tasks", ["handled_at", "created_at"])
    op.create_table(
        "directory_versions",
        sa.Column("version", ID, nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("published_by", sa.String(length=200), nullable=False),
        sa.Column("csv", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_directory_versions")),
    )
    op.create_table(
        "facts",
        sa.Column("id", ID, nullable=False),
        sa.Column("call", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facts")),
        sa.UniqueConstraint("call", "kind", "n", "who", name=op.f("uq_facts_call_kind_n_who")),
    )
    op.create_index(op.f("ix_facts_at"), "facts", ["at"])
    op.create_table(
        "journal_offsets",
        sa.Column("file", sa.String(length=200), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("file", name=op.f("pk_journal_offsets")),
    )
    op.create_table(
        "notices",
        sa.Column("id", ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("start", MOMENT, nullable=False),
        sa.Column("end", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index(op.f("ix_notices_end"), "notices", ["end"])
    op.create_table(
        "overflows",
        sa.Column("id", ID, nullable=False),
        sa.Column("departement", sa.String(length=3), nullable=True),
        sa.Column("to", sa.String(length=3), nullable=False),
        sa.Column("when", sa.String(length=16), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overflows")),
    )
    op.create_table(
        "quarantine",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.Column("error", sa.String(length=200), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
    )
    op.create_table(
        "tombstones",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("erased_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_tombstones")),
    )
    op.create_table(
        "usage_holidays",
        sa.Column("departement", sa.String(length=3), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("departement", name=op.f("pk_usage_holidays")),
    )


def downgrade() -> None:
    op.drop_table("usage_holidays")
    op.drop_table("tombstones")
    op.drop_table("quarantine")
    op.drop_table("overflows")
    op.drop_table("notices")
    op.drop_table("journal_offsets")
    op.drop_table("facts")
    op.drop_table("directory_versions")
    op.drop_table("desk_tasks")
    op.drop_table("deliveries")
    op.drop_table("closures")
    op.drop_table("calls")
    op.drop_table("absences")
    op.drop_table("absence_messages")
