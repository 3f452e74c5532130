"""Surveys and their answers as rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from records.database import insert_unless_there
from records.schema.desk_tables import audit
from records.schema.report_tables import survey_answers, survey_corrections, survey_frozen, surveys
from records.wording import Wording
from reports.survey.questionnaire import Correction
from reports.survey.sums import Filled, Sums

SUMS = "sums"
"""Under which name a frozen row keeps its sums."""
REMINDED = "enquête : relance"
"""What the trail says of a reminder that somebody asked for; the reference is the month and the département."""


@dataclass(frozen=True, slots=True)
class Survey:
    """One month's survey as it is kept; `frozen_at` None: figures are still live."""

    month: str
    opened_at: datetime
    frozen_at: datetime | None
    tracked: tuple[Wording, ...]
    """The sous-motifs that it follows; by their name alone where it was opened before they had a key."""


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
    row = connection.execute(select(surveys).where(surveys.c.month == month)).one_or_none()
    return None if row is None else _survey(row)


def live_surveys(connection: Connection) -> list[Survey]:
    """The surveys whose figures are not frozen yet, oldest first."""
    query = select(surveys).where(surveys.c.frozen_at.is_(None)).order_by(surveys.c.month)
    return [_survey(row) for row in connection.execute(query)]


def last_before(connection: Connection, month: str) -> Survey | None:
    """The newest survey of an earlier month."""
    query = select(surveys).where(surveys.c.month < month).order_by(surveys.c.month.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else _survey(row)


def _survey(row: Any) -> Survey:
    return Survey(row.month, row.opened_at, row.frozen_at, _tracked(row.sous_motifs))


def _tracked(text: str) -> tuple[Wording, ...]:
    return tuple(Wording("", "", one) if isinstance(one, str) else Wording(*one) for one in json.loads(text))


def _listed(tracked: Sequence[Wording]) -> str:
    return json.dumps([list(one) if one.motif else one.sous_motif for one in tracked], ensure_ascii=False)


def open_survey(connection: Connection, month: str, now: datetime, tracked: Sequence[Wording]) -> bool:
    """Open a month's survey; False when it is open already, and stays as it is."""
    values = {"month": month, "opened_at": now, "sous_motifs": _listed(tracked)}
    return insert_unless_there(connection, surveys, values)


def follow(connection: Connection, month: str, tracked: Sequence[Wording]) -> None:
    """Change the sous-motifs that a month's survey follows."""
    connection.execute(update(surveys).where(surveys.c.month == month).values(sous_motifs=_listed(tracked)))


def freeze(connection: Connection, month: str, at: datetime, sums: Mapping[str, Sums]) -> bool:
    """Keep every département's sums as they were at closing; False when the survey is frozen already: it stays so."""
    first = update(surveys).where(surveys.c.month == month, surveys.c.frozen_at.is_(None)).values(frozen_at=at)
    if not connection.execute(first).rowcount:
        return False
    rows = [{"month": month, "departement": d, "figures": json.dumps({SUMS: each})} for d, each in sums.items()]
    if rows:
        connection.execute(insert(survey_frozen), rows)
    return True


@dataclass(frozen=True, slots=True)
class Frozen:
    """What was kept at closing: sums; figures alone where the survey closed before sums were kept."""

    sums: Mapping[str, Sums]
    figures: Mapping[str, Filled]


def frozen(connection: Connection, month: str) -> Frozen:
    """What was kept of each département, empty while the survey is live."""
    sums: dict[str, Sums] = {}
    figures: dict[str, Filled] = {}
    for row in connection.execute(select(survey_frozen).where(survey_frozen.c.month == month)):
        kept = json.loads(row.figures)
        if SUMS in kept:
            sums[row.departement] = kept[SUMS]
        else:
            figures[row.departement] = kept
    return Frozen(sums, figures)


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


def correct(connection: Connection, month: str, departement: str, given: Correction) -> None:
    """Add a correction beside the computed figure."""
    values = {name: getattr(given, name) for name in ("figure", "value", "computed", "reason", "by", "at")}
    connection.execute(insert(survey_corrections).values(month=month, departement=departement, **values))


def withdraw(connection: Connection, month: str, departement: str, figure: str, *, by: str, at: datetime) -> bool:
    """Take back what a département said of a figure; the lines stay, marked. False when nothing stood."""
    table = survey_corrections.c
    stands = (table.month == month, table.departement == departement, table.figure == figure)
    this = update(survey_corrections).where(*stands, table.withdrawn_at.is_(None))
    return bool(connection.execute(this.values(withdrawn_at=at, withdrawn_by=by)).rowcount)


def corrections(connection: Connection, month: str) -> dict[str, list[Correction]]:
    """All corrections of a month by département, oldest first, withdrawn ones too."""
    query = select(survey_corrections).where(survey_corrections.c.month == month).order_by(survey_corrections.c.id)
    found: dict[str, list[Correction]] = {}
    for row in connection.execute(query):
        one = Correction(
            row.id, row.figure, row.value, row.computed, row.reason, row.by, row.at, row.withdrawn_at, row.withdrawn_by
        )
        found.setdefault(row.departement, []).append(one)
    return found


def reminded(connection: Connection, month: str) -> dict[str, datetime]:
    """When each département was reminded by somebody, from the trail."""
    query = select(audit.c.reference, audit.c.at).where(audit.c.what == REMINDED, audit.c.reference.like(f"{month} %"))
    return {reference.partition(" ")[2]: at for reference, at in connection.execute(query)}
