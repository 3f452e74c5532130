"""The page `/mon-compte`: who one is here, what one may learn, sessions, the computer that one calls one's own."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from records.database import reading, writing
from records.desks.accounts import count_open_sessions, shorten_session
from records.desks.audit import note
from records.desks.factors import with_factor
from service.accounts.gate import current_account
from service.accounts.sign_in import SignIn
from service.pages.labels import ROLES
from service.settings import Settings


def own_account(settings: Settings, desk: SignIn) -> Blueprint:
    """The page `/mon-compte`."""
    pages = Blueprint("account", __name__)

    @pages.get("/mon-compte")
    def show() -> str:
        links = (
            ("Tutoriels vidéo", settings.videos_url),
            ("Espace de formation", settings.training_url),
            ("Base de connaissances", settings.knowledge_url),
        )
        learning = [link for link in links if link[1]]
        account = current_account()
        is_known = desk.computer.is_known(request, account)
        with reading(desk.engine) as connection:
            sessions = count_open_sessions(connection, account.id, desk.clock())
            has_factor = account.id in with_factor(connection)
        return render_template(
            "auth/account.html", roles=ROLES, contact=settings.contact_email, learning=learning, is_known=is_known,
            hours=settings.workday_session_hours, sessions=sessions, has_factor=has_factor,
        )  # fmt: skip

    @pages.post("/mon-compte/oublier-cet-ordinateur")
    def forget_computer() -> ResponseReturnValue:
        """This session ends again after an idle while, and so will those that follow here."""
        account = current_account()
        with writing(desk.engine) as connection:
            shorten_session(connection, session["desk"])
            note(connection, by=account.email, what="ordinateur oublié", reference=account.email, at=desk.clock())
        flash("Cet ordinateur est oublié : la session s’y fermera après un temps sans activité.", "success")
        answer = make_response(redirect(url_for(".show"), 303))
        desk.computer.forget(answer)
        return answer

    return pages
