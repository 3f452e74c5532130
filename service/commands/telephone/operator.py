"""`svi reconcile` and `svi twilio configure`: what is asked of the telephone operator."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import click

from ivr.operator.call_log import OperatorUnavailable
from ivr.operator.number import wanted
from routing.departements import timezone_of
from service.clock import now
from service.commands.context import database, required, settings_or_refused
from service.commands.french import CommandRefused, FrenchCommand, FrenchGroup
from service.commands.values import DAY, as_json
from service.running.fallback import entry_address
from service.running.reconcile import reconcile as compare
from service.wiring.memory import caller_memory, fingerprint_by
from service.wiring.operator import provider_of


@click.command(cls=FrenchCommand)
@click.option("--since", type=DAY, help="Premier jour (heure de Paris) ; hier par défaut.")
@click.option("--lag", type=click.IntRange(0, 1440), help="Âge minimal d’un appel, en minutes (15 par défaut).")
@click.option("--json", "is_json", is_flag=True, help="Pour une machine.")
def reconcile(since: date | None, lag: int | None, is_json: bool) -> None:
    """Rapprocher les appels du relevé de l’opérateur, et réparer ce qui manque."""
    settings = required(settings_or_refused(), "secret_key", "twilio_account_sid", "twilio_auth_token")
    at, call_log = now(), provider_of(settings).call_log()
    begin = datetime.combine(since, time(), timezone_of(None)) if since else at - timedelta(days=1)
    minutes = settings.reconcile_lag_minutes if lag is None else lag
    with database(settings) as engine:
        try:
            found = compare(
                call_log,
                engine,
                since=begin,
                at=at,
                lag=timedelta(minutes=minutes),
                fingerprint=fingerprint_by(caller_memory(settings)),
            )
        except OperatorUnavailable as error:
            raise CommandRefused(str(error)) from None
    if is_json:
        click.echo(as_json({"compared": found.compared, "repaired": list(found.repaired)}))
        return
    click.echo(f"{found.compared} appels comparés, {len(found.repaired)} réparés.")
    for call in found.repaired:
        click.echo(f"- {call}")


@click.group(cls=FrenchGroup)
def twilio() -> None:
    """Réglages du numéro chez l’opérateur."""


@twilio.command()
@click.option("--check", "only_check", is_flag=True, help="Dire seulement ce qui diffère.")
def configure(only_check: bool) -> None:
    """Régler les adresses que le numéro appelle chez l’opérateur (le secours : FALLBACK_URL, s’il est donné)."""
    settings = required(settings_or_refused(), "twilio_account_sid", "twilio_auth_token", "caller_id")
    if not settings.public_url.startswith("https:"):
        raise CommandRefused(
            f"PUBLIC_URL : {settings.public_url} n’est pas une adresse https que l’opérateur peut joindre."
        )
    number = provider_of(settings).number()
    expected = wanted(settings.public_url, entry_address(settings))
    try:
        differences = number.differences(expected)
        if differences and not only_check:
            number.configure(expected)
    except OperatorUnavailable as error:
        raise CommandRefused(str(error)) from None
    for sentence in differences:
        click.echo(sentence)
    if differences and only_check:
        raise CommandRefused("Le numéro n’est pas réglé comme il faut : svi twilio configure.")
    click.echo("Le numéro est réglé." if not differences else "C’est corrigé.")
