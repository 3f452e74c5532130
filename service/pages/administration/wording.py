"""The nomenclature's and the ready answers' pages: versions only grow, past calls keep what they carry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.database import Connection, reading
from records.desks.permissions import Permission
from records.refusals import ChangeRefused
from records.wording import Entry, Wording
from service.accounts.gate import LARGEST_NUMBER
from service.pages.administration.office import Office, errors_of, for_whoever_may
from support.answers.answering import settle, write_answer
from support.answers.store import answer_for, answer_history, open_proposals
from support.nomenclature.entries import Nomenclature
from support.nomenclature.publishing import Act, adding, merging, publish_change, renaming, retiring, today
from support.nomenclature.store import newest_nomenclature, nomenclature_history

Fields = Mapping[str, str]


@dataclass(frozen=True)
class Gesture:
    """One way to change the list: what a reader sees, and the act that its form is read to."""

    label: str
    read: Callable[[Fields], Act]


def _typed(fields: Fields) -> tuple[str, Wording]:
    names = (fields.get(name, "") for name in ("thematique", "motif", "sous_motif"))
    return fields.get("niveau", ""), Wording(*names)


GESTURES = {
    "ajouter": Gesture("Ajouter", lambda f: adding(*_typed(f))),
    "renommer": Gesture("Renommer ou changer de niveau", lambda f: renaming(f.get("cle", ""), *_typed(f))),
    "fusionner": Gesture("Fusionner", lambda f: merging(f.get("cle", ""), f.get("vers", ""))),
    "retirer": Gesture("Retirer", lambda f: retiring(f.get("cle", ""))),
}


def nomenclature_blueprint(office: Office) -> Blueprint:
    """The pages under `/administration/nomenclature`."""
    prefix = "/administration/nomenclature"
    pages = for_whoever_may(Permission.ADMINISTER, Blueprint("admin_nomenclature", __name__, url_prefix=prefix))

    @pages.get("")
    def show() -> str:
        with reading(office.engine) as connection:
            newest, history = newest_nomenclature(connection), nomenclature_history(connection)
        return render_template("admin/nomenclature.html", newest=newest, history=history, acts=GESTURES)

    @pages.get("/<any(ajouter, renommer, fusionner, retirer):act>")
    def form(act: str) -> str:
        with reading(office.engine) as connection:
            newest = newest_nomenclature(connection)
        found = newest.entry(request.args.get("cle", ""))
        return _form(office, newest, act, g.get("interrupted_form") or _fields(found), {})

    @pages.post("/<any(ajouter, renommer, fusionner, retirer):act>")
    def change(act: str) -> ResponseReturnValue:
        try:
            publish_change(
                office.acting(), GESTURES[act].read(request.form), follows=_version(request.form),
                valid_from=_first_day(request.form), note=request.form.get("note", ""),
            )  # fmt: skip
        except ChangeRefused as refusal:
            with reading(office.engine) as connection:
                newest = newest_nomenclature(connection)
            status = 409 if refusal.field == "version" else 400
            return _form(office, newest, act, request.form, errors_of(refusal)), status
        flash("La nouvelle version est publiée. Les appels passés gardent leurs mots.", "success")
        return redirect(url_for(".show"), 303)

    return pages


def _fields(found: Entry | None) -> dict[str, str]:
    if found is None:
        return {}
    w = found.wording
    return {
        "cle": w.key, "niveau": found.niveau, "thematique": w.thematique, "motif": w.motif, "sous_motif": w.sous_motif,
    }  # fmt: skip


def _form(office: Office, newest: Nomenclature, act: str, fields: Fields, errors: Fields) -> str:
    options = [(w.key, f"{w.thematique} › {w.motif} › {w.sous_motif}") for w in (e.wording for e in newest.entries)]
    return render_template(
        "admin/nomenclature_form.html", act=act, title=GESTURES[act].label, fields=fields, errors=errors,
        options=options, version=newest.version, today=today(office.acting()),
    )  # fmt: skip


def _version(fields: Fields) -> int:
    """The version that the reader saw; -1, which no list has, for what is no number."""
    typed = fields.get("version", "")
    return int(typed) if typed.isdecimal() and len(typed) < len(str(LARGEST_NUMBER)) else -1


def _first_day(fields: Fields) -> date:
    try:
        return date.fromisoformat(fields.get("du", ""))
    except ValueError:
        raise ChangeRefused("Donnez le jour à partir duquel la version vaut.", "valid_from") from None


def answers_admin_blueprint(office: Office) -> Blueprint:
    """The pages `/administration/reponses` (proposals) and `/administration/reponses/<clé>` (one answer)."""
    pages = for_whoever_may(
        Permission.ADMINISTER, Blueprint("admin_answers", __name__, url_prefix="/administration/reponses")
    )

    @pages.get("")
    def every() -> str:
        with reading(office.engine) as connection:
            waiting = open_proposals(connection)
            entries = newest_nomenclature(connection).entries
            listed = [(entry, answer_for(connection, entry.wording)) for entry in entries]
        return render_template("admin/answers.html", proposals=waiting, listed=listed)

    @pages.post("/propositions/<int:number>/regler")
    def done(number: int) -> ResponseReturnValue:
        try:
            settle(office.acting(), number)
        except ChangeRefused as refusal:
            flash(str(refusal), "warning")
        else:
            flash("La proposition est réglée.", "success")
        back = "admin_directory.search" if request.form.get("retour") == "annuaire" else ".every"
        return redirect(url_for(back), 303)

    @pages.get("/<key>")
    def show(key: str) -> str:
        with reading(office.engine) as connection:
            return _answer_page(connection, key, g.get("interrupted_form"), {})

    @pages.post("/<key>")
    def save(key: str) -> ResponseReturnValue:
        with reading(office.engine) as connection:
            wording = _wording(connection, key)
        try:
            write_answer(
                office.acting(), wording, aloud=request.form.get("a_lire", ""), follows=_version(request.form),
                written=request.form.get("a_envoyer", ""), is_validated=request.form.get("valide") == "1",
            )  # fmt: skip
        except ChangeRefused as refusal:
            status = 409 if refusal.field == "version" else 400
            with reading(office.engine) as connection:
                return _answer_page(connection, key, request.form, errors_of(refusal)), status
        flash("La réponse est enregistrée : elle s’affiche dès maintenant.", "success")
        return redirect(url_for(".show", key=key), 303)

    return pages


def _wording(connection: Connection, key: str) -> Wording:
    found = newest_nomenclature(connection).entry(key)
    return found.wording if found else abort(404)


def _answer_page(connection: Connection, key: str, fields: Fields | None, errors: Fields) -> str:
    wording = _wording(connection, key)
    current = answer_for(connection, wording)
    return render_template(
        "admin/answer.html", wording=wording, current=current, fields=fields, errors=errors,
        history=answer_history(connection, wording),
    )  # fmt: skip
