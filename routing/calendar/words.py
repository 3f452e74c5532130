"""Dates and hours as a French voice says them: « lundi 7 décembre à 9 heures », « demain à 9 heures 30 »."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
MINUTES_OF_A_DAY = 24 * 60
YEAR_SAID_AFTER = timedelta(days=300)


def say_minutes(minutes: int) -> str:
    """An hour given in minutes since midnight: « 9 heures », « 9 heures 30 », « midi », « minuit », « 1 heure »."""
    hour, minute = divmod(minutes % MINUTES_OF_A_DAY, 60)
    if minute == 0 and hour == 0:
        return "minuit"
    if hour == 0:
        return f"zéro heure {minute}"
    word = "heure" if hour == 1 else "heures"
    return f"{hour} {word} {minute}" if minute else f"{hour} {word}"


def say_time(moment: time | datetime) -> str:
    """The hour of a local moment, in words: « 9 heures 30 »."""
    return say_minutes(moment.hour * 60 + moment.minute)


def say_day_of_month(day: date) -> str:
    """« premier janvier », « 7 décembre »."""
    number = "premier" if day.day == 1 else str(day.day)
    return f"{number} {MONTHS[day.month - 1]}"


def say_date(day: date) -> str:
    """« lundi 7 décembre », without a year."""
    return f"{WEEKDAYS[day.weekday()]} {say_day_of_month(day)}"


def say_day(day: date, today: date) -> str:
    """« aujourd'hui », « demain », or the date; the year is added when it is more than ten months away."""
    if day == today:
        return "aujourd'hui"
    if day == today + timedelta(days=1):
        return "demain"
    return say_date(day) if abs(day - today) < YEAR_SAID_AFTER else f"{say_date(day)} {day.year}"


def say_moment(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """A moment as said in the time zone: « aujourd'hui à 14 heures », « lundi 7 décembre à 9 heures »."""
    local = moment.astimezone(zone)
    return f"{say_day(local.date(), now.astimezone(zone).date())} à {say_time(local)}"


def write_moment(moment: datetime, zone: tzinfo) -> str:
    """A moment as a reader sees it, in full: « lundi 7 décembre 2026 à 9 h 30 », « … 1er janvier 2027 à 9 h »."""
    local = moment.astimezone(zone)
    minute = f" {local.minute:02d}" if local.minute else ""
    return f"{WEEKDAYS[local.weekday()]} {written_day(local.date())} à {local.hour} h{minute}"


def written_day(day: date) -> str:
    """« 24 novembre 2026 », « 1er janvier 2027 »."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number} {MONTHS[day.month - 1]} {day.year}"


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
