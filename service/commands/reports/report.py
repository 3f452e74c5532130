"""`svi report`: the monthly report of France, to read or to send."""

from __future__ import annotations

import click

from records.database import reading, writing
from records.outbox import Owed, hasten, owe_mail
from records.sending import send_due
from reports.figures.periods import PeriodRefused, read_month
from reports.monthly import report_mails, report_text
from routing.departements import NATIONAL, PARIS
from service.clock import now
from service.commands.context import database, required, settings_or_refused, snapshot_in_service
from service.commands.french import CommandRefused, FrenchCommand
from service.commands.sent import tell_sent
from service.mail import sender
from service.wiring.reports import mail_addresses


@click.command(cls=FrenchCommand)
@click.argument("month", metavar="MOIS")
@click.option("--send", "is_sent", is_flag=True, help="L’envoyer à l’équipe nationale, une seule fois.")
def report(month: str, is_sent: bool) -> None:
    """Lire le bilan d’un mois (2026-11), ou l’envoyer à l’équipe nationale."""
    settings = settings_or_refused()
    try:
        asked = read_month(month, now().astimezone(PARIS).date())
    except PeriodRefused as refusal:
        raise CommandRefused(str(refusal)) from None
    link, target = f"{settings.public_url}/national", settings.answer_target / 100
    with database(settings) as engine:
        if not is_sent:
            with reading(engine) as connection:
                click.echo(report_text(connection, asked, link, target), nl=False)
            return
        required(settings, "mail_url")
        addresses = mail_addresses(snapshot_in_service(settings)).get(NATIONAL, ())
        with reading(engine) as connection:
            mails = report_mails(connection, asked, addresses, link, target=target)
        with writing(engine) as connection:
            for mail in mails:
                owe_mail(connection, Owed.REPORT, f"{asked.since:%Y-%m}", mail, now())
            hasten(connection, Owed.REPORT, f"{asked.since:%Y-%m}", now())
        sent = send_due(engine, Owed.REPORT, sender(settings), now)
    tell_sent(sent)
