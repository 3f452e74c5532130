"""Reports on articles and their voices, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, or_, select, update

from records.database import insert_unless_there
from records.outbox import Owed
from records.schema.knowledge_tables import article_report_voices, article_reports, articles
from records.schema.tables import deliveries
from records.wording import Wording
from support.knowledge.reports.report import About, ArticleReport, ReportKind, ReportState, Said, Voice

_voices = (
    select(func.count())
    .where(article_report_voices.c.report_id == article_reports.c.id)
    .correlate(article_reports)
    .scalar_subquery()
)
_JOINED = article_reports.outerjoin(articles, articles.c.id == article_reports.c.article_id)
_QUERY = select(article_reports, articles.c.title, articles.c.address, _voices.label("voices")).select_from(_JOINED)


def _report(row: Any) -> ArticleReport:
    wording = None if row.article_id is not None else Wording(row.thematique, row.motif, row.sous_motif)
    about = About(row.article_id, row.title or "", row.address or "", wording)
    return ArticleReport(
        row.id, about, ReportState(row.state), row.owner, row.opened_at, row.due_at, row.closed_at, row.closed_by,
        row.result, int(row.voices),
    )  # fmt: skip


def read_report(connection: Connection, number: int) -> ArticleReport | None:
    """The report of this number."""
    row = connection.execute(_QUERY.where(article_reports.c.id == number)).first()
    return None if row is None else _report(row)


def open_reports(connection: Connection) -> list[ArticleReport]:
    """The reports that wait, the one that is due first on top."""
    waits = article_reports.c.state == str(ReportState.OPEN)
    rows = connection.execute(_QUERY.where(waits).order_by(article_reports.c.due_at, article_reports.c.id))
    return [_report(row) for row in rows]


def closed_reports(connection: Connection, at_most: int) -> list[ArticleReport]:
    """Those that have ended, the newest first."""
    ended = article_reports.c.state != str(ReportState.OPEN)
    rows = connection.execute(_QUERY.where(ended).order_by(article_reports.c.closed_at.desc()).limit(at_most))
    return [_report(row) for row in rows]


def count_open(connection: Connection, due_before: datetime | None = None) -> int:
    """How many wait; with `due_before`, how many of them are late then."""
    query = select(func.count()).where(article_reports.c.state == str(ReportState.OPEN))
    if due_before is not None:
        query = query.where(article_reports.c.due_at < due_before)
    return int(connection.execute(query).scalar_one())


def voices_of(connection: Connection, number: int) -> list[Voice]:
    """Everybody who said it, in the order in which they did."""
    table = article_report_voices
    rows = connection.execute(select(table).where(table.c.report_id == number).order_by(table.c.id))
    return [Voice(row.id, ReportKind(row.kind), row.text, row.email, row.at) for row in rows]


def open_report(connection: Connection, about: About, *, at: datetime, due_at: datetime) -> int | None:
    """The number of the one open report about this, opened now where there was none; None when it has just ended."""
    names = about.wording._asdict() if about.wording else {}
    values = {
        "open_key": about.open_key, "article_id": about.article_id, "state": str(ReportState.OPEN), "opened_at": at,
        "due_at": due_at, **names,
    }  # fmt: skip
    insert_unless_there(connection, article_reports, values)
    number = select(article_reports.c.id).where(article_reports.c.open_key == about.open_key).with_for_update()
    found: int | None = connection.execute(number).scalar()
    return found


def add_voice(connection: Connection, number: int, said: Said, at: datetime) -> None:
    """One more voice; somebody who has signed in and says it again has changed his words."""
    table, values = article_report_voices, {"kind": str(said.kind), "text": said.text, "at": at}
    if said.email is not None and said.is_proved:
        same = (table.c.report_id == number, table.c.email == said.email)
        if connection.execute(update(table).where(*same).values(values)).rowcount:
            return
    connection.execute(insert(table).values(report_id=number, email=said.email, **values))


def waiting_for(connection: Connection, email: str, but: int) -> int:
    """How many open reports, besides this one, will be answered to this address."""
    voices = article_report_voices.c
    joined = article_report_voices.join(article_reports, article_reports.c.id == voices.report_id)
    query = select(func.count(func.distinct(voices.report_id))).select_from(joined)
    waits = (article_reports.c.state == str(ReportState.OPEN), voices.email == email, voices.report_id != but)
    return int(connection.execute(query.where(*waits)).scalar_one())


def take_report(connection: Connection, number: int, owner: str) -> bool:
    """It is looked after by this account; False when it does not wait any more."""
    this = (article_reports.c.id == number, article_reports.c.state == str(ReportState.OPEN))
    return bool(connection.execute(update(article_reports).where(*this).values(owner=owner)).rowcount)


def end_report(connection: Connection, number: int, state: ReportState, result: str, *, by: str, at: datetime) -> bool:
    """It ends with this result, and another one may be opened about the same; False when it had ended."""
    this = (article_reports.c.id == number, article_reports.c.state == str(ReportState.OPEN))
    values = {"open_key": None, "state": str(state), "closed_at": at, "closed_by": by, "result": result}
    return bool(connection.execute(update(article_reports).where(*this).values(values)).rowcount)


def take_addresses(connection: Connection, number: int) -> Sequence[str]:
    """The addresses to answer, each once; they are kept no longer with the report."""
    voices = article_report_voices
    query = select(voices.c.email).where(voices.c.report_id == number, voices.c.email.is_not(None)).distinct()
    found = sorted(connection.scalars(query))
    connection.execute(update(voices).where(voices.c.report_id == number).values(email=None))
    return [str(email) for email in found]


def forget_answered(connection: Connection, given_up_before: datetime) -> None:
    """Take the addresses out of the mails that have left; out of those given up a little later, so that they are told.

    The mails to the national team are of the same kind, and lose nothing that the directory does not say.
    """
    table = deliveries.c
    is_over = (table.kind == str(Owed.ARTICLE), table.done_at.is_not(None), table.recipient.is_not(None))
    may_go = or_(table.error.is_(None), table.done_at < given_up_before)
    connection.execute(update(deliveries).where(*is_over, may_go).values(recipient=None))


def voices_by_report(connection: Connection, since: datetime, until: datetime) -> list[tuple[ArticleReport, int]]:
    """The reports that somebody spoke of from one moment to another, with how many did, the most first."""
    voices = article_report_voices.c
    counted = select(voices.report_id, func.count().label("said")).where(voices.at >= since, voices.at < until)
    said = counted.group_by(voices.report_id).subquery()
    query = _QUERY.add_columns(said.c.said).join(said, said.c.report_id == article_reports.c.id)
    rows = connection.execute(query.order_by(said.c.said.desc(), article_reports.c.id))
    return [(_report(row), int(row.said)) for row in rows]
