"""`svi routes`: the table that sends written requests to their desks, shown, tried on the last month, published."""

from __future__ import annotations

from typing import TextIO

import click

from records.database import reading
from records.refusals import ChangeRefused
from routing.requests.table import SentTo
from service.commands.context import acting_on, settings_or_refused
from service.commands.french import CommandRefused, FrenchGroup
from service.commands.values import as_json
from support.nomenclature.publishing import today
from support.nomenclature.store import nomenclature_in_force
from support.routes.changing import (
    check_rules,
    file_lines,
    publish_routes,
    read_file,
    read_lines,
    thematiques_known,
)
from support.routes.store import routes_in_force
from support.routes.told import DANGERS, sentence_of
from support.routes.trying import try_rules

FILE = click.argument("file", type=click.File(encoding="utf-8-sig"), metavar="FICHIER")
DESKS = {SentTo.LOCAL: "référents", SentTo.NATIONAL: "équipe nationale"}


@click.group(cls=FrenchGroup)
def routes() -> None:
    """L’orientation des demandes écrites : montrer la table, l’essayer, la publier."""


@routes.command("show")
@click.option("--json", "is_json", is_flag=True, help="Pour une machine, et pour « try » et « publish ».")
def showing(is_json: bool) -> None:
    """Montrer la table en vigueur."""
    with acting_on(settings_or_refused()) as acting, reading(acting.engine) as connection:
        found = routes_in_force(connection)
    if is_json:
        click.echo(as_json(file_lines(found.rules)))
        return
    click.echo(f"Version {found.version}")
    for place, rule in enumerate(found.rules, 1):
        click.echo(f"{place}. {sentence_of(rule)}")


@routes.command("try")
@FILE
def trying(file: TextIO) -> None:
    """Compter les demandes du dernier mois qui seraient allées ailleurs ; rien n’est publié."""
    with acting_on(settings_or_refused()) as acting, reading(acting.engine) as connection:
        in_force, thematiques = routes_in_force(connection), thematiques_known(acting, connection)
        rules = read_lines(read_file(_text_of(file)), thematiques)
        dangers = check_rules(rules, in_force.rules, thematiques)
        listed = nomenclature_in_force(connection, today(acting))
        trial = try_rules(connection, rules, listed.niveau_of, acting.at)
    click.echo(f"Demandes écrites depuis un mois : {trial.tried} ; elles iraient ailleurs : {trial.moved}.")
    for move in trial.moves:
        click.echo(
            f"{move.number} × {move.departement or '--'} {move.thematique} / {move.motif} : "
            f"{DESKS[move.sent_from]} → {DESKS[move.sent_to]}"
        )
    for danger in dangers:
        click.echo(f"Attention : {DANGERS[danger]}")


@routes.command("publish")
@FILE
@click.option("--note", default="", help="Pourquoi.")
@click.option("--yes", "is_confirmed", is_flag=True, help="Publier malgré ce qui est signalé.")
def publishing(file: TextIO, note: str, is_confirmed: bool) -> None:
    """Publier une table ; elle vaut aussitôt."""
    with acting_on(settings_or_refused()) as acting:
        with reading(acting.engine) as connection:
            follows = routes_in_force(connection).version
        try:
            version = publish_routes(
                acting, read_file(_text_of(file)), follows=follows, note=note, confirmed=is_confirmed
            )  # fmt: skip
        except ChangeRefused as refusal:
            if refusal.field != "confirme":
                raise
            raise CommandRefused(f"{refusal} (--yes)") from None
    click.echo(f"Version {version} publiée.")


def _text_of(file: TextIO) -> str:
    try:
        return file.read()
    except UnicodeDecodeError:
        raise CommandRefused("Le fichier n’est pas du texte en UTF-8.") from None
