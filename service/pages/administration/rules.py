"""What the national team sets about routing: closures, announcements, absence messages, overflow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.calls.words import REASONS
from records.database import reading
from records.desks.permissions import Permission
from records.facts import AbsenceReason
from records.in_force.rules import RuleKind, rules_set
from records.refusals import ChangeRefused
from routing.rules import OverflowWhen
from service.directory.declaring import (
    NotConfirmed,
    declare_closure,
    declare_notice,
    set_message,
    set_overflow,
    withdraw,
)
from service.directory.summaries import WHEN
from service.pages.administration.office import (
    EVERYWHERE,
    Office,
    departement_options,
    errors_of,
    for_whoever_may,
    read_choice,
    read_departement,
    read_period,
)
from voicemail.sounds import LARGEST

NOW, FROM_THEN = "maintenant", "le"
"""How a period begins, as its form says: at once, or on the day and hour that are typed."""

Fields = Mapping[str, str]


@dataclass(frozen=True)
class RuleForm:
    """One kind of rule: its words, its form's template, and the verb to which its form is read."""

    rule: RuleKind
    title: str
    intro: str
    form: str
    declare: Callable[[Office, Fields], int]


def _where(fields: Fields) -> str | None:
    typed = fields.get("departement", "")
    return None if typed == EVERYWHERE else read_departement(typed, "departement")


def _period(fields: Fields, where: str | None, now: datetime) -> tuple[datetime, datetime]:
    """The start and the end (UTC); ChangeRefused where nobody said when it begins: « maintenant » is said as well."""
    if fields.get("quand") == NOW:
        return read_period({"au": fields.get("au", "")}, where, now)
    if not fields.get("du"):
        raise ChangeRefused("Dites quand cela commence : dès maintenant, ou un jour et une heure.", "start")
    return read_period(fields, where, now)


def _closure(office: Office, fields: Fields) -> int:
    acting, where = office.acting(), _where(fields)
    start, end = _period(fields, where, acting.at)
    return declare_closure(
        acting, office.settings, departement=where, start=start, end=end, label=fields.get("motif", ""),
        confirmed=fields.get("confirme") == "1",
    )  # fmt: skip


def _notice(office: Office, fields: Fields) -> int:
    acting = office.acting()
    start, end = _period(fields, None, acting.at)
    return declare_notice(
        acting, office.settings, text=fields.get("texte", ""), start=start, end=end,
        confirmed=fields.get("confirme") == "1",
    )  # fmt: skip


def _message(office: Office, fields: Fields) -> int:
    where = read_departement(fields.get("departement", ""), "departement", national=True)
    reason = read_choice(fields["raison"], "raison", set(AbsenceReason)) if fields.get("raison") else None
    file = request.files.get("audio")
    sound = file.read(LARGEST + 1) if file and file.filename else None
    return set_message(
        office.acting(), office.settings, departement=where, reason=reason, text=fields.get("texte", ""), sound=sound
    )  # fmt: skip


def _overflow(office: Office, fields: Fields) -> int:
    where, to = _where(fields), read_departement(fields.get("vers", ""), "to", national=True)
    when = OverflowWhen(read_choice(fields.get("cas", ""), "cas", set(OverflowWhen)))
    return set_overflow(
        office.acting(), office.settings, departement=where, to=to, when=when, confirmed=fields.get("confirme") == "1"
    )  # fmt: skip


KINDS = {
    "fermetures": RuleForm(
        RuleKind.CLOSURE, "Fermetures exceptionnelles",
        "Un département, ou toute la France, ne répond pas pendant une période : l’appelant entend quand la ligne "
        "rouvre.", "closure", _closure,
    ),
    "annonces": RuleForm(
        RuleKind.NOTICE, "Annonces",
        "Chaque appelant les entend avant le menu, du début à la fin de leur période.", "notice", _notice,
    ),
    "messages-absence": RuleForm(
        RuleKind.MESSAGE, "Messages d’absence",
        "Ce qu’entend l’appelant quand personne ne prend l’appel, par département et par raison : un texte lu, ou un "
        "enregistrement.", "message", _message,
    ),
    "debordement": RuleForm(
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
        if request.form.get("faire") == "modifier":
            return _page(office, kind, request.form, {})
        try:
            KINDS[kind].declare(office, request.form)
        except NotConfirmed as asked:
            typed = [(name, text) for name, text in request.form.items() if name != "csrf_token"]
            return render_template("admin/rules/confirm.html", told=KINDS[kind], summary=asked.summary, typed=typed)
        except ChangeRefused as refusal:
            return _page(office, kind, request.form, errors_of(refusal)), 400
        flash("C’est réglé, dès le prochain appel.", "success")
        return redirect(url_for(".show", kind=kind), 303)

    @pages.post("/<any(fermetures, annonces, 'messages-absence', debordement):kind>/<int:number>/retirer")
    def remove(kind: str, number: int) -> ResponseReturnValue:
        try:
            withdraw(office.acting(), office.settings, KINDS[kind].rule, number)
        except ChangeRefused as refusal:
            return _page(office, kind, {}, errors_of(refusal)), 404
        flash("C’est retiré, dès le prochain appel.", "success")
        return redirect(url_for(".show", kind=kind), 303)

    return pages


def _page(office: Office, kind: str, fields: Fields, errors: Mapping[str, str]) -> str:
    with reading(office.engine) as connection:
        rows = rules_set(connection, KINDS[kind].rule, ending_after=office.clock())
    return render_template(
        "admin/rules/set.html", kind=kind, told=KINDS[kind], rows=rows, fields=fields, errors=errors,
        everywhere=departement_options(everywhere=True), desks=departement_options(national=True),
        reasons=list(REASONS.items()), when=[(str(key), label) for key, label in WHEN.items()], whens=WHEN,
        reason_words=REASONS,
    )  # fmt: skip
