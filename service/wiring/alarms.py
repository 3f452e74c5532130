"""The alarms of the line plugged in: looked for, kept, told by mail to the national team, and to `/health`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from records.database import Engine, reading, writing
from records.mail import Mail, Sender
from records.outbox import Owed
from records.sending import send_due
from reports.alarm.letters import begun_letters, over_letters
from reports.alarm.store import told_of_open
from reports.alarm.watching import Changed, keep, look
from routing.departements import NATIONAL
from routing.snapshot import Snapshot
from service.wiring.reports import mail_addresses


@dataclass(frozen=True)
class LineAlarms:
    """What the job needs; `sender` None: no mail is owed.

    `readers`: who is told beside the national team of the directory (ALERT_EMAILS).
    `hears_all`: whether the clerk keeps up; one that is late has calls that we do not see, and silence is none.
    """

    engine: Engine
    clock: Callable[[], datetime]
    snapshot: Callable[[], Snapshot | None]
    sender: Sender | None
    site: str
    hears_all: Callable[[datetime], bool]
    readers: tuple[str, ...] = ()

    def watch(self) -> dict[str, Any]:
        """Look, tell what begins and what is over, once each; returns how the line is, for `/health`."""
        at, snapshot = self.clock(), self.snapshot()
        if snapshot is None:
            return {}
        with reading(self.engine) as connection:
            changed = look(connection, snapshot, at, hears_all=self.hears_all(at))
        if changed.begun or changed.over:
            with writing(self.engine) as connection:
                keep(connection, changed, snapshot, at, lambda found: self._letters(found, snapshot, at))
            self.send()
        return {"line": self._news()}

    def send(self) -> None:
        """Send the letters that are due."""
        if self.sender:
            send_due(self.engine, Owed.ALARM, self.sender, self.clock)

    def _letters(self, changed: Changed, snapshot: Snapshot, at: datetime) -> Iterator[tuple[str, Mail]]:
        team = mail_addresses(snapshot).get(NATIONAL, ())
        readers = tuple(dict.fromkeys((*team, *self.readers))) if self.sender else ()
        for alarm in changed.begun:
            yield from ((alarm.kind, mail) for mail in begun_letters(alarm, snapshot, readers, self.site))
        for alarm in changed.over:
            yield from ((alarm.kind, mail) for mail in over_letters(alarm, snapshot, readers, at))

    def _news(self) -> dict[str, Any]:
        with reading(self.engine) as connection:
            alarms = told_of_open(connection)
        return {"state": "degraded" if alarms else "ok", "alarms": alarms}
