"""The nomenclature's and the ready answers' pages: versions only grow, past calls keep what they carry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.database import reading
from records.desks.permissions import Permission
from records.refusals import ChangeRefused
from records.wording import Entry, Wording, explained
from routing.calendar.words import written_day
from service.accounts.gate import LARGEST_NUMBER
from service.pages.administration.office import Office, errors_of, for_whoever_may
from support.answers.answering import settle, write_answer
from support.answers.store import COUNTED, answer_for, answer_history, answers_for, open_proposals, uses_since
from support.nomenclature.changing import merged_into
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
    all_changes,
    find_entry,
    latest_number,
    newest_nomenclature,
    nomenclature_history,
    nomenclature_in_force,
    standing_versions,
)

Fields = Mapping[str, str]


@dataclass(frozen=True)
class Gesture:
    """One way to change the list: what a reader sees, and the act that its form is read to."""

    label: str
    read: Callable[[Fields], Act]


def _typed(fields: Fields) -> tuple[str, Wording, frozenset[str]]:
    """The level, the names, and which of them are asked for as new ones: a field of their own, which wins."""
    new = {name: fields.get(field, "") for name, field in NEW.items() if fields.get(field, "").strip()}
    names = (new.get(name) or fields.get(name, "") for name in ("thematique", "motif", "sous_motif"))
    return fields.get("niveau", ""), Wording(*names), frozenset(new)


NEW = {"thematique": "nouvelle_thematique", "motif": "nouveau_motif"}
"""What may be asked for as a new one → its field."""

GESTURES = {
    "ajouter": Gesture("Ajouter un sous-motif", lambda f: adding(*_typed(f))),
    "renommer": Gesture("Renommer, déplacer ou changer de niveau", lambda f: renaming(f.get("cle", ""), *_typed(f))),
    "fusionner": Gesture("Fusionner", lambda f: merging(f.get("cle", ""), f.get("vers", ""))),
    "retirer": Gesture("Retirer", lambda f: retiring(f.get("cle", ""))),
}


def nomenclature_blueprint(office: Office) -> Blueprint:
    """The pages under `/administration/nomenclature`."""
    prefix = "/administration/nomenclature"
    pages = for_whoever_may(Permission.ADMINISTER, Blueprint("admin_nomenclature", __name__, url_prefix=prefix))

    @pages.get("")
    def show() -> str:
        return _list(office, {})

    @pages.get("/<any(ajouter, renommer, fusionner, retirer):act>")
    def form(act: str) -> str:
        with reading(office.engine) as connection:
            found = find_entry(connection, request.args.get("cle", ""), today(office.acting()))
        return _form(office, act, g.get("interrupted_form") or _fields(found), {})

    @pages.post("/<any(ajouter, renommer, fusionner, retirer):act>")
    def change(act: str) -> ResponseReturnValue:
        try:
            publish_change(
                office.acting(), GESTURES[act].read(request.form), follows=_version(request.form),
                valid_from=_first_day(request.form), note=request.form.get("note", ""),
            )  # fmt: skip
        except ChangeRefused as refusal:
            status = 409 if refusal.field == "version" else 400
            return _form(office, act, request.form, errors_of(refusal)), status
        flash("La nouvelle version est publiée. Les appels passés gardent leurs mots.", "success")
        return redirect(url_for(".show"), 303)

    @pages.post("/versions/<int:number>/retirer")
    def withdraw(number: int) -> ResponseReturnValue:
        try:
            withdraw_planned(office.acting(), number, follows=_version(request.form))
        except ChangeRefused as refusal:
            return _list(office, {number: str(refusal)}), 400
        flash("La version prévue est retirée. Elle reste dans l’historique.", "success")
        return redirect(url_for(".show"), 303)

    @pages.post("/versions/<int:number>/deplacer")
    def move(number: int) -> ResponseReturnValue:
        try:
            day = _first_day(request.form)
            move_planned(office.acting(), number, valid_from=day, follows=_version(request.form))
        except ChangeRefused as refusal:
            return _list(office, {number: str(refusal)}, request.form.get("du", "")), 400
        flash(f"La version prévue vaut maintenant à partir du {written_day(day)}.", "success")
        return redirect(url_for(".show"), 303)

    return pages


def _list(office: Office, errors: Mapping[int, str], typed: str = "") -> str:
    """The list in force, what is planned, the history; `errors` are about planned versions, by number."""
    day = today(office.acting())
    with reading(office.engine) as connection:
        in_force, history = nomenclature_in_force(connection, day), nomenclature_history(connection)
        latest, planned = latest_number(connection), standing_versions(connection)
    return render_template(
        "admin/nomenclature.html", listed=in_force, history=history, latest=latest, errors=errors, typed=typed,
        today=day, planned=[one for one in planned if one.valid_from > day],
    )  # fmt: skip


def _fields(found: Entry | None) -> dict[str, str]:
    if found is None:
        return {}
    w = found.wording
    return {
        "cle": w.key, "niveau": found.niveau, "thematique": w.thematique, "motif": w.motif, "sous_motif": w.sous_motif,
    }  # fmt: skip


def _form(office: Office, act: str, fields: Fields, errors: Fields) -> str:
    """The form of one gesture: it offers the list of today, and what is planned, with its day."""
    day = today(office.acting())
    with reading(office.engine) as connection:
        in_force, latest = nomenclature_in_force(connection, day).entries, latest_number(connection)
        planned = [one for one in standing_versions(connection) if one.valid_from > day]
    options = {entry.wording.key: _path(entry.wording) for entry in in_force}
    places: dict[str, dict[str, None]] = {}
    for first, entries in ((None, in_force), *((one.valid_from, one.entries) for one in planned)):
        for entry in entries:
            since = f" (à partir du {first:%d/%m/%Y})" if first else ""
            options.setdefault(entry.wording.key, _path(entry.wording) + since)
            places.setdefault(entry.wording.thematique, {})[entry.wording.motif] = None
    return render_template(
        "admin/nomenclature_form.html", act=act, title=GESTURES[act].label, fields=fields, errors=errors,
        options=list(options.items()), places={theme: list(motifs) for theme, motifs in places.items()}, version=latest,
        today=day, planned=planned,
    )  # fmt: skip


def _path(wording: Wording) -> str:
    return explained(" › ".join(wording))


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
            entries = {one.wording: one for one in newest_nomenclature(connection).entries}
            entries = {
                one.wording: one for one in nomenclature_in_force(connection, today(office.acting())).entries
            } | entries
            found = answers_for(connection, list(entries))
            uses = uses_since(connection, list(entries), office.clock() - COUNTED)
        listed = [(entry, found.get(wording), uses[wording]) for wording, entry in entries.items()]
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
        return _answer_page(office, key, g.get("interrupted_form"), {})

    @pages.post("/<key>")
    def save(key: str) -> ResponseReturnValue:
        wording = _wording(office, key)
        try:
            write_answer(
                office.acting(), wording, aloud=request.form.get("a_lire", ""), follows=_version(request.form),
                written=request.form.get("a_envoyer", ""), is_validated=request.form.get("valide") == "1",
            )  # fmt: skip
        except ChangeRefused as refusal:
            status = 409 if refusal.field == "version" else 400
            return _answer_page(office, key, request.form, errors_of(refusal)), status
        flash("La réponse est enregistrée : elle s’affiche dès maintenant.", "success")
        return redirect(url_for(".show", key=key), 303)

    return pages


def _wording(office: Office, key: str) -> Wording:
    with reading(office.engine) as connection:
        found = find_entry(connection, key, today(office.acting()))
    return found.wording if found else abort(404)


def _answer_page(office: Office, key: str, fields: Fields | None, errors: Fields) -> str:
    """One answer, its versions, and the answers of what was merged into it: their text may be taken over."""
    wording = _wording(office, key)
    with reading(office.engine) as connection:
        current, history = answer_for(connection, wording), answer_history(connection, wording)
        merged = answers_for(connection, list(dict.fromkeys(merged_into(wording, all_changes(connection)))))
        uses = uses_since(connection, [wording], office.clock() - COUNTED)[wording]
    taken = next((one for one in merged.values() if one.wording.key == request.args.get("reprendre")), None)
    if fields is None and taken:
        seen = str(current.version if current else 0)
        fields = {"version": seen, "a_lire": taken.aloud, "a_envoyer": taken.written}
    return render_template(
        "admin/answer.html", wording=wording, current=current, fields=fields, errors=errors, history=history, uses=uses,
        merged=list(merged.values()),
    )  # fmt: skip
