"""Sends the morning bulletin to the national team, once a day each, however often the mail server refuses it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from records import outbox
from records.database import Engine, reading, writing
from records.outbox import Delivery, Owed, Thing
from routing.calendar.words import say_date
from routing.departements import NATIONAL, PARIS
from routing.snapshot import Snapshot
from voicemail import store
from voicemail.bulletin import LOOKED_BACK, sections, write_bulletin
from voicemail.following_up import Post
from voicemail.notices import LONGEST_MAIL_PAUSE, Letter, pause_before, readers_of


@dataclass(frozen=True, slots=True)
class Bulletins:
    """The bulletin of each day; `owe` when the day comes, `send` as often as one likes."""

    engine: Engine
    post: Post | None
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
        at, snapshot = self.clock(), self.snapshot()
        if self.post is None or snapshot is None:
            return
        with writing(self.engine) as connection:
            due = outbox.take(connection, Owed.BULLETIN, at)
        today = at.astimezone(PARIS).date()
        text = self._text(snapshot, at) if due else ""
        for delivery in due:
            is_today = delivery.reference == today.isoformat()
            error = self._sent(delivery, f"[SI SIAO] Bulletin du {say_date(today)}", text) if is_today else None
            with writing(self.engine) as connection:
                if error is None:
                    outbox.settle(connection, delivery, at, None if is_today else "too late")
                else:
                    until = at + pause_before(delivery.tries, LONGEST_MAIL_PAUSE)
                    outbox.postpone(connection, delivery, until, error)

    def _sent(self, delivery: Delivery, subject: str, text: str) -> str | None:
        """None when it left, else the name of what kept it."""
        try:
            if self.post is not None:
                self.post(Letter(str(delivery.recipient), subject, text), delivery.key)
        except (OSError, ValueError) as error:
            return type(error).__name__
        return None

    def _text(self, snapshot: Snapshot, at: datetime) -> str:
        with reading(self.engine) as connection:
            attempts = store.attempts_since(connection, at - LOOKED_BACK)
            tasks = store.open_tasks(connection)
            unsent = outbox.unsent_since(connection, at - timedelta(days=1))
        return write_bulletin(sections(snapshot, attempts, tasks, unsent, at), at.astimezone(PARIS).date())
