"""The trail: who did or saw what, about which call, account or setting, and when. It only grows (migration 0014)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, insert, select

from records.counting.words import counted
from records.database import folded, folded_text
from records.schema.desk_tables import audit

LONGEST_REFERENCE = 200
STRANGER = "inconnu"
"""Who stands in a line about somebody whom nobody knows."""
DAY = timedelta(days=1)
OF_STRANGERS, OF_ONE = 2_000, 500
"""Lines that strangers together, or one account, may cause in a day by being refused."""
REFUSALS = (
    "accès refusé", "adresse non invitée", "code refusé", "connexion refusée", "identité refusée", "lien inconnu",
    "lien refusé", "trop de liens demandés",
)  # fmt: skip
"""What a line may be about that `note_refusal` adds: those alone are counted, whatever else somebody did that day."""
FULL = "refus suivants non notés"
"""The last of them: what follows within the day is counted by nobody, so that no one can fill the disk."""
_READ_AT_ONCE = 1_000


def note(connection: Connection, *, by: str, what: str, reference: str, at: datetime) -> None:
    """Add a line to the trail: who did or saw what, about which call or account."""
    connection.execute(insert(audit).values(at=at, by=by, what=what, reference=reference[:LONGEST_REFERENCE]))


def note_refusal(connection: Connection, *, by: str, what: str, reference: str, at: datetime) -> None:
    """Add the line of something refused, which anybody can cause as often as he likes: so many in a day, no more."""
    most = OF_STRANGERS if by == STRANGER else OF_ONE
    refusals = (audit.c.by == by, audit.c.what.in_(REFUSALS), audit.c.at > at - DAY)
    today = select(audit.c.id).where(*refusals).limit(most).subquery()
    seen = connection.execute(select(func.count()).select_from(today)).scalar_one()
    is_told = select(audit.c.id).where(audit.c.by == by, audit.c.what == FULL, audit.c.at > at - DAY).limit(1)
    if seen < most:
        note(connection, by=by, what=what, reference=reference, at=at)
    elif connection.execute(is_told).first() is None:
        note(connection, by=by, what=FULL, reference=f"{counted(most, 'ligne', 'lignes')} en un jour", at=at)


# ---------------------------------------------------------------- reading it


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One line of the trail."""

    at: datetime
    by: str
    what: str
    reference: str


@dataclass(frozen=True, slots=True)
class WantedLines:
    """Which lines: of whom (a part of the address), what exactly, about what (a part), from when until when."""

    by: str = ""
    what: str = ""
    about: str = ""
    start: datetime | None = None
    end: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The same for the database."""
        asked = [audit.c.what == self.what] if self.what else []
        for column, part in ((audit.c.by, self.by), (audit.c.reference, self.about)):
            if part:
                asked.append(folded(column).contains(folded_text(part), autoescape=True))
        if self.start is not None:
            asked.append(audit.c.at >= self.start)
        if self.end is not None:
            asked.append(audit.c.at < self.end)
        return asked


def count_lines(connection: Connection, wanted: WantedLines, *, at_most: int) -> int:
    """How many lines there are, counted up to `at_most`."""
    found = select(audit.c.id).where(*wanted.conditions()).limit(at_most).subquery()
    return int(connection.execute(select(func.count()).select_from(found)).scalar_one())


def read_lines(connection: Connection, wanted: WantedLines, *, skip: int = 0, at_most: int) -> Iterator[TrailLine]:
    """The lines, newest first."""
    query = select(audit.c.at, audit.c.by, audit.c.what, audit.c.reference).where(*wanted.conditions())
    rows = connection.execute(query.order_by(audit.c.at.desc(), audit.c.id.desc()).offset(skip).limit(at_most))
    for row in rows.yield_per(_READ_AT_ONCE):
        yield TrailLine(*row)


def deeds_noted(connection: Connection) -> list[str]:
    """Every word for what was done that stands in the trail."""
    return list(connection.execute(select(audit.c.what).distinct().order_by(audit.c.what)).scalars())
