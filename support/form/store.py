"""Forms that wait for their proof, and requests that an answer made unnecessary, as tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select, update

from records.database import insert_unless_there
from records.schema.written_tables import avoided_requests, filed_forms


@dataclass(frozen=True, slots=True)
class FiledForm:
    """A form that was sent; `fields` is empty once its request is open."""

    id: int
    token_digest: str
    email: str
    fields: Mapping[str, str]
    filed_at: datetime
    expires_at: datetime
    request_id: int | None


def file_form(
    connection: Connection, token_digest: str, email: str, fields: Mapping[str, str], *, at: datetime, lives: timedelta
) -> bool:  # fmt: skip
    """Keep the form until its address is proved; what is sent again before replaces it. False when it was known."""
    written = json.dumps(dict(fields), ensure_ascii=False)
    values = {
        "token_digest": token_digest, "email": email, "fields": written, "filed_at": at, "expires_at": at + lives,
    }  # fmt: skip
    if insert_unless_there(connection, filed_forms, values):
        return True
    same = (filed_forms.c.token_digest == token_digest, filed_forms.c.request_id.is_(None))
    connection.execute(update(filed_forms).where(*same).values(fields=written))
    over = filed_forms.c.expires_at <= at
    connection.execute(update(filed_forms).where(*same, over).values(filed_at=at, expires_at=at + lives))
    return False


def filed_form(connection: Connection, token_digest: str, *, locked: bool = False) -> FiledForm | None:
    """The form of this link; `locked`: nobody else opens it meanwhile."""
    query = select(filed_forms).where(filed_forms.c.token_digest == token_digest)
    row = connection.execute(query.with_for_update() if locked else query).first()
    return None if row is None else _filed(row)


def filed_form_of(connection: Connection, number: int) -> FiledForm | None:
    """The form of this number."""
    row = connection.execute(select(filed_forms).where(filed_forms.c.id == number)).first()
    return None if row is None else _filed(row)


def note_opened(
    connection: Connection, number: int, request_id: int, kept: Mapping[str, str], at: datetime
) -> None:  # fmt: skip
    """The form has become a request: of what it says `kept` alone stays, nothing that people wrote."""
    this = update(filed_forms).where(filed_forms.c.id == number)
    connection.execute(this.values(request_id=request_id, proved_at=at, fields=json.dumps(dict(kept))))


def drop_filed(connection: Connection, token_digest: str) -> None:
    """Forget a form that is not open yet: another address took its place."""
    this = (filed_forms.c.token_digest == token_digest, filed_forms.c.request_id.is_(None))
    connection.execute(delete(filed_forms).where(*this))


def forget_filed(connection: Connection, at: datetime) -> None:
    """Forget every form whose time is over."""
    connection.execute(delete(filed_forms).where(filed_forms.c.expires_at <= at))


def _filed(row: Any) -> FiledForm:
    return FiledForm(
        row.id, row.token_digest, row.email, json.loads(row.fields), row.filed_at, row.expires_at, row.request_id
    )  # fmt: skip


# ---------------------------------------------------------------- requests avoided


@dataclass(frozen=True, slots=True)
class AvoidedRequest:
    """A request that an answer made unnecessary; `article_id` None: the ready answer did."""

    departement: str | None
    profil: str
    sender: str
    thematique: str
    motif: str
    sous_motif: str
    niveau: str
    article_id: int | None


def note_avoided(connection: Connection, number: int, avoided: AvoidedRequest, at: datetime) -> bool:
    """Count it under this number, once; False when it was counted."""
    values = {name: getattr(avoided, name) for name in AvoidedRequest.__slots__} | {"id": number, "at": at}
    return insert_unless_there(connection, avoided_requests, values)


def forget_avoided(connection: Connection, number: int) -> None:
    """It was sent after all."""
    connection.execute(delete(avoided_requests).where(avoided_requests.c.id == number))
