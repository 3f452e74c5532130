"""`svi person NUMBER`: the right of access, all that is known of a number."""

from __future__ import annotations

import click

from service.clock import now
from service.commands.context import database, required, session, settings_or_refused
from service.commands.french import FrenchCommand
from service.commands.privacy.numbers import number_or_refused
from service.commands.values import as_json
from service.privacy.person import all_that_is_known, in_french


@click.command(cls=FrenchCommand)
@click.argument("number", metavar="NUMÉRO")
@click.option("--json", "is_json", is_flag=True, help="Pour une machine.")
def person(number: str, *, is_json: bool) -> None:
    """Tout ce qui est su d’un numéro, de chaque table et de chaque dossier ; la demande laisse une trace."""
    settings = required(settings_or_refused(), "secret_key")
    caller = number_or_refused(settings, number)
    with database(settings) as engine:
        known = all_that_is_known(settings, engine, caller, by=session(), at=now())
    click.echo(as_json(known) if is_json else "\n".join(in_french(known)))
