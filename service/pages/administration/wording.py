"""The nomenclature's and the ready answers' pages: versions only grow, past calls keep what they carry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.database import Connection, reading, writing
from records.desks.accounts import note
from records.desks.permissions import Permission
from records.wording import Entry, Wording
from routing.departements import timezone_of
from service.pages.administration.office import Mistakes, Office, for_whoever_may
from support.answers import Answer, AnswerRefused, check_answer
from support.nomenclature import Nomenclature, NomenclatureChange, NomenclatureRefused, add, merge, rename, retire
from support.store import (
    Overtaken,
    answer_for,
    answer_history,
    newest_nomenclature,
    nomenclature_history,
    open_proposals,
    publish_nomenclature,
    save_answer,
    settle_proposal,
)

Fields = Mapping[str, str]
Changed = tuple[tuple[Entry, ...], NomenclatureChange]


@dataclass(frozen=True)
class Act:
    """One way to change the list: what a reader sees, and what it does to the entries."""

    label: str
    make: Callable[[Nomenclature, Fields], Changed]


def _typed(fields: Fields) -> Wording:
    return Wording(*(fields.get(name, "") for name in ("thematique", "motif", "sous_motif")))


def _entry(nomenclature: Nomenclature, key: str) -> Entry:
    found = nomenclature.entry(key)
    if found is None:
        raise NomenclatureRefused("Choisissez un sous-motif de la liste.")
    return found


ACTS = {
    "ajouter": Act("Ajouter", lambda n, f: add(n.entries, f.get("niveau", ""), _typed(f))),
    "renommer": Act(
        "Renommer ou changer de niveau",
        lambda n, f: rename(n.entries, _entry(n, f.get("cle", "")).wording, f.get("niveau", ""), _typed(f)),
    ),
    "fusionner": Act(
        "Fusionner",
        lambda n, f: merge(n.entries, _entry(n, f.get("cle", "")).wording, _entry(n, f.get("vers", "")).wording),
    ),
    "retirer": Act("Retirer", lambda n, f: retire(n.entries, _entry(n, f.get("cle", "")).wording)),
}


def nomenclature_blueprint(office: Office) -> Blueprint:
    """The pages under `/administration/nomenclature`."""
    prefix = "/administration/nomenclature"
    pages = for_whoever_may(Permission.ADMINISTER, Blueprint("admin_nomenclature", __name__, url_prefix=prefix))

    @pages.get("")
    def show() -> str:
        with reading(office.engine) as connection:
            newest, history = newest_nomenclature(connection), nomenclature_history(connection)
        return render_template("admin/nomenclature.html", newest=newest, history=history, acts=ACTS)

    @pages.get("/<any(ajouter, renommer, fusionner, retirer):act>")
    def form(act: str) -> str:
        with reading(office.engine) as connection:
            newest = newest_nomenclature(connection)
        found = newest.entry(request.args.get("cle", ""))
        return _form(office, newest, act, g.get("interrupted_form") or _fields(found), "")

    @pages.post("/<any(ajouter, renommer, fusionner, retirer):act>")
    def change(act: str) -> ResponseReturnValue:
        with writing(office.engine) as connection:
            newest = newest_nomenclature(connection)
            try:
                _publish(office, connection, newest, act, request.form)
            except (NomenclatureRefused, Mistakes, Overtaken) as refused:
                stale = str(newest.version) != request.form.get("version")
                return _form(office, newest, act, request.form, str(refused)), 409 if stale else 400
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


def _form(office: Office, newest: Nomenclature, act: str, fields: Fields, error: str) -> str:
    options = [(w.key, f"{w.thematique} › {w.motif} › {w.sous_motif}") for w in (e.wording for e in newest.entries)]
    return render_template(
        "admin/nomenclature_form.html", act=act, title=ACTS[act].label, fields=fields, error=error, options=options,
        version=newest.version, today=_today(office),
    )  # fmt: skip


def _today(office: Office) -> date:
    return office.clock().astimezone(timezone_of(None)).date()


def _publish(office: Office, connection: Connection, newest: Nomenclature, act: str, fields: Fields) -> None:
    if fields.get("version") != str(newest.version):
        raise Mistakes(version="Quelqu’un a changé la nomenclature entre-temps : relisez, puis recommencez.")
    entries, change = ACTS[act].make(newest, fields)
    history = nomenclature_history(connection)
    earliest = max([_today(office), *(version.valid_from for version in history)])
    publish_nomenclature(
        connection, entries, [change], follows=newest.version, valid_from=_from(fields, earliest), by=office.who,
        at=office.clock(), note=fields.get("note", "")[:200],
    )  # fmt: skip
    note(connection, by=office.who, what="nomenclature", reference=act, at=office.clock())


def _from(fields: Fields, earliest: date) -> date:
    """The first day of the new version: never the past, and not before the version that it follows."""
    try:
        day = date.fromisoformat(fields.get("du", ""))
    except ValueError:
        raise Mistakes(du="Donnez le jour à partir duquel la version vaut.") from None
    if day < earliest:
        raise Mistakes(
            du=f"La version ne peut pas valoir avant le {earliest:%d/%m/%Y} : les totaux passés ne changent pas."
        )
    return day


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
    def settle(number: int) -> ResponseReturnValue:
        with writing(office.engine) as connection:
            settle_proposal(connection, number, by=office.who, at=office.clock())
        flash("La proposition est réglée.", "success")
        back = "admin_directory.search" if request.form.get("retour") == "annuaire" else ".every"
        return redirect(url_for(back), 303)

    @pages.get("/<key>")
    def show(key: str) -> str:
        with reading(office.engine) as connection:
            return _answer_page(connection, key, g.get("interrupted_form"), "")

    @pages.post("/<key>")
    def save(key: str) -> ResponseReturnValue:
        with writing(office.engine) as connection:
            wording = _wording(connection, key)
            try:
                aloud, written = check_answer(request.form.get("a_lire", ""), request.form.get("a_envoyer", ""))
                version = int(request.form.get("version", "0")[:8] or 0)
                new = Answer(wording, aloud, written, version + 1, request.form.get("valide") == "1")
                save_answer(connection, new, by=office.who, at=office.clock())
            except AnswerRefused as refused:
                return _answer_page(connection, key, request.form, str(refused)), 400
            except (Overtaken, ValueError):
                sentence = "Quelqu’un a écrit une autre version entre-temps. La vôtre est ci-dessous, rien n’est perdu."
                return _answer_page(connection, key, request.form, sentence), 409
        flash("La réponse est enregistrée : elle s’affiche dès maintenant.", "success")
        return redirect(url_for(".show", key=key), 303)

    return pages


def _wording(connection: Connection, key: str) -> Wording:
    found = newest_nomenclature(connection).entry(key)
    return found.wording if found else abort(404)


def _answer_page(connection: Connection, key: str, fields: Fields | None, error: str) -> str:
    wording = _wording(connection, key)
    current = answer_for(connection, wording)
    return render_template(
        "admin/answer.html", wording=wording, current=current, fields=fields, error=error,
        history=answer_history(connection, wording),
    )  # fmt: skip
