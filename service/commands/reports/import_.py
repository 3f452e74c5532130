"""`svi import workbook`: take in a workbook filled or corrected by hand, whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from records.counting.words import counted
from records.database import reading, writing
from reports.importing.deciding.difference import Difference
from reports.importing.intake import ImportRefused, carry_out, compare, read_workbook
from reports.importing.reading.book import Place, WorkbookRefused
from reports.importing.reading.sheets import LARGEST_BYTES
from routing.departements import NATIONAL, PARIS
from service.clock import now
from service.commands.context import database, settings_or_refused
from service.commands.french import CommandRefused, FrenchGroup
from service.commands.values import DEPARTEMENT, as_json
from service.system_errors import in_french
from service.wiring.reports import reader_for


@click.group("import", cls=FrenchGroup)
def import_() -> None:
    """Importer un classeur de suivi."""


@import_.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="FICHIER.xlsx")
@click.option("--departement", "-d", type=DEPARTEMENT, required=True, help="À qui sont ces appels.")
@click.option("--skip-refused", is_flag=True, help="Importer les autres lignes quand certaines sont refusées.")
@click.option("--dry-run", is_flag=True, help="Dire ce qui changerait, sans rien changer.")
@click.option("--by", default="svi import", help="Qui importe.")
@click.option("--json", "is_json", is_flag=True, help="Pour une machine.")
def workbook(  # noqa: PLR0917 - one per option
    file: Path, departement: str, skip_refused: bool, dry_run: bool, by: str, is_json: bool
) -> None:
    """Importer un classeur : les lignes refusées sont toutes dites, et rien n’entre tant qu’il y en a une."""
    if departement == NATIONAL:
        raise CommandRefused("L’équipe nationale n’est pas un département : un classeur est celui d’un département.")
    settings, at = settings_or_refused(), now()
    content = _content(file)
    with database(settings) as engine:
        with reading(engine) as connection:
            reader = reader_for(connection, departement, at.astimezone(PARIS).date())
        try:
            understood = read_workbook(content, reader)
        except WorkbookRefused as refusal:
            raise CommandRefused(f"{file} : {refusal} Rien n’a été importé.") from None
        with writing(engine) as connection:
            found = compare(connection, understood, departement)
            click.echo(as_json(_to_json(found)) if is_json else "\n".join(_lines(found)))
            if dry_run:
                return
            try:
                carry_out(
                    connection, found, departement, reader, by=by, at=at, file_name=file.name, skip_refused=skip_refused
                )
            except ImportRefused as refusal:
                raise CommandRefused(f"{file} : {refusal}") from None


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise CommandRefused(f"{file} ne se lit pas : {in_french(error)}.") from None


def _lines(found: Difference) -> list[str]:
    changed = [f"{c.place}, « {c.heading} » : « {c.before} » devient « {c.after} »" for c in found.changes]
    return [
        *(refused.sentence() for refused in found.refused),
        *(conflict.sentence() for conflict in found.conflicts),
        *changed,
        ", ".join(
            (
                counted(len(found.additions), "appel", "appels") + " à ajouter",
                counted(len(found.changes), "cellule", "cellules") + " à changer",
                counted(found.unchanged, "ligne déjà connue", "lignes déjà connues"),
                counted(len(found.conflicts), "conflit", "conflits"),
                counted(len(found.refused), "ligne refusée.", "lignes refusées."),
            )
        ),
    ]


def _to_json(found: Difference) -> dict[str, Any]:
    return {
        "added": len(found.additions),
        "unchanged": found.unchanged,
        "changes": [
            {**_where(c.place), "call_id": c.call_id, "column": c.heading, "before": c.before, "after": c.after}
            for c in found.changes
        ],
        "conflicts": [
            {**_where(c.place), "call_id": c.call_id, "column": c.heading, "ours": c.ours, "theirs": c.theirs,
             "reason": c.reason}
            for c in found.conflicts
        ],
        "refused": [{**_where(refused.place), "reasons": list(refused.reasons)} for refused in found.refused],
    }  # fmt: skip


def _where(place: Place) -> dict[str, Any]:
    return {"sheet": place.sheet, "line": place.line}
