"""The tables of requests: what a desk is asked to solve, every step of it, exchanges planned, technical tickets."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from records.schema.tables import Id, Moment, metadata

requests = Table(
    "requests",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel", String(8), nullable=False),
    Column("sender", String(10), nullable=False),
    Column("call_id", String(64), unique=True),
    Column("departement", String(3)),
    Column("version", Integer, nullable=False),
    Column("subject", String(200), nullable=False),
    Column("description", Text, nullable=False),
    Column("thematique", String(200), nullable=False),
    Column("motif", String(200), nullable=False),
    Column("sous_motif", String(200), nullable=False),
    Column("niveau", String(3), nullable=False),
    Column("reply_to", String(254), nullable=False),
    Column("desk", String(8), nullable=False),
    Column("owner", String(254)),
    Column("state", String(12), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", String(254), nullable=False),
    Column("due_at", Moment),
    Column("taken_at", Moment),
    Column("first_answer_at", Moment),
    Column("closed_at", Moment),
    Column("result", Text),
    Column("nom", String(80)),
    Column("prenom", String(80)),
    Column("profil", String(40)),
    Column("route", String(40)),
    Column("climbed_at", Moment),
    Column("linked_call_id", String(64)),
    Column("merged_into", Id),
    Column("rating", Integer),
    Index(None, "departement", "created_at"),
    Index(None, "desk", "state", "due_at"),
    Index(None, "created_at"),
    Index(None, "linked_call_id"),
    Index(None, "merged_into"),
)
"""One line a request, as it stands: what its events add up to. `owner` is an account's address; `version` counts its
changes; `due_at` is the promise of its state, None when nothing is promised.

Of the written channel: `nom`, `prenom`, `profil` of whoever wrote; `route`, the key of the rule by which it went to its
first desk; `climbed_at`, when it went to the national desk by itself; `linked_call_id`, a call about the same matter
(`call_id` is the call that it began with); `merged_into`, the request of which it is a double; `rating`, 1 to 5."""

request_events = Table(
    "request_events",
    metadata,
    Column("id", Id, primary_key=True),
    Column("request_id", Id, nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", String(254), nullable=False),
    Column("move", String(24), nullable=False),
    Column("text", Text, nullable=False),
    Column("data", Text, nullable=False),
    Index(None, "request_id", "id"),
    Index(None, "at"),
)
"""Every step of every request, in order; lines are added only. `data` is JSON: what changed, before and after."""

exchanges = Table(
    "exchanges",
    metadata,
    Column("id", Id, primary_key=True),
    Column("request_id", Id, nullable=False),
    Column("uid", String(120), nullable=False, unique=True),
    Column("sequence", Integer, nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("state", String(12), nullable=False),
    Column("proposed_by", String(254), nullable=False),
    Column("proposed_at", Moment, nullable=False),
    Index(None, "request_id"),
    Index(None, "state", "starts_at"),
)
"""A telephone exchange planned for a request; `uid` and `sequence` are those of its invitation (RFC 5545)."""

tickets = Table(
    "tickets",
    metadata,
    Column("id", Id, primary_key=True),
    Column("reference", String(24), nullable=False, unique=True),
    Column("request_id", Id, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("title", String(200), nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("opened_by", String(254), nullable=False),
    Column("changed_at", Moment, nullable=False),
    Index(None, "request_id"),
    Index(None, "state"),
)
"""A technical ticket (incident, évolution, intervention) that a request led to."""
