"""The scheduled work of the reports: the survey's days, the monthly report, the outage radar."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from records import outbox
from records.database import Engine, reading, writing
from records.mail import Mail, Sender, key_of
from records.outbox import Owed
from records.sending import send_due
from reports.figures.periods import month_of
from reports.monthly import month_to_report, report_mails
from reports.radar.detector import Alert
from reports.radar.watching import keep_new, look
from reports.survey.campaign import freeze_closed, month_asked, open_month
from reports.survey.mails import mails_due, owe_mails
from reports.survey.questionnaire import Stage, month_in_question, stage
from routing.departements import NATIONAL, PARIS
from routing.snapshot import Snapshot
from service.wiring.reports import mail_addresses, renames_on
from support.nomenclature.store import nomenclature_in_force


@dataclass(frozen=True)
class ReportsJobs:
    """What the jobs need; `sender` None: no mail is owed."""

    engine: Engine
    clock: Callable[[], datetime]
    snapshot: Callable[[], Snapshot | None]
    sender: Sender | None
    site: str
    """The public address, without a final slash."""
    answer_target: float = 0.85
    """The share of received calls that should be picked up."""

    def run_survey(self) -> None:
        """Open the survey on its day, freeze what has closed as it was then, send the mails that are due."""
        now = self.clock()
        today = now.astimezone(PARIS).date()
        with writing(self.engine) as connection:
            month, asked = month_of(month_in_question(today)), month_asked(connection, now)
            if stage(month, now) is Stage.OPEN:  # a service installed later does not ask for a month nobody saw
                entries = nomenclature_in_force(connection, today).entries
                open_month(connection, month, now, entries=entries, renames=renames_on)
        with writing(self.engine) as connection:
            freeze_closed(connection, now, renames=renames_on)
        if self.sender:
            addresses, link = self._addresses(), f"{self.site}/enquete"
            with writing(self.engine) as connection:
                for each in dict.fromkeys((month, asked)):
                    owe_mails(connection, each, mails_due(connection, each, now, addresses=addresses, link=link), now)
        self._send(Owed.SURVEY)

    def report_month(self) -> None:
        """Send last month's report to the national team, once."""
        month = month_to_report(self.clock())
        if month is None or self.sender is None:
            return
        with reading(self.engine) as connection:
            to = self._addresses().get(NATIONAL, ())
            mails = report_mails(connection, month, to, f"{self.site}/national", target=self.answer_target)
        with writing(self.engine) as connection:
            for mail in mails:
                outbox.owe_mail(connection, Owed.REPORT, f"{month.since:%Y-%m}", mail, self.clock())
        self._send(Owed.REPORT)

    def watch(self) -> None:
        """Look for an outage, and write to the national team about a new one."""
        with reading(self.engine) as connection:
            alerts = look(connection, self.clock())
        if not alerts:
            return
        with writing(self.engine) as connection:
            for alert in keep_new(connection, alerts):
                for mail in self._alert_mails(alert) if self.sender else ():
                    outbox.owe_mail(connection, Owed.ALERT, alert.key[:200], mail, self.clock())
        self._send(Owed.ALERT)

    def send(self) -> None:
        """Send all mails of the tracking data that are due."""
        for kind in (Owed.ALERT, Owed.SURVEY, Owed.REPORT):
            self._send(kind)

    def _alert_mails(self, alert: Alert) -> list[Mail]:
        announced = f"Annonce proposée avant le menu : « {alert.announcement()} »"
        text = f"{alert.sentence()}\n\n{announced}\n\n{self.site}/national\n"
        return [
            Mail(to, "[SI SIAO] Panne possible", text, key_of(f"radar|{alert.key}", to, text))
            for to in self._addresses().get(NATIONAL, ())
        ]

    def _addresses(self) -> Mapping[str, Sequence[str]]:
        return mail_addresses(self.snapshot())

    def _send(self, kind: Owed) -> None:
        if self.sender:
            send_due(self.engine, kind, self.sender, self.clock)
