"""What somebody had typed when the session ended: kept for the same account until it sends a form again."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from records.schema.desk_tables import kept_forms

KEPT_FOR = timedelta(hours=24)


def keep_interrupted_form(
    connection: Connection, account_id: int, path: str, fields: dict[str, str], at: datetime
) -> int:
    """Keep the fields of a form for a day; returns its number."""
    forget_old_forms(connection, at)
    values = {"account_id": account_id, "path": path, "fields": json.dumps(fields, ensure_ascii=True), "at": at}
    return int(connection.execute(insert(kept_forms).values(**values).returning(kept_forms.c.id)).scalar_one())


def forget_old_forms(connection: Connection, at: datetime) -> None:
    """Forget what nobody came back for within a day."""
    connection.execute(delete(kept_forms).where(kept_forms.c.at < at - KEPT_FOR))


def interrupted_form(connection: Connection, account_id: int, path: str | None = None) -> dict[str, Any] | None:
    """The newest fields kept for this account (and page); None when there are none."""
    query = select(kept_forms.c.fields).where(kept_forms.c.account_id == account_id)
    if path is not None:
        query = query.where(kept_forms.c.path == path)
    fields = connection.execute(query.order_by(kept_forms.c.id.desc()).limit(1)).scalar()
    if fields is None:
        return None
    found: dict[str, Any] = json.loads(fields)
    return found


def forget_interrupted_forms(connection: Connection, account_id: int) -> None:
    """Forget what was kept for this account: it has been sent again, or something else has."""
    connection.execute(delete(kept_forms).where(kept_forms.c.account_id == account_id))
