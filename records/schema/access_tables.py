"""The tables of who may come in: second factors, their recovery codes, sign-ins that wait for one, identities."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, String, Table, Text

from records.schema.tables import Id, Moment, metadata

second_factors = Table(
    "second_factors",
    metadata,
    Column("account_id", Id, primary_key=True, autoincrement=False),
    Column("salt", String(32), nullable=False),
    Column("enrolled_at", Moment, nullable=False),
    Column("last_step", Id, nullable=False),
)
"""The application that shows an account's codes. Its key is computed from the secret key and `salt`: whoever reads the
table, or a backup, can show no code. `last_step` is the time step of the last code taken: none is taken twice."""

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("account_id", Id, nullable=False),
    Column("used_at", Moment),
    Index(None, "account_id"),
)
"""Ten codes that each replace the application once: a keyed fingerprint alone is kept."""

half_sign_ins = Table(
    "half_sign_ins",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("account_id", Id, nullable=False),
    Column("at", Moment, nullable=False),
    Column("next_path", String(500), nullable=False),
    Column("lasts_day", Boolean, nullable=False),
    Column("ends_others", Boolean, nullable=False),
    Column("salt", String(32), nullable=False),
    Index(None, "account_id"),
)
"""Whoever has used his link and owes a code: no session yet, and forgotten after some minutes. `salt` makes the key of
an application that is shown to this browser alone: whoever saw another one, with another link, can show no code."""

identity_sessions = Table(
    "identity_sessions",
    metadata,
    Column("session_hash", String(64), primary_key=True),
    Column("id_token", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "at"),
)
"""The proof that ProConnect gave for a session of ours, to end the session there with ours."""
