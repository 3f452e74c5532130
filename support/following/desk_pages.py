"""The private link of a written request, as the desk sees it: until when it opens, and a way to end it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from records.typed.numbers import LONGEST_NUMBER
from support.desk import Desk
from support.following.posting import replace_link
from support.following.store import KeptLink, newest_link
from support.requests.request import Request, parties_of
from support.requests.states import Party
from support.requests.store import read_request


def links_blueprint(desk: Desk) -> Blueprint:
    """`/demandes/<n>/lien`, and what a request's page says of the link (`link_of_request`)."""
    pages = Blueprint("links", __name__, template_folder="../templates")

    @pages.app_context_processor
    def about_links() -> dict[str, Any]:
        return {"link_of_request": link_of_request}

    def link_of_request(asked: Request) -> KeptLink | None:
        """The newest link that still opens, for whoever works on the request; None for everybody else."""
        if not (asked.is_written and Party.DESK in parties_of(asked, desk.reader())):
            return None
        with desk.reading() as connection:
            newest = newest_link(connection, asked.id)
        return newest if newest and newest.opens(desk.clock()) else None

    @pages.post("/demandes/<int:number>/lien")
    def end(number: int) -> ResponseReturnValue:
        acting = desk.acting()
        with acting.writing() as connection:
            asked = read_request(connection, number) if len(str(number)) <= LONGEST_NUMBER else None
            if asked is None or not (asked.is_written and Party.DESK in parties_of(asked, desk.reader())):
                abort(404)
            replace_link(acting, connection, asked)
        flash("Le lien de suivi est révoqué ; un nouveau part à l’adresse de la demande.", "success")
        return redirect(url_for("requests.show", number=number), 303)

    return pages
