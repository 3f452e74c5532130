"""What only this room keeps: surveys and their answers, mails already sent, alerts of the radar, imports made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from records.desk_tables import qualifications
from records.report_tables import (
    import_batches,
    radar_alerts,
    report_mails,
    survey_answers,
    survey_corrections,
    survey_frozen,
    surveys,
)
from records.tables import calls, tombstones
from reports.radar import Alert

IDS_AT_ONCE = 500

# ---------------------------------------------------------------- the survey


@dataclass(frozen=True, slots=True)
class Survey:
    """One month's survey as it is kept; `frozen_at` None: figures are still live."""

    month: str
    opened_at: datetime
    frozen_at: datetime | None
    tracked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
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


def answer(connection: Connection, month: str, given: Answer) -> None:
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


def answers(connection: Connection, month: str) -> dict[str, Answer]:
    """What each département sent."""
    rows = connection.execute(select(survey_answers).where(survey_answers.c.month == month)).mappings()
    return {
        row["departement"]: Answer(
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


# ---------------------------------------------------------------- mails already sent, alerts and imports


def claim_mail(connection: Connection, key: str, now: datetime) -> bool:
    """Whether this mail is still to be sent; from now on it counts as sent."""
    try:
        with connection.begin_nested():
            connection.execute(insert(report_mails).values(key=key, sent_at=now))
    except IntegrityError:
        return False
    return True


def forget_mail(connection: Connection, key: str) -> None:
    """The mail could not be sent: it is to be sent again."""
    connection.execute(delete(report_mails).where(report_mails.c.key == key))


def keep_alert(connection: Connection, alert: Alert) -> bool:
    """Whether the alert is new; it is kept."""
    try:
        with connection.begin_nested():
            connection.execute(
                insert(radar_alerts).values(
                    key=alert.key, kind="volume" if alert.sous_motif is None else "sous_motif",
                    label=alert.sentence(), detected_at=alert.at, calls=alert.calls,
                    departements=" ".join(alert.departements), usual=alert.usual, announcement=alert.announcement(),
                )
            )  # fmt: skip
    except IntegrityError:
        return False
    return True


def open_alerts(connection: Connection, now: datetime, hours: int = 12) -> list[dict[str, Any]]:
    """The alerts of the last hours that nobody has put aside, newest first."""
    query = (
        select(radar_alerts)
        .where(radar_alerts.c.detected_at >= now - timedelta(hours=hours), radar_alerts.c.dismissed_at.is_(None))
        .order_by(radar_alerts.c.detected_at.desc())
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def put_aside(connection: Connection, key: str, by: str, now: datetime) -> None:
    """Nobody is shown this alert any longer."""
    aside = update(radar_alerts).where(radar_alerts.c.key == key, radar_alerts.c.dismissed_at.is_(None))
    connection.execute(aside.values(dismissed_at=now, dismissed_by=by))


def keep_import(connection: Connection, values: Mapping[str, Any]) -> None:
    """Note who imported which file, when, and what came of it."""
    connection.execute(insert(import_batches).values(**values))


def imports_of(connection: Connection, departement: str) -> list[dict[str, Any]]:
    """The last imports of a département, newest first."""
    query = select(import_batches).where(import_batches.c.departement == departement)
    return [dict(r) for r in connection.execute(query.order_by(import_batches.c.id.desc()).limit(20)).mappings()]


def erased_ids(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Those of these calls that were erased on request."""
    wanted, found = sorted(set(ids)), set[str]()
    for start in range(0, len(wanted), IDS_AT_ONCE):
        piece = wanted[start : start + IDS_AT_ONCE]
        found.update(connection.scalars(select(tombstones.c.call_id).where(tombstones.c.call_id.in_(piece))))
    return found


def known_calls(
    connection: Connection, since: datetime, until: datetime
) -> list[tuple[datetime, str | None, str | None]]:
    """Moment, département and sous-motif of the calls between two moments, oldest first, imports left out."""
    joined = calls.outerjoin(qualifications, qualifications.c.call_id == calls.c.call_id)
    query = (
        select(calls.c.started_at, calls.c.departement, qualifications.c.sous_motif)
        .select_from(joined)
        .where(calls.c.started_at >= since, calls.c.started_at < until, calls.c.source != "import")
        .order_by(calls.c.started_at)
    )
    return [(row[0], row[1], row[2]) for row in connection.execute(query)]
