"""The desk's day and level 2: requests with states, steps, exchanges and tickets; « À faire »; what answers gained."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = (
    "answer_uses", "desk_marks", "desks_without_missed", "exchanges", "local_paragraphs", "request_events",
    "sous_motif_words", "tickets",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "answer_uses",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.String(length=254), nullable=False),
        sa.Column("departement", sa.String(length=3), nullable=True),
        sa.Column("thematique", sa.String(length=200), nullable=False),
        sa.Column("motif", sa.String(length=200), nullable=False),
        sa.Column("sous_motif", sa.String(length=200), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=True),
        sa.Column("call_id", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_uses")),
    )
    op.create_index(op.f("ix_answer_uses_call_id"), "answer_uses", ["call_id"], unique=False)
    op.create_index(
        "ix_answer_uses_wording_at", "answer_uses", ["thematique", "motif", "sous_motif", "at"], unique=False
    )
    op.create_table(
        "desk_marks",
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=254), nullable=True),
        sa.Column("owned_at", MOMENT, nullable=True),
        sa.Column("aside_until", MOMENT, nullable=True),
        sa.Column("aside_by", sa.String(length=254), nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("done_by", sa.String(length=254), nullable=True),
        sa.PrimaryKeyConstraint("kind", "reference", name=op.f("pk_desk_marks")),
    )
    op.create_index(op.f("ix_desk_marks_done_at"), "desk_marks", ["done_at"], unique=False)
    op.create_table(
        "desks_without_missed",
        sa.Column("departement", sa.String(length=3), nullable=False),
        sa.Column("set_by", sa.String(length=254), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("departement", name=op.f("pk_desks_without_missed")),
    )
    op.create_table(
        "exchanges",
        sa.Column("id", ID, nullable=False),
        sa.Column("request_id", ID, nullable=False),
        sa.Column("uid", sa.String(length=120), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("proposed_by", sa.String(length=254), nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchanges")),
        sa.UniqueConstraint("uid", name=op.f("uq_exchanges_uid")),
    )
    op.create_index(op.f("ix_exchanges_request_id"), "exchanges", ["request_id"], unique=False)
    op.create_index(op.f("ix_exchanges_state_starts_at"), "exchanges", ["state", "starts_at"], unique=False)
    op.create_table(
        "local_paragraphs",
        sa.Column("id", ID, nullable=False),
        sa.Column("departement", sa.String(length=3), nullable=False),
        sa.Column("thematique", sa.String(length=200), nullable=False),
        sa.Column("motif", sa.String(length=200), nullable=False),
        sa.Column("sous_motif", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=254), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_paragraphs")),
    )
    op.create_index(
        "uq_local_paragraphs_place_version",
        "local_paragraphs",
        ["departement", "thematique", "motif", "sous_motif", "version"],
        unique=True,
    )
    op.create_table(
        "request_events",
        sa.Column("id", ID, nullable=False),
        sa.Column("request_id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.String(length=254), nullable=False),
        sa.Column("move", sa.String(length=24), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_events")),
    )
    op.create_index(op.f("ix_request_events_at"), "request_events", ["at"], unique=False)
    op.create_index(op.f("ix_request_events_request_id_id"), "request_events", ["request_id", "id"], unique=False)
    op.create_table(
        "sous_motif_words",
        sa.Column("id", ID, nullable=False),
        sa.Column("thematique", sa.String(length=200), nullable=False),
        sa.Column("motif", sa.String(length=200), nullable=False),
        sa.Column("sous_motif", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=254), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sous_motif_words")),
    )
    op.create_index(
        "uq_sous_motif_words_wording_version",
        "sous_motif_words",
        ["thematique", "motif", "sous_motif", "version"],
        unique=True,
    )
    op.create_table(
        "tickets",
        sa.Column("id", ID, nullable=False),
        sa.Column("reference", sa.String(length=24), nullable=False),
        sa.Column("request_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("opened_by", sa.String(length=254), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        sa.UniqueConstraint("reference", name=op.f("uq_tickets_reference")),
    )
    op.create_index(op.f("ix_tickets_request_id"), "tickets", ["request_id"], unique=False)
    op.create_index(op.f("ix_tickets_state"), "tickets", ["state"], unique=False)
    with op.batch_alter_table("desk_sessions") as table:
        table.add_column(sa.Column("lasts_day", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.alter_column("lasts_day", server_default=None)
    with op.batch_alter_table("nomenclature_versions") as table:
        table.add_column(sa.Column("withdrawn_at", MOMENT, nullable=True))
        table.add_column(sa.Column("withdrawn_by", sa.String(length=254), nullable=True))
    _give_states()


def _give_states() -> None:
    """Requests get a channel, a desk and a state; those that stand were made by référents, for the national team."""
    with op.batch_alter_table("requests") as table:
        for name, kind, first in (
            ("channel", sa.String(length=8), "phone"),
            ("sender", sa.String(length=10), "referent"),
            ("niveau", sa.String(length=3), "2"),
            ("desk", sa.String(length=8), "national"),
            ("state", sa.String(length=12), "open"),
        ):
            table.add_column(sa.Column(name, kind, nullable=False, server_default=first))
        table.add_column(sa.Column("owner", sa.String(length=254), nullable=True))
        for name in ("due_at", "taken_at", "first_answer_at"):
            table.add_column(sa.Column(name, MOMENT, nullable=True))
        table.add_column(sa.Column("result", sa.Text(), nullable=True))
        table.alter_column("call_id", existing_type=sa.String(length=64), nullable=True)
        table.drop_column("completed_at")
    op.execute("update requests set state = 'closed' where closed_at is not null")
    op.execute(
        "insert into request_events (request_id, at, by, move, text, data)"
        " select id, created_at, created_by, 'open', description, '{}' from requests order by id"
    )
    with op.batch_alter_table("requests") as table:
        for name in ("channel", "sender", "niveau", "desk", "state"):
            table.alter_column(name, server_default=None)
    op.create_index(op.f("ix_requests_created_at"), "requests", ["created_at"], unique=False)
    op.create_index(op.f("ix_requests_desk_state_due_at"), "requests", ["desk", "state", "due_at"], unique=False)
    op.create_index(op.f("ix_calls_answered_by_started_at"), "calls", ["answered_by", "started_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_calls_answered_by_started_at"), "calls")
    op.drop_index(op.f("ix_requests_created_at"), "requests")
    op.drop_index(op.f("ix_requests_desk_state_due_at"), "requests")
    op.execute("delete from requests where call_id is null")
    with op.batch_alter_table("requests") as table:
        for name in ("channel", "sender", "niveau", "desk", "state", "owner", "due_at", "taken_at", "first_answer_at"):
            table.drop_column(name)
        table.drop_column("result")
        table.add_column(sa.Column("completed_at", MOMENT, nullable=True))
        table.alter_column("call_id", existing_type=sa.String(length=64), nullable=False)
    with op.batch_alter_table("nomenclature_versions") as table:
        table.drop_column("withdrawn_at")
        table.drop_column("withdrawn_by")
    with op.batch_alter_table("desk_sessions") as table:
        table.drop_column("lasts_day")
    for name in TABLES:
        op.drop_table(name)
