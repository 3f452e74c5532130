"""What proves the address of a form: the page behind the link of the mail, and what opens once it is proved."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.desks.accounts import fold_email
from records.tokens import LENGTH, digest_of
from support.form.opening import FormOffice, SentForm, prove
from support.form.proof import PROVED_FOR, ProvedBrowser
from support.form.store import filed_form
from support.requests.states import WhichDesk
from support.routes.store import rule_of
from support.routes.told import why

COOKIE = "svi-adresse"


def add_proof_pages(pages: Blueprint, office: FormOffice) -> None:
    """The page of the link, and its button."""

    @pages.get("/demande/confirmer/<jeton>")
    def proof(jeton: str) -> ResponseReturnValue:
        return proof_page(office, jeton)

    @pages.post("/demande/confirmer/<jeton>")
    def confirm(jeton: str) -> ResponseReturnValue:
        return _confirmed(office, jeton)


def is_proved(office: FormOffice, email: str) -> bool:
    """Whether this browser has shown already that the address is its owner's: signed in under it, or proved lately."""
    visitor = office.visitor()
    if visitor is not None and fold_email(visitor.email) == email:
        return True
    return ProvedBrowser(office.desk.secret).has_proved(request.cookies.get(COOKIE, ""), email)


def opened_page(office: FormOffice, sent: SentForm) -> Response:
    """What becomes of the request: its number, who has it and why, by when, its link."""
    asked = sent.request
    if asked is None:
        abort(500)
    with office.desk.reading() as connection:
        rule = rule_of(connection, asked.route) if asked.route else None
    page = render_template(
        "form/opened.html", sent=sent, asked=asked, why=why(asked.route, rule, asked.departement),
        now=office.desk.clock(), is_local=asked.desk is WhichDesk.LOCAL,
    )  # fmt: skip
    return private(page)


def proof_page(office: FormOffice, token: str, status: int = 200) -> ResponseReturnValue:
    """What the link of the mail shows: a button, since programs follow the links of mails as well."""
    with office.desk.reading() as connection:
        filed = filed_form(connection, digest_of(token)) if len(token) == LENGTH else None
    at = office.desk.clock()
    if filed is None or (filed.request_id is None and filed.expires_at <= at):
        return private(render_template("form/over.html"), 404)
    return private(
        render_template("form/proof.html", filed=filed, token=token, days=PROVED_FOR.days), status
    )  # fmt: skip


def _confirmed(office: FormOffice, token: str) -> ResponseReturnValue:
    sent = prove(office, token) if len(token) == LENGTH else None
    if sent is None:
        return private(render_template("form/over.html"), 404)
    answer = opened_page(office, sent)
    if request.form.get("retenir") == "1":
        kept = ProvedBrowser(office.desk.secret).written(sent.email)
        answer.set_cookie(
            COOKIE, kept, max_age=PROVED_FOR, path=url_for(".start"), httponly=True, samesite="Lax",
            secure=office.desk.public_url.startswith("https:"),
        )  # fmt: skip
    return answer


def private(html: str, status: int = 200) -> Response:
    """A page that stays in no cache: it names somebody, or opens something."""
    answer = make_response(html, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer
