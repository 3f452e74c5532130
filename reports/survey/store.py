"""Surveys and their answers as rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from records.schema.report_tables import survey_answers, survey_corrections, survey_frozen, surveys


@dataclass(frozen=True, slots=True)
class Survey:
    """One month's survey as it is kept; `frozen_at` None: figures are still live."""

    month: str
    opened_at: datetime
    frozen_at: datetime | None
    tracked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SurveyAnswer:
    """What one département sent."""

    departement: str
    comment: str
    sent_at: datetime
    sent_by: str
    late: bool


def survey_of(connection: Connection, month: str) -> Survey | None:
    """The survey of a month, None when it was never opened."""
    row = connection.execute(select(surveys).where(surveys.c.month == month)).mappings().one_or_none()
    if row is None:
        return None
    return Survey(row["month"], row["opened_at"], row["frozen_at"], tuple(json.loads(row["sous_motifs"])))


def open_survey(connection: Connection, month: str, now: datetime, tracked: Sequence[str]) -> Survey:
    """Open a month's survey, or leave it as it is when it is open already."""
    known = survey_of(connection, month)
    if known is None:
        values = {"month": month, "opened_at": now, "sous_motifs": json.dumps(list(tracked), ensure_ascii=False)}
        connection.execute(insert(surveys).values(**values))
        known = Survey(month, now, None, tuple(tracked))
    return known


def follow(connection: Connection, month: str, tracked: Sequence[str]) -> None:
    """Change the sous-motifs that a month's survey follows."""
    listed = json.dumps(list(tracked), ensure_ascii=False)
    connection.execute(update(surveys).where(surveys.c.month == month).values(sous_motifs=listed))


def freeze(connection: Connection, month: str, now: datetime, filled: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep every département's figures as they are now; a survey that is frozen stays as it is."""
    first = update(surveys).where(surveys.c.month == month, surveys.c.frozen_at.is_(None)).values(frozen_at=now)
    if connection.execute(first).rowcount:
        rows = [{"month": month, "departement": d, "figures": json.dumps(f)} for d, f in filled.items()]
        if rows:
            connection.execute(insert(survey_frozen), rows)


def frozen(connection: Connection, month: str) -> dict[str, dict[str, float | None]]:
    """The frozen figures of each département, empty while the survey is live."""
    rows = connection.execute(select(survey_frozen).where(survey_frozen.c.month == month)).mappings()
    return {row["departement"]: json.loads(row["figures"]) for row in rows}


def answer(connection: Connection, month: str, given: SurveyAnswer) -> None:
    """Keep what a département sends; sending again replaces the comment, and an answer in time stays in time."""
    same = (survey_answers.c.month == month, survey_answers.c.departement == given.departement)
    before = connection.execute(select(survey_answers.c.late).where(*same)).scalar_one_or_none()
    connection.execute(delete(survey_answers).where(*same))
    late = given.late if before is None else before
    connection.execute(
        insert(survey_answers).values(
            month=month, departement=given.departement, comment=given.comment, sent_at=given.sent_at,
            sent_by=given.sent_by, late=late,
        )
    )  # fmt: skip


def answers(connection: Connection, month: str) -> dict[str, SurveyAnswer]:
    """What each département sent."""
    rows = connection.execute(select(survey_answers).where(survey_answers.c.month == month)).mappings()
    return {
        row["departement"]: SurveyAnswer(
            row["departement"], row["comment"], row["sent_at"], row["sent_by"], bool(row["late"])
        )
        for row in rows
    }


def correct(connection: Connection, month: str, departement: str, values: Mapping[str, Any]) -> None:
    """Add a correction beside the computed figure: `figure`, `value`, `computed`, `reason`, `by`, `at`."""
    connection.execute(insert(survey_corrections).values(month=month, departement=departement, **values))


def corrections(connection: Connection, month: str) -> dict[str, list[dict[str, Any]]]:
    """All corrections of a month by département, oldest first."""
    query = select(survey_corrections).where(survey_corrections.c.month == month).order_by(survey_corrections.c.id)
    found: dict[str, list[dict[str, Any]]] = {}
    for row in connection.execute(query).mappings():
        found.setdefault(row["departement"], []).append(dict(row))
    return found
