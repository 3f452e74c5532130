"""The file of articles by page: downloaded, checked line by line, compared, taken in."""

from __future__ import annotations

import base64
import binascii

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.database import reading
from records.refusals import ChangeRefused
from routing.directory.cells import MAX_BYTES
from routing.directory.reading import LINES_SHOWN, first_lines
from service.pages.administration.office import Office
from support.knowledge.changing import today
from support.knowledge.csv_file import COLUMNS, ArticlesRefused
from support.knowledge.importing import export_articles, import_articles, plan_import

LABELS = {
    "titre": "titre", "profils": "profils", "sous_motifs": "sous-motifs", "resume": "résumé",
    "verifie_le": "date de vérification",
}  # fmt: skip
"""What a preview calls the columns; an address is what an article is known by."""


def add_file_pages(pages: Blueprint, office: Office) -> None:
    """Add the addresses under `/fichier`, and `/telecharger`, to the pages of the articles."""

    @pages.get("/telecharger")
    def download() -> Response:
        day = today(office.acting())
        with reading(office.engine) as connection:
            text = export_articles(connection, day)
        headers = {"Content-Disposition": f'attachment; filename="articles-{day.isoformat()}.csv"'}
        return Response(text, mimetype="text/csv", headers=headers)

    @pages.get("/fichier")
    def upload() -> str:
        return _upload()

    @pages.post("/fichier")
    def check() -> ResponseReturnValue:
        file = request.files.get("fichier")
        if not file or not file.filename:
            return _upload(error="Choisissez un fichier CSV."), 400
        return _preview(office, file.read(MAX_BYTES + 1))

    @pages.post("/fichier/confirmer")
    def take_in() -> ResponseReturnValue:
        try:
            content = base64.b64decode(request.form.get("contenu", ""), validate=True)
        except (binascii.Error, ValueError):
            abort(400)
        retires = request.form.get("retirer_absents") == "1"
        try:
            import_articles(
                office.acting(), content, retire_absent=retires, seen=request.form.get("empreinte", "") or "?"
            )
        except ArticlesRefused as refusal:
            return _upload(refusal), 400
        except ChangeRefused as refusal:
            return _preview(office, content, str(refusal))
        flash("L’annuaire des articles suit le fichier.", "success")
        return redirect(url_for(".every"), 303)


def _upload(refusal: ArticlesRefused | None = None, error: str = "") -> str:
    problems, more = first_lines(refusal.problems if refusal else (), LINES_SHOWN)
    more += refusal.more if refusal else 0
    return render_template("articles/file.html", problems=problems, more=more, error=error, columns=COLUMNS)


def _preview(office: Office, content: bytes, overtaken: str = "") -> ResponseReturnValue:
    """What the file would change, or all that is wrong with it."""
    try:
        with reading(office.engine) as connection:
            plan = plan_import(connection, content, today(office.acting()))
    except ArticlesRefused as refusal:
        return _upload(refusal), 400
    kept = base64.b64encode(content).decode("ascii")
    page = render_template("articles/preview.html", plan=plan, content=kept, overtaken=overtaken, labels=LABELS)
    return (page, 409) if overtaken else page
