"""Dealing with a message or a callback: how long it has waited, and how long the call back lasted."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

LONGEST_CALL = 4 * 3600
_DURATION = re.compile(r"([0-9]{1,3})(?: ?(?:min|mn|m)| ?(?::|min|mn|m) ?([0-9]{1,2})(?: ?s)?)?")


def read_duration(typed: str) -> int | None:
    """The seconds of « 6 », « 6:30 », « 6 min »; None for nothing typed; ValueError says in French what is wrong."""
    text = typed.strip().lower()
    if not text:
        return None
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError("Donnez la durée en minutes, ou en minutes et secondes : 6 ou 6:30.")
    seconds = int(found[1]) * 60 + int(found[2] or 0)
    if not 0 < seconds <= LONGEST_CALL or int(found[2] or 0) > 59:  # noqa: PLR2004 - seconds of a minute
        raise ValueError("La durée doit être d’une seconde à quatre heures.")
    return seconds


def say_waited(since: datetime, now: datetime) -> str:
    """« depuis 5 minutes », « depuis 3 heures », « depuis 2 jours »."""
    waited = max(now - since, timedelta(0))
    if waited < timedelta(hours=1):
        return f"depuis {_count(int(waited.total_seconds()) // 60, 'minute')}"
    if waited < timedelta(days=2):
        return f"depuis {_count(int(waited.total_seconds()) // 3600, 'heure')}"
    return f"depuis {_count(waited.days, 'jour')}"


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' if count > 1 else ''}"
