"""`svi newsletter preview`: what the newsletter would tell if it were sent now."""

from __future__ import annotations

import click

from records.database import reading
from service.clock import now
from service.commands.context import database, settings_or_refused
from service.commands.french import FrenchGroup
from support.newsletter.letters import issue_text
from support.newsletter.publishing import NOTHING, draft_at


@click.group(cls=FrenchGroup)
def newsletter() -> None:
    """La lettre d’information, faite de ce qui a été publié."""


@newsletter.command()
def preview() -> None:
    """Montrer la lettre qui partirait maintenant, sans rien envoyer ni garder."""
    settings = settings_or_refused()
    with database(settings) as engine, reading(engine) as connection:
        found = draft_at(connection, now())
    if found is None or not found.kept:
        click.echo(NOTHING)
        return
    click.echo(f"Sujet : {found.subject}\n\n{issue_text(found, settings.public_url)}", nl=False)
