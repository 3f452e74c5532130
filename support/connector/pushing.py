"""Writes requests into the ministry's CRM as tickets: what changed is owed in the outbox, then written in batches.

What is written is how the request stands when it leaves, so that several changes are one ticket, and a delivery that
comes twice, or whose answer was lost, writes the same ticket again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from records import outbox
from records.database import Connection, Engine, reading, writing
from records.outbox import HANDLED, Delivery, Owed, Thing
from support.connector.answers import Answered, ConnectorAway, ConnectorStopped
from support.connector.store import (
    forget_pushed,
    pushed_digest,
    refused_tickets,
    requests_numbered,
    requests_that_may_differ,
    say_pushed,
    say_refused,
)
from support.connector.tickets import TicketDifference, Ticketing, differences, digest_of

AT_ONCE = 100
"""Tickets written together."""

MOST_BATCHES = 10
"""Batches of a round: far below what the account may ask in ten seconds, which others share."""

MOST_TRIES = 12
"""Then a ticket is given up for the day: with the pauses below, after some seven hours."""

LONGEST_PAUSE = timedelta(hours=1)
PAUSE_WHEN_STOPPED = timedelta(minutes=30)

CHANGES_UNTIL = timedelta(days=30)
"""How long after its end a request is looked at for changes; one that was never written is always."""

log = logging.getLogger(__name__)


class Ticketed(Protocol):
    """Where tickets are written and read."""

    def upsert(self, tickets: Mapping[int, Mapping[str, str]]) -> Answered:
        """Write tickets by our numbers; raises ConnectorAway or ConnectorStopped."""

    def read(self, numbers: Iterable[int]) -> dict[int, Mapping[str, str | None]]:
        """Read them back; raises ConnectorAway or ConnectorStopped."""


class ChangedTicket(NamedTuple):
    """A request that is not there as it stands: its number, how often it changed, what its ticket would say."""

    number: int
    version: int
    properties: Mapping[str, str]


@dataclass
class Connector:
    """Everything that the work needs. `is_dry`: what would be written is said, and nothing is."""

    engine: Engine
    remote: Ticketed
    ticketing: Ticketing
    clock: Callable[[], datetime]
    is_dry: bool = False
    _told: dict[int, str] = field(default_factory=dict)

    def work(self) -> Mapping[str, Any]:
        """One round: what changed is owed, what is due is written; returns what `/health` tells."""
        if self.is_dry:
            self._tell()
            return {"connector": {"state": "off", "reason": "à blanc"}}
        self.owe()
        try:
            written = self.push()
        except ConnectorAway as away:
            return {"connector": {"state": "degraded", "reason": str(away)}}
        except ConnectorStopped as stopped:
            return {"connector": {"state": "down", "reason": str(stopped)}}
        with reading(self.engine) as connection:
            refused = refused_tickets(connection)
        if refused:
            return {"connector": {"state": "degraded", "written": written, "refused": len(refused)}}
        return {"connector": {"state": "ok", "written": written}}

    # ------------------------------------------------------------ what is owed

    def changed(self, *, every: bool = False) -> list[ChangedTicket]:
        """The tickets that are not as they were last written; `every`: however old."""
        since = None if every else self.clock() - CHANGES_UNTIL
        with reading(self.engine) as connection:
            found = requests_that_may_differ(connection, since)
        made = [(asked, self.ticketing.properties(asked), pushed.digest) for asked, pushed in found]
        return [
            ChangedTicket(asked.id, asked.version, properties)
            for asked, properties, digest in made
            if digest_of(properties) != digest
        ]

    def owe(self, *, every: bool = False, again: str = "") -> int:
        """Owe what changed and does not wait already; returns how many. A ticket that was given up waits a day.

        `again`: words that let one be owed once more on the same day.
        """
        at = self.clock()
        with writing(self.engine) as connection:
            return sum(self._owe(connection, one, at, again) for one in self.changed(every=every))

    def _owe(self, connection: Connection, one: ChangedTicket, at: datetime, again: str) -> bool:
        if outbox.is_owed(connection, Owed.CONNECTOR, str(one.number)):
            return False
        key = f"connector:{one.number}:{one.version}:{digest_of(one.properties)[:16]}:{at:%Y-%m-%d}{again}"
        return outbox.owe(connection, Thing(Owed.CONNECTOR, key, str(one.number)), at)

    # ------------------------------------------------------------ what is written

    def push(self, *, most_batches: int = MOST_BATCHES) -> int:
        """Write what is due, batch by batch; returns how many tickets. ConnectorAway and ConnectorStopped end it."""
        written = 0
        for _ in range(most_batches):
            with writing(self.engine) as connection:
                taken = outbox.take(connection, Owed.CONNECTOR, self.clock(), at_most=AT_ONCE)
            if not taken:
                break
            written += self._push(taken)
        return written

    def push_all(self) -> int:
        """Write everything that is due."""
        written = 0
        while some := self.push():
            written += some
        return written

    def _push(self, taken: Sequence[Delivery]) -> int:
        tickets = self._tickets(taken)
        try:
            answered = self.remote.upsert(tickets) if tickets else Answered()
        except ConnectorAway as away:
            self._postpone(taken, str(away), away.after)
            raise
        except ConnectorStopped as stopped:
            self._postpone(taken, str(stopped), PAUSE_WHEN_STOPPED, is_counted=False)
            raise
        with writing(self.engine) as connection:
            for delivery in taken:
                self._settle(connection, delivery, tickets, answered)
        return len(answered.written)

    def _tickets(self, taken: Sequence[Delivery]) -> dict[int, dict[str, str]]:
        """What is to be written of these: each request as it stands, without those that were written meanwhile."""
        with reading(self.engine) as connection:
            found = requests_numbered(connection, {int(one.reference) for one in taken})
            made = {number: self.ticketing.properties(asked) for number, asked in found.items()}
            return {
                number: properties
                for number, properties in made.items()
                if pushed_digest(connection, number) != digest_of(properties)
            }

    def _settle(
        self, connection: Connection, delivery: Delivery, tickets: Mapping[int, Mapping[str, str]], answered: Answered
    ) -> None:
        number, at = int(delivery.reference), self.clock()
        if number in answered.written:
            remote_id, is_new = answered.written[number]
            say_pushed(connection, number, digest_of(tickets[number]), remote_id, at, is_new=is_new)
            outbox.settle(connection, delivery, at)
        elif number in answered.refused:
            why = answered.refused[number]
            log.warning("HubSpot refuse le ticket de la demande %s : %s", number, why)
            say_refused(connection, number, why)
            outbox.settle(connection, delivery, at, why)
        else:
            outbox.settle(connection, delivery, at, HANDLED)

    def _postpone(
        self, taken: Sequence[Delivery], why: str, after: timedelta | None, *, is_counted: bool = True
    ) -> None:  # fmt: skip
        """Try again later; what was tried too often is given up, and owed anew the next day if it still differs."""
        at = self.clock()
        with writing(self.engine) as connection:
            for delivery in taken:
                if is_counted and delivery.tries >= MOST_TRIES:
                    say_refused(connection, int(delivery.reference), why)
                    outbox.settle(connection, delivery, at, why)
                else:
                    pause = outbox.pause_before(delivery.tries, LONGEST_PAUSE)
                    outbox.postpone(connection, delivery, at + (after or pause), why)

    # ------------------------------------------------------------ what differs

    def compare(self) -> list[TicketDifference]:
        """Where the tickets there are not as ours, all of them read back; raises ConnectorAway or ConnectorStopped."""
        with reading(self.engine) as connection:
            found = requests_that_may_differ(connection, None)
        ours = {asked.id: self.ticketing.properties(asked) for asked, _pushed in found}
        return list(differences(ours, self.remote.read(ours)))

    def forget_differing(self) -> int:
        """Let every ticket that is missing or otherwise there be written again; returns how many."""
        numbers = {one.number for one in self.compare()}
        with writing(self.engine) as connection:
            forget_pushed(connection, numbers)
        return len(numbers)

    def _tell(self) -> None:
        for one in self.changed():
            digest = digest_of(one.properties)
            if self._told.get(one.number) != digest:
                self._told[one.number] = digest
                log.warning("À blanc : la demande %s serait écrite chez HubSpot : %s", one.number, one.properties)
