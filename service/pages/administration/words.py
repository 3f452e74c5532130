"""The page of what callers say for a sous-motif, by which it is found: every version, editable."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.database import Connection, reading
from records.desks.permissions import Permission
from records.refusals import ChangeRefused
from service.accounts.gate import LARGEST_NUMBER
from service.pages.administration.office import Office, errors_of, for_whoever_may
from support.nomenclature.changing import earlier_names
from support.nomenclature.store import all_changes, newest_nomenclature, words_history
from support.nomenclature.words import words_of, write_words


def words_blueprint(office: Office) -> Blueprint:
    """The pages `/administration/nomenclature/<clé>/mots`."""
    prefix = "/administration/nomenclature"
    pages = for_whoever_may(Permission.ADMINISTER, Blueprint("admin_words", __name__, url_prefix=prefix))

    @pages.get("/<key>/mots")
    def show(key: str) -> str:
        with reading(office.engine) as connection:
            return _page(connection, key, g.get("interrupted_form"), {})

    @pages.post("/<key>/mots")
    def save(key: str) -> ResponseReturnValue:
        typed = request.form.get("version", "")
        follows = int(typed) if typed.isdecimal() and len(typed) < len(str(LARGEST_NUMBER)) else -1
        try:
            write_words(office.acting(), key, request.form.get("words", ""), follows=follows)
        except ChangeRefused as refusal:
            status = {"version": 409, "key": 404}.get(refusal.field, 400)
            with reading(office.engine) as connection:
                return _page(connection, key, request.form, errors_of(refusal)), status
        flash("Les mots sont enregistrés : la recherche s’en sert dès maintenant.", "success")
        return redirect(url_for(".show", key=key), 303)

    return pages


def _page(connection: Connection, key: str, fields: Mapping[str, str] | None, errors: Mapping[str, str]) -> str:
    entry = newest_nomenclature(connection).entry(key)
    if entry is None:
        abort(404)
    names = earlier_names(entry.wording, all_changes(connection))
    return render_template(
        "admin/words.html", wording=entry.wording, current=words_of(connection, entry.wording), fields=fields,
        errors=errors, history=words_history(connection, names),
    )  # fmt: skip
