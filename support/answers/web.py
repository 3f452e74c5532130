"""The pages of the ready answers, and the search as one types."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.refusals import ChangeRefused
from support.answers.answering import make_proposal
from support.answers.finding import motif_index
from support.answers.store import answer_for
from support.desk import Desk
from support.nomenclature.searching import find


def answers_blueprint(desk: Desk) -> Blueprint:
    """The ready answers, and the search as one types."""
    pages = Blueprint("answers", __name__, template_folder="../templates")

    @pages.get("/nomenclature/recherche")
    def search() -> str:
        with desk.reading() as connection:
            found = find(motif_index(desk, connection), request.args.get("q", "")[:100])
        return render_template("desk/_found.html", found=found, typed=request.args.get("q", ""))

    @pages.get("/reponses")
    def library() -> str:
        asked = request.args.get("q", "")[:100]
        with desk.reading() as connection:
            nomenclature = desk.nomenclature(connection)
            entries = find(motif_index(desk, connection), asked, limit=30) if asked else list(nomenclature.entries)
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
        text = request.form.get("texte", "")
        with desk.reading() as connection:
            entry = desk.nomenclature(connection).entry(key) or abort(404)
            answer = answer_for(connection, entry.wording)
        try:
            make_proposal(desk.acting(), kind="answer", reference=" / ".join(_names(entry.wording)), text=text)
        except ChangeRefused as refusal:
            page = render_template("desk/answer.html", answer=answer, chosen=entry, text=text, error=str(refusal))
            return page, 400
        flash("Votre proposition est transmise à l’équipe nationale.", "success")
        return redirect(url_for(".show", key=key), 303)

    return pages


def _names(wording: Any) -> tuple[str, str, str]:
    return (wording.thematique, wording.motif, wording.sous_motif)
