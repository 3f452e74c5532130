"""The scheduled work of the reports: the survey's days, the monthly report, the outage radar."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from records.database import Engine, reading, writing
from reports.figures.periods import month_of
from reports.monthly import month_to_report, report_mails
from reports.radar.watching import keep_new, look
from reports.survey.campaign import freeze_if_due, mails_due, month_key, open_month
from reports.survey.postbox import DueMail, send_each_once
from reports.survey.questionnaire import TRACKED, Stage, month_in_question, stage
from reports.survey.store import survey_of
from routing.departements import NATIONAL, PARIS
from routing.snapshot import Snapshot
from service.mail import Sender
from service.wiring.reports import mail_addresses, send_by


@dataclass(frozen=True)
class ReportsJobs:
    """What the jobs need; `mail` None: nothing is sent."""

    engine: Engine
    clock: Callable[[], datetime]
    snapshot: Callable[[], Snapshot | None]
    mail: Sender | None
    site: str
    """The public address, without a final slash."""

    def run_survey(self) -> None:
        """Open the survey on its day, freeze it at its end, send the mails that are due."""
        now = self.clock()
        month = month_of(month_in_question(now.astimezone(PARIS).date()))
        with writing(self.engine) as connection:
            previous = survey_of(connection, month_key(month.previous()))
            if stage(month, now) is Stage.OPEN:  # a service installed later does not ask for a month nobody saw
                open_month(connection, month, now, previous.tracked if previous else TRACKED)
            freeze_if_due(connection, month, now)
        with reading(self.engine) as connection:
            mails = mails_due(
                connection, month, now, addresses=self._addresses(), link=f"{self.site}/enquete"
            )  # fmt: skip
        self._post(mails)

    def report_month(self) -> None:
        """Send last month's report to the national team, once."""
        month = month_to_report(self.clock())
        if month is None:
            return
        with reading(self.engine) as connection:
            mails = report_mails(connection, month, self._addresses().get(NATIONAL, ()), f"{self.site}/national")
        self._post(mails)

    def watch(self) -> None:
        """Look for an outage, and write to the national team about a new one."""
        with reading(self.engine) as connection:
            alerts = look(connection, self.clock())
        if not alerts:
            return
        with writing(self.engine) as connection:
            new = keep_new(connection, alerts)
        text = "{}\n\nAnnonce proposée avant le menu : « {} »\n\n{}/national\n"
        self._post(
            [
                DueMail(f"radar|{alert.key}", address, "[SI SIAO] Panne possible",
                        text.format(alert.sentence(), alert.announcement(), self.site))
                for alert in new
                for address in self._addresses().get(NATIONAL, ())
            ]
        )  # fmt: skip

    def _addresses(self) -> Mapping[str, Sequence[str]]:
        return mail_addresses(self.snapshot())

    def _post(self, mails: Sequence[DueMail]) -> None:
        if self.mail is not None:
            send_each_once(self.engine, mails, send_by(self.mail), self.clock())
