"""A call back as a call: written down when somebody says that he made it, taken away when he says that he did not."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from sqlalchemy import Connection, select

from records.desks.acting import Acting
from records.desks.desk_calls import add_manual_call, delete_manual_call
from records.facts import NATIONAL, Source
from records.schema.desk_tables import qualifications
from records.schema.tables import calls
from records.typed.durations import LONGEST, check_duration


def read_call_back(typed: str, confirmed: str = "") -> int | None:
    """The seconds of the call back that somebody typed, None for none; ValueError as `check_duration` says it."""
    return check_duration(typed, confirmed) if typed.strip() else None


def note_call_back(
    acting: Acting,
    connection: Connection,
    *,
    number: str | None,
    departement: str | None,
    zone: tzinfo,
    of: str,
    seconds: int,
) -> str:
    """The id of a new manual call that ends now, linked to the call `of`, to be qualified (decision 35).

    `zone` is the département's own time, whose day the call belongs to (decision 31).
    """
    started = acting.at - timedelta(seconds=seconds)
    code = None if departement == NATIONAL else departement
    name = acting.account.name if acting.account else ""
    call_id = add_manual_call(
        connection, caller=number, departement=code, started_at=started,
        local_date=started.astimezone(zone).date(), talk_seconds=seconds, referent=name or acting.by,
        linked_call_id=of,
    )  # fmt: skip
    acting.note(connection, "appel ajouté", call_id)
    return call_id


def call_back_made(connection: Connection, *, of: str, at: datetime) -> str | None:
    """The call back that was written down at that moment for the call `of`; None when there was none."""
    made = (calls.c.linked_call_id == of, calls.c.source == Source.MANUAL)
    near = calls.c.started_at.between(at - timedelta(seconds=LONGEST), at)
    query = select(calls.c.call_id).where(near, *made).order_by(calls.c.started_at.desc()).limit(1)
    return connection.execute(query).scalar()


def forget_call_back(acting: Acting, connection: Connection, *, of: str, at: datetime) -> bool:
    """Take away the call back that was written down at that moment; False when somebody has qualified it: it stays."""
    call_id = call_back_made(connection, of=of, at=at)
    if call_id is None:
        return True
    if connection.execute(select(qualifications.c.call_id).where(qualifications.c.call_id == call_id)).first():
        return False
    delete_manual_call(connection, call_id)
    acting.note(connection, "appel retiré", call_id)
    return True
