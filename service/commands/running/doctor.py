"""`svi doctor`: is everything in place?"""

from __future__ import annotations

import click

from service.clock import now
from service.commands.context import settings_or_refused
from service.commands.french import CommandRefused, FrenchCommand
from service.commands.values import as_json
from service.running.watching.checks import Finding, examine


@click.command(cls=FrenchCommand)
@click.option("--json", "is_json", is_flag=True, help="Pour une machine.")
def doctor(is_json: bool) -> None:
    """Vérifier que tout est en place : réglages, annuaire, journal, base, processus, porte d’entrée, opérateur."""
    findings = examine(settings_or_refused(), now())
    if is_json:
        listed = [{"name": one.name, "state": _state(one), "told": one.sentence} for one in findings]
        click.echo(as_json(listed))
    else:
        click.echo("\n".join(f"{_mark(one)} {one.name} : {one.sentence}" for one in findings))
    if wrong := sum(one.wrong for one in findings):
        raise CommandRefused(f"{wrong} points à corriger." if wrong > 1 else "1 point à corriger.")


def _state(finding: Finding) -> str:
    return "wrong" if finding.wrong else "advice" if finding.advice else "ok"


def _mark(finding: Finding) -> str:
    return "✗" if finding.wrong else "!" if finding.advice else "✓"
