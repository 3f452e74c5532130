"""The référent's desk: accounts, qualifications and their history, requests, nomenclature, ready answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "account_departements",
        sa.Column("account_id", ID, nullable=False),
        sa.Column("departement", sa.String(length=3), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "departement", name=op.f("pk_account_departements")),
    )
    op.create_table(
        "accounts",
        sa.Column("id", ID, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("sub", sa.String(length=255), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(length=254), nullable=False),
        sa.Column("welcomed_at", MOMENT, nullable=True),
        sa.Column("signed_in_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("email", name=op.f("uq_accounts_email")),
        sa.UniqueConstraint("sub", name=op.f("uq_accounts_sub")),
    )
    op.create_table(
        "answers",
        sa.Column("id", ID, nullable=False),
        sa.Column("thematique", sa.String(length=200), nullable=False),
        sa.Column("motif", sa.String(length=200), nullable=False),
        sa.Column("sous_motif", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("aloud", sa.Text(), nullable=False),
        sa.Column("written", sa.Text(), nullable=False),
        sa.Column("validated", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(length=254), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
    )
    op.create_index(
        "uq_answers_wording_version", "answers", ["thematique", "motif", "sous_motif", "version"], unique=True
    )
    op.create_table(
        "audit",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.String(length=254), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)
    op.create_index(op.f("ix_audit_reference"), "audit", ["reference"], unique=False)
    op.create_table(
        "desk_sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_desk_sessions")),
    )
    op.create_index(op.f("ix_desk_sessions_account_id"), "desk_sessions", ["account_id"], unique=False)
    op.create_table(
        "kept_forms",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_forms")),
    )
    op.create_index(op.f("ix_kept_forms_account_id"), "kept_forms", ["account_id"], unique=False)
    op.create_table(
        "nomenclature_versions",
        sa.Column("version", ID, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("published_by", sa.String(length=254), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("entries", sa.Text(), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_nomenclature_versions")),
    )
    op.create_index(op.f("ix_nomenclature_versions_valid_from"), "nomenclature_versions", ["valid_from"], unique=False)
    op.create_table(
        "proposals",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=700), nullable=False),
        sa.Column("departement", sa.String(length=3), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=254), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("settled_by", sa.String(length=254), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    op.create_index(op.f("ix_proposals_settled_at_at"), "proposals", ["settled_at", "at"], unique=False)
    op.create_table(
        "qualification_history",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("thematique", sa.String(length=200), nullable=False),
        sa.Column("motif", sa.String(length=200), nullable=False),
        sa.Column("sous_motif", sa.String(length=200), nullable=False),
        sa.Column("niveau", sa.String(length=3), nullable=False),
        sa.Column("resolved", sa.Boolean(), nullable=False),
        sa.Column("escalated", sa.Boolean(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=254), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("call_id", "version", name=op.f("pk_qualification_history")),
    )
    op.create_table(
        "qualifications",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("thematique", sa.String(length=200), nullable=False),
        sa.Column("motif", sa.String(length=200), nullable=False),
        sa.Column("sous_motif", sa.String(length=200), nullable=False),
        sa.Column("niveau", sa.String(length=3), nullable=False),
        sa.Column("resolved", sa.Boolean(), nullable=False),
        sa.Column("escalated", sa.Boolean(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=254), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_qualifications")),
    )
    op.create_index(op.f("ix_qualifications_by_at"), "qualifications", ["by", "at"], unique=False)
    op.create_index(op.f("ix_qualifications_sous_motif_at"), "qualifications", ["sous_motif", "at"], unique=False)
    op.create_table(
        "requests",
        sa.Column("id", ID, nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("departement", sa.String(length=3), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("thematique", sa.String(length=200), nullable=False),
        sa.Column("motif", sa.String(length=200), nullable=False),
        sa.Column("sous_motif", sa.String(length=200), nullable=False),
        sa.Column("reply_to", sa.String(length=254), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(length=254), nullable=False),
        sa.Column("completed_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
        sa.UniqueConstraint("call_id", name=op.f("uq_requests_call_id")),
    )
    op.create_index(op.f("ix_requests_departement_created_at"), "requests", ["departement", "created_at"], unique=False)
    op.create_table(
        "sign_in_requests",
        sa.Column("id", ID, nullable=False),
        sa.Column("bucket", sa.String(length=64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_requests")),
    )
    op.create_index(op.f("ix_sign_in_requests_bucket_at"), "sign_in_requests", ["bucket", "at"], unique=False)
    op.create_table(
        "sign_in_tokens",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("next_path", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_in_tokens")),
    )
    op.create_index(op.f("ix_sign_in_tokens_expires_at"), "sign_in_tokens", ["expires_at"], unique=False)


def downgrade() -> None:
    op.drop_table("sign_in_tokens")
    op.drop_table("sign_in_requests")
    op.drop_table("requests")
    op.drop_table("qualifications")
    op.drop_table("qualification_history")
    op.drop_table("proposals")
    op.drop_table("nomenclature_versions")
    op.drop_table("kept_forms")
    op.drop_table("desk_sessions")
    op.drop_table("audit")
    op.drop_table("answers")
    op.drop_table("accounts")
    op.drop_table("account_departements")
