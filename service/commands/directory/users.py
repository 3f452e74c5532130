"""`svi users add|change|close|welcome|link|sign-out|untie|reset-factor`: who may sign in to the desk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from records.counting.words import counted
from records.database import reading
from records.desks.accounts import Account, find_by_email
from records.desks.acting import Acting
from records.desks.permissions import AccountRole
from records.mail import Sender
from service.accounts.changing import change, close, reset_factor, sign_out, untie
from service.accounts.invitations import invite, one_time_link, welcome_again
from service.accounts.letters import NoMail
from service.commands.context import acting_on, settings_or_refused
from service.commands.french import CommandRefused, FrenchGroup
from service.commands.values import DEPARTEMENT
from service.mail import sender_if_any
from service.settings import Settings

ROLE = click.Choice([str(role) for role in AccountRole])


@click.group(cls=FrenchGroup)
def users() -> None:
    """Comptes des référents et de l’équipe nationale."""


@users.command("add")
@click.argument("email", metavar="ADRESSE")
@click.option("--role", type=ROLE, required=True, help="Rôle du compte.")
@click.option("--departement", "-d", "codes", type=DEPARTEMENT, multiple=True, help="Un département ; répétable.")
@click.option("--name", default="", help="Prénom et nom.")
def add(email: str, role: str, codes: tuple[str, ...], name: str) -> None:
    """Ouvrir un compte et envoyer la lettre de bienvenue."""
    settings = settings_or_refused()
    with acting_on(settings) as acting:
        invited = invite(acting, settings, _mail(settings), email=email, name=name, role=role, codes=codes)
    click.echo(f"Le compte {invited.account.email} est ouvert.")
    _tell_letter(invited.problem)


@users.command("change")
@click.argument("email", metavar="ADRESSE")
@click.option("--role", type=ROLE, help="Son nouveau rôle.")
@click.option("--departement", "-d", "codes", type=DEPARTEMENT, multiple=True, help="Ses départements désormais.")
@click.option("--name", help="Prénom et nom.")
def alter(email: str, role: str | None, codes: tuple[str, ...], name: str | None) -> None:
    """Changer le nom, le rôle ou les départements d’un compte ; ce qui n’est pas donné reste."""
    with _account(email) as (acting, _, account):
        kept_name = account.name if name is None else name
        change(acting, account, name=kept_name, role=role or account.role, codes=codes or account.departements)
    click.echo(f"Le compte {account.email} est changé.")


@users.command("close")
@click.argument("email", metavar="ADRESSE")
def shut(email: str) -> None:
    """Fermer un compte : ses sessions prennent fin."""
    with _account(email) as (acting, _, account):
        close(acting, account)
    click.echo(f"Le compte {account.email} est fermé.")


@users.command("welcome")
@click.argument("email", metavar="ADRESSE")
def welcome(email: str) -> None:
    """Renvoyer la lettre de bienvenue."""
    with _account(email) as (acting, settings, account):
        problem = welcome_again(acting, settings, _mail(settings), account)
    _tell_letter(problem)


@users.command("link")
@click.argument("email", metavar="ADRESSE")
def link(email: str) -> None:
    """Donner une adresse de connexion à usage unique, valable 15 minutes."""
    settings = settings_or_refused()
    with acting_on(settings) as acting:
        click.echo(one_time_link(acting, settings, email))


@users.command("sign-out")
@click.argument("email", metavar="ADRESSE")
def end(email: str) -> None:
    """Fermer toutes les sessions d’un compte."""
    with _account(email) as (acting, _, account):
        ended = sign_out(acting, account)
    click.echo(f"{account.email} : {counted(ended, 'session fermée', 'sessions fermées')}.")


@users.command("untie")
@click.argument("email", metavar="ADRESSE")
def part(email: str) -> None:
    """Délier un compte de son identité ProConnect : la prochaine qui porte son adresse la remplace."""
    with _account(email) as (acting, _, account):
        untie(acting, account)
    click.echo(f"Le compte {account.email} n’est plus lié à une identité ProConnect.")


@users.command("reset-factor")
@click.argument("email", metavar="ADRESSE")
def forget(email: str) -> None:
    """Effacer le second facteur d’un compte : sa prochaine connexion en enregistre un autre."""
    with _account(email) as (acting, _, account):
        reset_factor(acting, account)
    click.echo(f"Le second facteur de {account.email} est effacé.")


@contextmanager
def _account(email: str) -> Iterator[tuple[Acting, Settings, Account]]:
    """The account of this address, open or closed, with what a verb needs; CommandRefused when nobody has it."""
    settings = settings_or_refused()
    with acting_on(settings) as acting:
        with reading(acting.engine) as connection:
            found = find_by_email(connection, email)
        if found is None:
            raise CommandRefused(f"Personne n’a de compte à l’adresse {email}.")
        yield acting, settings, found


def _mail(settings: Settings) -> Sender:
    return sender_if_any(settings) or NoMail()


def _tell_letter(problem: str | None) -> None:
    click.echo(f"La lettre de bienvenue n’est pas partie : {problem}" if problem else "Lettre envoyée.")
