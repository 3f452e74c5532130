"""`svi erase NUMBER`: a caller's right to be forgotten."""

from __future__ import annotations

import click

from records.database import writing
from records.working.heavy import forget_with_numbers
from service.clock import now
from service.commands.context import database, required, settings_or_refused
from service.commands.french import CommandRefused, FrenchCommand
from service.system_errors import in_french
from service.wiring.erasing import erase_caller
from service.wiring.memory import caller_memory
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
            proof = erase_caller(engine, caller_memory(settings), follow_up(settings, engine), caller, now())
            with writing(engine) as connection:
                forget_with_numbers(connection)
        except OSError as error:
            raise CommandRefused(f"Un fichier n’a pas pu être effacé ({in_french(error)}) : recommencez.") from None
    click.echo(str(proof))
