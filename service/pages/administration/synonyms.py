"""The page of the words that mean the same in the search of articles."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.database import reading
from records.refusals import ChangeRefused
from service.pages.administration.office import Office
from support.french import SAME
from support.knowledge.store import synonym_lines
from support.knowledge.synonyms import add_synonyms, remove_synonyms


def add_synonym_pages(pages: Blueprint, office: Office) -> None:
    """Add the addresses under `/synonymes` to the pages of the articles."""

    @pages.get("/synonymes")
    def synonyms() -> str:
        return _page(office, (g.get("interrupted_form") or {}).get("mots", ""), "")

    @pages.post("/synonymes")
    def add_words() -> ResponseReturnValue:
        typed = request.form.get("mots", "")
        try:
            add_synonyms(office.acting(), typed)
        except ChangeRefused as refusal:
            return _page(office, typed, str(refusal)), 400
        flash("Ces mots veulent dire la même chose : la recherche s’en sert dès maintenant.", "success")
        return redirect(url_for(".synonyms"), 303)

    @pages.post("/synonymes/<int:number>/retirer")
    def remove_words(number: int) -> ResponseReturnValue:
        try:
            remove_synonyms(office.acting(), number)
        except ChangeRefused as refusal:
            flash(str(refusal), "warning")
        else:
            flash("La ligne est retirée.", "success")
        return redirect(url_for(".synonyms"), 303)


def _page(office: Office, typed: str, error: str) -> str:
    with reading(office.engine) as connection:
        lines = synonym_lines(connection)
    delivered = [", ".join(piece.replace("-", " ") for piece in line.split()) for line in SAME]
    return render_template("articles/synonyms.html", lines=lines, delivered=delivered, typed=typed, error=error)
