"""Sums of calls by day and month, and the triggers that mark those that no longer hold."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SUMS = (
    "treated", "talk_known", "talk_seconds", "qualified", "resolution_known", "resolved", "escalation_known",
    "escalated", "received", "received_answered", "absences", "messages", "callbacks", "abandoned_menu",
    "abandoned_ringing", "answered_soon", "lost", "repeats",
)  # fmt: skip
COUNTED = {
    "calls": ("call_id", "departement", "local_date", "outcome", "source", "caller", "started_at", "wait_seconds",
              "talk_seconds"),
    "qualifications": ("call_id", "niveau", "thematique", "motif", "sous_motif", "resolved", "escalated"),
    "desk_tasks": ("call_id", "kind", "created_at", "handled_at", "handled_by"),
}  # fmt: skip
"""The columns that sums are made of: a change of another one marks nothing."""


def upgrade() -> None:
    op.create_table(
        "call_sums",
        sa.Column("departement", sa.String(length=3), nullable=False),
        sa.Column("grain", sa.String(length=1), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        *(sa.Column(name, ID if name == "talk_seconds" else sa.Integer(), nullable=False) for name in SUMS),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("waits", "hours", "delays", "cited")),
        sa.PrimaryKeyConstraint("departement", "grain", "first", name=op.f("pk_call_sums")),
    )
    op.create_index(op.f("ix_call_sums_grain_first"), "call_sums", ["grain", "first"])
    op.create_table(
        "cited_wordings",
        sa.Column("id", ID, nullable=False),
        sa.Column("niveau", sa.String(length=3), nullable=False),
        *(sa.Column(name, sa.String(length=200), nullable=False) for name in ("thematique", "motif", "sous_motif")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cited_wordings")),
    )
    wording = ["niveau", "thematique", "motif", "sous_motif"]
    op.create_index("uq_cited_wordings_wording", "cited_wordings", wording, unique=True)
    op.create_table(
        "touched_sums",
        sa.Column("id", ID, nullable=False),
        sa.Column("grain", sa.String(length=1), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("departement", sa.String(length=3), nullable=False),
        sa.Column("seen", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_touched_sums")),
    )
    marks = ["grain", "first", "departement", "seen"]
    op.create_index(op.f("ix_touched_sums_grain_first_departement_seen"), "touched_sums", marks)
    op.create_table(
        "sums_generation",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("number", ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sums_generation")),
    )
    op.execute("insert into sums_generation (id, number) values (1, 0)")
    op.execute(
        "insert into touched_sums (grain, first, departement, seen) "
        "select distinct 'd', local_date, coalesce(departement, ''), false from calls"
    )
    write = _on_postgresql if op.get_bind().dialect.name == "postgresql" else _on_sqlite
    for table in COUNTED:
        for change in ("insert", "update", "delete"):
            write(table, change)


def downgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for table in COUNTED:
        for change in ("insert", "update", "delete"):
            name = f"{table}_touch_{change}"
            op.execute(f"drop trigger {name} on {table}" if is_postgresql else f"drop trigger {name}")
            if is_postgresql:
                op.execute(f"drop function svi_{name}()")
    for name in ("sums_generation", "touched_sums", "cited_wordings", "call_sums"):
        op.drop_table(name)


def _on_sqlite(table: str, change: str) -> None:
    """A trigger for each row; a day that is marked already, and not being counted anew, is not marked twice."""
    sides = {"insert": ("new",), "update": ("old", "new"), "delete": ("old",)}[change]
    is_other = " or ".join(f"old.{column} is not new.{column}" for column in COUNTED[table])
    marks = "".join(
        f"""
        insert into touched_sums (grain, first, departement, seen)
        select 'd', its.first, its.departement, false from ({_its_day(table, side)}) as its
        where not exists (
          select 1 from touched_sums as t
          where t.grain = 'd' and t.first = its.first and t.departement = its.departement and t.seen = false
        );"""
        for side in sides
    )
    when = f"when {is_other}" if change == "update" else ""
    op.execute(f"create trigger {table}_touch_{change} after {change} on {table} {when} begin {marks} end")


def _its_day(table: str, side: str) -> str:
    if table == "calls":
        return f"select {side}.local_date as first, coalesce({side}.departement, '') as departement"
    return (
        "select calls.local_date as first, coalesce(calls.departement, '') as departement "
        f"from calls where calls.call_id = {side}.call_id"
    )


def _on_postgresql(table: str, change: str) -> None:
    """A trigger for each statement, COPY too, that marks each day once; it only adds lines, and waits for nobody."""
    columns = ", ".join(COUNTED[table])
    rows = {"insert": "new_rows", "delete": "old_rows"}.get(change)
    if rows is None:
        old, new = (f"select {columns} from {side}_rows" for side in ("old", "new"))
        rows = f"(({old} except all {new}) union all ({new} except all {old}))"
    joined = "" if table == "calls" else "join calls on calls.call_id = changed.call_id"
    place = "changed" if table == "calls" else "calls"
    sides = {"insert": ("new",), "update": ("old", "new"), "delete": ("old",)}[change]
    seen = " ".join(f"{side} table as {side}_rows" for side in sides)
    name = f"{table}_touch_{change}"
    op.execute(f"""
        create function svi_{name}() returns trigger language plpgsql set search_path from current as $$
        begin
          insert into touched_sums (grain, first, departement, seen)
          select distinct 'd', {place}.local_date, coalesce({place}.departement, ''), false
          from {rows} as changed {joined};
          return null;
        end $$
    """)
    op.execute(
        f"create trigger {name} after {change} on {table} referencing {seen} "
        f"for each statement execute function svi_{name}()"
    )
