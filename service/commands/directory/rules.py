"""`svi absence|closure|notice|message|overflow`: what people set about routing; the next call follows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO

import click

from records.database import reading, writing
from records.facts import AbsenceReason
from records.in_force.rules import RuleKind, add_rule, remove_rule, rules_set
from routing.calendar.words import write_moment
from routing.departements import NATIONAL, departements, timezone_of
from routing.rules import OverflowWhen
from routing.snapshot import Snapshot
from service.clock import now
from service.commands.context import database, required, session, settings_or_refused, snapshot_in_service
from service.commands.french import CommandRefused, FrenchGroup
from service.commands.values import DEPARTEMENT, END, MOMENT, SCOPE, as_json, find_person, in_zone
from service.directory.publishing import refresh_rules
from service.system_errors import in_french
from voicemail.sounds import LARGEST, SoundStore
from voicemail.wav import SoundRefused

LONGEST_TEXT = 600
"""Characters that are read aloud at most: under a minute."""

FROM = click.option("--from", "since", type=MOMENT, help="Début (heure du département) ; maintenant par défaut.")
TO = click.option(
    "--to", "until", type=END, required=True, help="Fin (heure du département) ; un jour seul est compris."
)


def _group(name: str, sentence: str, kind: RuleKind) -> click.Group:
    """A group with `list` and `remove`, which are alike for all that can be set."""
    group = FrenchGroup(name=name, help=sentence)

    @group.command("list")
    @click.option("--json", "is_json", is_flag=True, help="Pour une machine.")
    def listing(is_json: bool) -> None:
        """Lister ce qui est réglé, en cours ou à venir."""
        with database(settings_or_refused()) as engine, reading(engine) as connection:
            rows = rules_set(connection, kind, ending_after=now())
        click.echo(as_json(rows) if is_json else "\n".join(map(_line, rows)) or "Rien n’est réglé.")

    @group.command("remove")
    @click.argument("number", type=int, metavar="NUMÉRO")
    def removing(number: int) -> None:
        """Retirer un réglage, par son numéro."""
        if not _change(lambda connection: remove_rule(connection, kind, number, at=now())):
            raise CommandRefused(f"Rien n’est réglé sous le numéro {number}.")
        click.echo(f"Le numéro {number} est retiré.")

    return group


absence = _group("absence", "Absences des référents.", RuleKind.ABSENCE)
closure = _group("closure", "Fermetures exceptionnelles.", RuleKind.CLOSURE)
notice = _group("notice", "Annonces que chaque appelant entend avant le menu.", RuleKind.NOTICE)
message = _group("message", "Messages d’absence des départements.", RuleKind.MESSAGE)
overflow = _group("overflow", "Débordement vers un autre SIAO ou l’équipe nationale.", RuleKind.OVERFLOW)


@absence.command("set")
@click.argument("person", metavar="PERSONNE")
@FROM
@TO
@click.option("--suppleant", help="Qui prend son rang (identifiant, e-mail ou nom).")
def set_absence(person: str, since: datetime | None, until: datetime, suppleant: str | None) -> None:
    """Déclarer l’absence d’une personne (identifiant, e-mail ou nom)."""
    snapshot = snapshot_in_service(settings_or_refused())
    away = find_person(snapshot, person)
    values: dict[str, Any] = {"person": away.id, "suppleant": _suppleant(snapshot, suppleant, away.id)}
    values |= _period(since, until, away.departement)
    _set(RuleKind.ABSENCE, values, f"{away.name} est en absence jusqu’au {_shown(values['end'], away.departement)}")


@closure.command("set")
@click.argument("departement", type=SCOPE, metavar="DÉPARTEMENT|france")
@FROM
@TO
@click.option("--label", default="", help="Motif, montré aux lecteurs.")
def set_closure(departement: str | None, since: datetime | None, until: datetime, label: str) -> None:
    """Fermer un département, ou toute la France, pour un temps."""
    values: dict[str, Any] = {"departement": departement, "label": _text(label, optional=True)[:200]}
    values |= _period(since, until, departement)
    _set(RuleKind.CLOSURE, values, f"Fermeture : {departement or 'toute la France'}")


@notice.command("set")
@click.argument("text", metavar="TEXTE")
@FROM
@TO
def set_notice(text: str, since: datetime | None, until: datetime) -> None:
    """Faire entendre une annonce avant le menu."""
    _set(RuleKind.NOTICE, {"text": _text(text)} | _period(since, until, None), "Annonce")


@message.command("set")
@click.argument("departement", type=DEPARTEMENT, metavar="DÉPARTEMENT")
@click.argument("typed", metavar="[TEXTE]", required=False)
@click.option("--text", help="Le texte à dire.")
@click.option("--audio", type=click.File("rb"), help="Un enregistrement WAV ou MP3 : 60 secondes et 5 Mo au plus.")
@click.option("--reason", type=click.Choice([str(one) for one in AbsenceReason]), help="Pour ce cas seulement.")
def set_message(
    departement: str, typed: str | None, text: str | None, audio: BinaryIO | None, reason: str | None
) -> None:
    """Donner le message d’absence d’un département : un texte, ou un enregistrement."""
    if sum(one is not None for one in (typed, text, audio)) != 1:
        raise CommandRefused("Donnez soit un texte, soit un enregistrement (--audio).")
    values = {"departement": departement, "reason": reason, "text": None, "audio": None}
    values |= {"text": _text(str(typed or text or ""))} if audio is None else {"audio": _kept_sound(audio)}
    _set(RuleKind.MESSAGE, values, f"Message d’absence du {departement}")


def _kept_sound(file: BinaryIO) -> str:
    """The name under which the recording is kept; CommandRefused says what is wrong with it."""
    try:
        return SoundStore(settings_or_refused().sounds_dir).take(file.read(LARGEST + 1))
    except SoundRefused as refusal:
        raise CommandRefused(f"L’enregistrement est refusé : {refusal}.") from None
    except OSError as error:
        raise CommandRefused(f"L’enregistrement n’a pas pu être gardé : {in_french(error)}.") from None


@overflow.command("set")
@click.argument("departement", type=SCOPE, metavar="DÉPARTEMENT|france")
@click.option("--to", "to", type=DEPARTEMENT, required=True, help="Département qui reprend l’appel, ou national.")
@click.option("--when", type=click.Choice([str(one) for one in OverflowWhen]), required=True, help="Dans quel cas.")
def set_overflow(departement: str | None, to: str, when: str) -> None:
    """Proposer un autre SIAO, ou l’équipe nationale, à qui n’a eu personne."""
    if departement == to:
        raise CommandRefused("Un département ne peut pas déborder vers lui-même.")
    target = "l’équipe nationale" if to == NATIONAL else departements()[to].name
    values = {"departement": departement, "to": to, "when": when}
    _set(RuleKind.OVERFLOW, values, f"Débordement : {departement or 'toute la France'} vers {target} ({when})")


def _set(kind: RuleKind, values: Mapping[str, Any], told: str) -> None:
    number = _change(lambda connection: add_rule(connection, kind, values, by=session(), at=now()))
    click.echo(f"{told}. Numéro {number}.")


def _change(change: Callable[[Any], Any]) -> Any:
    """Make one change in the database and put it in service at once."""
    settings = required(settings_or_refused(), "secret_key")
    with database(settings) as engine:
        with writing(engine) as connection:
            result = change(connection)
        refresh_rules(engine, settings, now())
    return result


def _suppleant(snapshot: Snapshot, typed: str | None, away: str) -> str | None:
    if typed is None:
        return None
    found = find_person(snapshot, typed)
    if found.id == away:
        raise CommandRefused("Une personne ne peut pas se suppléer elle-même.")
    if not found.is_ringable:
        raise CommandRefused(f"{found.name} n’a pas de ligne qui puisse sonner.")
    return found.id


def _period(since: datetime | None, until: datetime, departement: str | None) -> dict[str, datetime]:
    start = in_zone(since, departement) if since else now()
    end = in_zone(until, departement)
    if end <= start:
        raise CommandRefused("La fin doit venir après le début.")
    if end <= now():
        raise CommandRefused("Cette période est déjà passée.")
    return {"start": start, "end": end}


def _text(text: str, *, optional: bool = False) -> str:
    plain = " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
    if not plain and not optional:
        raise CommandRefused("Le texte est vide.")
    if len(plain) > LONGEST_TEXT:
        raise CommandRefused(f"Le texte est trop long : {len(plain)} caractères pour {LONGEST_TEXT} au plus.")
    return plain


def _shown(moment: datetime, departement: str | None) -> str:
    return write_moment(moment, timezone_of(departement))


def _line(row: Mapping[str, Any]) -> str:
    hidden = {"id", "created_by", "created_at", "deleted_at", "start", "end"}
    parts = [f"{row['id']}.", *_facts(row, hidden)]
    if "start" in row:
        parts.append(
            f"du {_shown(row['start'], row.get('departement'))} au {_shown(row['end'], row.get('departement'))}"
        )
    return " ".join(parts)


def _facts(row: Mapping[str, Any], hidden: set[str]) -> Iterator[str]:
    for name, value in row.items():
        if name == "departement":
            yield str(value or "france")
        elif name not in hidden and value:
            yield f"{name} : {value}," if name in {"suppleant", "reason"} else str(value)
