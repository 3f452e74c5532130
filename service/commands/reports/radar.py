"""`svi radar`: look for an outage now, or replay invented months with planted waves and tell how many are found."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

import click

from records.counting.words import counted
from records.database import reading
from reports.invented_calls import InventedCall, invent_calls, invent_wave
from reports.radar.detector import Event, Planted, Radar, score, watch
from reports.radar.watching import look
from routing.departements import PARIS, departements
from service.clock import now
from service.commands.context import database, settings_or_refused
from service.commands.french import FrenchGroup
from service.commands.reports.demo import planted
from service.commands.values import as_json
from support.nomenclature.entries import first_nomenclature

QUALIFIED_AFTER = timedelta(minutes=5)


@click.group(cls=FrenchGroup)
def radar() -> None:
    """Le radar des pannes : le même sous-motif partout à la fois, ou bien plus d’appels que d’habitude."""


@radar.command("look")
@click.option("--json", "is_json", is_flag=True, help="Pour une machine.")
def look_now(is_json: bool) -> None:
    """Chercher une panne dans les deux dernières heures."""
    with database(settings_or_refused()) as engine, reading(engine) as connection:
        alerts = look(connection, now())
    if is_json:
        listed = ((alert, {"at": alert.at, "sous_motif": alert.sous_motif, "calls": alert.calls}) for alert in alerts)
        click.echo(
            as_json([{**one, "departements": alert.departements, "usual": alert.usual} for alert, one in listed])
        )
        return
    for alert in alerts:
        click.echo(f"{alert.at:%d/%m/%Y %H:%M} {alert.sentence()}\n  {alert.announcement()}")
    if not alerts:
        click.echo("Rien d’anormal.")


@radar.command()
@click.option("--calls", "number", type=click.IntRange(1_000, 5_000_000), default=100_000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--waves", type=click.IntRange(1, 100), default=10, show_default=True)
def replay(number: int, seed: int, waves: int) -> None:
    """Rejouer deux ans d’appels inventés avec des pannes plantées : combien sont trouvées, et en combien de temps."""
    last_day, entries = date(2026, 11, 24), first_nomenclature().entries
    zones = {code: departement.timezone for code, departement in departements().items()}
    chosen = list(planted(waves, seed, last_day, entries))
    usual = sorted(invent_calls(number, seed, last_day, zones, entries), key=lambda call: call.started_at)
    streams = [_events(usual), *(_events(invent_wave(wave, seed, zones, entries)) for wave in chosen)]
    alerts = watch(Radar(), heapq.merge(*streams, key=lambda event: event.at))
    spans = [
        Planted(wave.start, wave.start + timedelta(minutes=wave.minutes), wave.entry.wording.sous_motif)
        for wave in chosen
    ]
    calls = counted(number, "appel", "appels")
    click.echo(f"{calls} en 24 mois, graine {seed} : {score(alerts, spans).sentence()}.")


def _events(calls: Iterable[InventedCall]) -> Iterator[Event]:
    for call in calls:
        at = (call.started_at + QUALIFIED_AFTER).astimezone(PARIS)
        yield Event(at, call.departement, call.entry.wording.sous_motif if call.entry else None)
