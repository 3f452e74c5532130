"""`svi calls list`, `svi explain` and `svi rebuild`: what happened, and whether each row is what its facts say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import click

from records.calls.ledger import facts_of
from records.calls.listing import get_call, list_calls
from records.counting.words import counted
from records.database import reading
from records.desks.qualifications import qualifications_of
from records.true_rows.comparing import Rebuilt, kept_as_they_are
from records.true_rows.comparing import rebuild as rebuild_rows
from routing.departements import timezone_of
from routing.phones import mask_phone
from service.clock import now
from service.commands.context import database, required, settings_or_refused
from service.commands.french import CommandRefused, FrenchCommand, FrenchGroup
from service.commands.values import as_json, check_days, of_days
from service.pages.labels import duration
from service.wiring.memory import caller_memory, fingerprint_by
from service.wiring.numbers import warning_of
from service.wiring.story import story_of_call

OUTCOMES = {
    "in_progress": "en cours",
    "answered": "répondu",
    "message": "message laissé",
    "callback": "rappel demandé",
    "absence": "message d’absence",
    "abandoned_ringing": "abandon pendant la sonnerie",
    "abandoned_menu": "abandon au menu",
    "missed": "connu du seul relevé de l’opérateur",
}


@click.group(cls=FrenchGroup)
def calls() -> None:
    """Lister les appels."""


@calls.command("list")
@of_days
def listing(departement: str | None, since: date | None, until: date | None, is_json: bool) -> None:
    """Lister les appels, du plus ancien au plus récent."""
    check_days(since, until)
    settings = settings_or_refused()
    with database(settings) as engine, reading(engine) as connection:
        found = list_calls(connection, timezone_of=timezone_of, departement=departement, since=since, until=until)
        qualified = qualifications_of(connection, [call["call_id"] for call in found])
    found = [call | {"qualification": qualified.get(call["call_id"])} for call in found]
    if is_json:
        click.echo(as_json(found))
    else:
        click.echo("\n".join(_line(call, warning_of(settings)) for call in found) or "Aucun appel.")


@click.command(cls=FrenchCommand)
@click.argument("call", metavar="APPEL")
@click.option("--json", "is_json", is_flag=True, help="Pour une machine.")
def explain(call: str, is_json: bool) -> None:
    """Raconter un appel : ce qui a été entendu et tapé, qui a sonné et pourquoi, et ce qu’il en est advenu."""
    settings = settings_or_refused()
    with database(settings) as engine, reading(engine) as connection:
        row = get_call(connection, call, timezone_of=timezone_of)
        story = story_of_call(connection, call)
    if row is None:
        raise CommandRefused(f"Aucun appel ne s’appelle « {call} » : svi calls list.")
    zone = timezone_of(row["departement"])
    moments = [(at.astimezone(zone), sentence) for at, sentence in story]
    if is_json:
        lines = [{"at": at, "text": sentence} for at, sentence in moments]
        click.echo(as_json({"call": row, "story": lines}))
        return
    click.echo(f"{_line(row, warning_of(settings))}\nHeures : {zone}.")
    click.echo(
        "\n".join(f"{at:%H:%M:%S}  {sentence}" for at, sentence in moments) or "Cet appel n’a pas été entendu ici."
    )


PERSONAL = frozenset({"caller", "caller_fingerprint", "callback_number", "referent_phone", "attempts"})
"""Columns of which only the name is told: they hold numbers."""

KEPT = {
    "archived": ("archivé (faits plus anciens que FACTS_MONTHS)", "archivés (faits plus anciens que FACTS_MONTHS)"),
    "erased": ("effacé", "effacés"),
    "by_hand": ("saisi ou importé", "saisis ou importés"),
    "without_facts": ("sans faits", "sans faits"),
}
"""Why a call is left as it is: one, and several."""


@click.command(cls=FrenchCommand)
@click.argument("call", metavar="[APPEL]", required=False)
@click.option("--json", "is_json", is_flag=True, help="Pour une machine.")
def rebuild(call: str | None, is_json: bool) -> None:
    """Refaire les fiches des appels d’après leurs faits, et dire ce qui change (tous, ou un seul)."""
    settings = required(settings_or_refused(), "secret_key")
    fingerprint = fingerprint_by(caller_memory(settings))
    with database(settings) as engine:
        with reading(engine) as connection:
            kept = {why: n for why, n in kept_as_they_are(connection, call).items() if n}
            is_known = call is None or kept or facts_of(connection, [call])[call]
        if not is_known:
            raise CommandRefused(f"Aucun appel ne s’appelle « {call} » : svi calls list.")
        only = None if kept and call is not None else call
        found = Rebuilt(0, ())
        if call is None or only is not None:
            found = rebuild_rows(engine, timezone_of=timezone_of, at=now(), fingerprint=fingerprint, only=only)
    if is_json:
        mended = [{"call_id": one.call_id, "columns": _shown(one.columns)} for one in found.mended]
        click.echo(as_json({"compared": found.compared, "mended": mended, "kept": kept}))
        return
    compared = counted(found.compared, "appel comparé", "appels comparés")
    click.echo(f"{compared} à ses faits, {counted(len(found.mended), 'fiche refaite', 'fiches refaites')}.")
    for one in found.mended:
        click.echo(f"- {one.call_id} : {', '.join(_told(name, *both) for name, both in one.columns.items())}")
    if kept:
        click.echo(f"Laissés tels quels : {', '.join(counted(n, *KEPT[why]) for why, n in kept.items())}.")


def _shown(columns: Mapping[str, tuple[Any, Any]]) -> dict[str, Any]:
    """By column, what stood there and what stands there now; of a number nothing but that it changed."""
    return {
        name: None if name in PERSONAL else {"before": before, "after": after}
        for name, (before, after) in columns.items()
    }


def _told(name: str, before: Any, after: Any) -> str:
    return name if name in PERSONAL else f"{name} {_word(before)} → {_word(after)}"


def _word(value: Any) -> str:
    return "—" if value is None else str(value)


def _line(call: Mapping[str, Any], warning: Callable[[str | None], str | None]) -> str:
    """One call on one line, numbers masked, with a word where nobody should call back."""
    caller = mask_phone(call["caller"]) if call["caller"] else "numéro masqué"
    if why := warning(call["callback_number"] or call["caller"]):
        caller = f"{caller} (ne pas rappeler : {why})"
    who = f", {call['referent']}" if call["referent"] else ""
    talk = f", {duration(call['talk_seconds'])}" if call["talk_seconds"] is not None else ""
    outcome = OUTCOMES.get(call["outcome"], call["outcome"])
    return f"{call['started_at']} {call['departement'] or '--'} {caller} : {outcome}{who}{talk} ({call['call_id']})"
