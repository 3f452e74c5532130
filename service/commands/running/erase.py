"""`svi erase NUMBER`: a caller's right to be forgotten."""

from __future__ import annotations

import click

from reports.preparing.preparing import forget_numbers
from service.clock import now
from service.commands.context import database, required, settings_or_refused
from service.commands.french import CommandRefused, FrenchCommand
from service.system_errors import in_french
from service.wiring.erasing import erase_caller
from service.wiring.memory import shared_memory
from service.wiring.messages import follow_up
from service.wiring.operator import provider_of


@click.command(cls=FrenchCommand)
@click.argument("number", metavar="NUMÉRO")
def erase(number: str) -> None:
    """Effacer un numéro d’appelant partout : appels, messages, mémoire ; dire ce qui a été fait."""
    settings = required(settings_or_refused(), "secret_key")
    caller = provider_of(settings).read_number(number)
    if caller is None:
        raise CommandRefused(f"« {number} » n’est pas un numéro de téléphone.")
    with database(settings) as engine:
        try:
            proof = erase_caller(engine, shared_memory(settings, engine), follow_up(settings, engine), caller, now())
            forget_numbers(engine, settings.prepared_dir)
        except OSError as error:
            raise CommandRefused(f"Un fichier n’a pas pu être effacé ({in_french(error)}) : recommencez.") from None
    click.echo(str(proof))
