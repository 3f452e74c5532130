"""The tables that every room shares: facts and calls, what people set about routing, what is owed to somebody.

One `metadata`; rooms that own tables of their own put them on it (`records/…_tables.py`). Moments are aware UTC,
identities are 64 bits, free text is TEXT. The columns of `calls` are those of `records.facts.CallRow`, and a few more.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

if TYPE_CHECKING:
    _Moment = TypeDecorator[datetime]
else:
    _Moment = TypeDecorator


class Moment(_Moment):
    """An aware moment, kept in UTC; a naive one is refused with ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The same moment in UTC, as the database keeps it (SQLite keeps no offset)."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a time zone: {value}")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        """The moment, aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Id = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit identity that both databases number by themselves (SQLite numbers INTEGER only, which is 64 bits there)."""

# ---------------------------------------------------------------- what happened

facts = Table(
    "facts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("call", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("who", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("source", String(16), nullable=False),
    Column("data", Text, nullable=False),
    UniqueConstraint("call", "kind", "n", "who"),
    Index(None, "at"),
)
"""Every fact once; `data` is JSON in ASCII, so that no byte of it can be refused."""

journal_offsets = Table(
    "journal_offsets",
    metadata,
    Column("file", String(200), primary_key=True),
    Column("offset", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
)
"""How far each journal file has been moved here, written in the transaction that writes its facts."""

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("origin", String(200), nullable=False),
    Column("error", String(200), nullable=False),
    Column("raw", Text, nullable=False),
)
"""What could not be taken in: the line or the call (ASCII), where it came from, and why."""

calls = Table(
    "calls",
    metadata,
    Column("call_id", String(64), primary_key=True),
    Column("caller", String(64)),
    Column("caller_fingerprint", String(64)),
    Column("dialled", String(64)),
    Column("departement", String(3)),
    Column("departement_given_by", String(16)),
    Column("outcome", String(24), nullable=False),
    Column("absence_reason", String(16)),
    Column("answered_by", String(16)),
    Column("referent", String(200)),
    Column("referent_id", String(16)),
    Column("referent_phone", String(32)),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("local_date", Date, nullable=False),
    Column("wait_seconds", BigInteger),
    Column("talk_seconds", BigInteger),
    Column("total_seconds", BigInteger),
    Column("attempts", Text, nullable=False),
    Column("message_seconds", BigInteger),
    Column("recording", String(64)),
    Column("callback_number", String(64)),
    Column("callback_confirmed", Boolean, nullable=False),
    Column("linked_call_id", String(64)),
    Column("source", String(16), nullable=False),
    Index(None, "started_at"),
    Index(None, "departement", "started_at"),
    Index(None, "local_date", "departement"),
    Index(None, "departement", "local_date"),
    Index(None, "caller", "started_at"),
    Index(None, "caller_fingerprint", "started_at"),
    Index(None, "outcome", "started_at"),
    Index(None, "answered_by", "started_at"),
)
"""One row a call. `local_date` is the day of the département (decision 31); `attempts` is JSON; `linked_call_id` the
call that a callback answers (decision 35)."""

tombstones = Table(
    "tombstones",
    metadata,
    Column("call_id", String(64), primary_key=True),
    Column("erased_at", Moment, nullable=False),
)
"""Calls that were erased: neither a late line of the journal nor the operator's log brings them back."""

# ---------------------------------------------------------------- what is owed to somebody

desk_tasks = Table(
    "desk_tasks",
    metadata,
    Column("call_id", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("departement", String(3), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("handled_at", Moment),
    Column("handled_by", String(200)),
    Column("audio_file", String(200)),
    Column("audio_state", String(16)),
    Column("fetched_at", Moment),
    Column("deleted_at", Moment),
    PrimaryKeyConstraint("call_id", "kind"),
    Index(None, "departement", "handled_at"),
    Index(None, "handled_at", "created_at"),
)
"""A message to hear or a callback to make. `departement`: whose desk, `*` the national one (decision 13)."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("dedupe_key", String(200), nullable=False, unique=True),
    Column("kind", String(32), nullable=False),
    Column("reference", String(200), nullable=False),
    Column("recipient", String(320)),
    Column("subject", Text),
    Column("text", Text),
    Column("created_at", Moment, nullable=False),
    Column("next_try_at", Moment),
    Column("tries", Integer, nullable=False),
    Column("done_at", Moment),
    Column("error", String(500)),
    Index(None, "done_at", "next_try_at"),
)
"""The outbox: what must reach somebody once, and how far we are with it.

`subject` and `text` are a mail's words, kept until it has left; other mails are written when they leave.
"""

# ---------------------------------------------------------------- who should answer

directory_versions = Table(
    "directory_versions",
    metadata,
    Column("version", Id, primary_key=True),
    Column("published_at", Moment, nullable=False),
    Column("published_by", String(200), nullable=False),
    Column("csv", Text, nullable=False),
    Column("note", Text, nullable=False),
)
"""Every directory that ever served; `csv` is the file as it was given, in UTF-8."""


def _set_by() -> tuple[Column[str], Column[datetime], Column[datetime]]:
    return (
        Column("created_by", String(200), nullable=False),
        Column("created_at", Moment, nullable=False),
        Column("deleted_at", Moment),
    )


absences = Table(
    "absences",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", String(16), nullable=False),
    Column("start", Moment, nullable=False),
    Column("end", Moment, nullable=False),
    Column("suppleant", String(16)),
    *_set_by(),
    Index(None, "person", "end"),
    Index(None, "end"),
)
closures = Table(
    "closures",
    metadata,
    Column("id", Id, primary_key=True),
    Column("departement", String(3)),
    Column("start", Moment, nullable=False),
    Column("end", Moment, nullable=False),
    Column("label", String(200), nullable=False),
    *_set_by(),
    Index(None, "end"),
)
notices = Table(
    "notices",
    metadata,
    Column("id", Id, primary_key=True),
    Column("text", Text, nullable=False),
    Column("start", Moment, nullable=False),
    Column("end", Moment, nullable=False),
    *_set_by(),
    Index(None, "end"),
)
absence_messages = Table(
    "absence_messages",
    metadata,
    Column("id", Id, primary_key=True),
    Column("departement", String(3), nullable=False),
    Column("reason", String(16)),
    Column("text", Text),
    Column("audio", String(200)),
    *_set_by(),
    Index(None, "departement"),
)
"""The newest line of a (departement, reason) that is not deleted holds; likewise for `overflows`."""

overflows = Table(
    "overflows",
    metadata,
    Column("id", Id, primary_key=True),
    Column("departement", String(3)),
    Column("to", String(3), nullable=False),
    Column("when", String(16), nullable=False),
    *_set_by(),
)
usage_holidays = Table(
    "usage_holidays",
    metadata,
    Column("departement", String(3), primary_key=True),
    Column("created_by", String(200), nullable=False),
    Column("created_at", Moment, nullable=False),
)
"""A line says that the switch of a département's own days off stands away from its default, and who turned it."""
