"""The tables of knowledge: articles and how they serve, what people say is wrong with them, the newsletter."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from records.schema.tables import Id, Moment, metadata

articles = Table(
    "articles",
    metadata,
    Column("id", Id, primary_key=True),
    Column("title", String(200), nullable=False),
    Column("address", String(500), nullable=False, unique=True),
    Column("profiles", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("checked_on", Date),
    Column("search_text", Text, nullable=False),
    Column("added_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("changed_by", String(254), nullable=False),
    Column("retired_at", Moment),
    Column("link_state", String(12), nullable=False),
    Column("link_checked_at", Moment),
    Column("link_failures", Integer, nullable=False),
    Column("link_error", String(200)),
    Index(None, "retired_at"),
)
"""The directory of the knowledge base's articles. `profiles`: keys joined by a space; `summary`: what is in it, in
a few sentences, so that it can be found by other words than its title's; `search_text`: the stems of everything it is
found by (one analyser writes it; SQLite's FTS5 and PostgreSQL index it); `link_state`: `unknown`, `ok`, `dead`."""

article_sous_motifs = Table(
    "article_sous_motifs",
    metadata,
    Column("article_id", Id, nullable=False),
    Column("thematique", String(200), nullable=False),
    Column("motif", String(200), nullable=False),
    Column("sous_motif", String(200), nullable=False),
    PrimaryKeyConstraint("article_id", "thematique", "motif", "sous_motif"),
    Index(None, "thematique", "motif", "sous_motif"),
)
"""Which sous-motifs an article answers."""

article_counts = Table(
    "article_counts",
    metadata,
    Column("article_id", Id, nullable=False),
    Column("day", Date, nullable=False),
    Column("place", String(12), nullable=False),
    Column("shown", Integer, nullable=False),
    Column("opened", Integer, nullable=False),
    Column("said_yes", Integer, nullable=False),
    Column("said_no", Integer, nullable=False),
    PrimaryKeyConstraint("article_id", "day", "place"),
    Index(None, "day"),
)
"""How often an article was shown on a day (Paris), opened, and said to answer the question or not; `place` is `form`,
`search` or `profile`. Nothing of who it was."""

search_synonyms = Table(
    "search_synonyms",
    metadata,
    Column("id", Id, primary_key=True),
    Column("words", String(500), nullable=False),
    Column("set_at", Moment, nullable=False),
    Column("set_by", String(254), nullable=False),
    Column("removed_at", Moment),
    Column("removed_by", String(254)),
)
"""Words that mean the same in the search of articles, separated by commas, added by the national team."""

article_reports = Table(
    "article_reports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("open_key", String(120), unique=True),
    Column("article_id", Id),
    Column("thematique", String(200)),
    Column("motif", String(200)),
    Column("sous_motif", String(200)),
    Column("state", String(12), nullable=False),
    Column("owner", String(254)),
    Column("opened_at", Moment, nullable=False),
    Column("due_at", Moment),
    Column("closed_at", Moment),
    Column("closed_by", String(254)),
    Column("result", Text),
    Index(None, "article_id"),
    Index(None, "state", "due_at"),
)
"""What is wrong with an article, or which one is missing (`article_id` null): one open line however many people say it.
`open_key` names what it is about while it is open, null afterwards; `state` is `open`, `done` or `refused`."""

article_report_voices = Table(
    "article_report_voices",
    metadata,
    Column("id", Id, primary_key=True),
    Column("report_id", Id, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("text", Text, nullable=False),
    Column("email", String(254)),
    Column("at", Moment, nullable=False),
    Index(None, "report_id"),
)
"""Each person who said it: `kind` is `obsolete`, `incomplete` or `missing`; `email` is answered once the report ends,
then forgotten."""

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("email", String(254), nullable=False, unique=True),
    Column("asked_at", Moment, nullable=False),
    Column("consent", String(200), nullable=False),
    Column("confirmed_at", Moment),
    Column("left_at", Moment),
    Column("generation", Integer, nullable=False),
    Index(None, "confirmed_at", "left_at"),
)
"""Who receives the newsletter: `consent` is the sentence that was agreed to, `confirmed_at` when its address proved it,
`left_at` when it was ended; the links of a subscription are computed from `generation` (`records.tokens`)."""

newsletter_issues = Table(
    "newsletter_issues",
    metadata,
    Column("id", Id, primary_key=True),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("subject", String(200), nullable=False),
    Column("introduction", Text, nullable=False),
    Column("items", Text, nullable=False),
    Column("state", String(12), nullable=False),
    Column("version", Integer, nullable=False),
    Column("drafted_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("changed_by", String(254), nullable=False),
    Column("sent_at", Moment),
    Column("sent_by", String(254)),
    Index(None, "state", "until"),
)
"""Each digest of what was published between two moments: `items` is JSON, `state` is `draft`, `sent` or `dropped`."""

tool_notes = Table(
    "tool_notes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("title", String(200), nullable=False),
    Column("text", Text, nullable=False),
    Column("published_at", Moment, nullable=False),
    Column("published_by", String(254), nullable=False),
    Column("withdrawn_at", Moment),
    Index(None, "published_at"),
)
"""What the national team says of a changed tool (the SI SIAO, the form, this service), for the next newsletter."""
