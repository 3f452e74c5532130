"""The local hour of a call: by which clock each département lives, and what an hour in UTC is there."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

MAINLAND = "Europe/Paris"
OTHER_CLOCKS = {
    "971": "America/Guadeloupe", "972": "America/Martinique", "973": "America/Cayenne", "974": "Indian/Reunion",
    "975": "America/Miquelon", "976": "Indian/Mayotte", "977": "America/St_Barthelemy", "978": "America/Marigot",
    "986": "Pacific/Wallis", "987": "Pacific/Tahiti", "988": "Pacific/Noumea",
}  # fmt: skip
"""The time zones of the départements that do not live by the clock of Paris (the ground's rooms are strangers: a test
holds them equal to those of `routing.departements`)."""


@lru_cache(maxsize=65_536)
def local_hour(departement: str | None, utc_hour: str) -> int:
    """The hour on the clock of a département at `utc_hour`, as « 2026-10-25 01 » in UTC.

    All these clocks stand a whole number of hours from UTC, so that an hour there is one hour in UTC.
    """
    moment = datetime.strptime(utc_hour, "%Y-%m-%d %H").replace(tzinfo=UTC)
    return moment.astimezone(ZoneInfo(OTHER_CLOCKS.get(departement or "", MAINLAND))).hour
