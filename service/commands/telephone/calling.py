"""`svi call`: a call played in the terminal against the demonstration that runs on this machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime

import click
import requests

from service.commands.context import settings_or_refused
from service.commands.french import CommandRefused, FrenchCommand
from service.commands.values import MOMENT, in_zone
from service.settings import Settings
from service.wiring.simulator import KEYS_OF_THE_TERMINAL, fiction_caller, play_in_terminal


@click.command(cls=FrenchCommand)
@click.option("--from", "caller", default="06 39 98 12 34", help="Numéro de l’appelant (fiction), ou « masqué ».")
@click.option("--at", "moment", type=MOMENT, help="Date et heure que l’appel prétend avoir (Paris).")
@click.option("--step", "stepwise", is_flag=True, help="Le temps s’arrête pendant que vous réfléchissez.")
def call(caller: str, moment: datetime | None, stepwise: bool) -> None:
    """Jouer un appel : lire ce qui est dit, taper des touches, être le référent. Le service doit tourner (make run)."""
    settings = settings_or_refused(complete=True, demo=True)
    _check_that_it_answers(settings)
    is_typed = sys.stdin.isatty()
    if is_typed:
        click.echo(KEYS_OF_THE_TERMINAL)
    problems = play_in_terminal(
        settings, _lines(), click.echo, caller=_caller(caller), moment=in_zone(moment, None) if moment else None,
        stepwise=stepwise or not is_typed,
    )  # fmt: skip
    if problems:
        raise CommandRefused("\n".join(problems))


def _lines() -> Iterator[str]:
    yield from sys.stdin


def _caller(typed: str) -> str:
    if typed in {"masqué", "masque", "anonymous"}:
        return "anonymous"
    try:
        return fiction_caller(typed)
    except ValueError as refusal:
        raise CommandRefused(str(refusal)) from None


def _check_that_it_answers(settings: Settings) -> None:
    """Refuse when nothing answers, or a service of real callers does: a played call would count among theirs."""
    try:
        answer = requests.get(f"{settings.public_url}/telephone", timeout=5)
    except requests.RequestException:
        raise CommandRefused(f"{settings.public_url} ne répond pas : lancez d’abord « make run ».") from None
    if answer.status_code == requests.codes.not_found:
        raise CommandRefused(
            f"{settings.public_url} n’est pas une démonstration : un appel joué y compterait comme un vrai."
        )
