"""`svi articles`: the directory of articles as a file, taken in and written out."""

from __future__ import annotations

from pathlib import Path

import click

from records.counting.words import counted
from records.database import reading
from service.commands.context import acting_on, settings_or_refused
from service.commands.french import CommandRefused, FrenchGroup
from service.system_errors import in_french
from support.knowledge.changing import today
from support.knowledge.csv_file import ArticlesRefused
from support.knowledge.importing import ImportPlan, export_articles, import_articles, plan_import

FILE = click.Path(exists=False, dir_okay=False, path_type=Path)


@click.group(cls=FrenchGroup)
def articles() -> None:
    """Importer ou exporter l’annuaire des articles."""


@articles.command("import")
@click.argument("file", type=FILE, metavar="FICHIER")
@click.option("--retire-absent", is_flag=True, help="Retirer les articles que le fichier ne nomme pas.")
@click.option("--check", is_flag=True, help="Dire seulement ce qui changerait.")
def take_in(file: Path, retire_absent: bool, check: bool) -> None:
    """Vérifier un fichier ligne par ligne, puis enregistrer ce qu’il dit ; un fichier fautif ne change rien."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise CommandRefused(f"{file} : {in_french(error)}.") from None
    with acting_on(settings_or_refused()) as acting:
        try:
            if check:
                with reading(acting.engine) as connection:
                    plan = plan_import(connection, content, today(acting))
            else:
                plan = import_articles(acting, content, retire_absent=retire_absent)
        except ArticlesRefused as refusal:
            raise CommandRefused(f"{file} : {refusal}\nRien n’a changé.") from None
    click.echo(_told(plan, retired=retire_absent))


@articles.command("export")
@click.option("--out", type=FILE, required=True, metavar="FICHIER", help="Fichier à écrire.")
def write_out(out: Path) -> None:
    """Écrire l’annuaire des articles en place, tel qu’il s’importe."""
    with acting_on(settings_or_refused()) as acting, reading(acting.engine) as connection:
        text = export_articles(connection, today(acting))
    try:
        out.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise CommandRefused(f"{out} : {in_french(error)}.") from None
    click.echo(f"{out} est écrit.")


def _told(plan: ImportPlan, *, retired: bool) -> str:
    absent = "retiré", "retirés"
    if not retired:
        absent = "absent du fichier, laissé en place", "absents du fichier, laissés en place"
    parts = (
        counted(len(plan.added), "article ajouté", "articles ajoutés"),
        counted(len(plan.changed), "changé", "changés"),
        counted(len(plan.restored), "remis en place", "remis en place"),
        counted(len(plan.absent), *absent),
        counted(plan.unchanged, "sans changement", "sans changement"),
    )
    return f"{', '.join(parts)}."
