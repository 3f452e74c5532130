"""`svi requests list|figures`: what the desks are asked to solve, and how many, how soon."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import click

from records.database import reading
from reports.figures.periods import PeriodRefused, french_day, read_period
from reports.figures.requests import CHANNELS
from reports.figures.summary import figures_of_requests, scope_of
from routing.calendar.hours import read_hours
from service.clock import now
from service.commands.context import database, settings_or_refused
from service.commands.french import CommandRefused, FrenchGroup
from service.commands.values import SCOPE, as_json, check_days, of_days
from support.requests.listing import list_requests
from support.requests.states import RequestState
from support.requests.told import STATES


@click.group(cls=FrenchGroup)
def requests() -> None:
    """Lister et compter les demandes."""


@requests.command("list")
@of_days
def listing(departement: str | None, since: date | None, until: date | None, is_json: bool) -> None:
    """Lister les demandes, de la plus ancienne à la plus récente."""
    check_days(since, until)
    with database(settings_or_refused()) as engine, reading(engine) as connection:
        found = list_requests(connection, departement=departement, since=since, until=until)
    if is_json:
        click.echo(as_json(found))
    else:
        click.echo("\n".join(map(_line, found)) or "Aucune demande.")


@requests.command("figures")
@click.option("--departement", "-d", type=SCOPE, help="Un département ; la France entière par défaut.")
@click.option("--from", "since", required=True, metavar="JOUR", help="Premier jour compris.")
@click.option("--to", "until", required=True, metavar="JOUR", help="Dernier jour compris.")
@click.option("--json", "is_json", is_flag=True, help="Pour une machine.")
def counting(departement: str | None, since: str, until: str, is_json: bool) -> None:
    """Compter les demandes d’une période, à côté des appels et sans s’y ajouter."""
    try:
        period = read_period(since, until)
    except PeriodRefused as refusal:
        raise CommandRefused(str(refusal)) from None
    settings = settings_or_refused()
    scope = scope_of(period, None if departement is None else [departement])
    with database(settings) as engine, reading(engine) as connection:
        found = figures_of_requests(connection, scope, read_hours(settings.national_hours), now())
    if is_json:
        click.echo(as_json({"departement": departement, "from": period.since, "to": period.until, **found.to_json()}))
        return
    click.echo(f"{departement or 'France entière'}, du {french_day(period.since)} au {french_day(period.until)}")
    for figure in found.figures:
        click.echo(f"{figure.label} : {figure.shown}")
    for channel in found.channels:
        click.echo(f"  {CHANNELS[channel.channel]} : {channel.received}")
    for thematique, motif, sous_motif, number, avoided in found.motives:
        click.echo(f"  {number} × {thematique} / {motif} / {sous_motif} (évitées : {avoided})")
    click.echo(found.note)


def _line(asked: dict[str, Any]) -> str:
    """One request on one line."""
    desk = "niveau 1" if asked["desk"] == "local" else "niveau 2"
    ticket = f", ticket {asked['technical_ticket']['reference']}" if asked["technical_ticket"] else ""
    due = f", attendue avant le {datetime.fromisoformat(asked['due_at']):%d/%m/%Y %H:%M}" if asked["due_at"] else ""
    return (
        f"n° {asked['request_id']} {asked['opened_at']} {asked['departement'] or '--'} {asked['motif']} / "
        f"{asked['sous_motif']} : {STATES[RequestState(asked['state'])].lower()} ({desk}), "
        f"{asked['owner'] or 'personne'}{due}{ticket}"
    )
