"""What people set about routing, as rows; the roof turns them into the rules that a snapshot carries (decision 27)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select, update

from records.schema.tables import absence_messages, absences, closures, notices, overflows, usage_holidays


class RuleKind(StrEnum):
    """What can be set."""

    ABSENCE = "absence"
    CLOSURE = "closure"
    NOTICE = "notice"
    MESSAGE = "message"
    OVERFLOW = "overflow"


_TABLES: Mapping[RuleKind, Table] = {
    RuleKind.ABSENCE: absences,
    RuleKind.CLOSURE: closures,
    RuleKind.NOTICE: notices,
    RuleKind.MESSAGE: absence_messages,
    RuleKind.OVERFLOW: overflows,
}

Row = Mapping[str, Any]


def add_rule(connection: Connection, kind: RuleKind, values: Row, *, by: str, at: datetime) -> int:
    """Set one rule and return its number; `values` are the columns of its table."""
    table = _TABLES[kind]
    row = {**values, "created_by": by, "created_at": at}
    return int(connection.execute(insert(table).values(row).returning(table.c.id)).scalar_one())


def remove_rule(connection: Connection, kind: RuleKind, number: int, *, at: datetime) -> bool:
    """Take one rule away (it stays on record); False when there is none of that number any more."""
    table = _TABLES[kind]
    gone = update(table).where(table.c.id == number, table.c.deleted_at.is_(None)).values(deleted_at=at)
    return bool(connection.execute(gone).rowcount)


def change_rule(connection: Connection, kind: RuleKind, number: int, values: Row) -> bool:
    """Give one rule other values; False when there is none of that number any more."""
    table = _TABLES[kind]
    changed = update(table).where(table.c.id == number, table.c.deleted_at.is_(None)).values(values)
    return bool(connection.execute(changed).rowcount)


def rule_ever_set(connection: Connection, kind: RuleKind, number: int) -> Row | None:
    """The rule of that number, taken away (`deleted_at`) or not; None when there was never one."""
    table = _TABLES[kind]
    found = connection.execute(select(table).where(table.c.id == number)).mappings().first()
    return None if found is None else dict(found)


def rules_set(connection: Connection, kind: RuleKind, *, ending_after: datetime | None = None) -> list[Row]:
    """The rules of one kind that hold or will hold, oldest first; those over by `ending_after` are left out."""
    table = _TABLES[kind]
    wanted = select(table).where(table.c.deleted_at.is_(None)).order_by(table.c.id)
    if ending_after is not None and "end" in table.c:
        wanted = wanted.where(table.c.end > ending_after)
    return [dict(row) for row in connection.execute(wanted).mappings()]


def own_days_switched(connection: Connection) -> frozenset[str]:
    """The départements where somebody turned the switch of the own days off away from its default."""
    return frozenset(connection.scalars(select(usage_holidays.c.departement)))


def switch_own_days(connection: Connection, departement: str, *, away: bool, by: str, at: datetime) -> None:
    """Turn the switch of a département's own days off away from its default, or back."""
    connection.execute(delete(usage_holidays).where(usage_holidays.c.departement == departement))
    if away:
        row = {"departement": departement, "created_by": by, "created_at": at}
        connection.execute(insert(usage_holidays).values(row))
