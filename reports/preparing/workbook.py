"""A workbook that is written apart: what was asked for, how it is called, who takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from records.database import Connection
from records.desks.audit import note
from records.working import heavy
from reports.figures.periods import Period
from reports.preparing.kinds import WORKBOOK

DIRECT_ROWS = 2_000
"""Up to so many calls of a département a workbook is written at once, while its reader waits: less than a second."""


@dataclass(frozen=True, slots=True)
class WorkbookAsked:
    """One workbook; `departement` None is France."""

    departement: str | None
    period: Period
    with_pivot: bool

    @staticmethod
    def of(parameters: Mapping[str, Any]) -> WorkbookAsked:
        """What the parameters of the work say."""
        period = Period(date.fromisoformat(parameters["since"]), date.fromisoformat(parameters["until"]))
        return WorkbookAsked(parameters["departement"], period, bool(parameters["with_pivot"]))

    def parameters(self) -> dict[str, Any]:
        """As the work keeps it."""
        since, until = self.period.since.isoformat(), self.period.until.isoformat()
        return {"departement": self.departement, "since": since, "until": until, "with_pivot": self.with_pivot}

    @property
    def file_name(self) -> str:
        """What the file is called for its reader."""
        place = self.departement or "france"
        return f"suivi-{place}-{self.period.since}-{self.period.until}{'-tcd' if self.with_pivot else ''}.xlsx"

    @property
    def reference(self) -> str:
        """How the trail names it, asked for or taken."""
        return f"{self.departement or 'france'} {self.period.since} {self.period.until}"


def ask(connection: Connection, asked: WorkbookAsked, *, by: str, at: datetime) -> int:
    """The number of the work; the same one while it is under way. UnderWay and HouseFull as `heavy.ask` says."""
    number = heavy.ask(connection, WORKBOOK, asked.parameters(), account=by, at=at)
    work = heavy.one(connection, number)
    if work and work.asked_at == at:
        note(connection, by=by, what="classeur demandé", reference=asked.reference, at=at)
    return number
