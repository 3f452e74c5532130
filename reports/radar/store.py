"""Alerts of the radar as rows, and the calls that it learns from."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from records.schema.desk_tables import qualifications
from records.schema.report_tables import radar_alerts
from records.schema.tables import calls
from reports.radar.detector import Alert


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
