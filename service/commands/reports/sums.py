"""`svi sums`: the kept sums of calls, built again from the calls, or compared with them."""

from __future__ import annotations

import click

from records.counting.keeping import WrongSum, check, rebuild, refresh
from records.counting.words import counted
from records.schema.sums_tables import DAY, FRANCE
from service.commands.context import database, settings_or_refused
from service.commands.french import CommandRefused, FrenchGroup
from service.commands.values import as_json

SHOWN = 20


@click.group(cls=FrenchGroup)
def sums() -> None:
    """Les sommes des appels, gardées par jour et par mois pour que les chiffres viennent vite."""


@sums.command("rebuild")
def rebuild_() -> None:
    """Refaire toutes les sommes d’après les appels, même pendant que la ligne sert."""
    with database(settings_or_refused()) as engine:
        months = rebuild(engine, lambda month: click.echo(f"{month:%m/%Y}"))
    click.echo(counted(months, "mois refait.", "mois refaits."))


@sums.command("check")
@click.option("--json", "is_json", is_flag=True, help="Pour une machine.")
def check_(is_json: bool) -> None:
    """Comparer toutes les sommes avec les appels, et refaire celles qui diffèrent."""
    with database(settings_or_refused()) as engine:
        found = check(engine)
        if found.different:
            refresh(engine)
    if is_json:
        differences = [{"departement": d.departement, "grain": d.grain, "first": d.first} for d in found.different]
        click.echo(as_json({
            "compared": found.compared, "different": differences, "missing_triggers": found.missing_triggers,
        }))  # fmt: skip
    else:
        click.echo(counted(found.compared, "somme comparée.", "sommes comparées."))
        for one in found.different[:SHOWN]:
            click.echo(_sentence(one))
        if len(found.different) > SHOWN:
            click.echo(f"… et {len(found.different) - SHOWN} de plus.")
        for name in found.missing_triggers:
            click.echo(f"Il manque le déclencheur {name} : ce qui change ne se voit plus dans les sommes.")
    if not found.is_well:
        what = "somme différait" if len(found.different) == 1 else "sommes différaient"
        raise CommandRefused(
            f"{len(found.different)} {what} des appels."
            if found.different
            else "Les sommes ne suivent plus les appels."
        )


def _sentence(one: WrongSum) -> str:
    when = f"{one.first:%d/%m/%Y}" if one.grain == DAY else f"{one.first:%m/%Y}"
    where = "France" if one.departement == FRANCE else one.departement or "sans département"
    return f"{when}, {where} : la somme n’était pas celle des appels ; elle est refaite."
