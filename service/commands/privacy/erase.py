"""`svi erase NUMBER`: a caller's right to be forgotten."""

from __future__ import annotations

import click

from service.clock import now
from service.commands.context import database, required, session, settings_or_refused
from service.commands.french import CommandRefused, FrenchCommand
from service.commands.privacy.numbers import number_or_refused
from service.commands.values import as_json
from service.privacy.erasing import erase_everywhere
from service.system_errors import in_french


@click.command(cls=FrenchCommand)
@click.argument("number", metavar="NUMÉRO")
@click.option("--json", "is_json", is_flag=True, help="Pour une machine.")
def erase(number: str, *, is_json: bool) -> None:
    """Effacer un numéro d’appelant partout : appels, textes, messages, mémoires ; dire ce qui a été fait."""
    settings = required(settings_or_refused(), "secret_key")
    caller = number_or_refused(settings, number)
    with database(settings) as engine:
        try:
            proof = erase_everywhere(settings, engine, caller, by=session(), at=now())
        except OSError as error:
            raise CommandRefused(f"Un fichier n’a pas pu être effacé ({in_french(error)}) : recommencez.") from None
    click.echo(as_json(proof.as_json()) if is_json else str(proof))
