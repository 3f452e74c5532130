"""`svi route`: who would ring, in which order, and which rule decided; the same function as live calls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import click

from routing.calendar.words import write_moment
from routing.departements import timezone_of
from routing.phones import show_phone
from routing.planning.plan import Plan, plan
from routing.snapshot import Snapshot
from service.clock import now
from service.commands.context import settings_or_refused, snapshot_in_service
from service.commands.french import FrenchCommand
from service.commands.values import DEPARTEMENT, MOMENT, as_json, in_zone

REASONS = {
    "closed": "fermé à cette heure",
    "holiday": "jour férié",
    "away": "tous absents",
    "no_referent": "personne à faire sonner",
}


@click.command(cls=FrenchCommand)
@click.option(
    "--departement", "-d", type=DEPARTEMENT, required=True, help="Code du département, * pour l’équipe nationale."
)
@click.option("--at", "moment", type=MOMENT, help="Moment (heure du département) ; maintenant par défaut.")
@click.option("--json", "is_json", is_flag=True, help="Pour une machine.")
def route(departement: str, moment: datetime | None, is_json: bool) -> None:
    """Dire qui sonnerait pour un département à un moment, dans quel ordre, et quelle règle en décide."""
    snapshot = snapshot_in_service(settings_or_refused())
    found = plan(snapshot, departement, in_zone(moment, departement) if moment else now())
    click.echo(as_json(_to_json(snapshot, found)) if is_json else "\n".join(_lines(snapshot, found)))


def _to_json(snapshot: Snapshot, found: Plan) -> dict[str, Any]:
    zone = timezone_of(found.served_by)
    return {
        "departement": found.asked,
        "at": found.at.astimezone(zone),
        "version": snapshot.version,
        "desk": found.desk,
        "served_by": found.served_by,
        "rangs": [[_person(snapshot, found, one) for one in rang] for rang in found.rangs],
        "reason": found.reason,
        "reopens": found.reopens.astimezone(zone) if found.reopens else None,
        "overflow_closed": found.overflow_closed,
        "overflow_no_answer": found.overflow_no_answer,
        "because": [{"rule": one.rule, "text": one.text, "person": one.person} for one in found.because],
    }


def _person(snapshot: Snapshot, found: Plan, person_id: str) -> dict[str, Any]:
    person = snapshot.person(found.served_by, person_id)
    if person is None:
        return {"id": person_id}
    return {"id": person.id, "referent": person.name, "phone": person.phone, "filtrage": person.screened}


def _lines(snapshot: Snapshot, found: Plan) -> Iterator[str]:
    zone = timezone_of(found.served_by)
    for number, rang in enumerate(found.rangs, start=1):
        people = [snapshot.person(found.served_by, one) for one in rang]
        names = [f"{one.name} ({show_phone(one.phone or '')})" for one in people if one]
        yield f"{number}. {'sonnent ensemble : ' if len(names) > 1 else 'sonne : '}{', '.join(names)}"
    if not found.rangs:
        yield f"Personne ne sonne : {REASONS.get(found.reason or '', found.reason)}. Le message d’absence est dit."
        if found.reopens:
            yield f"Rouvre le {write_moment(found.reopens, zone)}."
    yield "Pourquoi :"
    yield from (f"- {one.text}" for one in found.because)
