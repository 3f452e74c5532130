"""The public pages of the newsletter: asking for it, proving one's address, leaving, the issues, the Atom feed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.attempts import network_of
from records.refusals import ChangeRefused
from support.desk import Desk
from support.newsletter.feed import feed_of, updated_at
from support.newsletter.letters import issue_body
from support.newsletter.news import IssueState, NewsletterIssue
from support.newsletter.store import issues, read_issue, subscriber_of
from support.newsletter.subscriber import CONSENT
from support.newsletter.subscribing import (
    Subscriptions,
    TooManyAttempts,
    subscribe_account,
    unsubscribe_account,
)

HONEYPOT = "site_web"
"""A field that people do not see: whoever fills it is a program."""
SHOWN = 12
"""Newsletters that the page and the feed name."""


def subscription_blueprint(desk: Desk, hourly_network: int) -> Blueprint:
    """The pages under `/lettre`; `hourly_network`: forms taken within an hour from one network."""
    pages = Blueprint("subscription", __name__, template_folder="../templates")
    subscriptions = Subscriptions(desk.engine, desk.secret, hourly_network)

    @pages.get("/lettre")
    def ask() -> str:
        return _page(desk)

    @pages.post("/lettre")
    def asked() -> ResponseReturnValue:
        form = request.form
        if form.get(HONEYPOT):
            return redirect(url_for(".written"), 303)
        try:
            subscriptions.ask(
                form.get("email", ""), agrees=form.get("accord") == "1", network=network_of(request.remote_addr),
                at=desk.clock(),
            )  # fmt: skip
        except TooManyAttempts as refusal:
            return _page(desk, form, {"": str(refusal)}), 429
        except ChangeRefused as refusal:
            return _page(desk, form, {refusal.field: str(refusal)}), 400
        return redirect(url_for(".written"), 303)

    @pages.get("/lettre/courriel-envoye")
    def written() -> str:
        return render_template("newsletter/written.html")

    @pages.get("/lettre/<int:number>")
    def issue(number: int) -> str:
        with desk.reading() as connection:
            found = read_issue(connection, number) if number < 2**31 else None
        if found is None or found.state is not IssueState.SENT:
            abort(404)
        return render_template("newsletter/issue.html", issue=found, body=shown_body(desk, found))

    @pages.get("/lettre/flux.atom")
    def feed() -> ResponseReturnValue:
        with desk.reading() as connection:
            sent = issues(connection, IssueState.SENT, SHOWN)
        answer = Response(feed_of(sent, desk.public_url), mimetype="application/atom+xml")
        answer.last_modified = updated_at(sent)
        answer.cache_control.max_age = 3600
        answer.cache_control.public = True
        answer.add_etag()
        return answer.make_conditional(request)

    _add_private_links(pages, desk, subscriptions)
    return pages


def _add_private_links(pages: Blueprint, desk: Desk, subscriptions: Subscriptions) -> None:
    """What a subscriber does by the links of his mails; opening one does nothing, mail programs do it on their own."""

    @pages.get("/lettre/abonnes/<int:number>/confirmer/<token>")
    def confirm(number: int, token: str) -> ResponseReturnValue:
        with desk.reading() as connection:
            found = subscriptions.waiting(connection, number, token, desk.clock())
        if found is None:
            return _private("newsletter/expired.html"), 404
        return _private("newsletter/confirm.html", consent=CONSENT, email=found.email)

    @pages.post("/lettre/abonnes/<int:number>/confirmer/<token>")
    def confirmed(number: int, token: str) -> ResponseReturnValue:
        if not subscriptions.confirm(number, token, desk.clock()):
            return _private("newsletter/expired.html"), 404
        return _private("newsletter/confirmed.html")

    @pages.get("/lettre/abonnes/<int:number>/quitter/<token>")
    def leave(number: int, token: str) -> ResponseReturnValue:
        with desk.reading() as connection:
            found = subscriptions.leaver(connection, number, token)
        if found is None:
            abort(404)
        return _private("newsletter/leave.html", is_over=not found.receives)

    @pages.post("/lettre/abonnes/<int:number>/quitter/<token>")
    def left(number: int, token: str) -> ResponseReturnValue:
        """Asked for by a button of ours, or by a mailbox without any session (RFC 8058): the link is the proof."""
        if not subscriptions.end(number, token, desk.clock()):
            abort(404)
        return _private("newsletter/left.html")


def _private(template: str, **values: Any) -> Response:
    """A page that a private link opens: kept by no cache.

    Its address is named to no other site by the policy of every page (`same-origin`); a stricter one would let the
    browser call its own form's origin « null », and the form would be refused.
    """
    answer = make_response(render_template(template, **values))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _page(desk: Desk, fields: Any = None, errors: dict[str, str] | None = None) -> str:
    with desk.reading() as connection:
        sent = issues(connection, IssueState.SENT, SHOWN)
    return render_template(
        "newsletter/ask.html", sent=sent, fields=fields or {}, errors=errors or {}, consent=CONSENT, honeypot=HONEYPOT
    )


def shown_body(desk: Desk, issue: NewsletterIssue) -> str:
    """What an issue tells, for a page, as HTML that is safe: `issue_body` has escaped every text of it."""
    return issue_body(issue, desk.public_url)


def own_newsletter_blueprint(desk: Desk) -> Blueprint:
    """One click on the page of one's own account: its address has been proved."""
    pages = Blueprint("own_newsletter", __name__)
    verbs: dict[str, tuple[Callable[..., None], str]] = {
        "abonner": (subscribe_account, "Vous recevrez la prochaine lettre."),
        "quitter": (unsubscribe_account, "Vous ne recevrez plus la lettre."),
    }

    @pages.post("/mon-compte/lettre")
    def choose() -> ResponseReturnValue:
        verb, said = verbs.get(request.form.get("faire", ""), (None, ""))
        if verb is None:
            abort(400)
        verb(desk.acting())
        flash(said, "success")
        return redirect(url_for("account.show"), 303)

    @pages.app_template_global("receives_newsletter")
    def receives() -> bool:
        """Whether the newsletter goes to whoever is signed in."""
        with desk.reading() as connection:
            found = subscriber_of(connection, desk.reader().email.lower())
        return found is not None and found.receives

    @pages.app_template_global("newsletter_consent")
    def consent() -> str:
        """What the click agrees to."""
        return CONSENT

    return pages
