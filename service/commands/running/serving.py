"""`svi serve` and `svi worker`."""

from __future__ import annotations

import click

from service.commands.context import settings_or_refused
from service.commands.french import CommandRefused, FrenchCommand
from service.directory.production import invented_directory, sign_in_advice
from service.logs import start_logging
from service.running.serving.serve import serve as run
from service.running.serving.serve import serve_works
from service.running.serving.sockets import ServeRefused


@click.command(cls=FrenchCommand)
@click.option("--no-worker", is_flag=True, help="Sans les travaux planifiés (ils tournent ailleurs : svi worker).")
def serve(no_worker: bool) -> None:
    """Servir : appels, pages, greffier et travaux planifiés, jusqu’à Ctrl-C."""
    settings = settings_or_refused(complete=True)
    start_logging(settings.log_level, settings.log_format)
    if invented := invented_directory(settings):
        raise CommandRefused("\n".join(invented))
    if told := sign_in_advice(settings):
        click.echo(f"{told}.", err=True)
    try:
        run(settings, with_worker=not no_worker)
    except ServeRefused as refusal:
        raise CommandRefused(str(refusal)) from None


@click.command(cls=FrenchCommand)
def worker() -> None:
    """Faire seulement les travaux planifiés et les travaux longs, jusqu’à Ctrl-C."""
    settings = settings_or_refused(complete=True)
    start_logging(settings.log_level, settings.log_format)
    serve_works()
