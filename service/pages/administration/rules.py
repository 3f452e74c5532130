"""What the national team sets about routing: closures, announcements, absence messages, overflow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.database import reading
from records.desks.permissions import Permission
from records.facts import AbsenceReason
from records.in_force.rules import RuleKind, rules_set
from routing.rules import OverflowWhen
from service.pages.administration.office import (
    EVERYWHERE,
    Mistakes,
    Office,
    departement_options,
    for_whoever_may,
    read_departement,
    read_period,
    read_text,
)
from service.pages.labels import REASONS
from voicemail.sounds import LARGEST, SoundStore
from voicemail.wav import SoundRefused

LONGEST_SAID = 600
"""Characters read aloud at most: under a minute."""
LONGEST_LABEL = 200
WHEN = {OverflowWhen.NO_ANSWER: "personne n’a répondu", OverflowWhen.CLOSED: "hors des horaires"}

Fields = Mapping[str, str]


@dataclass(frozen=True)
class Kind:
    """One kind of rule: its words, its form's template, and how its form is read into the columns of its table."""

    rule: RuleKind
    title: str
    intro: str
    form: str
    read: Callable[[Office, Fields], dict[str, Any]]


def _where(fields: Fields) -> str | None:
    typed = fields.get("departement", "")
    return None if typed == EVERYWHERE else read_departement(typed, "departement")


def _closure(office: Office, fields: Fields) -> dict[str, Any]:
    where = _where(fields)
    label = read_text(fields.get("motif", ""), "motif", LONGEST_LABEL, optional=True)
    return {"departement": where, "label": label} | read_period(fields, where, office.clock())


def _notice(office: Office, fields: Fields) -> dict[str, Any]:
    text = read_text(fields.get("texte", ""), "texte", LONGEST_SAID)
    return {"text": text} | read_period(fields, None, office.clock())


def _message(office: Office, fields: Fields) -> dict[str, Any]:
    where = read_departement(fields.get("departement", ""), "departement", national=True)
    reason = fields.get("raison") or None
    if reason not in {None, *AbsenceReason}:
        raise Mistakes(raison="Choisissez dans la liste.")
    sound = request.files.get("audio")
    content = sound.read(LARGEST + 1) if sound else b""
    if not content:
        text = read_text(fields.get("texte", ""), "texte", LONGEST_SAID)
        return {"departement": where, "reason": reason, "text": text, "audio": None}
    try:
        kept = SoundStore(office.settings.sounds_dir).take(content)
    except SoundRefused as refused:
        raise Mistakes(audio=f"Enregistrement refusé : {refused}.") from None
    return {"departement": where, "reason": reason, "text": None, "audio": kept}


def _overflow(_office: Office, fields: Fields) -> dict[str, Any]:
    where, to = _where(fields), read_departement(fields.get("vers", ""), "vers", national=True)
    if where == to:
        raise Mistakes(vers="Un département ne peut pas déborder vers lui-même.")
    if fields.get("cas") not in set(OverflowWhen):
        raise Mistakes(cas="Choisissez dans la liste.")
    return {"departement": where, "to": to, "when": fields["cas"]}


KINDS = {
    "fermetures": Kind(
        RuleKind.CLOSURE, "Fermetures exceptionnelles",
        "Un département, ou toute la France, ne répond pas pendant une période : l’appelant entend quand la ligne "
        "rouvre.", "closure", _closure,
    ),
    "annonces": Kind(
        RuleKind.NOTICE, "Annonces",
        "Chaque appelant les entend avant le menu, du début à la fin de leur période.", "notice", _notice,
    ),
    "messages-absence": Kind(
        RuleKind.MESSAGE, "Messages d’absence",
        "Ce qu’entend l’appelant quand personne ne prend l’appel, par département et par raison : un texte lu, ou un "
        "enregistrement.", "message", _message,
    ),
    "debordement": Kind(
        RuleKind.OVERFLOW, "Débordement",
        "Proposer un autre SIAO, ou l’équipe nationale, quand personne n’a répondu ou hors des horaires. Éteint par "
        "défaut : la réforme veut des réponses locales.", "overflow", _overflow,
    ),
}  # fmt: skip


def rules_blueprint(office: Office) -> Blueprint:
    """The pages `/administration/fermetures`, `/annonces`, `/messages-absence`, `/debordement`."""
    pages = for_whoever_may(Permission.ADMINISTER, Blueprint("admin_rules", __name__, url_prefix="/administration"))

    @pages.get("/<any(fermetures, annonces, 'messages-absence', debordement):kind>")
    def show(kind: str) -> str:
        return _page(office, kind, g.get("interrupted_form") or request.args, {})  # another page may propose a text

    @pages.post("/<any(fermetures, annonces, 'messages-absence', debordement):kind>")
    def add(kind: str) -> ResponseReturnValue:
        try:
            values = KINDS[kind].read(office, request.form)
        except Mistakes as mistakes:
            return _page(office, kind, request.form, mistakes.by_field), 400
        office.set_rule(KINDS[kind].rule, values)
        flash("C’est réglé, dès le prochain appel.", "success")
        return redirect(url_for(".show", kind=kind), 303)

    @pages.post("/<any(fermetures, annonces, 'messages-absence', debordement):kind>/<int:number>/retirer")
    def remove(kind: str, number: int) -> ResponseReturnValue:
        if not office.unset_rule(KINDS[kind].rule, number):
            abort(404)
        flash("C’est retiré, dès le prochain appel.", "success")
        return redirect(url_for(".show", kind=kind), 303)

    return pages


def _page(office: Office, kind: str, fields: Fields, errors: Mapping[str, str]) -> str:
    with reading(office.engine) as connection:
        rows = rules_set(connection, KINDS[kind].rule, ending_after=office.clock())
    return render_template(
        "admin/rules.html", kind=kind, told=KINDS[kind], rows=rows, fields=fields, errors=errors,
        everywhere=departement_options(everywhere=True), desks=departement_options(national=True),
        reasons=list(REASONS.items()), when=[(str(key), label) for key, label in WHEN.items()], whens=WHEN,
        reason_words=REASONS,
    )  # fmt: skip
