"""`svi users add|link`: who may sign in to the desk."""

from __future__ import annotations

import click

from records.desks.accounts import AccountRefused
from records.desks.permissions import AccountRole
from service.accounts.invitations import invite, one_time_link
from service.accounts.letters import NoMail
from service.clock import now
from service.commands.context import database, session, settings_or_refused
from service.commands.french import CommandRefused, FrenchGroup
from service.commands.values import DEPARTEMENT
from service.mail import sender


@click.group(cls=FrenchGroup)
def users() -> None:
    """Comptes des référents et de l’équipe nationale."""


@users.command("add")
@click.argument("email", metavar="ADRESSE")
@click.option("--role", type=click.Choice([str(role) for role in AccountRole]), required=True, help="Rôle du compte.")
@click.option("--departement", "-d", "codes", type=DEPARTEMENT, multiple=True, help="Un département ; répétable.")
@click.option("--name", default="", help="Prénom et nom.")
def add(email: str, role: str, codes: tuple[str, ...], name: str) -> None:
    """Ouvrir un compte et envoyer la lettre de bienvenue."""
    settings = settings_or_refused()
    mail = sender(settings) if settings.mail_url else NoMail()
    with database(settings) as engine:
        try:
            invited = invite(
                engine, settings, mail, email=email, name=name, role=role, codes=codes, by=session(), at=now()
            )
        except AccountRefused as refused:
            raise CommandRefused(str(refused)) from None
    click.echo(f"Le compte {invited.account.email} est ouvert.")
    click.echo(f"La lettre de bienvenue n’est pas partie : {invited.problem}" if invited.problem else "Lettre envoyée.")


@users.command("link")
@click.argument("email", metavar="ADRESSE")
def link(email: str) -> None:
    """Donner une adresse de connexion à usage unique, valable 15 minutes."""
    settings = settings_or_refused()
    with database(settings) as engine:
        try:
            click.echo(one_time_link(engine, settings, email, now()))
        except AccountRefused as refused:
            raise CommandRefused(str(refused)) from None
