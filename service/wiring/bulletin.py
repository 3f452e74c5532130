"""Sends the morning bulletin to the national team, once a day each, however often the mail server refuses it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256

from records import outbox
from records.database import Engine, reading, writing
from records.mail import Mail, Sender
from records.outbox import Delivery, Owed, Thing
from records.sending import send_due
from routing.calendar.words import say_date
from routing.departements import NATIONAL, PARIS
from routing.snapshot import Snapshot
from voicemail import store
from voicemail.bulletin import LOOKED_BACK, sections, write_bulletin
from voicemail.notices import readers_of


@dataclass(frozen=True, slots=True)
class Bulletins:
    """The bulletin of each day; `owe` when the day comes, `send` as often as one likes."""

    engine: Engine
    sender: Sender | None
    snapshot: Callable[[], Snapshot | None]
    clock: Callable[[], datetime]

    def owe(self) -> None:
        """Put today's bulletin in the outbox, once for each address of the national team."""
        at, snapshot = self.clock(), self.snapshot()
        if snapshot is None:
            return
        day = at.astimezone(PARIS).date().isoformat()
        with writing(self.engine) as connection:
            for person in readers_of(snapshot, NATIONAL):
                address = str(person.email)
                name = sha256(address.casefold().encode()).hexdigest()[:16]
                outbox.owe(connection, Thing(Owed.BULLETIN, f"{Owed.BULLETIN}:{day}:{name}", day, address), at)

    def send(self) -> None:
        """Send the bulletins that are due; one of a day that is over is left."""
        snapshot = self.snapshot()
        if self.sender is None or snapshot is None:
            return

        text = cache(lambda: self._text(snapshot, self.clock()))  # every reader of a round reads the same

        def written(delivery: Delivery, at: datetime) -> Mail | str:
            today = at.astimezone(PARIS).date()
            if delivery.reference != today.isoformat():
                return outbox.TOO_LATE
            subject = f"[SI SIAO] Bulletin du {say_date(today)}"
            return Mail(str(delivery.recipient), subject, text())

        send_due(self.engine, Owed.BULLETIN, self.sender, self.clock, compose=written)

    def _text(self, snapshot: Snapshot, at: datetime) -> str:
        with reading(self.engine) as connection:
            attempts = store.attempts_since(connection, at - LOOKED_BACK)
            tasks = store.open_tasks(connection)
            capped = store.led_out_since(connection, at - timedelta(days=1))
            unsent = outbox.unsent_since(connection, at - timedelta(days=1))
        return write_bulletin(
            sections(snapshot, attempts, tasks, unsent, at, capped=capped), at.astimezone(PARIS).date()
        )
