"""`svi figures`: the figures of a département or of France over a period."""

from __future__ import annotations

import click

from records.database import reading
from reports.figures.definitions import DAYS_NOTE, DEFINITIONS
from reports.figures.periods import PeriodRefused, french_day, read_period
from reports.figures.summary import figures_json, scope_of
from service.commands.context import database, settings_or_refused
from service.commands.french import CommandRefused, FrenchCommand
from service.commands.values import SCOPE, as_json


@click.command(cls=FrenchCommand)
@click.option("--departement", "-d", type=SCOPE, help="Un département ; la France entière par défaut.")
@click.option("--from", "since", required=True, metavar="JOUR", help="Premier jour compris.")
@click.option("--to", "until", required=True, metavar="JOUR", help="Dernier jour compris.")
@click.option("--json", "is_json", is_flag=True, help="Pour une machine.")
def figures(departement: str | None, since: str, until: str, is_json: bool) -> None:
    """Compter les appels, les durées, les résolutions et les motifs d’une période."""
    try:
        period = read_period(since, until)
    except PeriodRefused as refusal:
        raise CommandRefused(str(refusal)) from None
    scope = scope_of(period, None if departement is None else [departement])
    with database(settings_or_refused()) as engine, reading(engine) as connection:
        found = figures_json(connection, scope)
    if is_json:
        click.echo(as_json({"departement": departement, "from": period.since, "to": period.until, **found}))
        return
    click.echo(f"{departement or 'France entière'}, du {french_day(period.since)} au {french_day(period.until)}")
    for definition in DEFINITIONS:
        click.echo(f"{definition.label} : {definition.show(found[definition.name])}")
    for motive in found["motifs"][:10]:
        click.echo(f"  {motive['nombre']} × {motive['thematique']} / {motive['motif']} / {motive['sous_motif']}")
    click.echo(DAYS_NOTE)
