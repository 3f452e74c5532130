"""`svi export workbook`: the tracking workbook of a département, or the consolidated one of France."""

from __future__ import annotations

import os
from pathlib import Path

import click

from records.database import reading
from reports.figures.periods import PeriodRefused, read_period
from reports.workbook.book import write_workbook
from reports.workbook.content import workbook_content
from reports.workbook.history import TooManyRows
from routing.calendar.hours import read_hours
from routing.departements import NATIONAL, PARIS, departements
from service.clock import now
from service.commands.context import acting_on, settings_or_refused
from service.commands.french import CommandRefused, FrenchGroup
from service.commands.values import SCOPE
from service.system_errors import in_french
from service.wiring.reports import phone_shown
from support.nomenclature.store import nomenclature_in_force
from support.profiles import PROFILES


@click.group(cls=FrenchGroup)
def export() -> None:
    """Écrire le classeur de suivi."""


@export.command()
@click.option("--departement", "-d", type=SCOPE, required=True, help="Un département, ou france.")
@click.option("--from", "since", required=True, metavar="JOUR", help="Premier jour compris.")
@click.option("--to", "until", required=True, metavar="JOUR", help="Dernier jour compris.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="FICHIER.xlsx")
@click.option("--masked", is_flag=True, help="Masquer les numéros de téléphone.")
@click.option("--pivot", is_flag=True, help="Ajouter les tableaux croisés dynamiques (à essayer).")
def workbook(departement: str | None, since: str, until: str, out: Path, *, masked: bool, pivot: bool) -> None:
    """Écrire le classeur des appels traités d’une période, avec ses résultats."""
    if departement == NATIONAL:
        raise CommandRefused("L’équipe nationale n’est pas un département : demandez « france » pour tous les appels.")
    try:
        period = read_period(since, until)
    except PeriodRefused as refusal:
        raise CommandRefused(str(refusal)) from None
    moment = now()
    today = moment.astimezone(PARIS).date()
    draft = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        settings = settings_or_refused()
        with acting_on(settings) as acting:
            with reading(acting.engine) as connection, draft.open("wb") as file:
                content = workbook_content(
                    connection, period, departement=departements()[departement] if departement else None,
                    entries=nomenclature_in_force(connection, today).entries, today=today,
                    show_phone=phone_shown(masked=masked), phones_are_masked=masked,
                    hours=read_hours(settings.national_hours), profiles=PROFILES, with_pivot=pivot, at=moment,
                )  # fmt: skip
                rows = write_workbook(file, content)
            with acting.writing() as connection:
                acting.note(connection, "classeur", f"{departement or 'france'} {period.since} {period.until}")
            draft.replace(out)
    except TooManyRows as refusal:
        raise CommandRefused(str(refusal)) from None
    except OSError as error:
        raise CommandRefused(f"{out} ne s’écrit pas : {in_french(error)}.") from None
    finally:
        draft.unlink(missing_ok=True)
    click.echo(f"{out} : {rows} {'appels' if rows > 1 else 'appel'}, {period.label()}.")
