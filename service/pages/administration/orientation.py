"""The page of the table that routes written requests: its lines edited, tried on the last month, then published."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.database import reading
from records.desks.permissions import Permission
from records.refusals import ChangeRefused
from routing.requests.table import NIVEAUX, SentTo, Wrote
from service.accounts.gate import LARGEST_NUMBER
from service.pages.administration.office import Office, errors_of, for_whoever_may
from support.nomenclature.publishing import today
from support.nomenclature.store import nomenclature_in_force
from support.routes.changing import (
    Line,
    check_rules,
    file_lines,
    publish_routes,
    read_lines,
    thematiques_known,
)
from support.routes.store import routes_in_force, routes_versions
from support.routes.told import DANGERS, sentence_of
from support.routes.trying import try_rules

FIELDS = {"sender": "expediteur", "niveau": "niveau", "thematique": "thematique", "desk": "bureau"}
"""What a line says → its field, one of that name for each line."""
SENDERS = (("", "Tout le monde"), (Wrote.USER, "Un utilisateur"), (Wrote.REFERENT, "Un référent"))
LEVELS = (("", "Tous"), *((niveau, niveau) for niveau in NIVEAUX))
DESKS = ((SentTo.LOCAL, "Référents"), (SentTo.NATIONAL, "Équipe nationale"))
NEW_LINE: Line = {"sender": "", "niveau": "", "thematique": "", "desk": str(SentTo.NATIONAL)}
SHOWN_MOVES = 100
Lines = list[Line]


def orientation_blueprint(office: Office) -> Blueprint:
    """The pages under `/administration/orientation`."""
    prefix = "/administration/orientation"
    pages = for_whoever_may(Permission.ADMINISTER, Blueprint("admin_routes", __name__, url_prefix=prefix))

    @pages.get("")
    def show() -> str:
        with reading(office.engine) as connection:
            lines: Lines = list(file_lines(routes_in_force(connection).rules))
        return _edit(office, lines)

    @pages.post("")
    def change() -> ResponseReturnValue:
        gesture = request.form.get("geste", "")
        try:
            lines = _typed()
            if gesture == "essayer":
                return _try(office, lines)
            lines, focus = _edited(lines, gesture)
            return _edit(office, lines, focus=focus)
        except ChangeRefused as refusal:
            return _edit(office, _typed_anyway(), errors_of(refusal)), 400

    @pages.post("/publier")
    def publish() -> ResponseReturnValue:
        try:
            lines = _typed()
            publish_routes(
                office.acting(), lines, follows=_version(), note=request.form.get("note", ""),
                confirmed=request.form.get("confirme") == "1",
            )  # fmt: skip
        except ChangeRefused as refusal:
            if refusal.field in {"note", "confirme"}:
                return _try(office, lines, errors_of(refusal)), 400
            return _edit(office, _typed_anyway(), errors_of(refusal)), 409 if refusal.field == "version" else 400
        flash("La table est publiée : elle vaut pour les demandes écrites à partir de maintenant.", "success")
        return redirect(url_for(".show"), 303)

    return pages


def _typed() -> Lines:
    """The lines of the form, in order; ChangeRefused when a line lacks a value."""
    columns = [request.form.getlist(field) for field in FIELDS.values()]
    if len({len(column) for column in columns}) > 1:
        raise ChangeRefused("Il manque une valeur à une ligne de la table.", "lignes")
    return _lines(columns)


def _typed_anyway() -> Lines:
    """As many whole lines as the form has."""
    return _lines([request.form.getlist(field) for field in FIELDS.values()])


def _lines(columns: Sequence[Sequence[str]]) -> Lines:
    return [dict(zip(FIELDS, values, strict=True)) for values in zip(*columns, strict=False)]


def _edited(lines: Lines, gesture: str) -> tuple[Lines, int]:
    """The lines after a line was added, moved or removed, and the place of the line to look at."""
    act, _, number = gesture.partition("-")
    if act == "ajouter":
        return [*lines, NEW_LINE], len(lines)
    place = int(number) if number.isdecimal() and len(number) < len(str(LARGEST_NUMBER)) else -1
    if not 0 <= place < len(lines):
        return lines, -1
    line, others = lines[place], [*lines[:place], *lines[place + 1 :]]
    if act == "retirer":
        return others, min(place, len(others) - 1)
    to = {"monter": max(place - 1, 0), "descendre": min(place + 1, len(others))}.get(act, place)
    return [*others[:to], line, *others[to:]], to


def _version() -> int:
    """The version that the reader saw; -1, which no table has, for what is no number."""
    typed = request.form.get("version", "")
    return int(typed) if typed.isdecimal() and len(typed) < len(str(LARGEST_NUMBER)) else -1


def _edit(office: Office, lines: Lines, errors: dict[str, str] | None = None, focus: int = -1) -> str:
    """The table as it is being edited; `errors` are shown above it."""
    with reading(office.engine) as connection:
        versions, thematiques = routes_versions(connection), thematiques_known(office.acting(), connection)
    in_force = file_lines(versions[0].rules)
    return render_template(
        "admin/routes/edit.html", lines=lines, errors=errors or {}, focus=focus, versions=versions, senders=SENDERS,
        levels=LEVELS, thematiques=[("", "Toutes"), *((one, one) for one in thematiques)], desks=DESKS,
        is_changed=lines != in_force, version=versions[0].version, sentence_of=sentence_of,
    )  # fmt: skip


def _try(office: Office, lines: Lines, errors: dict[str, str] | None = None) -> str:
    """What the edited table would have done to the last month; ChangeRefused as the table is."""
    acting = office.acting()
    with reading(office.engine) as connection:
        in_force, thematiques = routes_in_force(connection), thematiques_known(acting, connection)
        rules = read_lines(lines, thematiques)
        dangers = check_rules(rules, in_force.rules, thematiques)
        listed = nomenclature_in_force(connection, today(acting))
        trial = try_rules(connection, rules, listed.niveau_of, acting.at)
    fields = [(FIELDS[name], line[name]) for line in lines for name in FIELDS]
    return render_template(
        "admin/routes/try.html", trial=trial, rules=rules, fields=fields, version=in_force.version,
        dangers=[DANGERS[danger] for danger in dangers], errors=errors or {}, note=request.form.get("note", ""),
        desks=dict(DESKS), shown=trial.moves[:SHOWN_MOVES], sentence_of=sentence_of,
    )  # fmt: skip
