"""`svi serve` and `svi worker`: callers wait for the first, so it loads no more than it needs."""

from __future__ import annotations

import click

from service.commands.french import CommandRefused, FrenchCommand
from service.directory.production import invented_directory, sign_in_advice
from service.logs import start_logging
from service.running.serving.serve import serve as run
from service.running.serving.serve import serve_works
from service.running.serving.sockets import ServeRefused
from service.settings import Settings, SettingsRefused, read_settings


@click.command(cls=FrenchCommand)
@click.option("--no-worker", is_flag=True, help="Sans les travaux planifiés (ils tournent ailleurs : svi worker).")
def serve(no_worker: bool) -> None:
    """Servir : appels, pages, greffier et travaux planifiés, jusqu’à Ctrl-C."""
    settings = _settings()
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
    _settings()
    serve_works()


def _settings() -> Settings:
    """The settings of this machine, and its log lines as they ask; CommandRefused names each wrong or missing one."""
    try:
        settings = read_settings(complete=True)
    except SettingsRefused as refusal:
        raise CommandRefused(str(refusal)) from None
    start_logging(settings.log_level, settings.log_format)
    return settings
