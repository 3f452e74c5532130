"""Attachments as rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, insert, or_, select, update

from records.schema.request_tables import requests
from records.schema.written_tables import attachments, filed_forms
from support.attachments.attachment import Attachment, Scan


def add_attachment(connection: Connection, values: dict[str, Any]) -> Attachment:
    """Write a new line, and return it."""
    return _attachment(connection.execute(insert(attachments).values(**values).returning(attachments)).one())


def attachments_of(connection: Connection, request_id: int) -> list[Attachment]:
    """The files of a request, oldest first; one that was found infected is among them, and is not given."""
    query = select(attachments).where(attachments.c.request_id == request_id).order_by(attachments.c.id)
    return [_attachment(row) for row in connection.execute(query)]


def read_attachment(connection: Connection, request_id: int, attachment_id: int) -> Attachment | None:
    """The file of this number, if it is this request's."""
    query = select(attachments).where(attachments.c.id == attachment_id, attachments.c.request_id == request_id)
    row = connection.execute(query).first()
    return None if row is None else _attachment(row)


def waiting_attachments(connection: Connection, filed_key: str) -> list[Attachment]:
    """The files of a form that waits, oldest first."""
    query = select(attachments).where(_waiting(filed_key)).order_by(attachments.c.id)
    return [_attachment(row) for row in connection.execute(query)]


def adopt(connection: Connection, filed_key: str, *, request_id: int, event_id: int | None) -> int:
    """The files of the form become the request's; returns how many."""
    values = {"filed_key": None, "request_id": request_id, "event_id": event_id}
    return connection.execute(update(attachments).where(_waiting(filed_key)).values(**values)).rowcount


def forget_waiting(connection: Connection, attachment_id: int, filed_key: str) -> bool:
    """Whether this file of the form was taken out of it: it is nobody's, and goes the next day."""
    gone = update(attachments).where(_waiting(filed_key), attachments.c.id == attachment_id)
    return connection.execute(gone.values(filed_key=None)).rowcount == 1


def of_step(connection: Connection, files: Sequence[int], event_id: int) -> None:
    """Say with which step these files came."""
    connection.execute(update(attachments).where(attachments.c.id.in_(files)).values(event_id=event_id))


def _waiting(filed_key: str) -> ColumnElement[bool]:
    return and_(attachments.c.filed_key == filed_key, attachments.c.request_id.is_(None))


def _attachment(row: Any) -> Attachment:
    return Attachment(
        row.id, row.filed_key, row.request_id, row.event_id, row.name, row.kind, row.size, row.digest, row.stored,
        Scan(row.scan), row.scanned_at, row.added_at, row.added_by, row.deleted_at,
    )  # fmt: skip


# ---------------------------------------------------------------- what the jobs do


def forget_left_over(connection: Connection, at: datetime, added_before: datetime) -> list[str]:
    """Forget the files whose form is gone or expired, and those whose request is gone; returns what they are named.

    A filed form names the key of its files among its fields.
    """
    form_waits = exists().where(filed_forms.c.fields.contains(attachments.c.filed_key), filed_forms.c.expires_at > at)
    has_request = exists().where(requests.c.id == attachments.c.request_id)
    left = or_(
        and_(attachments.c.request_id.is_(None), attachments.c.added_at < added_before, ~form_waits),
        and_(attachments.c.request_id.is_not(None), ~has_request),
    )
    return list(connection.scalars(delete(attachments).where(left).returning(attachments.c.stored)))


def stored_names(connection: Connection) -> set[str]:
    """The names on the disk that are somebody's."""
    return set(connection.scalars(select(attachments.c.stored).where(attachments.c.deleted_at.is_(None))))


def to_scan(connection: Connection, *, known_before: datetime, added_after: datetime, limit: int) -> list[Attachment]:
    """The files that wait for the antivirus, and the recent ones of which it spoke before a moment, longest first."""
    mine = attachments.c
    again = or_(
        and_(mine.scan == str(Scan.UNSCANNED), or_(mine.scanned_at.is_(None), mine.scanned_at < known_before)),
        and_(mine.scan == str(Scan.CLEAN), mine.scanned_at < known_before, mine.added_at > added_after),
    )
    query = select(attachments).where(mine.deleted_at.is_(None), again)
    found: Sequence[Any] = connection.execute(
        query.order_by(mine.scanned_at.asc().nulls_first(), mine.id).limit(limit)
    ).all()
    return [_attachment(row) for row in found]


def say_scanned(connection: Connection, attachment_id: int, scan: Scan, at: datetime) -> None:
    """Write what the antivirus said; what it found infected is deleted."""
    values = {"scan": str(scan), "scanned_at": at} | ({"deleted_at": at} if scan is Scan.INFECTED else {})
    connection.execute(update(attachments).where(attachments.c.id == attachment_id).values(**values))
