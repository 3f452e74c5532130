"""How each session was opened, so that one that suffices no more is ended: by a link, a code or ProConnect."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("desk_sessions", sa.Column("how", sa.String(length=16), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("desk_sessions") as table:
        table.drop_column("how")
