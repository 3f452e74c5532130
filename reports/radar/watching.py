"""The radar over the stored calls: learns from the last weeks, looks at the last hour, keeps new alerts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from reports.radar.detector import Alert, Event, Radar, watch
from reports.radar.store import keep_alert, known_calls
from routing.departements import PARIS

LEARNT = timedelta(weeks=8, days=1)
LOOKED_AT = timedelta(hours=2)


def look(connection: Any, now: datetime) -> list[Alert]:
    """The alerts of the last two hours, as the radar would have raised them. Nothing is kept."""
    calls = known_calls(connection, now - LEARNT, now)
    events = (Event(at.astimezone(PARIS), code, sous_motif) for at, code, sous_motif in calls)
    return [alert for alert in watch(Radar(), events) if alert.at > now - LOOKED_AT]


def keep_new(connection: Any, alerts: list[Alert]) -> list[Alert]:
    """Keep the alerts and return those that nobody knew."""
    return [alert for alert in alerts if keep_alert(connection, alert)]
