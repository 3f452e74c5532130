"""Dealing with a message or a callback: how long it has waited, and how long the call back lasted."""

from __future__ import annotations

from datetime import datetime, timedelta

from records.durations import check_duration


def read_duration(typed: str, confirmed: str = "") -> int | None:
    """The seconds of a call back; None for nothing typed; ValueError says in French what is wrong or doubtful.

    `confirmed`: the seconds that its author has said to mean (`records.durations`).
    """
    return check_duration(typed, confirmed) if typed.strip() else None


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
