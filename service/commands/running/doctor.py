"""`svi doctor`: is everything in place?"""

from __future__ import annotations

import click

from service.clock import now
from service.commands.context import settings_or_refused
from service.commands.french import CommandRefused, FrenchCommand
from service.commands.values import as_json
from service.running.watching.checks import examine
from service.running.watching.finding import Finding
from service.running.watching.outside_checks import send_one


@click.command(cls=FrenchCommand)
@click.option("--json", "is_json", is_flag=True, help="Pour une machine.")
@click.option("--send-mail", "address", metavar="ADRESSE", help="Envoyer aussi un courriel de vérification à ADRESSE.")
def doctor(is_json: bool, address: str | None) -> None:
    """Vérifier que tout est en place : réglages, annuaire, journal, base, processus, porte d’entrée, opérateur.

    Le serveur de courriel est joint sans rien lui envoyer ; --send-mail essaie tout le chemin.
    """
    settings = settings_or_refused()
    findings = examine(settings, now()) + ([send_one(settings, address)] if address else [])
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
