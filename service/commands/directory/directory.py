"""`svi directory`: check a file, publish it, show what serves."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from records.counting.words import counted
from records.database import reading
from records.refusals import Overtaken
from routing.calendar.public_holidays import own_days_to_come, with_own_days
from routing.departements import departements
from routing.directory.cells import MAX_BYTES, fold
from routing.directory.differences import Differences, differences
from routing.directory.people import Person
from routing.directory.reading import DirectoryRefused
from routing.phones import show_phone
from service.clock import now
from service.commands.context import acting_on, database, required, settings_or_refused, snapshot_in_service
from service.commands.french import CommandRefused, FrenchGroup
from service.commands.values import DEPARTEMENT, as_json
from service.directory.declaring import keep_own_days
from service.directory.followed_csv import read_people
from service.directory.publishing import publish_directory, what_goes
from service.directory.rules import own_days_kept
from service.directory.snapshots import SnapshotFile
from service.system_errors import in_french

FILE = click.Path(exists=False, dir_okay=False, path_type=Path)


@click.group(cls=FrenchGroup)
def directory() -> None:
    """Vérifier, publier ou montrer l’annuaire des référents."""


@directory.command()
@click.argument("file", type=FILE, metavar="FICHIER")
@click.option("--json", "is_json", is_flag=True, help="Pour une machine.")
def check(file: Path, is_json: bool) -> None:
    """Vérifier un fichier, ligne par ligne, et dire ce qu’il changerait."""
    settings = required(settings_or_refused(), "secret_key")
    try:
        people = read_people(_content(file), settings)
    except DirectoryRefused as refusal:
        if is_json:
            click.echo(as_json({"accepted": False, "problems": [_problem(one) for one in refusal.problems]}))
        raise CommandRefused(f"{file} : {refusal}") from None
    serving = SnapshotFile(settings.var_dir).current()
    found = differences(serving.people if serving else (), people)
    if is_json:
        click.echo(as_json({"accepted": True, "lines": len(people), **_to_json(found)}))
    else:
        click.echo(
            "\n".join([f"{file} : {counted(len(people), 'ligne, bonne', 'lignes, toutes bonnes')}.", *_lines(found)])
        )
        if asked := what_goes(found):
            click.echo(f"La publication demandera confirmation : {' ; '.join(asked)}.")


@directory.command()
@click.argument("file", type=FILE, metavar="FICHIER")
@click.option("--by", default="", help="Qui publie (votre nom de session par défaut).")
@click.option("--note", default="", help="Pourquoi.")
@click.option("--yes", "is_sure", is_flag=True, help="Publier même si beaucoup de lignes partent.")
def publish(file: Path, by: str, note: str, is_sure: bool) -> None:
    """Publier un fichier : il sert dès le prochain appel ; un fichier fautif ne remplace rien.

    Ce qui part est montré ; un département qui perd sa dernière personne, ou plus d’une ligne sur cinq qui part, se
    confirme.
    """
    settings = required(settings_or_refused(), "secret_key")
    content = _content(file)
    before = SnapshotFile(settings.var_dir).current()
    try:
        found = differences(before.people if before else (), read_people(content, settings))
        for line in _going(found):
            click.echo(line, err=True)
        is_sure = is_sure or _confirmed(found)
        with acting_on(settings, by) as acting:
            snapshot = publish_directory(
                acting, settings, content, note, compared_with=before.version if before else None, confirmed=is_sure
            )
    except DirectoryRefused as refusal:
        raise CommandRefused(f"{file} : {refusal}\nRien n’a changé.") from None
    except Overtaken as overtaken:
        raise CommandRefused(
            f"La version {overtaken.current} vient d’être publiée. Rien n’a changé : lancez la commande de nouveau."
        ) from None
    click.echo(f"Version {snapshot.version} publiée : {counted(len(snapshot.people), 'ligne', 'lignes')}.")


def _confirmed(found: Differences) -> bool:
    """Whether whoever types agrees to what goes; CommandRefused where nobody can be asked, or who says no."""
    asked = what_goes(found)
    if not asked:
        return False
    sentence = f"Confirmez : {' ; '.join(asked)}."
    if not sys.stdin.isatty():
        raise CommandRefused(f"{sentence}\nRien n’a changé : ajoutez --yes pour publier quand même.")
    click.echo(sentence, err=True)
    if fold(click.prompt("Publier ? (oui/non)", default="non", show_default=False, err=True)) not in {"o", "oui"}:
        raise CommandRefused("Rien n’a changé.")
    return True


@directory.command()
@click.option("--departement", "-d", type=DEPARTEMENT, help="Un seul département, * pour l’équipe nationale.")
@click.option("--json", "is_json", is_flag=True, help="Pour une machine.")
def show(departement: str | None, is_json: bool) -> None:
    """Montrer l’annuaire qui sert maintenant."""
    snapshot = snapshot_in_service(settings_or_refused())
    people = snapshot.people if departement is None else snapshot.lines(departement)
    if is_json:
        click.echo(as_json({"version": snapshot.version, "people": [_person(one) for one in people]}))
        return
    source = f"Version {snapshot.version}" if snapshot.version else "Fichier REFERENTS_CSV, aucune version publiée"
    click.echo("\n".join([f"{source} : {counted(len(people), 'ligne', 'lignes')}.", *map(_line, people)]))


@directory.command()
@click.argument("departement", type=DEPARTEMENT, metavar="[DÉPARTEMENT]", required=False)
@click.option("--on/--off", "keep", default=None, help="Compter, ou non, les jours fériés propres de ce département.")
@click.option("--json", "is_json", is_flag=True, help="Pour une machine.")
def holidays(departement: str | None, keep: bool | None, is_json: bool) -> None:
    """Montrer les jours fériés propres à certains territoires ; les compter (--on) ou non (--off) dans l’un d’eux."""
    if keep is not None:
        if departement is None:
            raise click.UsageError("Donnez le département.")
        settings = required(settings_or_refused(), "secret_key")
        with acting_on(settings) as acting:
            keep_own_days(acting, settings, departement=departement, keep=keep)
    with database(settings_or_refused()) as engine, reading(engine) as connection:
        kept = own_days_kept(connection)
    shown = [_own_days(code, code in kept) for code in with_own_days() if departement in {None, code}]
    click.echo(as_json(shown) if is_json else "\n".join(map(_own_days_line, shown)) or "Aucun jour férié propre.")


def _own_days(code: str, counts: bool) -> dict[str, Any]:
    days = [{"day": day, "name": name} for day, name in own_days_to_come(code, now())]
    return {"departement": code, "counts": counts, "days": days}


def _own_days_line(shown: dict[str, Any]) -> str:
    code = shown["departement"]
    days = ", ".join(f"{one['name']} ({one['day']:%d/%m/%Y})" for one in shown["days"])
    return f"{code} {departements()[code].name}, {'comptés' if shown['counts'] else 'non comptés'} : {days}"


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise CommandRefused(f"{file} ne se lit pas : {in_french(error)}.") from None


def _problem(one: Any) -> dict[str, Any]:
    return {"line": one.line, "column": one.column, "value": one.value, "reason": one.reason}


def _to_json(found: Differences) -> dict[str, Any]:
    return {
        "added": [_person(one) for one in found.added],
        "changed": [{"before": _person(before), "after": _person(after)} for before, after in found.changed],
        "removed": [_person(one) for one in found.removed],
        "orphaned": list(found.orphaned),
        "emptied": list(found.emptied),
        "to_confirm": what_goes(found),
    }


def _lines(found: Differences) -> Iterator[str]:
    if found.is_empty:
        yield "Rien ne change."
    yield from (f"+ {_line(one)}" for one in found.added)
    yield from (f"~ {_line(before)}\n  → {_line(after)}" for before, after in found.changed)
    yield from _going(found)


def _going(found: Differences) -> Iterator[str]:
    """What goes: lines, what stays behind them, départements without anybody."""
    yield from (f"- {_line(one)}" for one in found.removed)
    if found.orphaned:
        names = {one.id: one.name or one.email or one.siao for one in found.removed}
        left = ", ".join(names[each] for each in found.orphaned)
        yield f"Attention : un compte ou une absence resterait sans ligne : {left}."
    if found.emptied:
        yield f"Attention : plus personne à faire sonner : {', '.join(found.emptied)}."


def _person(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "departement": person.departement,
        "siao": person.siao,
        "nom": person.nom,
        "prenom": person.prenom,
        "role": str(person.role),
        "telephone": person.phone,
        "email": person.email,
        "rang": person.rang,
        "horaires": person.hours.show(),
        "filtrage": person.screened,
    }


def _line(person: Person) -> str:
    rang = f"rang {person.rang}" if person.rang is not None else "jamais appelé"
    phone = show_phone(person.phone) if person.phone else "sans téléphone"
    return f"{person.departement} {person.name}, {person.role}, {phone}, {rang}, {person.hours.show()}"
