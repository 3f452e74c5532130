"""The newsletter's scheduled work: a draft each month, the mails that are due, and addresses that are forgotten."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from records import outbox
from records.database import Engine, reading, writing
from records.desks.acting import Acting
from records.mail import Mail, Sender, key_of
from records.outbox import Delivery, Owed
from records.sending import KEPT_FOR, as_kept, send_due
from routing.calendar.hours import Hours
from routing.calendar.open_time import month_has_opened
from routing.departements import PARIS
from support.newsletter.letters import confirming_mail, issue_mail
from support.newsletter.news import NewsletterIssue
from support.newsletter.publishing import draft, draft_at
from support.newsletter.store import forget_subscribers, issues, read_issue, read_subscriber
from support.newsletter.subscriber import Subscriber

UNPROVED_KEPT = timedelta(days=30)
LEFT_KEPT = timedelta(days=365)
"""How long an address is kept that never proved itself, and one that has left; the page on personal data says so."""
SERVICE = "le service"
"""Who drafts by itself, in the trail."""


@dataclass(frozen=True, slots=True)
class NewsletterPost:
    """Everything that the work needs; without a `sender` mails wait. `team`: the national team's addresses."""

    engine: Engine
    sender: Sender | None
    clock: Callable[[], datetime]
    secret: bytes
    site: str
    hours: Hours
    team: Callable[[], Sequence[str]]

    def draft_monthly(self) -> None:
        """From the month's first open day on: one draft a month, as soon as there is something to tell."""
        at = self.clock()
        if not month_has_opened(at, self.hours):
            return
        first = datetime.combine(at.astimezone(PARIS).date().replace(day=1), time(), PARIS)
        with reading(self.engine) as connection:
            newest = next(iter(issues(connection, at_most=1)), None)
            if (newest is not None and newest.drafted_at >= first) or draft_at(connection, at) is None:
                return
        number = draft(Acting(self.engine, SERVICE, at))
        text = (
            f"Bonjour,\n\nUn brouillon de la lettre est prêt à relire :\n{self.site}/administration/lettres/{number}\n"
        )
        with writing(self.engine) as connection:
            for to in self.team():
                mail = Mail(to, "[SI SIAO] Un brouillon de la lettre attend", text, key_of(f"draft|{number}", to))
                outbox.owe_mail(connection, Owed.NEWSLETTER, f"draft:{number}", mail, at)

    def send(self) -> None:
        """Some of the mails that are due, so that no server takes us for a flood; the rest in the next rounds."""
        if self.sender:
            send_due(
                self.engine, Owed.NEWSLETTER, self.sender, self.clock, compose=self._mail, at_most=outbox.AT_ONCE
            )  # fmt: skip

    def forget(self) -> None:
        """Forget the addresses that never proved themselves, and those that left long ago."""
        at = self.clock()
        with writing(self.engine) as connection:
            forget_subscribers(connection, unproved_before=at - UNPROVED_KEPT, left_before=at - LEFT_KEPT)

    def _mail(self, delivery: Delivery, at: datetime) -> Mail | str:
        if delivery.text:
            return as_kept(delivery, at)
        if delivery.created_at < at - KEPT_FOR:
            return outbox.TOO_LATE
        about, _, number = delivery.reference.partition(":")
        with reading(self.engine) as connection:
            reader = read_subscriber(connection, int(number))
            issue = read_issue(connection, int(about)) if about.isdecimal() else None
        if reader is None:
            return outbox.HANDLED
        return self._first_letter(reader) if about == "confirm" else self._issue(reader, issue)

    def _first_letter(self, reader: Subscriber) -> Mail | str:
        if reader.receives:
            return outbox.HANDLED
        link = f"{self.site}/lettre/abonnes/{reader.id}/confirmer/{reader.confirm_token(self.secret)}"
        return confirming_mail(reader.email, link)

    def _issue(self, reader: Subscriber, issue: NewsletterIssue | None) -> Mail | str:
        """Whoever has left since it was sent gets none."""
        if issue is None or not reader.receives:
            return outbox.HANDLED
        return issue_mail(issue, reader.email, self.site, leave_address(self.site, reader, self.secret))


def leave_address(site: str, reader: Subscriber, secret: bytes) -> str:
    """Where this reader leaves: in the mail's headers and at its end."""
    return f"{site}/lettre/abonnes/{reader.id}/quitter/{reader.leave_token(secret)}"
