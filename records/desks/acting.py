"""Who changes something, and when: handed to every verb, whichever door it is called from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from records.database import Connection, Engine, writing
from records.desks.accounts import Account
from records.desks.audit import note

UNDONE_WITHIN = timedelta(minutes=10)
"""How long whoever did something on the desk may take it back."""


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody at work on the database at one moment.

    `account` None is whoever types commands: he runs the machine, could write into the database as well, and may do
    everything; his session's name stands in the trail.
    """

    engine: Engine
    by: str
    at: datetime
    account: Account | None = None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The one transaction of a verb: its row and its line of the trail."""
        with writing(self.engine) as connection:
            yield connection

    def note(self, connection: Connection, what: str, reference: str) -> None:
        """Add the line of the trail that tells what was done."""
        note(connection, by=self.by, what=what, reference=reference, at=self.at)
