"""`svi survey`: open a month's survey, see who has answered, export it."""

from __future__ import annotations

from pathlib import Path

import click

from records.counting.words import counted
from records.database import reading, writing
from records.outbox import Owed, hasten
from records.sending import send_due
from reports.figures.periods import Period, PeriodRefused, of_month, read_month
from reports.survey.campaign import Board, board, freeze_if_due, mails_due, month_key, open_month, owe_mails, to_csv
from reports.survey.questionnaire import closes_at
from routing.departements import PARIS, departements
from service.clock import now
from service.commands.context import database, required, settings_or_refused, snapshot_in_service
from service.commands.french import CommandRefused, FrenchGroup
from service.commands.sent import tell_sent
from service.commands.values import as_json
from service.mail import sender
from service.system_errors import in_french
from service.wiring.reports import mail_addresses


@click.group(cls=FrenchGroup)
def survey() -> None:
    """L’enquête mensuelle, déjà remplie d’après les appels."""


def _month(text: str) -> Period:
    try:
        return read_month(text, now().astimezone(PARIS).date())
    except PeriodRefused as refusal:
        raise CommandRefused(str(refusal)) from None


@survey.command("open")
@click.argument("month", metavar="MOIS")
def open_(month: str) -> None:
    """Ouvrir l’enquête d’un mois (2026-11) sans attendre le 28."""
    asked = _month(month)
    with database(settings_or_refused()) as engine, writing(engine) as connection:
        open_month(connection, asked, now())
        freeze_if_due(connection, asked, now())
    last = closes_at(asked).astimezone(PARIS)
    click.echo(f"Enquête {of_month(asked.since)} ouverte ; ses chiffres se figent le {last:%d/%m/%Y} à 0 h.")


@survey.command()
@click.argument("month", metavar="MOIS")
@click.option("--json", "is_json", is_flag=True, help="Pour une machine.")
def status(month: str, is_json: bool) -> None:
    """Dire qui a répondu, qui manque, et qui a répondu en retard."""
    asked = _month(month)
    with database(settings_or_refused()) as engine, reading(engine) as connection:
        state = board(connection, asked, now())
    if is_json:
        click.echo(as_json(_to_json(state)))
        return
    late = [code for code, given in state.answers.items() if given.late]
    click.echo(f"Enquête {of_month(asked.since)} : {state.stage if state.survey else 'jamais ouverte'}.")
    click.echo(
        f"{counted(len(state.answers), 'réponse', 'réponses')} pour {len(departements())} départements, "
        f"dont {counted(len(late), 'tardive', 'tardives')}."
    )
    if state.survey and state.missing:
        click.echo(f"Manquent : {', '.join(state.missing)}.")


def _to_json(state: Board) -> dict[str, object]:
    return {
        "month": f"{state.month.since:%Y-%m}",
        "stage": state.stage.name.lower(),
        "opened_at": state.survey.opened_at if state.survey else None,
        "frozen_at": state.survey.frozen_at if state.survey else None,
        "tracked": list(state.survey.tracked) if state.survey else [],
        "answers": [
            {"departement": given.departement, "sent_at": given.sent_at, "sent_by": given.sent_by, "late": given.late,
             "comment": given.comment}
            for given in state.answers.values()
        ],
        "missing": state.missing,
        "figures": {
            code: {line.key: {"computed": line.computed, "corrected": line.corrected, "reason": line.reason}
                   for line in state.lines(code)}
            for code in state.filled
        },
    }  # fmt: skip


@survey.command()
@click.argument("month", metavar="MOIS")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FICHIER.csv")
def export(month: str, out: Path | None) -> None:
    """Écrire les réponses d’un mois en CSV : calculé, corrigé et raison côte à côte."""
    asked = _month(month)
    with database(settings_or_refused()) as engine, reading(engine) as connection:
        text = to_csv(board(connection, asked, now()))
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise CommandRefused(f"{out} ne s’écrit pas : {in_french(error)}.") from None
    click.echo(f"{out} écrit.")


@survey.command()
@click.argument("month", metavar="MOIS")
def remind(month: str) -> None:
    """Envoyer les courriels dont le jour est venu, chacun une fois."""
    asked, settings = _month(month), required(settings_or_refused(), "mail_url")
    snapshot = snapshot_in_service(settings)
    with database(settings) as engine:
        with writing(engine) as connection:
            mails = mails_due(
                connection, asked, now(), addresses=mail_addresses(snapshot), link=f"{settings.public_url}/enquete"
            )
            owe_mails(connection, asked, mails, now())
            hasten(connection, Owed.SURVEY, month_key(asked), now())
        sent = send_due(engine, Owed.SURVEY, sender(settings), now)
    tell_sent(sent)
