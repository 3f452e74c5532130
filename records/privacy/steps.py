"""What each line of the table of retention does to rows, by the key of the line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    String,
    Table,
    case,
    cast,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)

from records.database import reading, writing
from records.outbox import tells_reader, without_reader
from records.privacy.calls_growing_old import Numbers, SaidWords, Statistics
from records.privacy.columns import Holds, personal_columns
from records.privacy.every_table import every_table
from records.privacy.finding import UNTOUCHED, take_out, texts_with
from records.privacy.portions import Cut, Rows, Shortening
from records.privacy.written import written_address
from records.schema.access_tables import half_sign_ins, recovery_codes, second_factors
from records.schema.desk_tables import (
    account_departements,
    accounts,
    audit,
    desk_marks,
    desk_sessions,
    kept_forms,
    proposals,
    qualification_history,
    qualifications,
    sign_in_tokens,
)
from records.schema.knowledge_tables import article_report_voices, article_reports
from records.schema.privacy_tables import erased_numbers
from records.schema.report_tables import import_batches, survey_answers, survey_corrections
from records.schema.request_tables import exchanges, request_events, requests, tickets
from records.schema.tables import absences, calls, deliveries, directory_versions, quarantine
from records.schema.written_tables import attachments, connector_tickets, request_links, request_mails

PAST = "[effacé au terme de sa conservation]"
GONE_ACCOUNT = "compte effacé"
_GONE = "efface-"
_PUBLISHED = "published"
"""The line of what is published: an address that stands there is where people are told to write."""
_COUNTED = ("solved", "desk")
"""What figures read of a step of a request."""
_MARKS = ("request", "answer")
"""The kinds of marks whose reference is a request's number."""


class ClosedAccounts:
    """Accounts closed long ago lose their names everywhere, and everything that they wrote keeps standing.

    Their addresses go from what others wrote, too; but for the trail, which grows only and has a period of its own.
    """

    def count(self, connection: Connection, cut: Cut) -> int:
        """How many accounts are due."""
        return len(self._due(connection, cut.before))

    def portions(self, engine: Engine, cut: Cut) -> Iterator[int]:
        """One account at a time: its address stands in many tables."""
        with reading(engine) as connection:
            due = self._due(connection, cut.before)
        for number, email, name in due:
            sought = written_address(email, GONE_ACCOUNT)
            with reading(engine) as connection:
                texts = list(texts_with(connection, sought, UNTOUCHED, (Holds.TEXT, Holds.JSON)))
            with writing(engine) as connection:
                take_out(connection, sought, [one for one in texts if one.column.line != _PUBLISHED])
                self._forget(connection, number, email, {email, name} - {""})
            yield 1

    def _due(self, connection: Connection, before: datetime) -> list[tuple[int, str, str]]:
        is_due = (accounts.c.closed_at < before, ~accounts.c.email.startswith(_GONE))
        query = select(accounts.c.id, accounts.c.email, accounts.c.name).where(*is_due).order_by(accounts.c.id)
        return [(row.id, row.email, row.name) for row in connection.execute(query)]

    def _forget(self, connection: Connection, number: int, email: str, names: set[str]) -> None:
        for one in personal_columns(Holds.ACCOUNT):
            table = every_table().get(one.table)
            if table is not None and table is not audit and table is not accounts:
                column = table.c[one.name]
                connection.execute(update(table).where(column.in_(names)).values({one.name: GONE_ACCOUNT}))
        connection.execute(update(accounts).where(accounts.c.created_by.in_(names)).values(created_by=GONE_ACCOUNT))
        nobody = {"email": f"{_GONE}{number}@compte.invalid", "name": GONE_ACCOUNT, "sub": None}
        connection.execute(update(accounts).where(accounts.c.id == number).values(nobody))
        asked = func.lower(requests.c.reply_to) == email
        connection.execute(update(requests).where(asked).values(reply_to=nobody["email"]))
        own = (account_departements, sign_in_tokens, desk_sessions, kept_forms, half_sign_ins)
        for table in (*own, second_factors, recovery_codes):
            connection.execute(delete(table).where(table.c.account_id == number))


@dataclass(frozen=True, slots=True)
class OlderThan:
    """The rows of the table of this name whose moment is older go; none where there is no such table."""

    table: str
    moment: str

    def count(self, connection: Connection, cut: Cut) -> int:
        """How many rows are due."""
        return sum(rows.count(connection, cut) for rows in self._rows())

    def portions(self, engine: Engine, cut: Cut) -> Iterator[int]:
        """In the order of their keys."""
        for rows in self._rows():
            yield from rows.portions(engine, cut)

    def _rows(self) -> Iterator[Rows]:
        table = every_table().get(self.table)
        if table is not None:
            yield Rows(table, lambda before: (table.c[self.moment] < before,))


def _past_requests(before: datetime) -> tuple[ColumnElement[bool], ...]:
    return (requests.c.closed_at < before, requests.c.subject != PAST)


def _with_requests(connection: Connection, numbers: Sequence[Any], _at: datetime) -> None:
    """What goes with requests: links, names of mails, files; what stays of steps, exchanges and tickets."""
    for table in (request_links, request_mails, attachments):
        connection.execute(delete(table).where(table.c.request_id.in_(numbers)))
    its_marks = (desk_marks.c.kind.in_(_MARKS), desk_marks.c.reference.in_([str(number) for number in numbers]))
    connection.execute(delete(desk_marks).where(*its_marks))
    steps = select(request_events.c.id, request_events.c.data).where(request_events.c.request_id.in_(numbers))
    for row in connection.execute(steps).all():
        data = json.loads(row.data)
        kept = {name: data[name] for name in _COUNTED if name in data}
        values = {"text": "", "by": "", "data": json.dumps(kept)}
        connection.execute(update(request_events).where(request_events.c.id == row.id).values(values))
    invited = {"proposed_by": "", "uid": literal(_GONE) + cast(exchanges.c.id, String)}
    connection.execute(update(exchanges).where(exchanges.c.request_id.in_(numbers)).values(invited))
    past = {"title": PAST, "opened_by": ""}
    connection.execute(update(tickets).where(tickets.c.request_id.in_(numbers)).values(past))
    connection.execute(update(connector_tickets).where(connector_tickets.c.request_id.in_(numbers)).values(error=None))


def _comments(table: Table) -> Rows:
    def due(before: datetime) -> tuple[ColumnElement[bool], ...]:
        its_call = exists().where(calls.c.call_id == table.c.call_id, calls.c.local_date < before.date())
        return (table.c.comment != "", or_(table.c.at < before, its_call))

    return Rows(table, due, {"comment": ""})


def _was_replaced(before: datetime) -> tuple[ColumnElement[bool], ...]:
    newer = directory_versions.alias("newer")
    return (exists().where(newer.c.version > directory_versions.c.version, newer.c.published_at < before),)


def _of_report(before: datetime) -> ColumnElement[bool]:
    return exists().where(
        article_reports.c.id == article_report_voices.c.report_id, article_reports.c.closed_at < before
    )


STEPS: Mapping[str, tuple[Shortening, ...]] = {
    "speech": (SaidWords(),),
    "numbers": (Numbers(),),
    "comments": (_comments(qualifications), _comments(qualification_history)),
    "calls": (Statistics(),),
    "requests": (
        Rows(
            requests,
            _past_requests,
            {
                "subject": PAST, "description": "", "reply_to": "", "owner": None, "created_by": "", "nom": None,
                "prenom": None, "result": case((requests.c.result.is_not(None), PAST)),
            },
            also=_with_requests,
        ),
    ),
    "written": (
        Rows(
            proposals,
            lambda before: (proposals.c.settled_at < before, or_(proposals.c.text != "", proposals.c.reference != "")),
            {"text": "", "reference": ""},
        ),
        Rows(
            article_report_voices,
            lambda before: (article_report_voices.c.text != "", _of_report(before)),
            {"text": "", "email": None},
        ),
        Rows(
            article_reports,
            lambda before: (article_reports.c.closed_at < before, article_reports.c.result != ""),
            {"result": ""},
        ),
        Rows(survey_answers, lambda before: (survey_answers.c.sent_at < before, survey_answers.c.comment != ""),
             {"comment": ""}),
        Rows(survey_corrections, lambda before: (survey_corrections.c.at < before, survey_corrections.c.reason != ""),
             {"reason": ""}),
        Rows(import_batches, lambda before: (import_batches.c.at < before, import_batches.c.file_name != ""),
             {"file_name": ""}),
    ),
    "mails": (
        Rows(
            deliveries,
            lambda before: (
                deliveries.c.done_at < before,
                or_(
                    tells_reader(),
                    *(deliveries.c[name].is_not(None) for name in ("recipient", "subject", "text", "error")),
                ),
            ),
            without_reader(),
        ),
    ),
    "traces": (
        Rows(quarantine, lambda before: (quarantine.c.at < before,)),
        OlderThan("line_alarms", "ended_at"),
        OlderThan("alerts", "ended_at"),
    ),
    "directories": (
        Rows(directory_versions, _was_replaced),
        Rows(absences, lambda before: (absences.c.end < before,)),
    ),
    "accounts": (ClosedAccounts(),),
    "audit": (Rows(audit, lambda before: (audit.c.at < before,)),),
    "sessions": (
        Rows(sign_in_tokens, lambda before: (sign_in_tokens.c.expires_at < before,)),
        Rows(desk_sessions, lambda before: (desk_sessions.c.started_at < before,)),
        OlderThan("half_sign_ins", "at"),
        OlderThan("identity_sessions", "at"),
    ),
    "kept_forms": (Rows(kept_forms, lambda before: (kept_forms.c.at < before,)),),
    "attempts": (OlderThan("sign_in_requests", "at"), OlderThan("form_attempts", "at")),
    "erased": (Rows(erased_numbers, lambda before: (erased_numbers.c.erased_at < before,)),),
}  # fmt: skip
"""A line whose key is not here is carried out by a job of its own, which the table names."""
