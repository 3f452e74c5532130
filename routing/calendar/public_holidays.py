"""Public holidays of each département, by their French names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from functools import lru_cache

import holidays

from routing.departements import departements

# Days that the `holidays` package lists for a territory by custom, and that the State's own calendar does not have
# (mi-carême, Schœlcher, patronal feasts): off by default, `Rules.usage_holidays` turns them on by département.
_ABOLITION = "Abolition de l'esclavage"
_KEEP_ABOLITION = frozenset({"971", "972", "973", "974", "976", "BL", "MF"})


def holiday_on(departement: str, day: date, usage: Collection[str] = ()) -> str | None:
    """The French name of the public holiday of that local day in a département (or `*`), or None on another day.

    `usage`: the départements whose usage-only days off are kept too.
    """
    known = departements().get(departement)
    return _calendar(known.holidays_subdivision if known else None, day.year, departement in usage).get(day)


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
