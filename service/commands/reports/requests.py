"""`svi requests list`: what the desks are asked to solve."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import click

from records.database import reading
from service.commands.context import database, settings_or_refused
from service.commands.french import FrenchGroup
from service.commands.values import as_json, check_days, of_days
from support.requests.listing import list_requests
from support.requests.states import RequestState
from support.requests.told import STATES


@click.group(cls=FrenchGroup)
def requests() -> None:
    """Lister les demandes."""


@requests.command("list")
@of_days
def listing(departement: str | None, since: date | None, until: date | None, is_json: bool) -> None:
    """Lister les demandes, de la plus ancienne à la plus récente."""
    check_days(since, until)
    with database(settings_or_refused()) as engine, reading(engine) as connection:
        found = list_requests(connection, departement=departement, since=since, until=until)
    if is_json:
        click.echo(as_json(found))
    else:
        click.echo("\n".join(map(_line, found)) or "Aucune demande.")


def _line(asked: dict[str, Any]) -> str:
    """One request on one line."""
    desk = "niveau 1" if asked["desk"] == "local" else "niveau 2"
    ticket = f", ticket {asked['technical_ticket']['reference']}" if asked["technical_ticket"] else ""
    due = f", attendue avant le {datetime.fromisoformat(asked['due_at']):%d/%m/%Y %H:%M}" if asked["due_at"] else ""
    return (
        f"n° {asked['request_id']} {asked['opened_at']} {asked['departement'] or '--'} {asked['motif']} / "
        f"{asked['sous_motif']} : {STATES[RequestState(asked['state'])].lower()} ({desk}), "
        f"{asked['owner'] or 'personne'}{due}{ticket}"
    )
