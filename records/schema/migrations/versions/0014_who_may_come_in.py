"""Second factor, ended sessions, an audit log that only grows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
KEPT_DAYS = 179
"""The trail keeps every line so long whatever is asked of it (decision 98): a day less than the shortest AUDIT_DAYS,
for the clock of a database may be another one."""


def upgrade() -> None:
    op.create_table(
        "second_factors",
        sa.Column("account_id", ID, autoincrement=False, nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("enrolled_at", MOMENT, nullable=False),
        sa.Column("last_step", ID, nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_second_factors")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_account_id"), "recovery_codes", ["account_id"])
    op.create_table(
        "half_sign_ins",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("next_path", sa.String(length=500), nullable=False),
        sa.Column("lasts_day", sa.Boolean(), nullable=False),
        sa.Column("ends_others", sa.Boolean(), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_half_sign_ins")),
    )
    op.create_index(op.f("ix_half_sign_ins_account_id"), "half_sign_ins", ["account_id"])
    op.create_table(
        "identity_sessions",
        sa.Column("session_hash", sa.String(length=64), nullable=False),
        sa.Column("id_token", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("session_hash", name=op.f("pk_identity_sessions")),
    )
    op.create_index(op.f("ix_identity_sessions_at"), "identity_sessions", ["at"])
    op.create_index(op.f("ix_audit_by_at"), "audit", ["by", "at"])
    op.create_index(op.f("ix_audit_what_at"), "audit", ["what", "at"])
    op.execute("update accounts set sub = null where closed_at is not null")
    (_keep_on_postgresql if op.get_bind().dialect.name == "postgresql" else _keep_on_sqlite)()


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop trigger audit_keeps_lines on audit")
        op.execute("drop trigger audit_keeps_words on audit")
        op.execute("drop trigger audit_keeps_all on audit")
        op.execute("drop function svi_audit_keeps()")
    else:
        op.execute("drop trigger audit_keeps_lines")
        op.execute("drop trigger audit_keeps_words")
    op.drop_index(op.f("ix_audit_what_at"), "audit")
    op.drop_index(op.f("ix_audit_by_at"), "audit")
    for name in ("identity_sessions", "half_sign_ins", "recovery_codes", "second_factors"):
        op.drop_table(name)


def _keep_on_sqlite() -> None:
    op.execute(f"""
        create trigger audit_keeps_lines before delete on audit
        when old.at > strftime('%Y-%m-%d %H:%M:%f', 'now', '-{KEPT_DAYS} days')
        begin select raise(abort, 'the trail keeps its lines'); end
    """)
    op.execute("""
        create trigger audit_keeps_words before update on audit
        begin select raise(abort, 'the trail keeps its words'); end
    """)


def _keep_on_postgresql() -> None:
    op.execute("""
        create function svi_audit_keeps() returns trigger language plpgsql as $$
        begin
          raise exception 'the trail keeps its lines' using errcode = 'insufficient_privilege';
        end $$
    """)
    op.execute(f"""
        create trigger audit_keeps_lines before delete on audit for each row
        when (old.at > now() - interval '{KEPT_DAYS} days') execute function svi_audit_keeps()
    """)
    op.execute("""
        create trigger audit_keeps_words before update on audit for each row execute function svi_audit_keeps()
    """)
    op.execute("""
        create trigger audit_keeps_all before truncate on audit for each statement execute function svi_audit_keeps()
    """)
