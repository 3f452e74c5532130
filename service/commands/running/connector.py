"""`svi connector push|compare`: the tickets of the ministry's CRM, written and compared with the requests here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from records.counting.words import counted
from records.database import reading
from service.commands.context import database, required, settings_or_refused
from service.commands.french import CommandRefused, FrenchGroup
from service.commands.values import as_json
from service.wiring.written.connector import connector as made_connector
from support.connector.answers import ConnectorAway, ConnectorStopped
from support.connector.pushing import Connector
from support.connector.store import refused_tickets
from support.connector.tickets import TicketDifference


@click.group(cls=FrenchGroup)
def connector() -> None:
    """Le connecteur vers HubSpot : écrire les tickets, comparer."""


@connector.command("push")
@click.option("--dry-run", "is_dry", is_flag=True, help="Dire ce qui serait écrit, et ne rien écrire.")
@click.option("--repair", "is_repair", is_flag=True, help="Récrire aussi ce qui manque ou diffère chez HubSpot.")
@click.option("--json", "is_json", is_flag=True, help="Pour une machine.")
def push(is_dry: bool, is_repair: bool, is_json: bool) -> None:
    """Écrire les demandes qui ont changé depuis la dernière fois, même refusées aujourd’hui."""
    with _at_work(is_dry=is_dry) as work:
        if work.is_dry:
            changed = work.changed(every=True)
            if is_json:
                click.echo(as_json([dict(one.properties) for one in changed]))
            else:
                said = counted(len(changed), "demande serait écrite", "demandes seraient écrites")
                click.echo("\n".join([f"{said}.", *(one.properties["subject"] for one in changed)]))
            return
        if is_repair:
            work.forget_differing()
        work.owe(every=True, again=f"{work.clock():T%H%M%S%f}")
        written = work.push_all()
        with reading(work.engine) as connection:
            refused = refused_tickets(connection)
    if is_json:
        told = [{"request_id": number, "reason": why} for number, why in refused]
        click.echo(as_json({"written": written, "refused": told}))
    else:
        click.echo(f"{counted(written, 'demande écrite', 'demandes écrites')}.")
        for number, why in refused:
            click.echo(f"Demande n° {number} refusée : {why}", err=True)
    if refused:
        raise CommandRefused(f"{counted(len(refused), 'demande refusée', 'demandes refusées')} par HubSpot.")


@connector.command("compare")
@click.option("--json", "is_json", is_flag=True, help="Pour une machine.")
def compare(is_json: bool) -> None:
    """Dire ce qui manque ou diffère chez HubSpot ; rien n’est écrit."""
    with _at_work(is_dry=True) as work:
        found = work.compare()
    if is_json:
        click.echo(as_json([_told(one) for one in found]))
    else:
        click.echo("\n".join(map(_line, found)) or "Rien ne diffère.")


@contextmanager
def _at_work(*, is_dry: bool) -> Iterator[Connector]:
    """The connector of this machine; what HubSpot refuses is the command's refusal."""
    settings = required(settings_or_refused(), "hubspot_token")
    with database(settings) as engine:
        work = made_connector(settings, engine, is_dry=is_dry or settings.hubspot_dry_run)
        if work is None:
            raise CommandRefused("HUBSPOT_URL doit être en https : le jeton ne voyage pas en clair.")
        try:
            yield work
        except (ConnectorAway, ConnectorStopped) as trouble:
            raise CommandRefused(str(trouble)) from None


def _told(one: TicketDifference) -> dict[str, str | int | None]:
    return {"request_id": one.number, "property": one.name or None, "ours": one.ours, "theirs": one.theirs}


def _line(one: TicketDifference) -> str:
    if one.theirs is None:
        return f"Demande n° {one.number} : absente chez HubSpot."
    return f"Demande n° {one.number} : {one.name}, ici « {one.ours} », chez HubSpot « {one.theirs} »."
