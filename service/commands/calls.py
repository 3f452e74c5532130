"""`svi calls list` and `svi explain`: what happened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import click

from records.calls import list_calls
from records.database import reading
from routing.departements import timezone_of
from routing.phones import mask_phone
from service.commands.context import database, settings_or_refused
from service.commands.french import FrenchGroup, Refused
from service.commands.values import DAY, DEPARTEMENT, as_json

OUTCOMES = {
    "in_progress": "en cours",
    "answered": "répondu",
    "message": "message laissé",
    "callback": "rappel demandé",
    "absence": "message d’absence",
    "abandoned_ringing": "abandon pendant la sonnerie",
    "abandoned_menu": "abandon au menu",
    "missed": "connu du seul relevé de l’opérateur",
}


@click.group(cls=FrenchGroup)
def calls() -> None:
    """Lister les appels."""


@calls.command("list")
@click.option("--departement", "-d", type=DEPARTEMENT, help="Un seul département.")
@click.option("--from", "since", type=DAY, help="Premier jour, compris.")
@click.option("--to", "until", type=DAY, help="Dernier jour, compris.")
@click.option("--json", "is_json", is_flag=True, help="Pour une machine.")
def listing(departement: str | None, since: date | None, until: date | None, is_json: bool) -> None:
    """Lister les appels, du plus ancien au plus récent."""
    if since and until and until < since:
        raise Refused("Le dernier jour vient avant le premier.")
    with database(settings_or_refused()) as engine, reading(engine) as connection:
        found = list_calls(connection, timezone_of=timezone_of, departement=departement, since=since, until=until)
    if is_json:
        click.echo(as_json(found))
    else:
        click.echo("\n".join(map(_line, found)) or "Aucun appel.")


def _line(call: Mapping[str, Any]) -> str:
    """One call on one line, numbers masked."""
    caller = mask_phone(call["caller"]) if call["caller"] else "numéro masqué"
    who = f", {call['referent']}" if call["referent"] else ""
    talk = f", {call['talk_seconds']} s" if call["talk_seconds"] is not None else ""
    outcome = OUTCOMES.get(call["outcome"], call["outcome"])
    return f"{call['started_at']} {call['departement'] or '--'} {caller} : {outcome}{who}{talk} ({call['call_id']})"
