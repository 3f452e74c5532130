"""The newsletter in tables: what was published, its issues, notes about tools, and who receives it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from records.database import insert_unless_there
from records.outbox import Owed
from records.refusals import Overtaken
from records.schema.desk_tables import answers, nomenclature_versions
from records.schema.knowledge_tables import articles, newsletter_issues, subscribers, tool_notes
from records.schema.tables import closures, deliveries
from records.schema.written_tables import route_versions
from records.wording import Wording
from support.newsletter.news import (
    FranceClosed,
    IssueState,
    NewsItem,
    NewsletterIssue,
    PublishedArticle,
    PublishedList,
    PublishedNews,
    ToolNote,
    items_from_json,
    items_to_json,
)
from support.newsletter.subscriber import Subscriber
from support.nomenclature.changing import NomenclatureChange

# ---------------------------------------------------------------- what was published


def published_between(connection: Connection, since: datetime, until: datetime) -> PublishedNews:
    """What was published after `since` and not after `until`, and still stands."""
    return PublishedNews(
        tools=_tools(connection, since, until),
        routes=_routes(connection, since, until),
        closures=_closures(connection, since, until),
        lists=_lists(connection, since, until),
        articles=_articles(connection, since, until),
        answers=_answers(connection, since, until),
    )


def _within(column: Any, since: datetime, until: datetime) -> tuple[Any, Any]:
    return column > since, column <= until


def _tools(connection: Connection, since: datetime, until: datetime) -> list[ToolNote]:
    query = select(tool_notes).where(*_within(tool_notes.c.published_at, since, until))
    rows = connection.execute(query.where(tool_notes.c.withdrawn_at.is_(None)).order_by(tool_notes.c.id))
    return [ToolNote(r.id, r.title, r.text, r.published_at, r.published_by) for r in rows]


def _routes(connection: Connection, since: datetime, until: datetime) -> list[tuple[int, str]]:
    table = route_versions.c
    query = select(table.version, table.note).where(*_within(table.published_at, since, until)).order_by(table.version)
    return [(int(row.version), row.note) for row in connection.execute(query)]


def _closures(connection: Connection, since: datetime, until: datetime) -> list[FranceClosed]:
    """Of all desks only, and to come or under way: one département's is told to its callers."""
    table = closures.c
    is_ours = (table.departement.is_(None), table.deleted_at.is_(None), table.end > until)
    query = select(closures).where(*_within(table.created_at, since, until), *is_ours).order_by(table.start, table.id)
    return [FranceClosed(r.id, r.start, r.end, r.label) for r in connection.execute(query)]


def _lists(connection: Connection, since: datetime, until: datetime) -> list[PublishedList]:
    table = nomenclature_versions.c
    query = select(nomenclature_versions).where(*_within(table.published_at, since, until))
    rows = connection.execute(query.where(table.withdrawn_at.is_(None)).order_by(table.valid_from, table.version))
    return [PublishedList(r.version, r.valid_from, r.note, _changes(r.changes)) for r in rows]


def _changes(text: str) -> list[NomenclatureChange]:
    return [
        NomenclatureChange(c["kind"], c["before"] and Wording(**c["before"]), c["after"] and Wording(**c["after"]))
        for c in json.loads(text)
    ]


def _articles(connection: Connection, since: datetime, until: datetime) -> list[PublishedArticle]:
    table = articles.c
    query = select(articles).where(*_within(table.changed_at, since, until)).order_by(table.title, table.id)
    found = []
    for row in connection.execute(query):
        is_new = since < row.added_at <= until
        if row.retired_at is None:
            became = "new" if is_new else "changed"
        elif since < row.retired_at <= until and not is_new:
            became = "retired"
        else:
            continue  # gone before anybody was told of it
        found.append(PublishedArticle(row.id, row.title, row.summary, row.address, became))
    return found


def _answers(connection: Connection, since: datetime, until: datetime) -> list[tuple[Wording, bool]]:
    table = answers.c
    query = select(table.thematique, table.motif, table.sous_motif, func.min(table.version))
    rows = connection.execute(
        query.where(*_within(table.at, since, until))
        .group_by(table.thematique, table.motif, table.sous_motif)
        .order_by(table.thematique, table.motif, table.sous_motif)
    )
    return [(Wording(*names), int(version) == 1) for *names, version in rows]


# ---------------------------------------------------------------- issues


def _issue(row: Any) -> NewsletterIssue:
    return NewsletterIssue(
        row.id, row.since, row.until, row.subject, row.introduction, items_from_json(row.items), IssueState(row.state),
        row.version, row.drafted_at, row.changed_at, row.changed_by, row.sent_at, row.sent_by,
    )  # fmt: skip


def read_issue(connection: Connection, number: int) -> NewsletterIssue | None:
    """The issue of this number."""
    row = connection.execute(select(newsletter_issues).where(newsletter_issues.c.id == number)).first()
    return None if row is None else _issue(row)


def current_draft(connection: Connection) -> NewsletterIssue | None:
    """The draft at which the national team works; there is one at most."""
    query = select(newsletter_issues).where(newsletter_issues.c.state == str(IssueState.DRAFT))
    row = connection.execute(query.order_by(newsletter_issues.c.id.desc()).limit(1)).first()
    return None if row is None else _issue(row)


def issues(connection: Connection, state: IssueState | None = None, at_most: int = 100) -> list[NewsletterIssue]:
    """The issues, newest first."""
    query = select(newsletter_issues).order_by(newsletter_issues.c.id.desc()).limit(at_most)
    if state is not None:
        query = query.where(newsletter_issues.c.state == str(state))
    return [_issue(row) for row in connection.execute(query)]


def told_until(connection: Connection) -> datetime | None:
    """Up to when the readers know what was published: the end of the newest issue that was sent."""
    query = select(func.max(newsletter_issues.c.until)).where(newsletter_issues.c.state == str(IssueState.SENT))
    found: datetime | None = connection.execute(query).scalar()
    return found


def add_draft(
    connection: Connection, *, since: datetime, until: datetime, subject: str, items: Sequence[NewsItem], by: str
) -> int | None:
    """A new draft's number; None when somebody drafted at the same moment."""
    newest = connection.execute(select(func.max(newsletter_issues.c.id))).scalar() or 0
    values = {
        "id": newest + 1, "since": since, "until": until, "subject": subject, "introduction": "",
        "items": items_to_json(items), "state": str(IssueState.DRAFT), "version": 1, "drafted_at": until,
        "changed_at": until, "changed_by": by,
    }  # fmt: skip
    return newest + 1 if insert_unless_there(connection, newsletter_issues, values) else None


def change_issue(connection: Connection, number: int, follows: int, values: dict[str, Any]) -> None:
    """Write a draft as its author has it; Overtaken when it is no draft any more, or somebody else wrote since."""
    this = (
        newsletter_issues.c.id == number, newsletter_issues.c.version == follows,
        newsletter_issues.c.state == str(IssueState.DRAFT),
    )  # fmt: skip
    changed = update(newsletter_issues).where(*this).values(version=follows + 1, **values)
    if not connection.execute(changed).rowcount:
        raise Overtaken(read_issue(connection, number))


def sending_of(connection: Connection, number: int) -> tuple[int, int, int]:
    """Of an issue's mails: how many left or need not leave, how many wait, how many were given up."""
    table = deliveries.c
    query = select(table.done_at, table.error).where(
        table.kind == str(Owed.NEWSLETTER), table.dedupe_key.like(f"{issue_key(number)}:%")
    )
    rows = connection.execute(query).all()
    waiting = sum(row.done_at is None for row in rows)
    given_up = sum(row.done_at is not None and row.error is not None for row in rows)
    return len(rows) - waiting - given_up, waiting, given_up


def issue_key(number: int) -> str:
    """What the keys of an issue's mails begin with."""
    return f"newsletter:{number}"


# ---------------------------------------------------------------- notes about tools


def tool_notes_standing(connection: Connection, at_most: int = 50) -> list[ToolNote]:
    """The notes that nobody withdrew, newest first."""
    query = select(tool_notes).where(tool_notes.c.withdrawn_at.is_(None)).order_by(tool_notes.c.id.desc())
    rows = connection.execute(query.limit(at_most))
    return [ToolNote(r.id, r.title, r.text, r.published_at, r.published_by) for r in rows]


def add_tool_note(connection: Connection, *, title: str, text: str, by: str, at: datetime) -> int:
    """A new note's number."""
    values = {"title": title, "text": text, "published_at": at, "published_by": by}
    return int(connection.execute(insert(tool_notes).values(values).returning(tool_notes.c.id)).scalar_one())


def withdraw_note(connection: Connection, number: int, at: datetime) -> bool:
    """Take a note back; False when none of that number stands."""
    this = (tool_notes.c.id == number, tool_notes.c.withdrawn_at.is_(None))
    return bool(connection.execute(update(tool_notes).where(*this).values(withdrawn_at=at)).rowcount)


# ---------------------------------------------------------------- who receives it


def _subscriber(row: Any) -> Subscriber:
    return Subscriber(
        row.id, row.email, row.asked_at, row.consent, row.confirmed_at, row.left_at, row.generation
    )  # fmt: skip


def read_subscriber(connection: Connection, number: int) -> Subscriber | None:
    """The subscriber of this number."""
    row = connection.execute(select(subscribers).where(subscribers.c.id == number)).first()
    return None if row is None else _subscriber(row)


def subscriber_of(connection: Connection, email: str) -> Subscriber | None:
    """The subscriber of this address, in small letters."""
    row = connection.execute(select(subscribers).where(subscribers.c.email == email)).first()
    return None if row is None else _subscriber(row)


def ask_for(connection: Connection, email: str, consent: str, at: datetime) -> Subscriber:
    """Somebody asks for the newsletter at this address: its line, made where there is none; nothing is proved by it."""
    values = {"email": email, "asked_at": at, "consent": consent, "generation": 1}
    if not insert_unless_there(connection, subscribers, values):
        again = update(subscribers).where(subscribers.c.email == email).values(asked_at=at, consent=consent)
        connection.execute(again)
    found = subscriber_of(connection, email)
    if found is None:
        raise LookupError(email)
    return found


def receive(connection: Connection, one: Subscriber, at: datetime) -> None:
    """The address is proved: it receives from now on; one that had left gets new links."""
    generation = one.generation + (1 if one.left_at is not None else 0)
    values = {"confirmed_at": at, "left_at": None, "generation": generation}
    connection.execute(update(subscribers).where(subscribers.c.id == one.id).values(values))


def leave(connection: Connection, one: Subscriber, at: datetime) -> bool:
    """The address receives nothing any more; False when it had left already."""
    this = (subscribers.c.id == one.id, subscribers.c.left_at.is_(None))
    return bool(connection.execute(update(subscribers).where(*this).values(left_at=at)).rowcount)


def receivers(connection: Connection) -> list[int]:
    """The numbers of those who receive the newsletter."""
    is_one = (subscribers.c.confirmed_at.is_not(None), subscribers.c.left_at.is_(None))
    return list(connection.scalars(select(subscribers.c.id).where(*is_one).order_by(subscribers.c.id)))


def forget_subscribers(connection: Connection, *, unproved_before: datetime, left_before: datetime) -> None:
    """Delete the addresses that never proved themselves, and those that left long ago."""
    table = subscribers.c
    is_unproved = (table.confirmed_at.is_(None), table.asked_at < unproved_before)
    connection.execute(delete(subscribers).where(*is_unproved))
    connection.execute(delete(subscribers).where(table.left_at < left_before, table.asked_at < left_before))
