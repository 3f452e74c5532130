"""The pages of the requests to level 2: listed, read, completed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.database import Connection, writing
from records.refusals import Overtaken
from support.desk import Desk
from support.personal_data import doubt_about
from support.requests.request import Request
from support.requests.store import change_request, list_requests, read_request

LONGEST_SUBJECT = 200
LONGEST_TEXT = 4000


def requests_blueprint(desk: Desk) -> Blueprint:
    """The requests to level 2: listed, read, completed."""
    pages = Blueprint("requests", __name__, template_folder="../templates")

    @pages.get("/demandes")
    def every() -> str:
        with desk.reading() as connection:
            listed = list_requests(connection, desk.reader().scope)
        return render_template("desk/requests.html", listed=listed)

    @pages.get("/demandes/<int:number>")
    def show(number: int) -> str:
        with desk.reading() as connection:
            asked = _readable(desk, connection, number)
        return render_template(
            "desk/request.html", asked=asked, fields=g.get("interrupted_form") or _fields(asked), errors={}
        )

    @pages.post("/demandes/<int:number>")
    def complete(number: int) -> ResponseReturnValue:
        with writing(desk.engine) as connection:
            asked = _readable(desk, connection, number)
            errors = _mistakes(request.form)
            if request.form.get("version") != str(asked.version):
                errors["version"] = "Quelqu’un a modifié cette demande entre-temps : relisez-la, puis enregistrez."
            if asked.closed_at:
                errors["version"] = "Le niveau 2 a clos cette demande : elle ne change plus."
            if not errors:
                try:
                    _complete(connection, asked)
                except Overtaken:
                    errors["version"] = "Quelqu’un vient de modifier cette demande : relisez-la, puis enregistrez."
            if errors:
                page = render_template("desk/request.html", asked=asked, fields=request.form, errors=errors)
                return page, 409 if "version" in errors else 400
        flash("La demande au niveau 2 est enregistrée.", "success")
        return redirect(url_for(".every"), 303)

    return pages


def _readable(desk: Desk, connection: Connection, number: int) -> Request:
    """The request, if the reader may see it; else 404."""
    asked = read_request(connection, number)
    if asked is None or not desk.reader().may_read(asked.departement):
        abort(404)
    return asked


def _fields(asked: Request) -> dict[str, str]:
    return {"objet": asked.subject, "description": asked.description, "reponse": asked.reply_to}


def _mistakes(form: Any) -> dict[str, str]:
    errors = {}
    subject, text, reply = (form.get(name, "").strip() for name in ("objet", "description", "reponse"))
    if not subject or len(subject) > LONGEST_SUBJECT:
        errors["objet"] = f"Donnez un objet, en {LONGEST_SUBJECT} caractères au plus."
    if not text or len(text) > LONGEST_TEXT:
        errors["description"] = f"Décrivez la difficulté, en {LONGEST_TEXT} caractères au plus."
    elif (doubt := doubt_about(text)) and form.get("confirmed") != "1":
        errors["description"] = doubt
    if "@" not in reply or len(reply) > 254 or not reply.isprintable():  # noqa: PLR2004 - the longest address
        errors["reponse"] = "Donnez l'adresse électronique à laquelle répondre."
    return errors


def _complete(connection: Connection, asked: Request) -> None:
    form = request.form
    values = {"subject": form["objet"], "description": form["description"], "reply_to": form["reponse"]}
    change_request(connection, asked, {name: text.strip() for name, text in values.items()})
