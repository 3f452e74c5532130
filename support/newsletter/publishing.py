"""What the national team does with the newsletter: draft, change, send, drop, and say what changed in a tool."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from records.database import Connection
from records.desks.acting import Acting
from records.outbox import Owed, Thing, owe
from records.refusals import ChangeRefused, one_line
from support.newsletter.news import (
    IssueState,
    NewsletterIssue,
    digest,
    items_to_json,
    subject_of,
    with_choices,
)
from support.newsletter.store import (
    add_draft,
    add_tool_note,
    change_issue,
    current_draft,
    issue_key,
    issues,
    published_between,
    read_issue,
    receivers,
    told_until,
    withdraw_note,
)

FIRST_LOOK = timedelta(days=31)
"""How far back the first newsletter looks."""
LONGEST_SUBJECT, LONGEST_INTRODUCTION = 150, 4000
LONGEST_NOTE_TITLE, LONGEST_NOTE = 150, 2000
NOTHING = "Rien n’a été publié depuis la dernière lettre : il n’y a rien à annoncer."


def draft_at(connection: Connection, at: datetime) -> NewsletterIssue | None:
    """The draft that would be made at this moment, or the one under way; None where there is nothing to tell."""
    standing = current_draft(connection)
    if standing is not None:
        return standing
    since = told_until(connection) or at - FIRST_LOOK
    items = digest(published_between(connection, since, at))
    if not items:
        return None
    number = next((one.id for one in issues(connection, at_most=1)), 0) + 1
    return NewsletterIssue(number, since, at, subject_of(since, at), "", items, IssueState.DRAFT, 1, at, at, "")


def draft(acting: Acting) -> int:
    """Draft the newsletter of what was published, or bring the draft under way up to now; returns its number.

    What was written, and what was left out, is kept. ChangeRefused where there is nothing to tell.
    """
    with acting.writing() as connection:
        standing = current_draft(connection)
        found = draft_at(connection, acting.at)
        if found is None:
            raise ChangeRefused(NOTHING)
        if standing is None:
            number = add_draft(
                connection, since=found.since, until=found.until, subject=found.subject, items=found.items, by=acting.by
            )
            if number is None:
                raise ChangeRefused("Un brouillon vient d’être fait par quelqu’un d’autre.")
        else:
            number = standing.id
            _bring_up_to(acting, connection, standing)
        acting.note(connection, "lettre préparée", str(number))
    return number


def _bring_up_to(acting: Acting, connection: Connection, standing: NewsletterIssue) -> None:
    items = with_choices(digest(published_between(connection, standing.since, acting.at)), standing.items)
    is_ours = standing.subject == subject_of(standing.since, standing.until)
    values = {
        "until": acting.at, "items": items_to_json(items), "changed_at": acting.at, "changed_by": acting.by,
        "subject": subject_of(standing.since, acting.at) if is_ours else standing.subject,
    }  # fmt: skip
    change_issue(connection, standing.id, standing.version, values)


def change(
    acting: Acting, number: int, *, follows: int, subject: str, introduction: str, kept: Collection[str]
) -> None:  # fmt: skip
    """Keep what the national team wrote, and which items are told (`kept`, by their keys).

    ChangeRefused for a text that is missing or too long; Overtaken when somebody else wrote since, or it has left.
    """
    values = {
        "subject": one_line(subject, "sujet", LONGEST_SUBJECT),
        "introduction": _text(introduction, "introduction", LONGEST_INTRODUCTION),
        "changed_at": acting.at, "changed_by": acting.by,
    }  # fmt: skip
    with acting.writing() as connection:
        found = _draft_of(connection, number)
        items = [replace(item, is_kept=item.key in kept) for item in found.items]
        change_issue(connection, number, follows, values | {"items": items_to_json(items)})
        acting.note(connection, "lettre modifiée", str(number))


def send(acting: Acting, number: int, *, follows: int) -> int:
    """Send a draft, once, to everybody who receives the newsletter; returns to how many.

    ChangeRefused when nothing is told in it; Overtaken when somebody else wrote since, or it has left.
    """
    with acting.writing() as connection:
        found = _draft_of(connection, number)
        if not found.kept:
            raise ChangeRefused("Cette lettre n’annonce rien : une lettre vide n’est pas envoyée.")
        values = {"state": str(IssueState.SENT), "sent_at": acting.at, "sent_by": acting.by}
        change_issue(connection, number, follows, values)
        to = receivers(connection)
        for one in to:
            thing = Thing(Owed.NEWSLETTER, f"{issue_key(number)}:{one}", f"{number}:{one}")
            owe(connection, thing, acting.at)
        acting.note(connection, "lettre envoyée", f"{number} ({len(to)})")
    return len(to)


def drop(acting: Acting, number: int, *, follows: int) -> None:
    """Give a draft up: what it told comes back in the next one. Overtaken when somebody else wrote since."""
    with acting.writing() as connection:
        _draft_of(connection, number)
        values = {"state": str(IssueState.DROPPED), "changed_at": acting.at, "changed_by": acting.by}
        change_issue(connection, number, follows, values)
        acting.note(connection, "lettre abandonnée", str(number))


def _draft_of(connection: Connection, number: int) -> NewsletterIssue:
    found = read_issue(connection, number)
    if found is None:
        raise ChangeRefused("Cette lettre n’existe pas.", "lettre")
    return found


def say_of_tool(acting: Acting, *, title: str, text: str) -> int:
    """Keep a note about a changed tool for the next newsletter; ChangeRefused when it is missing or too long."""
    line, body = one_line(title, "titre", LONGEST_NOTE_TITLE), _text(text, "texte", LONGEST_NOTE)
    with acting.writing() as connection:
        number = add_tool_note(connection, title=line, text=body, by=acting.by, at=acting.at)
        acting.note(connection, "note sur un outil", str(number))
    return number


def take_note_back(acting: Acting, number: int) -> None:
    """Withdraw a note; ChangeRefused when there is none of that number any more."""
    with acting.writing() as connection:
        if not withdraw_note(connection, number, acting.at):
            raise ChangeRefused("Cette note n’existe plus.")
        acting.note(connection, "note sur un outil retirée", str(number))


def _text(typed: str, field: str, longest: int) -> str:
    """The text, its lines kept; ChangeRefused when it is too long."""
    lines = typed.replace("\r\n", "\n").replace("\r", "\n")
    plain = "".join(mark if mark.isprintable() or mark == "\n" else " " for mark in lines).strip()
    if len(plain) > longest:
        raise ChangeRefused(f"Le texte est trop long : {len(plain)} caractères pour {longest} au plus.", field)
    return plain
