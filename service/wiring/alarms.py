"""The alarms of the line plugged in: looked for, kept, told by mail to the national team, and to `/health`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from records import outbox
from records.database import Connection, Engine, reading, writing
from records.mail import Sender
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

    `hears_all`: whether the clerk keeps up; one that is late has calls that we do not see, and silence is none.
    """

    engine: Engine
    clock: Callable[[], datetime]
    snapshot: Callable[[], Snapshot | None]
    sender: Sender | None
    site: str
    hears_all: Callable[[datetime], bool]

    def watch(self) -> dict[str, Any]:
        """Look, tell what begins and what is over, once each; returns how the line is, for `/health`."""
        at, snapshot = self.clock(), self.snapshot()
        if snapshot is None:
            return {}
        with reading(self.engine) as connection:
            changed = look(connection, snapshot, at, hears_all=self.hears_all(at))
        if changed.begun or changed.over:
            with writing(self.engine) as connection:
                self._owe(connection, keep(connection, changed, snapshot, at), snapshot, at)
            self.send()
        return {"line": self._news()}

    def send(self) -> None:
        """Send the letters that are due."""
        if self.sender:
            send_due(self.engine, Owed.ALARM, self.sender, self.clock)

    def _owe(self, connection: Connection, changed: Changed, snapshot: Snapshot, at: datetime) -> None:
        readers = mail_addresses(snapshot).get(NATIONAL, ()) if self.sender else ()
        letters = [
            *((alarm, begun_letters(alarm, snapshot, readers, self.site)) for alarm in changed.begun),
            *((alarm, over_letters(alarm, snapshot, readers, at)) for alarm in changed.over),
        ]
        for alarm, mails in letters:
            for mail in mails:
                outbox.owe_mail(connection, Owed.ALARM, str(alarm.kind), mail, at)

    def _news(self) -> dict[str, Any]:
        with reading(self.engine) as connection:
            alarms = told_of_open(connection)
        return {"state": "degraded" if alarms else "ok", "alarms": alarms}
