"""What the team was told of, until it is solved: alarms of the line and all else that may be wrong, in one table.

The alarms that `line_alarms` holds are copied; that table stays for the code of the release before.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "alerts",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("about", sa.String(length=120), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("to_do", sa.Text(), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_alerts")),
    )
    op.execute(
        "INSERT INTO alerts (key, kind, about, told, to_do, began_at, seen_at, ended_at) "
        "SELECT key, kind, phone, told, '', began_at, began_at, ended_at FROM line_alarms"
    )


def downgrade() -> None:
    op.drop_table("alerts")
