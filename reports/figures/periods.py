"""Which days a report is about: local days, both ends included (decision 31)."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

EARLIEST = date(2020, 1, 1)
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
LONGEST_DAYS = 3660


class PeriodRefused(ValueError):  # noqa: N818 - the house says what happened
    """A period or a month that cannot be reported; the message is a French sentence."""


@dataclass(frozen=True, slots=True)
class Period:
    """Local days from `since` to `until`, both included."""

    since: date
    until: date

    @property
    def days(self) -> int:
        """How many days, at least one."""
        return (self.until - self.since).days + 1

    @property
    def is_whole_months(self) -> bool:
        """Whether the period starts on a first and ends on a last day of a month."""
        return self.since.day == 1 and (self.until + timedelta(days=1)).day == 1

    def previous(self) -> Period:
        """The period of the same length just before: as many months for whole months, as many days otherwise."""
        before = self.since - timedelta(days=1)
        if not self.is_whole_months:
            return Period(before - timedelta(days=self.days - 1), before)
        months = (self.until.year - self.since.year) * 12 + self.until.month - self.since.month
        index = before.year * 12 + before.month - 1 - months
        return Period(date(index // 12, index % 12 + 1, 1), before)

    def weeks(self) -> list[Period]:
        """The calendar weeks, Monday to Sunday, the first and the last one cut to the period."""
        found, start = [], self.since
        while start <= self.until:
            end = min(start + timedelta(days=6 - start.weekday()), self.until)
            found.append(Period(start, end))
            start = end + timedelta(days=1)
        return found

    def label(self) -> str:
        """The period as a French reader says it: « novembre 2026 », « du 3 au 9 … », « le 12 … »."""
        if self.since == self.until:
            return f"le {french_day(self.since)}"
        if self.is_whole_months and self.since.month == self.until.month and self.since.year == self.until.year:
            return french_month(self.since)
        return f"du {french_day(self.since)} au {french_day(self.until)}"


def french_day(day: date) -> str:
    """« 12 avril 2025 », « 1er mai 2025 »."""
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"


def french_month(day: date) -> str:
    """« avril 2025 »."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def of_month(day: date) -> str:
    """« de mai 2025 », « d'avril 2025 »."""
    name = french_month(day)
    return f"d'{name}" if name[0] in "ao" else f"de {name}"


def month_of(day: date) -> Period:
    """The whole month of `day`."""
    return Period(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))


def read_day(text: str) -> date:
    """The day written as AAAA-MM-JJ or JJ/MM/AAAA; PeriodRefused otherwise."""
    text = text.strip()
    iso = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text)
    french = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text)
    parts = iso.groups() if iso else french.groups()[::-1] if french else None
    try:
        day = date(*map(int, parts)) if parts else None
    except ValueError:
        day = None
    if day is None:
        raise PeriodRefused(f"« {text[:40]} » n'est pas une date : écrivez-la comme 2026-11-24 ou 24/11/2026.")
    return day


def read_period(since: str, until: str) -> Period:
    """The period between two written days, both included; PeriodRefused with the reason."""
    return check_period(Period(read_day(since), read_day(until)))


def check_period(period: Period) -> Period:
    """The period itself, or PeriodRefused: it ends before it starts, is too old or too long."""
    if period.until < period.since:
        start, end = french_day(period.since), french_day(period.until)
        raise PeriodRefused(f"La période se termine ({end}) avant de commencer ({start}).")
    if period.since < EARLIEST or period.days > LONGEST_DAYS:
        raise PeriodRefused(f"La période doit commencer après le {french_day(EARLIEST)} et durer dix ans au plus.")
    return period


def read_month(text: str, today: date) -> Period:
    """The month written as AAAA-MM; PeriodRefused when it is not one, or begins after `today`."""
    found = re.fullmatch(r"(\d{4})-(\d{2})", text.strip())
    if not found or not 1 <= int(found[2]) <= 12 or int(found[1]) < EARLIEST.year:  # noqa: PLR2004 - months of a year
        raise PeriodRefused(f"« {text[:40]} » n'est pas un mois : écrivez-le comme 2026-11.")
    month = month_of(date(int(found[1]), int(found[2]), 1))
    if month.since > today:
        raise PeriodRefused(f"Le mois {of_month(month.since)} n'a pas commencé : il n'y a encore rien à compter.")
    return month
