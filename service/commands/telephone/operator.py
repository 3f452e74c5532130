"""`svi reconcile` and `svi twilio configure`: what is asked of the telephone operator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, time, timedelta

import click

from ivr.operator.call_log import OperatorUnavailable
from ivr.operator.number import HeldNumber, wanted
from records.counting.words import counted
from routing.departements import timezone_of
from routing.phones import show_phone
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
                own_numbers=settings.own_numbers,
                since=begin,
                at=at,
                lag=timedelta(minutes=minutes),
                fingerprint=fingerprint_by(caller_memory(settings)),
            )
        except OperatorUnavailable as error:
            raise CommandRefused(str(error)) from None
    if is_json:
        click.echo(as_json(asdict(found)))
        return
    compared = counted(found.compared, "appel comparé", "appels comparés")
    click.echo(f"{compared}, {counted(len(found.repaired), 'réparé', 'réparés')}.")
    for call in found.repaired:
        click.echo(f"- {call}")
    if found.mended:
        click.echo(f"Fiches refaites d’après les faits : {', '.join(found.mended)}.")
    if found.left_out:
        click.echo(f"Appels à d’autres numéros du compte, laissés de côté : {found.left_out}.")
    if found.withdrawn:
        click.echo(f"Parmi eux, enregistrés à tort et retirés : {len(found.withdrawn)}.")


@click.group(cls=FrenchGroup)
def twilio() -> None:
    """Réglages des numéros chez l’opérateur."""


@twilio.command()
@click.option("--check", "only_check", is_flag=True, help="Dire seulement ce qui diffère.")
def configure(only_check: bool) -> None:
    """Régler les adresses que nos numéros appellent chez l’opérateur (le secours : FALLBACK_URL, s’il est donné)."""
    settings = required(settings_or_refused(), "twilio_account_sid", "twilio_auth_token", "caller_id")
    if not settings.public_url.startswith("https:"):
        raise CommandRefused(
            f"PUBLIC_URL : {settings.public_url} n’est pas une adresse https que l’opérateur peut joindre."
        )
    numbers, expected = provider_of(settings).numbers(), wanted(settings.public_url, entry_address(settings))
    try:
        ours = [one for one in numbers.held(expected) if one.number in settings.own_numbers]
        wrong = left = [one for one in ours if one.differences]
        if wrong and not only_check:
            numbers.configure({one.number for one in wrong}, expected)
            left = [one for one in numbers.held(expected) if one.number in settings.own_numbers and one.differences]
    except OperatorUnavailable as error:
        raise CommandRefused(str(error)) from None
    if not ours:
        raise CommandRefused("Le compte chez l’opérateur n’a aucun des numéros de la ligne : complétez LINE_NUMBERS.")
    for sentence in (told for one in wrong for told in one.differences):
        click.echo(sentence)
    if left and only_check:
        raise CommandRefused("Les numéros ne sont pas réglés comme il faut : svi twilio configure.")
    if left:
        raise CommandRefused(f"L’opérateur n’a pas tout pris, à régler dans sa console : {_listed(left)}.")
    click.echo(f"C’est corrigé : {_listed(wrong)}." if wrong else f"C’est réglé : {_listed(ours)}.")


def _listed(numbers: Sequence[HeldNumber]) -> str:
    return ", ".join(show_phone(one.number) for one in numbers)
