"""The written channel, knowledge and the newsletter: what requests gained, and the tables of the three."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = (
    "article_counts",
    "article_report_voices",
    "article_reports",
    "article_sous_motifs",
    "articles",
    "attachments",
    "avoided_requests",
    "connector_tickets",
    "filed_forms",
    "form_attempts",
    "newsletter_issues",
    "read_mails",
    "request_links",
    "request_mails",
    "route_versions",
    "search_synonyms",
    "subscribers",
    "tool_notes",
)
COLUMNS = (
    ("nom", sa.String(length=80)),
    ("prenom", sa.String(length=80)),
    ("profil", sa.String(length=40)),
    ("route", sa.String(length=40)),
    ("climbed_at", MOMENT),
    ("linked_call_id", sa.String(length=64)),
    ("merged_into", ID),
    ("rating", sa.Integer()),
)
"""What a request gains."""

FORGET_WRITTEN = (
    "delete from deliveries where kind in ('proof', 'article', 'newsletter', 'connector', 'inbound')",
    (
        "delete from deliveries where kind = 'request' and exists"
        " (select 1 from requests where channel <> 'phone' and reference like cast(requests.id as varchar) || ':%')"
    ),
    "delete from request_events where move in ('confirm', 'climb', 'link', 'merge', 'rate')",
    "delete from request_events where request_id in (select id from requests where channel <> 'phone')",
    "delete from exchanges where request_id in (select id from requests where channel <> 'phone')",
    "delete from tickets where request_id in (select id from requests where channel <> 'phone')",
    "delete from requests where channel <> 'phone'",
)
"""Going back: what the version before cannot read, and nothing that would hang on the next request of that number."""

_REMOVE = "insert into articles_fts(articles_fts, rowid, search_text) values ('delete', old.id, old.search_text);"
_ADD = "insert into articles_fts(rowid, search_text) values (new.id, new.search_text);"
FULL_TEXT = (
    "create virtual table articles_fts using fts5(search_text, content='articles', content_rowid='id')",
    f"create trigger articles_fts_added after insert on articles begin {_ADD} end",
    f"create trigger articles_fts_removed after delete on articles begin {_REMOVE} end",
    f"create trigger articles_fts_changed after update of search_text on articles begin {_REMOVE} {_ADD} end",
)
"""SQLite's full-text index of `articles.search_text`, which holds stems: the tokens are the words as they stand."""


def upgrade() -> None:
    op.create_table(
        "article_counts",
        sa.Column("article_id", ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("place", sa.String(length=12), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("said_yes", sa.Integer(), nullable=False),
        sa.Column("said_no", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "day", "place", name=op.f("pk_article_counts")),
    )
    op.create_index(op.f("ix_article_counts_day"), "article_counts", ["day"], unique=False)
    op.create_table(
        "article_report_voices",
        sa.Column("id", ID, nullable=False),
        sa.Column("report_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_report_voices")),
    )
    op.create_index(op.f("ix_article_report_voices_report_id"), "article_report_voices", ["report_id"], unique=False)
    op.create_table(
        "article_reports",
        sa.Column("id", ID, nullable=False),
        sa.Column("open_key", sa.String(length=120), nullable=True),
        sa.Column("article_id", ID, nullable=True),
        sa.Column("thematique", sa.String(length=200), nullable=True),
        sa.Column("motif", sa.String(length=200), nullable=True),
        sa.Column("sous_motif", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("owner", sa.String(length=254), nullable=True),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", sa.String(length=254), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_reports")),
        sa.UniqueConstraint("open_key", name=op.f("uq_article_reports_open_key")),
    )
    op.create_index(op.f("ix_article_reports_article_id"), "article_reports", ["article_id"], unique=False)
    op.create_index(op.f("ix_article_reports_state_due_at"), "article_reports", ["state", "due_at"], unique=False)
    op.create_table(
        "article_sous_motifs",
        sa.Column("article_id", ID, nullable=False),
        sa.Column("thematique", sa.String(length=200), nullable=False),
        sa.Column("motif", sa.String(length=200), nullable=False),
        sa.Column("sous_motif", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "thematique", "motif", "sous_motif", name=op.f("pk_article_sous_motifs")),
    )
    op.create_index(
        op.f("ix_article_sous_motifs_thematique_motif_sous_motif"),
        "article_sous_motifs",
        ["thematique", "motif", "sous_motif"],
        unique=False,
    )
    op.create_table(
        "articles",
        sa.Column("id", ID, nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("profiles", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(length=254), nullable=False),
        sa.Column("retired_at", MOMENT, nullable=True),
        sa.Column("link_state", sa.String(length=12), nullable=False),
        sa.Column("link_checked_at", MOMENT, nullable=True),
        sa.Column("link_failures", sa.Integer(), nullable=False),
        sa.Column("link_error", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sa.UniqueConstraint("address", name=op.f("uq_articles_address")),
    )
    op.create_index(op.f("ix_articles_retired_at"), "articles", ["retired_at"], unique=False)
    op.create_table(
        "attachments",
        sa.Column("id", ID, nullable=False),
        sa.Column("filed_key", sa.String(length=64), nullable=True),
        sa.Column("request_id", ID, nullable=True),
        sa.Column("event_id", ID, nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("stored", sa.String(length=80), nullable=False),
        sa.Column("scan", sa.String(length=12), nullable=False),
        sa.Column("scanned_at", MOMENT, nullable=True),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("added_by", sa.String(length=254), nullable=False),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    op.create_index(op.f("ix_attachments_digest"), "attachments", ["digest"], unique=False)
    op.create_index(op.f("ix_attachments_filed_key"), "attachments", ["filed_key"], unique=False)
    op.create_index(op.f("ix_attachments_request_id"), "attachments", ["request_id"], unique=False)
    op.create_table(
        "avoided_requests",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("departement", sa.String(length=3), nullable=True),
        sa.Column("profil", sa.String(length=40), nullable=False),
        sa.Column("sender", sa.String(length=10), nullable=False),
        sa.Column("thematique", sa.String(length=200), nullable=False),
        sa.Column("motif", sa.String(length=200), nullable=False),
        sa.Column("sous_motif", sa.String(length=200), nullable=False),
        sa.Column("niveau", sa.String(length=3), nullable=False),
        sa.Column("article_id", ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_avoided_requests")),
    )
    op.create_index(op.f("ix_avoided_requests_at"), "avoided_requests", ["at"], unique=False)
    op.create_table(
        "connector_tickets",
        sa.Column("request_id", ID, nullable=False),
        sa.Column("pushed_at", MOMENT, nullable=True),
        sa.Column("pushed_digest", sa.String(length=64), nullable=True),
        sa.Column("remote_id", sa.String(length=64), nullable=True),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_connector_tickets")),
    )
    op.create_index(op.f("ix_connector_tickets_pushed_at"), "connector_tickets", ["pushed_at"], unique=False)
    op.create_table(
        "filed_forms",
        sa.Column("id", ID, nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("filed_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("proved_at", MOMENT, nullable=True),
        sa.Column("request_id", ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filed_forms")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_filed_forms_token_digest")),
    )
    op.create_index(op.f("ix_filed_forms_expires_at"), "filed_forms", ["expires_at"], unique=False)
    op.create_table(
        "form_attempts",
        sa.Column("id", ID, nullable=False),
        sa.Column("bucket", sa.String(length=64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_attempts")),
    )
    op.create_index(op.f("ix_form_attempts_at"), "form_attempts", ["at"], unique=False)
    op.create_index(op.f("ix_form_attempts_bucket_at"), "form_attempts", ["bucket", "at"], unique=False)
    op.create_table(
        "newsletter_issues",
        sa.Column("id", ID, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("introduction", sa.Text(), nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("drafted_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(length=254), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("sent_by", sa.String(length=254), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_newsletter_issues")),
    )
    op.create_index(op.f("ix_newsletter_issues_state_until"), "newsletter_issues", ["state", "until"], unique=False)
    op.create_table(
        "read_mails",
        sa.Column("id", ID, nullable=False),
        sa.Column("name_digest", sa.String(length=64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("request_id", ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_read_mails")),
        sa.UniqueConstraint("name_digest", name=op.f("uq_read_mails_name_digest")),
    )
    op.create_index(op.f("ix_read_mails_at"), "read_mails", ["at"], unique=False)
    op.create_table(
        "request_links",
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("request_id", ID, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_request_links")),
    )
    op.create_index(op.f("ix_request_links_request_id"), "request_links", ["request_id"], unique=False)
    op.create_table(
        "request_mails",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("request_id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_request_mails")),
    )
    op.create_index(op.f("ix_request_mails_request_id"), "request_mails", ["request_id"], unique=False)
    op.create_table(
        "route_versions",
        sa.Column("version", ID, nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("published_by", sa.String(length=254), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_route_versions")),
    )
    op.create_table(
        "search_synonyms",
        sa.Column("id", ID, nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("set_by", sa.String(length=254), nullable=False),
        sa.Column("removed_at", MOMENT, nullable=True),
        sa.Column("removed_by", sa.String(length=254), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_synonyms")),
    )
    op.create_table(
        "subscribers",
        sa.Column("id", ID, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("consent", sa.String(length=200), nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("left_at", MOMENT, nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscribers")),
        sa.UniqueConstraint("email", name=op.f("uq_subscribers_email")),
    )
    op.create_index(
        op.f("ix_subscribers_confirmed_at_left_at"), "subscribers", ["confirmed_at", "left_at"], unique=False
    )
    op.create_table(
        "tool_notes",
        sa.Column("id", ID, nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("published_by", sa.String(length=254), nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tool_notes")),
    )
    op.create_index(op.f("ix_tool_notes_published_at"), "tool_notes", ["published_at"], unique=False)
    with op.batch_alter_table("requests") as table:
        for name, kind in COLUMNS:
            table.add_column(sa.Column(name, kind, nullable=True))
    op.create_index(op.f("ix_requests_linked_call_id"), "requests", ["linked_call_id"], unique=False)
    op.create_index(op.f("ix_requests_merged_into"), "requests", ["merged_into"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        for statement in FULL_TEXT:
            op.execute(statement)
    else:
        op.execute("create index ix_articles_search on articles using gin (to_tsvector('simple', search_text))")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("articles_fts_added", "articles_fts_removed", "articles_fts_changed"):
            op.execute(f"drop trigger {name}")
        op.execute("drop table articles_fts")
    op.drop_index(op.f("ix_requests_linked_call_id"), "requests")
    op.drop_index(op.f("ix_requests_merged_into"), "requests")
    for statement in FORGET_WRITTEN:
        op.execute(statement)
    with op.batch_alter_table("requests") as table:
        for name, _ in COLUMNS:
            table.drop_column(name)
    for name in TABLES:
        op.drop_table(name)
