"""`svi retention`: the table of retention carried out now, or only counted."""

from __future__ import annotations

import click

from records.counting.words import counted
from records.database import reading
from records.privacy.reports import runs
from service.clock import now
from service.commands.context import database, required, settings_or_refused
from service.commands.french import FrenchCommand
from service.commands.values import as_json
from service.privacy.carrying_out import LineDone, carry_out, due
from service.privacy.retention import RETENTION

LAST_NIGHTS = 200


@click.command(cls=FrenchCommand)
@click.option("--dry-run", is_flag=True, help="Compter ce qui partirait, sans rien changer.")
@click.option("--report", is_flag=True, help="Ce qui est parti ces dernières nuits.")
@click.option("--json", "is_json", is_flag=True, help="Pour une machine.")
def retention(*, dry_run: bool, report: bool, is_json: bool) -> None:
    """Appliquer les durées de conservation, par portions : une interruption ne défait rien, la suite se reprend."""
    settings = required(settings_or_refused(), "secret_key")
    with database(settings) as engine:
        if report:
            with reading(engine) as connection:
                nights = runs(connection, LAST_NIGHTS)
            _show([(one.at.isoformat(), one.line, one.done) for one in nights], is_json=is_json)
            return
        done = due(settings, engine, now()) if dry_run else carry_out(settings, engine, now())
    if is_json:
        lines = {one.line.key: one for one in done}
        click.echo(as_json([
            {
                "line": line.key, "data": line.data, "period": line.period(settings), "then": line.then,
                "setting": line.setting or None, "job": line.job or None,
                "before": lines[line.key].before if line.key in lines else None,
                "count": lines[line.key].count if line.key in lines else None,
            }
            for line in RETENTION
        ]))  # fmt: skip
        return
    for one in done:
        click.echo(_sentence(one, dry_run=dry_run))


def _sentence(one: LineDone, *, dry_run: bool) -> str:
    verb = "à traiter" if dry_run else "traité"
    what = counted(one.count, f"ligne {verb}{'' if dry_run else 'e'}", f"lignes {verb}{'' if dry_run else 'es'}")
    return f"{one.line.data} : {what} (avant le {one.before:%d/%m/%Y})."


def _show(nights: list[tuple[str, str, int]], *, is_json: bool) -> None:
    if is_json:
        click.echo(as_json([{"at": at, "line": line, "done": done} for at, line, done in nights]))
        return
    for at, line, done in nights:
        click.echo(f"{at}  {line} : {done}")
