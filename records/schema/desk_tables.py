"""The tables of the référent's desk: who may sign in, what was said about a call, what is to say and to do."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from records.schema.tables import Id, Moment, metadata

# ---------------------------------------------------------------- who may sign in

accounts = Table(
    "accounts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("email", String(254), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("role", String(16), nullable=False),
    Column("sub", String(255), unique=True),
    Column("created_at", Moment, nullable=False),
    Column("created_by", String(254), nullable=False),
    Column("welcomed_at", Moment),
    Column("signed_in_at", Moment),
    Column("closed_at", Moment),
)
"""`email` is kept in lower case; `sub` is the identity that ProConnect gives, known from the first sign-in on."""

account_departements = Table(
    "account_departements",
    metadata,
    Column("account_id", Id, nullable=False),
    Column("departement", String(3), nullable=False),
    PrimaryKeyConstraint("account_id", "departement"),
)

sign_in_tokens = Table(
    "sign_in_tokens",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("account_id", Id, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    Column("next_path", String(500), nullable=False),
    Index(None, "expires_at"),
)
"""One-time links: the hash alone is kept, so that nobody who reads the table can sign in."""

sign_in_requests = Table(
    "sign_in_requests",
    metadata,
    Column("id", Id, primary_key=True),
    Column("bucket", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "bucket", "at"),
)
"""One line for each link asked for, under keyed fingerprints of the address and of the machine: the rate limit."""

desk_sessions = Table(
    "desk_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("account_id", Id, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("lasts_day", Boolean, nullable=False),
    Column("how", String(16)),
    Index(None, "account_id"),
)
"""`lasts_day`: opened on a computer that its owner calls his own, it lasts the working day whatever the idle limit.
`how`: what proved who it is (`records.desks.accounts.EntryProof`); empty from a release before, it counts as a link."""

kept_forms = Table(
    "kept_forms",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", Id, nullable=False),
    Column("path", String(500), nullable=False),
    Column("fields", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "account_id"),
)
"""What somebody had typed when the session ended, given back to the same account after signing in again; JSON."""

audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("by", String(254), nullable=False),
    Column("what", String(40), nullable=False),
    Column("reference", String(200), nullable=False),
    Index(None, "at"),
    Index(None, "reference"),
    Index(None, "by", "at"),
    Index(None, "what", "at"),
)
"""Who saw a number, heard a message, signed in, changed the directory. Lines are added only: triggers of migration 0014
refuse to change one, but for a number or a name taken out, and to delete one that is younger than 179 days."""

# ---------------------------------------------------------------- what was said about a call

qualifications = Table(
    "qualifications",
    metadata,
    Column("call_id", String(64), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("thematique", String(200), nullable=False),
    Column("motif", String(200), nullable=False),
    Column("sous_motif", String(200), nullable=False),
    Column("niveau", String(3), nullable=False),
    Column("resolved", Boolean),
    Column("escalated", Boolean),
    Column("comment", Text, nullable=False),
    Column("by", String(254), nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "by", "at"),
    Index(None, "sous_motif", "at"),
)
"""The current qualification of a call; it carries its wording, whatever becomes of the nomenclature (decision 36).

`resolved` and `escalated` are None where an imported line did not say: neither yes nor no (decision 70).
"""

qualification_history = Table(
    "qualification_history",
    metadata,
    Column("call_id", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("thematique", String(200), nullable=False),
    Column("motif", String(200), nullable=False),
    Column("sous_motif", String(200), nullable=False),
    Column("niveau", String(3), nullable=False),
    Column("resolved", Boolean),
    Column("escalated", Boolean),
    Column("comment", Text, nullable=False),
    Column("by", String(254), nullable=False),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("call_id", "version"),
)
"""Every version that ever held: what stood before a change is the line with the number before."""

# ---------------------------------------------------------------- what may be said

nomenclature_versions = Table(
    "nomenclature_versions",
    metadata,
    Column("version", Id, primary_key=True),
    Column("valid_from", Date, nullable=False),
    Column("published_at", Moment, nullable=False),
    Column("published_by", String(254), nullable=False),
    Column("note", Text, nullable=False),
    Column("entries", Text, nullable=False),
    Column("changes", Text, nullable=False),
    Column("withdrawn_at", Moment),
    Column("withdrawn_by", String(254)),
    Index(None, "valid_from"),
)
"""The whole list of each version, and what changed since the one before; both JSON. None: the list as delivered.

A version that has not begun may be withdrawn; its number is not given again.
"""

sous_motif_words = Table(
    "sous_motif_words",
    metadata,
    Column("id", Id, primary_key=True),
    Column("thematique", String(200), nullable=False),
    Column("motif", String(200), nullable=False),
    Column("sous_motif", String(200), nullable=False),
    Column("version", Integer, nullable=False),
    Column("words", Text, nullable=False),
    Column("by", String(254), nullable=False),
    Column("at", Moment, nullable=False),
    Index("uq_sous_motif_words_wording_version", "thematique", "motif", "sous_motif", "version", unique=True),
)
"""What callers say for a sous-motif, one phrase a line, every version; the highest holds. None: as delivered."""

answers = Table(
    "answers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("thematique", String(200), nullable=False),
    Column("motif", String(200), nullable=False),
    Column("sous_motif", String(200), nullable=False),
    Column("version", Integer, nullable=False),
    Column("aloud", Text, nullable=False),
    Column("written", Text, nullable=False),
    Column("validated", Boolean, nullable=False),
    Column("by", String(254), nullable=False),
    Column("at", Moment, nullable=False),
    Index("uq_answers_wording_version", "thematique", "motif", "sous_motif", "version", unique=True),
)
"""Every version of every ready answer; the highest one holds. None: the text as delivered."""

local_paragraphs = Table(
    "local_paragraphs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("departement", String(3), nullable=False),
    Column("thematique", String(200), nullable=False),
    Column("motif", String(200), nullable=False),
    Column("sous_motif", String(200), nullable=False),
    Column("version", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("by", String(254), nullable=False),
    Column("at", Moment, nullable=False),
    Index(
        "uq_local_paragraphs_place_version", "departement", "thematique", "motif", "sous_motif", "version", unique=True
    ),
)
"""What a département adds to a ready answer, every version; the highest holds, an empty text is none."""

answer_uses = Table(
    "answer_uses",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("by", String(254), nullable=False),
    Column("departement", String(3)),
    Column("thematique", String(200), nullable=False),
    Column("motif", String(200), nullable=False),
    Column("sous_motif", String(200), nullable=False),
    Column("way", String(8), nullable=False),
    Column("recipient", String(254)),
    Column("call_id", String(64)),
    Index("ix_answer_uses_wording_at", "thematique", "motif", "sous_motif", "at"),
    Index(None, "call_id"),
)
"""Each time a ready answer served: `way` is `sent` (to `recipient`, by the service) or `copied`."""

proposals = Table(
    "proposals",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("reference", String(700), nullable=False),
    Column("departement", String(3)),
    Column("text", Text, nullable=False),
    Column("by", String(254), nullable=False),
    Column("at", Moment, nullable=False),
    Column("settled_at", Moment),
    Column("settled_by", String(254)),
    Index(None, "settled_at", "at"),
)
"""What référents ask of the national team: a ready answer (`answer`) or a corrected line of the directory."""

# ---------------------------------------------------------------- what is to do

desk_marks = Table(
    "desk_marks",
    metadata,
    Column("kind", String(12), nullable=False),
    Column("reference", String(64), nullable=False),
    Column("owner", String(254)),
    Column("owned_at", Moment),
    Column("aside_until", Moment),
    Column("aside_by", String(254)),
    Column("done_at", Moment),
    Column("done_by", String(254)),
    PrimaryKeyConstraint("kind", "reference"),
    Index(None, "done_at"),
)
"""What people said about a line of « À faire » that no other table says: whose it is, until when it is set aside, that
it is done. `reference`: a call's id or a request's number; a missed caller has a mark for each of his calls."""

desks_without_missed = Table(
    "desks_without_missed",
    metadata,
    Column("departement", String(3), primary_key=True),
    Column("set_by", String(254), nullable=False),
    Column("set_at", Moment, nullable=False),
)
"""A line says that this desk does not want its missed callers listed."""
