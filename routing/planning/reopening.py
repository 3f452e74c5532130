"""The first moment at which somebody of a desk can be rung again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import takewhile

from routing.planning.changes import openings_and_rules
from routing.planning.desk import desk_at
from routing.snapshot import Snapshot

HORIZON_DAYS = 60


def reopening(snapshot: Snapshot, code: str, at: datetime) -> datetime | None:
    """The first moment (UTC) after `at` at which the desk rings anybody; None when there is none within 60 days.

    What rings changes only where an opening, a local day, a closure or an absence begins or ends: those are tried.
    """
    start = at.astimezone(UTC)
    since, found = snapshot.reopenings.get(code, (start, start))
    if since <= start < found:
        return found
    moment = _search(snapshot, code, start)
    if moment:
        snapshot.reopenings[code] = (start, moment)
    return moment


def _search(snapshot: Snapshot, code: str, start: datetime) -> datetime | None:
    limit = start + timedelta(days=HORIZON_DAYS)
    tried = start
    moments = openings_and_rules(snapshot, code, start, HORIZON_DAYS)
    for moment in takewhile(lambda each: each <= limit, moments):
        if moment > tried:
            tried = moment
            if desk_at(snapshot, code, moment).rangs:
                return moment
    return None
