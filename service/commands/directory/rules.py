"""`svi absence|closure|notice|message|overflow`: what people set about routing; the next call follows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, BinaryIO

import click

from records.database import reading
from records.desks.acting import Acting
from records.facts import AbsenceReason
from records.in_force.rules import RuleKind, rules_set
from routing.calendar.words import write_moment
from routing.departements import NATIONAL, departements, timezone_of
from routing.planning.presence import AwayFor, said_period
from routing.rules import OverflowWhen
from service.clock import now
from service.commands.context import acting_on, database, required, settings_or_refused, snapshot_in_service
from service.commands.french import CommandRefused, FrenchGroup
from service.commands.values import DEPARTEMENT, END, MOMENT, NUMBER, SCOPE, as_json, find_person, in_zone
from service.directory.absences import change_absence, declare_absence, declare_away_for, withdraw_absence
from service.directory.declaring import (
    NotConfirmed,
    declare_closure,
    declare_notice,
    set_message,
    set_overflow,
    withdraw,
)
from service.settings import Settings
from voicemail.sounds import LARGEST

FROM = click.option("--from", "since", type=MOMENT, help="Début (heure du département) ; maintenant par défaut.")
TO = click.option(
    "--to", "until", type=END, required=True, help="Fin (heure du département) ; un jour seul est compris."
)

YES = click.option("--yes", "is_sure", is_flag=True, help="Confirmer ce qui concerne toute la France.")


Withdrawing = Callable[[Acting, Settings, int], None]


def _group(name: str, sentence: str, kind: RuleKind, taking_back: Withdrawing | None = None) -> click.Group:
    """A group with `list` and `remove`, which are alike for all that can be set; `taking_back`: its own verb for it."""
    group = FrenchGroup(name=name, help=sentence)

    @group.command("list")
    @click.option("--json", "is_json", is_flag=True, help="Pour une machine.")
    def listing(is_json: bool) -> None:
        """Lister ce qui est réglé, en cours ou à venir."""
        with database(settings_or_refused()) as engine, reading(engine) as connection:
            rows = rules_set(connection, kind, ending_after=now())
        click.echo(as_json(rows) if is_json else "\n".join(map(_line, rows)) or "Rien n’est réglé.")

    @group.command("remove")
    @click.argument("number", type=NUMBER, metavar="NUMÉRO")
    def removing(number: int) -> None:
        """Retirer un réglage, par son numéro."""
        with _at_work() as (acting, settings):
            if taking_back:
                taking_back(acting, settings, number)
            else:
                withdraw(acting, settings, kind, number)
        click.echo(f"Le numéro {number} est retiré.")

    return group


def _take_back_absence(acting: Acting, settings: Settings, number: int) -> None:
    withdraw_absence(acting, settings, snapshot_in_service(settings), number)


absence = _group("absence", "Absences des référents.", RuleKind.ABSENCE, _take_back_absence)
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
    stand_in = find_person(snapshot, suppleant) if suppleant else None
    with _at_work() as (acting, settings):
        start, end = _period(since, until, away.departement, acting.at)
        number = declare_absence(
            acting, settings, snapshot, person=away, suppleant=stand_in, start=start, end=end
        )  # fmt: skip
    _told(f"{away.name} est en absence jusqu’au {_shown(end, away.departement)}", number)


@absence.command("now")
@click.argument("person", metavar="PERSONNE")
@click.option(
    "--for", "choice", type=click.Choice([str(one) for one in AwayFor]), default=str(AwayFor.HALF_DAY),
    show_default=True, help="Cette demi-journée, aujourd’hui, ou jusqu’à demain inclus.",
)  # fmt: skip
def set_absence_now(person: str, choice: str) -> None:
    """Dire une personne absente dès maintenant, pour que ses prochains appels ne la sonnent pas."""
    snapshot = snapshot_in_service(settings_or_refused())
    away = find_person(snapshot, person)
    with _at_work() as (acting, settings):
        found = declare_away_for(acting, settings, snapshot, away, AwayFor(choice))
    _told(f"{away.name} est en absence jusqu’au {_shown(found.end, away.departement)}", found.id)


@absence.command("change")
@click.argument("number", type=NUMBER, metavar="NUMÉRO")
@FROM
@TO
@click.option("--suppleant", help="Qui prend son rang (identifiant, e-mail ou nom) ; personne par défaut.")
def change_set_absence(number: int, since: datetime | None, until: datetime, suppleant: str | None) -> None:
    """Donner à une absence d’autres dates, un autre suppléant ; elle garde son début si --from manque."""
    snapshot = snapshot_in_service(settings_or_refused())
    stand_in = find_person(snapshot, suppleant) if suppleant else None
    standing = next((one for one in snapshot.rules.absences if one.id == number), None)
    away = snapshot.person(NATIONAL, standing.person) if standing else None
    if standing is None or away is None:
        raise CommandRefused(f"Rien n’est réglé sous le numéro {number}.")
    with _at_work() as (acting, settings):
        start = in_zone(since, away.departement) if since else standing.start
        end = in_zone(until, away.departement)
        change_absence(acting, settings, snapshot, number, person=away, suppleant=stand_in, start=start, end=end)
    _told(f"{away.name} est en absence {said_period(away, start, end)}", number)


@closure.command("set")
@click.argument("departement", type=SCOPE, metavar="DÉPARTEMENT|france")
@FROM
@TO
@click.option("--label", default="", help="Motif, montré aux lecteurs.")
@YES
def set_closure(
    departement: str | None, *, since: datetime | None, until: datetime, label: str, is_sure: bool
) -> None:  # fmt: skip
    """Fermer un département, ou toute la France (--yes), pour un temps."""
    with _at_work() as (acting, settings):
        start, end = _period(since, until, departement, acting.at)
        number = declare_closure(
            acting, settings, departement=departement, start=start, end=end, label=label,
            confirmed=is_sure or departement is not None,
        )  # fmt: skip
    _told(f"Fermeture : {departement or 'toute la France'}", number)


@notice.command("set")
@click.argument("text", metavar="TEXTE")
@FROM
@TO
@YES
def set_notice(text: str, *, since: datetime | None, until: datetime, is_sure: bool) -> None:
    """Faire entendre une annonce avant le menu, à tous les appelants (--yes)."""
    with _at_work() as (acting, settings):
        start, end = _period(since, until, None, acting.at)
        number = declare_notice(acting, settings, text=text, start=start, end=end, confirmed=is_sure)
    _told("Annonce", number)


@message.command("set")
@click.argument("departement", type=DEPARTEMENT, metavar="DÉPARTEMENT")
@click.argument("typed", metavar="[TEXTE]", required=False)
@click.option("--text", help="Le texte à dire.")
@click.option("--audio", type=click.File("rb"), help="Un enregistrement WAV ou MP3 : 60 secondes et 5 Mo au plus.")
@click.option("--reason", type=click.Choice([str(one) for one in AbsenceReason]), help="Pour ce cas seulement.")
def set_absence_message(
    departement: str, typed: str | None, text: str | None, audio: BinaryIO | None, reason: str | None
) -> None:
    """Donner le message d’absence d’un département : un texte, ou un enregistrement."""
    if typed and text:
        raise click.UsageError("Donnez le texte une fois.")
    sound = None if audio is None else audio.read(LARGEST + 1)
    with _at_work() as (acting, settings):
        number = set_message(
            acting, settings, departement=departement, reason=reason, text=typed or text or "", sound=sound
        )  # fmt: skip
    _told(f"Message d’absence du {departement}", number)


@overflow.command("set")
@click.argument("departement", type=SCOPE, metavar="DÉPARTEMENT|france")
@click.option("--to", "to", type=DEPARTEMENT, required=True, help="Département qui reprend l’appel, ou national.")
@click.option("--when", type=click.Choice([str(one) for one in OverflowWhen]), required=True, help="Dans quel cas.")
@YES
def set_departement_overflow(departement: str | None, to: str, when: str, *, is_sure: bool) -> None:
    """Proposer un autre SIAO, ou l’équipe nationale, à qui n’a eu personne ; dans toute la France avec --yes."""
    with _at_work() as (acting, settings):
        number = set_overflow(
            acting, settings, departement=departement, to=to, when=OverflowWhen(when),
            confirmed=is_sure or departement is not None,
        )  # fmt: skip
    target = "l’équipe nationale" if to == NATIONAL else departements()[to].name
    _told(f"Débordement : {departement or 'toute la France'} vers {target} ({when})", number)


@contextmanager
def _at_work() -> Iterator[tuple[Acting, Settings]]:
    """Who types the command and the settings that he acts with; a verb's refusal is the command's."""
    settings = required(settings_or_refused(), "secret_key")
    with acting_on(settings) as acting:
        try:
            yield acting, settings
        except NotConfirmed as asked:
            raise CommandRefused(f"{asked}\nRien n’est réglé : ajoutez --yes pour confirmer.") from None


def _told(sentence: str, number: int) -> None:
    click.echo(f"{sentence}. Numéro {number}.")


def _period(
    since: datetime | None, until: datetime, departement: str | None, at: datetime
) -> tuple[datetime, datetime]:
    return in_zone(since, departement) if since else at, in_zone(until, departement)


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
