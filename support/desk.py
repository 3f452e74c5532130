"""What the pages of the desk are given: who reads, which database, which moment, and how a call is told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime

from flask import abort

from records.database import Connection, Engine, reading
from records.desks.accounts import Account
from records.desks.acting import Acting
from records.desks.desk_calls import DeskCall, read_call
from routing.calendar.hours import Hours, read_hours
from routing.departements import departements, timezone_of
from routing.directory.people import Person
from support.attachments.keeping import Attachments
from support.nomenclature.entries import Nomenclature
from support.nomenclature.searching import KeptIndex
from support.nomenclature.store import nomenclature_in_force

Story = Iterable[tuple[datetime, str]]
USUAL_HOURS = read_hours("")


@dataclass(frozen=True)
class Desk:
    """The means of the desk, handed in by the roof."""

    engine: Engine
    clock: Callable[[], datetime]
    reader: Callable[[], Account]
    story: Callable[[Connection, str], Story]
    """The story of a call: moments and French sentences."""
    own_days_kept: Callable[[], Collection[str]]
    """The départements whose own days off count."""
    allows_fiction: bool = False
    people: Callable[[], Iterable[Person]] = tuple
    """The people of the directory that serves now."""
    kept_index: KeptIndex = field(default_factory=KeptIndex, repr=False, compare=False)
    """The list in force made ready to be searched; `support.answers.finding` asks for it."""
    national_hours: Hours = USUAL_HOURS
    """When the national team is open: promises and clocks of requests are counted by it."""
    secret: bytes = field(default=b"", repr=False)
    """The key of private links (`records.tokens`)."""
    public_url: str = ""
    """Where our pages are, as mails name them."""
    files: Attachments | None = None
    """The files that come with requests."""

    def acting(self) -> Acting:
        """Whoever reads, at work now."""
        reader = self.reader()
        return Acting(self.engine, reader.email, self.clock(), reader)

    def nomenclature(self, connection: Connection) -> Nomenclature:
        """The list in force today, in Paris."""
        return nomenclature_in_force(connection, self.clock().astimezone(timezone_of(None)).date())

    def call(self, connection: Connection, call_id: str) -> DeskCall:
        """The call, if the reader may see it; else 404, whether it exists or not."""
        found = read_call(connection, call_id)
        if found is None or not self.reader().may_read(found.departement):
            abort(404)
        return found

    def reading(self) -> AbstractContextManager[Connection]:
        """A view to read from."""
        return reading(self.engine)

    def departements(self) -> list[tuple[str, str]]:
        """The départements of the reader, as options of a list."""
        known = departements()
        scope = self.reader().scope
        codes = tuple(known) if scope is None else scope
        return [(code, f"{code} – {known[code].name}") for code in codes if code in known]
