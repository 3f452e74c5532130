"""One outbox for every mail: its words wait in the row, and what the tracking data has sent is known there."""

from __future__ import annotations

from hashlib import blake2b

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
KINDS = {"survey": "survey", "monthly": "report", "radar": "alert"}
LONGEST_ABOUT = 90

deliveries = sa.table(
    "deliveries",
    sa.column("dedupe_key", sa.String),
    sa.column("kind", sa.String),
    sa.column("reference", sa.String),
    sa.column("created_at", MOMENT),
    sa.column("tries", sa.Integer),
    sa.column("done_at", MOMENT),
)
report_mails = sa.table("report_mails", sa.column("key", sa.String), sa.column("sent_at", MOMENT))


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("subject", sa.Text(), nullable=True))
    op.add_column("deliveries", sa.Column("text", sa.Text(), nullable=True))
    sent = {known_as(row.key): row for row in op.get_bind().execute(sa.select(report_mails)).all()}
    rows = [
        {"dedupe_key": key, "kind": KINDS[about(key)[0]], "reference": about(key)[1], "created_at": row.sent_at,
         "tries": 1, "done_at": row.sent_at}
        for key, row in sent.items()
        if about(key)[0] in KINDS
    ]  # fmt: skip
    if rows:
        op.bulk_insert(deliveries, rows)
    op.drop_table("report_mails")


def about(key: str) -> tuple[str, str]:
    """`survey` and `2026-10`, of `survey|2026-10|ouverture|…`."""
    kind, _, rest = key.partition("|")
    return kind, rest.partition("|")[0][:200]


def known_as(key: str) -> str:
    """The key under which the outbox knows a mail; a report's is of its month and reader, whatever its figures.

    The address of a very long line was cut: that report keeps its old key.
    """
    said, _, _ = key.rpartition("|")
    kind, _, rest = said.partition("|")
    if kind != "monthly" or len(said) >= LONGEST_ABOUT:
        return key
    month, _, to = rest.partition("|")
    return f"monthly|{month}|{blake2b(to.encode(), digest_size=12).hexdigest()}"


def downgrade() -> None:
    op.create_table(
        "report_mails",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_report_mails")),
    )
    ours = sa.and_(deliveries.c.kind.in_(list(KINDS.values())), deliveries.c.done_at.isnot(None))
    done = op.get_bind().execute(sa.select(deliveries.c.dedupe_key, deliveries.c.done_at).where(ours)).all()
    if rows := [{"key": row.dedupe_key, "sent_at": row.done_at} for row in done]:
        op.bulk_insert(report_mails, rows)
    op.execute(deliveries.delete().where(deliveries.c.kind.in_(list(KINDS.values()))))
    op.drop_column("deliveries", "text")
    op.drop_column("deliveries", "subject")
