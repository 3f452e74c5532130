"""What the editors' list is made of, read for one month: calls and requests by the same sums as every figure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from records.counting.figures import motive_tallies
from records.counting.requests import asked_about
from records.counting.tally import Scope
from records.database import Connection
from records.wording import Wording
from routing.departements import PARIS
from support.knowledge.editors.listing import CountedArticle, EditorsMonth, EditorsPart, Spoken, editors_list
from support.knowledge.reports.report import ReportState
from support.knowledge.reports.store import voices_by_report
from support.knowledge.store import ArticleCount, all_articles, counts_between
from support.nomenclature.store import all_changes


def read_list(connection: Connection, first: date) -> list[EditorsPart]:
    """The list of the month that begins on this day."""
    last = last_day(first)
    counts, scope = counts_between(connection, first, last), Scope(first, last)
    month = EditorsMonth(
        since=first, until=last, articles=list(_articles(connection, counts)),
        spoken=[
            Spoken(report.id, report.about.name, said, report.state is ReportState.OPEN)
            for report, said in voices_by_report(connection, _midnight(first), _midnight(last + timedelta(days=1)))
        ],
        calls=[(Wording(m.thematique, m.motif, m.sous_motif), m.count) for m in motive_tallies(connection, scope)],
        requests=[
            (Wording(*about), number) for about, number in asked_about(connection, scope).items()
        ],
        changes=all_changes(connection),
    )  # fmt: skip
    return editors_list(month)


def _articles(connection: Connection, counts: dict[int, ArticleCount]) -> Iterator[CountedArticle]:
    for one in all_articles(connection):
        counted = counts.get(one.id, ArticleCount())
        yield CountedArticle(
            one.id, one.title, counted.shown, counted.said_yes, one.link_state, one.link_error, one.sous_motifs
        )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), PARIS).astimezone(UTC)


def last_day(first: date) -> date:
    """The last day of the month that begins then."""
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def month_before(day: date) -> date:
    """The first day of the month before."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)
