"""The pages of the nomenclature's search, of the ready answers, and of the requests to level 2."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.database import Connection, writing
from records.desks.acting import Acting
from records.refusals import ChangeRefused
from support.answering import make_proposal
from support.desk import Desk
from support.rules import personal_data
from support.store import (
    Overtaken,
    Request,
    answer_for,
    complete_request,
    list_requests,
    read_request,
)

LONGEST_SUBJECT = 200
LONGEST_TEXT = 4000


def answers_blueprint(desk: Desk) -> Blueprint:
    """The ready answers, and the search as one types."""
    pages = Blueprint("answers", __name__, template_folder="templates")

    @pages.get("/nomenclature/recherche")
    def search() -> str:
        with desk.reading() as connection:
            found = desk.nomenclature(connection).search(request.args.get("q", "")[:100])
        return render_template("desk/_found.html", found=found, typed=request.args.get("q", ""))

    @pages.get("/reponses")
    def library() -> str:
        asked = request.args.get("q", "")[:100]
        with desk.reading() as connection:
            nomenclature = desk.nomenclature(connection)
            entries = nomenclature.search(asked, limit=30) if asked else list(nomenclature.entries)
            listed = [(entry, answer_for(connection, entry.wording)) for entry in entries]
        return render_template("desk/answers.html", listed=listed, asked=asked)

    @pages.get("/reponses/<key>")
    def show(key: str) -> str:
        with desk.reading() as connection:
            entry = desk.nomenclature(connection).entry(key) or abort(404)
            answer = answer_for(connection, entry.wording)
        fragment = request.headers.get("HX-Request")
        interrupted = g.get("interrupted_form") or {}
        return render_template(
            "desk/_answer.html" if fragment else "desk/answer.html", answer=answer, chosen=entry,
            text=interrupted.get("texte", ""), error="",
        )  # fmt: skip

    @pages.post("/reponses/<key>")
    def ask(key: str) -> ResponseReturnValue:
        text, reader = request.form.get("texte", ""), desk.reader()
        with desk.reading() as connection:
            entry = desk.nomenclature(connection).entry(key) or abort(404)
            answer = answer_for(connection, entry.wording)
        acting = Acting(desk.engine, reader.email, desk.clock(), reader)
        try:
            make_proposal(acting, kind="answer", reference=" / ".join(_names(entry.wording)), text=text)
        except ChangeRefused as refusal:
            page = render_template("desk/answer.html", answer=answer, chosen=entry, text=text, error=str(refusal))
            return page, 400
        flash("Votre proposition est transmise à l’équipe nationale.", "success")
        return redirect(url_for(".show", key=key), 303)

    return pages


def _names(wording: Any) -> tuple[str, str, str]:
    return (wording.thematique, wording.motif, wording.sous_motif)


def requests_blueprint(desk: Desk) -> Blueprint:
    """The requests to level 2: listed, read, completed."""
    pages = Blueprint("requests", __name__, template_folder="templates")

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
                    _complete(connection, asked, desk.clock())
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
    elif (found := personal_data(text)) and form.get("confirmed") != "1":
        pieces = ", ".join(f"{piece.kind} « {piece.text} »" for piece in found)
        errors["description"] = f"Donnée personnelle ? {pieces}. Retirez-la, ou confirmez que ce n'en est pas une."
    if "@" not in reply or len(reply) > 254 or not reply.isprintable():  # noqa: PLR2004 - the longest address
        errors["reponse"] = "Donnez l'adresse électronique à laquelle répondre."
    return errors


def _complete(connection: Connection, asked: Request, at: datetime) -> None:
    complete_request(
        connection, asked, subject=request.form["objet"].strip(), description=request.form["description"].strip(),
        reply_to=request.form["reponse"].strip(), at=at,
    )  # fmt: skip
