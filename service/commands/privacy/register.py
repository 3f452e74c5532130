"""`svi register`: the processing register of article 30 of the GDPR."""

from __future__ import annotations

import click

from service.commands.context import settings_or_refused
from service.commands.french import FrenchCommand
from service.commands.values import as_json
from service.privacy.register import in_markdown
from service.privacy.register import register as registered


@click.command(cls=FrenchCommand)
@click.option("--json", "is_json", is_flag=True, help="Pour une machine.")
def register(*, is_json: bool) -> None:
    """Le registre des traitements, en Markdown : ce que l’État doit compléter y est marqué."""
    found = registered(settings_or_refused())
    click.echo(as_json(found) if is_json else "\n".join(in_markdown(found)))
