"""`svi nomenclature|answers`: the words that qualify a call, and what to say about each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TextIO

import click

from records.database import Connection, reading
from records.desks.acting import Acting
from records.wording import Entry, Wording
from service.commands.context import acting_on, database, settings_or_refused
from service.commands.french import CommandRefused, FrenchGroup
from service.commands.values import DAY, NUMBER, as_json
from support.answers.answering import settle, write_answer
from support.answers.store import answer_for, open_proposals
from support.nomenclature.changing import LEVELS, PLACE
from support.nomenclature.publishing import (
    Act,
    adding,
    merging,
    move_planned,
    publish_change,
    renaming,
    retiring,
    today,
    withdraw_planned,
)
from support.nomenclature.store import (
    Published,
    find_entry,
    latest_number,
    newest_nomenclature,
    nomenclature_history,
)
from support.nomenclature.words import words_of, write_words

KEY = click.argument("key", metavar="CLÉ")
FROM = click.option("--from", "since", type=DAY, help="Premier jour de la version ; aujourd’hui par défaut.")
NOTE = click.option("--note", default="", help="Pourquoi.")
LEVEL = click.option("--level", type=click.Choice(LEVELS), required=True, help="Niveau.")
NEW = click.option(
    "--new", "new", type=click.Choice(PLACE), multiple=True, help="Ce qui n’est pas encore dans la liste, exprès."
)


@click.group(cls=FrenchGroup)
def nomenclature() -> None:
    """Les sous-motifs : lister, ajouter, renommer, fusionner, retirer, et leurs mots."""


@nomenclature.command("list")
@click.option("--json", "is_json", is_flag=True, help="Pour une machine.")
def every(is_json: bool) -> None:
    """Lister les sous-motifs de la dernière version, avec leur clé."""
    found = _read(newest_nomenclature)
    told = [_entry(entry) for entry in found.entries]
    click.echo(as_json(told) if is_json else "\n".join(_line(entry) for entry in found.entries))


@nomenclature.command("add")
@click.argument("names", nargs=3, metavar="THÉMATIQUE MOTIF SOUS-MOTIF")
@LEVEL
@NEW
@FROM
@NOTE
def adding_one(names: tuple[str, str, str], level: str, new: tuple[str, ...], since: date | None, note: str) -> None:
    """Ajouter un sous-motif."""
    _publish(adding(level, Wording(*names), new), since, note)


@nomenclature.command("rename")
@KEY
@click.argument("names", nargs=3, metavar="THÉMATIQUE MOTIF SOUS-MOTIF")
@LEVEL
@NEW
@FROM
@NOTE
def renaming_one(
    key: str, names: tuple[str, str, str], *, level: str, new: tuple[str, ...], since: date | None, note: str
) -> None:
    """Renommer un sous-motif, le déplacer, ou changer son niveau."""
    _publish(renaming(key, level, Wording(*names), new), since, note)


@nomenclature.command("merge")
@KEY
@click.argument("into", metavar="DANS")
@FROM
@NOTE
def merging_one(key: str, into: str, since: date | None, note: str) -> None:
    """Fondre un sous-motif dans un autre, par leurs clés."""
    _publish(merging(key, into), since, note)


@nomenclature.command("retire")
@KEY
@FROM
@NOTE
def retiring_one(key: str, since: date | None, note: str) -> None:
    """Retirer un sous-motif."""
    _publish(retiring(key), since, note)


@nomenclature.command("words")
@KEY
@click.option("--set", "file", type=click.File(encoding="utf-8"), help="Fichier des nouveaux mots, un par ligne.")
def words(key: str, file: TextIO | None) -> None:
    """Lire, ou écrire, ce que disent les appelants pour un sous-motif."""
    typed = file.read() if file else None
    with acting_on(settings_or_refused()) as acting:
        with reading(acting.engine) as connection:
            entry = newest_nomenclature(connection).entry(key)
            standing = words_of(connection, entry.wording) if entry else None
        if typed is not None:
            number = write_words(acting, key, typed, follows=standing.version if standing else 0)
            click.echo(f"Les mots sont enregistrés, version {number}.")
        elif standing is None:
            raise CommandRefused(f"Aucun sous-motif n’a la clé {key} : voyez « svi nomenclature list ».")
        else:
            click.echo("\n".join(standing.phrases))


@nomenclature.command("versions")
def versions() -> None:
    """Lister les versions, prévues et retirées comprises."""
    click.echo("\n".join(map(_version, _read(nomenclature_history))) or "La liste de départ, jamais changée.")


@nomenclature.command("withdraw")
@click.argument("number", type=NUMBER, metavar="VERSION")
def withdrawing(number: int) -> None:
    """Retirer une version prévue, qui n’a pas encore commencé."""
    with acting_on(settings_or_refused()) as acting:
        withdraw_planned(acting, number, follows=_latest(acting))
    click.echo(f"La version {number} est retirée.")


@nomenclature.command("move")
@click.argument("number", type=NUMBER, metavar="VERSION")
@click.option("--from", "since", type=DAY, required=True, help="Son nouveau premier jour.")
def moving(number: int, since: date) -> None:
    """Changer le premier jour d’une version prévue."""
    with acting_on(settings_or_refused()) as acting:
        move_planned(acting, number, valid_from=since, follows=_latest(acting))
    click.echo(f"La version {number} vaut maintenant à partir du {since:%d/%m/%Y}.")


@click.group(cls=FrenchGroup)
def answers() -> None:
    """Réponses types et propositions des référents."""


@answers.command("list")
@click.option("--json", "is_json", is_flag=True, help="Pour une machine.")
def waiting(is_json: bool) -> None:
    """Lister les propositions qui attendent."""
    found = _read(open_proposals)
    told = [{"number": one.id, "kind": one.kind, "about": one.reference, "text": one.text} for one in found]
    lines = [f"{one.id}. {one.reference} : {one.text}" for one in found]
    click.echo(as_json(told) if is_json else "\n".join(lines) or "Aucune proposition n’attend.")


@answers.command("set")
@KEY
@click.option("--aloud", type=click.File(encoding="utf-8"), required=True, help="Fichier du texte à lire.")
@click.option("--written", type=click.File(encoding="utf-8"), required=True, help="Fichier du texte à envoyer.")
@click.option("--validated", is_flag=True, help="Validée par l’équipe nationale.")
def write(key: str, aloud: TextIO, written: TextIO, validated: bool) -> None:
    """Écrire une nouvelle version de la réponse type d’un sous-motif."""
    said, sent = aloud.read(), written.read()
    with acting_on(settings_or_refused()) as acting:
        with reading(acting.engine) as connection:
            entry = find_entry(connection, key, today(acting))
            standing = answer_for(connection, entry.wording) if entry else None
        if entry is None:
            raise CommandRefused(f"Aucun sous-motif n’a la clé {key} : voyez « svi nomenclature list ».")
        new = write_answer(
            acting, entry.wording, aloud=said, written=sent, follows=standing.version if standing else 0,
            is_validated=validated,
        )  # fmt: skip
    click.echo(f"La réponse « {entry.wording.sous_motif} » est enregistrée, version {new.version}.")


@answers.command("settle")
@click.argument("number", type=NUMBER, metavar="NUMÉRO")
def settle_one(number: int) -> None:
    """Marquer une proposition comme réglée."""
    with acting_on(settings_or_refused()) as acting:
        settle(acting, number)
    click.echo("La proposition est réglée.")


def _publish(act: Act, since: date | None, note: str) -> None:
    with acting_on(settings_or_refused()) as acting:
        version = publish_change(
            acting, act, follows=_latest(acting), valid_from=since or today(acting), note=note
        )  # fmt: skip
    click.echo(f"La version {version} de la nomenclature est publiée.")


def _latest(acting: Acting) -> int:
    with reading(acting.engine) as connection:
        return latest_number(connection)


def _version(one: Published) -> str:
    told = " ; ".join(f"{change.kind} {' › '.join(change.after or change.before or ())}" for change in one.changes)
    state = f", retirée le {one.withdrawn_at:%d/%m/%Y}" if one.withdrawn_at else ""
    return f"{one.version}. à partir du {one.valid_from:%d/%m/%Y}{state} : {told}"


def _read(read: Callable[[Connection], Any]) -> Any:
    with database(settings_or_refused()) as engine, reading(engine) as connection:
        return read(connection)


def _entry(entry: Entry) -> dict[str, str]:
    told = entry.wording
    return {
        "key": told.key, "niveau": entry.niveau, "thematique": told.thematique, "motif": told.motif,
        "sous_motif": told.sous_motif,
    }  # fmt: skip


def _line(entry: Entry) -> str:
    told = entry.wording
    return f"{told.key} {told.thematique} › {told.motif} › {told.sous_motif} (niveau {entry.niveau})"
