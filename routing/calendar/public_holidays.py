"""Public holidays of each département, by their French names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache

import holidays

from routing.departements import departements, timezone_of

# Own days: those that the `holidays` package lists for a territory and that the State's own calendar does not have
# (docs/france.md, « Days off »); `Rules.usage_holidays` says by département whether they count.
KEPT_BY_DEFAULT = frozenset({"987", "988"})
"""Where own days count as long as nobody says otherwise: these two write their own law of labour."""
_YEAR = timedelta(days=365)
_ABOLITION = "Abolition de l'esclavage"
_KEEP_ABOLITION = frozenset({"971", "972", "973", "974", "976", "BL", "MF"})


def holiday_on(departement: str, day: date, usage: Collection[str] = KEPT_BY_DEFAULT) -> str | None:
    """The French name of the public holiday of that local day in a département (or `*`), or None on another day.

    `usage`: the départements whose own days off count.
    """
    known = departements().get(departement)
    return _calendar(known.holidays_subdivision if known else None, day.year, departement in usage).get(day)


def own_days(departement: str, since: date, until: date) -> tuple[tuple[date, str], ...]:
    """The days off of a département that the State's own calendar does not have, `until` excluded, in order."""
    known = departements().get(departement)
    subdivision = known.holidays_subdivision if known else None
    years = range(since.year, until.year + 1) if subdivision else ()
    found = {day: name for year in years for day, name in _names(subdivision, year).items() if since <= day < until}
    return tuple(sorted((day, name) for day, name in found.items() if not _is_legal(str(subdivision), day, name)))


def own_days_to_come(departement: str, at: datetime) -> tuple[tuple[date, str], ...]:
    """Those of the year that begins with its own date at the moment `at` (aware)."""
    today = at.astimezone(timezone_of(departement)).date()
    return own_days(departement, today, today + _YEAR)


@lru_cache(maxsize=1)
def with_own_days() -> tuple[str, ...]:
    """The départements that have days off of their own, whether they count or not."""
    year = date(2026, 1, 1), date(2027, 1, 1)
    return tuple(code for code in departements() if own_days(code, *year))


@lru_cache(maxsize=512)
def _calendar(subdivision: str | None, year: int, usage: bool) -> Mapping[date, str]:
    national = _names(None, year)
    if subdivision is None:
        return national
    own = {day: name for day, name in _names(subdivision, year).items() if usage or _is_legal(subdivision, day, name)}
    return {**own, **national}


def _is_legal(subdivision: str, day: date, name: str) -> bool:
    """Whether a territory's day off is of the State's calendar."""
    if day in _names(None, day.year) or subdivision in {"57", "6AE"}:
        return True
    return subdivision in _KEEP_ABOLITION and _ABOLITION in name


@lru_cache(maxsize=512)
def _names(subdivision: str | None, year: int) -> Mapping[date, str]:
    return dict(holidays.country_holidays("FR", subdiv=subdivision, years=year, language="fr").items())
