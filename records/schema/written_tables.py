"""The tables of the written channel: forms that wait for their address, links, files, mails read, rules, tickets."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from records.schema.tables import Id, Moment, metadata

filed_forms = Table(
    "filed_forms",
    metadata,
    Column("id", Id, primary_key=True),
    Column("token_digest", String(64), nullable=False, unique=True),
    Column("email", String(254), nullable=False),
    Column("fields", Text, nullable=False),
    Column("filed_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("proved_at", Moment),
    Column("request_id", Id),
    Index(None, "expires_at"),
)
"""What was written in the public form and waits for the proof that its address receives mail: nobody reads it before.
`fields` is JSON by the names of docs/contract.md#the-written-channel; it is emptied once the request is open."""

request_links = Table(
    "request_links",
    metadata,
    Column("token_digest", String(64), primary_key=True),
    Column("request_id", Id, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    Index(None, "request_id"),
)
"""The private links of whoever wrote. The token is computed again from the secret key, the request and `generation`
(`records.tokens`), so that each mail can name it; only its digest is kept, and looked for."""

request_mails = Table(
    "request_mails",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("request_id", Id, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "request_id"),
)
"""The left half of the Message-ID of each mail that was owed about a request, and of each that was read: by it a reply
finds its request."""

read_mails = Table(
    "read_mails",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name_digest", String(64), nullable=False, unique=True),
    Column("at", Moment, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("request_id", Id),
    Index(None, "at"),
)
"""Each mail that was read from the mailbox, once: `outcome` is `added`, `dropped` or `unmatched`, `reason` says why."""

attachments = Table(
    "attachments",
    metadata,
    Column("id", Id, primary_key=True),
    Column("filed_key", String(64)),
    Column("request_id", Id),
    Column("event_id", Id),
    Column("name", String(120), nullable=False),
    Column("kind", String(80), nullable=False),
    Column("size", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("stored", String(80), nullable=False),
    Column("scan", String(12), nullable=False),
    Column("scanned_at", Moment),
    Column("added_at", Moment, nullable=False),
    Column("added_by", String(254), nullable=False),
    Column("deleted_at", Moment),
    Index(None, "filed_key"),
    Index(None, "request_id"),
    Index(None, "digest"),
)
"""A file that came with a request: `filed_key` names the form in which it still waits, `stored` the file in the folder
of attachments, `scan` is `unscanned`, `clean` or `infected`. `kind` is what its content is, whatever its name says."""

avoided_requests = Table(
    "avoided_requests",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("departement", String(3)),
    Column("profil", String(40), nullable=False),
    Column("sender", String(10), nullable=False),
    Column("thematique", String(200), nullable=False),
    Column("motif", String(200), nullable=False),
    Column("sous_motif", String(200), nullable=False),
    Column("niveau", String(3), nullable=False),
    Column("article_id", Id),
    Index(None, "at"),
)
"""Each time somebody found the answer before sending: by the ready answer (`article_id` null) or by an article. Of whom
nothing is kept."""

form_attempts = Table(
    "form_attempts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("bucket", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "bucket", "at"),
    Index(None, "at"),
)
"""What limits the public form: one line an attempt for its address and one for its network, as keyed fingerprints."""

route_versions = Table(
    "route_versions",
    metadata,
    Column("version", Id, primary_key=True),
    Column("rules", Text, nullable=False),
    Column("published_at", Moment, nullable=False),
    Column("published_by", String(254), nullable=False),
    Column("note", String(200), nullable=False),
)
"""Every version of the table that sends written requests to their desks; the newest holds. `rules` is JSON."""

connector_tickets = Table(
    "connector_tickets",
    metadata,
    Column("request_id", Id, nullable=False),
    Column("pushed_at", Moment),
    Column("pushed_digest", String(64)),
    Column("remote_id", String(64)),
    Column("is_new", Boolean, nullable=False),
    Column("error", String(500)),
    PrimaryKeyConstraint("request_id"),
    Index(None, "pushed_at"),
)
"""What the connector last wrote of each request into the ministry's CRM, and under which number it is known there."""
