"""`svi survey`: open a month's survey, see who has answered, export it."""

from __future__ import annotations

from pathlib import Path

import click

from records.counting.words import counted
from records.database import Connection, Engine, reading, writing
from records.desks.accounts import names_by_email
from records.outbox import Owed, hasten
from records.sending import send_due
from reports.figures.periods import Period, PeriodRefused, of_month, read_month
from reports.survey.campaign import Board, board, month_key, open_month
from reports.survey.consolidated import every_row, to_csv
from reports.survey.mails import Addresses, chase, mails_due, owe_mails
from reports.survey.questionnaire import SurveyRefused, closes_at
from routing.departements import PARIS, departements
from service.clock import now
from service.commands.context import database, required, session, settings_or_refused, snapshot_in_service
from service.commands.french import CommandRefused, FrenchGroup
from service.commands.sent import tell_sent
from service.commands.values import as_json
from service.mail import sender
from service.system_errors import in_french
from service.wiring.reports import mail_addresses, renames_on
from support.nomenclature.store import nomenclature_in_force


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
        entries = nomenclature_in_force(connection, now().astimezone(PARIS).date()).entries
        open_month(connection, asked, now(), entries=entries, renames=renames_on, by=session())
    last = closes_at(asked).astimezone(PARIS)
    is_over = now() >= last
    frozen = "ses chiffres sont figés" if is_over else f"ses chiffres se figent le {last:%d/%m/%Y} à 0 h"
    click.echo(f"Enquête {of_month(asked.since)} ouverte ; {frozen}.")


@survey.command()
@click.argument("month", metavar="MOIS")
@click.option("--json", "is_json", is_flag=True, help="Pour une machine.")
def status(month: str, is_json: bool) -> None:
    """Dire qui a répondu, qui manque, et qui a répondu en retard."""
    asked = _month(month)
    with database(settings_or_refused()) as engine, reading(engine) as connection:
        state = board(connection, asked, now(), renames=renames_on)
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
        "tracked": [one.label for one in state.followed] if state.survey else [],
        "followed": [{"key": one.key, **one.wording._asdict()} for one in state.followed] if state.survey else [],
        "answers": [
            {"departement": given.departement, "sent_at": given.sent_at, "sent_by": given.sent_by, "late": given.late,
             "comment": given.comment}
            for given in state.answers.values()
        ],
        "missing": state.missing,
        "figures": {
            code: {line.key: {"computed": line.computed, "corrected": _whole(line.shown_as, line.corrected),
                              "reason": line.reason} for line in state.lines(code)}
            for code in state.filled
        },
        "consolidated": [
            {"level": row.level, "name": row.name, "answers": len(row.answers), "late": row.late, "asked": row.asked,
             "figures": {line.key: line.computed for line in row.figures}}
            for row in every_row(state) if row.level in {"France", "Région"}
        ],
        "reminded": dict(state.reminded),
    }  # fmt: skip


def _whole(shown_as: str, value: float | None) -> float | int | None:
    """A corrected value as JSON has it: counts and seconds are whole."""
    return value if value is None or shown_as == "rate" else int(value)


@survey.command()
@click.argument("month", metavar="MOIS")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FICHIER.csv")
def export(month: str, out: Path | None) -> None:
    """Écrire l’enquête consolidée d’un mois en CSV : France, régions, départements ; calculé et corrigé côte à côte."""
    asked = _month(month)
    with database(settings_or_refused()) as engine, reading(engine) as connection:
        names = names_by_email(connection)
        state = board(connection, asked, now(), renames=renames_on)
        text = to_csv(state, lambda email: names.get(email, email))
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
@click.option("--missing", is_flag=True, help="Relancer maintenant ceux qui n’ont pas répondu, une fois par mois.")
def remind(month: str, *, missing: bool) -> None:
    """Envoyer les courriels dont le jour est venu, chacun une fois."""
    asked, settings = _month(month), required(settings_or_refused(), "mail_url")
    addresses, link = mail_addresses(snapshot_in_service(settings)), f"{settings.public_url}/enquete"
    with database(settings) as engine:
        if missing:
            references = _chase(engine, asked, addresses, link)
        else:
            references = [month_key(asked)]
            with writing(engine) as connection:
                mails = mails_due(connection, asked, now(), addresses=addresses, link=link)
                owe_mails(connection, asked, mails, now())
        with writing(engine) as connection:
            _hasten(connection, references)
        sent = send_due(engine, Owed.SURVEY, sender(settings), now)
    tell_sent(sent)


def _chase(engine: Engine, month: Period, addresses: Addresses, link: str) -> list[str]:
    """Owe the reminders, say whom nobody can write to, and name what they are about."""
    try:
        with writing(engine) as connection:
            done = chase(connection, month, now(), addresses=addresses, link=link, by=session())
    except SurveyRefused as refusal:
        raise CommandRefused(str(refusal)) from None
    if done.unreachable:
        click.echo(f"Sans adresse dans l’annuaire : {', '.join(done.unreachable)}.")
    if done.before:
        click.echo(f"Déjà relancés pour ce mois : {', '.join(done.before)}.")
    return [f"{month_key(month)} {code}" for code in (*done.now, *done.before)]


def _hasten(connection: Connection, references: list[str]) -> None:
    for reference in references:
        hasten(connection, Owed.SURVEY, reference, now())
