"""`svi demo data`: many invented calls, and the requests of those escalated, to see the pages full and to measure."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import click

from records.calls.bulk import CALL_COLUMNS, qualification_row, write_callbacks_made, write_calls
from records.counting.history import known_ids
from records.counting.words import counted
from records.database import Connection, writing
from records.desks.acting import Acting
from records.schema.migrations import migrate
from records.wording import Entry
from reports.invented_calls import InventedCall, Wave, first_id, invent_calls, invent_wave, source_of_invented
from routing.calendar.hours import read_hours
from routing.departements import PARIS, departements
from service.clock import now
from service.commands.context import database, settings_or_refused
from service.commands.french import CommandRefused, FrenchGroup
from service.commands.values import DAY
from support.knowledge.sample import fill_directory
from support.nomenclature.store import nomenclature_in_force
from support.requests.invented import EscalatedCall, invent_requests
from support.requests.written.invented import invent_written

REQUESTS_AT_MOST = 300
"""The newest escalated calls have a request; older ones were escalated before requests were kept."""
WRITTEN_AT_MOST, CALLS_FOR_EACH_WRITTEN = 120, 5
WRITTEN_IN = ("75", "59", "974")
"""Where people write in a demonstration: most to the référent who signs in there."""
QUALIFIED_AFTER = timedelta(minutes=3)


@click.group(cls=FrenchGroup)
def demo() -> None:
    """Données inventées, pour la démonstration et les mesures."""


@demo.command()
@click.option("--calls", "number", type=click.IntRange(0, 20_000_000), required=True, help="Nombre d’appels.")
@click.option("--seed", type=int, default=1, show_default=True, help="Même graine, mêmes appels.")
@click.option("--until", type=DAY, metavar="JOUR", help="Dernier jour (aujourd’hui par défaut).")
@click.option("--waves", type=click.IntRange(0, 200), default=0, help="Pannes à planter, que le radar doit trouver.")
def data(number: int, seed: int, until: date | None, waves: int) -> None:
    """Inventer des appels vraisemblables et qualifiés sur 24 mois, des demandes d’appels et d’écrits."""
    settings = settings_or_refused()
    if not settings.demo:
        raise CommandRefused("Les appels inventés n’entrent que dans une démonstration (DEMO=1).")
    last_day = until or now().astimezone(PARIS).date()
    with database(settings) as engine:
        migrate(engine)
        with writing(engine) as connection:
            if known_ids(connection, [first_id(seed)]):
                raise CommandRefused(f"Les appels de la graine {seed} sont déjà là : choisissez-en une autre.")
            entries = nomenclature_in_force(connection, last_day).entries
            newest: deque[EscalatedCall] = deque(maxlen=REQUESTS_AT_MOST)
            written = write_invented(
                connection, number, seed, last_day=last_day, entries=entries, waves=waves, escalated=newest
            )
        until_now = min(now(), datetime.combine(last_day, time.max, PARIS))
        hours = read_hours(settings.national_hours)
        with writing(engine) as connection:  # a house that serves beside wants to write meanwhile
            asked = invent_requests(engine, connection, list(newest), seed=seed, hours=hours, until=until_now)
        with writing(engine) as connection:
            wrote = invent_written(
                engine, connection, list(newest), number=min(number // CALLS_FOR_EACH_WRITTEN, WRITTEN_AT_MOST),
                seed=seed, hours=hours, until=until_now, entries=entries, departements=WRITTEN_IN,
            )  # fmt: skip
        articles = fill_directory(Acting(engine, "demonstration", now()))
    click.echo(counted(written, "appel inventé.", "appels inventés."))
    click.echo(counted(asked, "demande au niveau 2.", "demandes au niveau 2."))
    if articles:
        click.echo(counted(articles, "article inventé.", "articles inventés."))
    click.echo(counted(wrote, "demande écrite.", "demandes écrites."))


def write_invented(
    connection: Connection,
    number: int,
    seed: int,
    *,
    last_day: date,
    entries: tuple[Entry, ...],
    waves: int = 0,
    escalated: deque[EscalatedCall] | None = None,
) -> int:
    """Write invented calls, and as many planted waves, that are not there yet; return how many calls.

    The newest escalated ones are put in `escalated`. A callback is there when it was made before the last day.
    """
    zones = {code: departement.timezone for code, departement in departements().items()}
    made: list[dict[str, Any]] = []
    invented = _noting(invent_calls(number, seed, last_day, zones, entries), escalated, made, last_day)
    written = write_calls(connection, map(_rows, invented))
    write_callbacks_made(connection, made)
    for wave in planted(waves, seed, last_day, entries):
        written += write_calls(connection, map(_rows, invent_wave(wave, seed, zones, entries)))
    return written


def _noting(
    calls: Iterator[InventedCall],
    escalated: deque[EscalatedCall] | None,
    made: list[dict[str, Any]],
    last_day: date,
) -> Iterator[InventedCall]:
    for call in calls:
        if call.rung_back_at is not None and call.rung_back_at.date() < last_day:
            made.append({
                "call_id": call.call_id, "departement": call.departement, "created_at": call.ended_at,
                "handled_at": call.rung_back_at, "handled_by": "demonstration",
            })  # fmt: skip
        if call.escalated and call.entry is not None and escalated is not None:
            at = call.ended_at + QUALIFIED_AFTER
            escalated.append(
                EscalatedCall(call.call_id, call.referent or "", call.departement, call.entry.wording, call.niveau, at)
            )
        yield call


def planted(number: int, seed: int, last_day: date, entries: tuple[Entry, ...]) -> Iterator[Wave]:
    """Outages on working days of the last twelve months."""
    rng = random.Random(f"waves/{seed}")  # noqa: S311 - invented data, not a secret
    for index in range(number):
        day = last_day - timedelta(days=360 - index * 350 // number)
        day -= timedelta(days=max(day.weekday() - 4, 0))
        start = datetime.combine(day, time(rng.randrange(8, 15), rng.randrange(60)), UTC)
        yield Wave(start, rng.choice(entries), rng.choice((30, 50, 90)))


def _rows(call: InventedCall) -> tuple[dict[str, Any], dict[str, Any] | None]:
    row = {name: getattr(call, name) for name in InventedCall.__slots__ if name in CALL_COLUMNS}
    row["source"] = source_of_invented()
    if call.entry is None:
        return row, None
    qualification = qualification_row(
        call.entry.wording, call.niveau, resolved=call.resolved, escalated=call.escalated,
        by="demonstration", at=call.ended_at + QUALIFIED_AFTER,
    )  # fmt: skip
    return row, qualification
