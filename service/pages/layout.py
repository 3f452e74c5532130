"""The pages for people: the desk, signing in, administration, legal pages; their gate, layout and form guard."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import ServiceUnavailable

from records.database import Connection, Engine, SQLAlchemyError, is_unreachable
from records.desks.accounts import SESSION_LIVES, Account
from records.desks.permissions import Permission, managing
from records.mail import Sender
from routing.calendar.hours import read_hours
from service.accounts.gate import Gate, current_account, page_to_return_to
from service.accounts.letters import NoMail
from service.accounts.powers import why_not_enough
from service.accounts.second_factor.pages import factor_pages
from service.accounts.sign_in import Background, SignIn, in_a_thread
from service.accounts.sign_in import blueprint as sign_in_pages
from service.directory.snapshots import SnapshotFile
from service.pages.administration.home import register_admin
from service.pages.administration.office import Office
from service.pages.doors import explain
from service.pages.field_names import shown_fields
from service.pages.labels import FILTERS
from service.pages.legal import legal
from service.pages.naming import naming
from service.pages.own_account import own_account
from service.pages.own_factor import own_factor
from service.pages.presence import presence_blueprint
from service.pages.privacy.retention import privacy_blueprint
from service.pages.refusals import watch_refusals
from service.pages.state_of_service import state_blueprint
from service.settings import Settings
from service.wiring.numbers import warning_of
from service.wiring.written.attachments import attachments
from service.wiring.written.covering import cover_by
from support.answers.web import answers_blueprint
from support.calls.web import blueprint as call_pages
from support.desk import Desk, Story
from support.downloads.web import downloads_blueprint, files_of
from support.following.desk_pages import links_blueprint
from support.following.web import FollowOffice, follow_blueprint
from support.form.limits import FormLimits
from support.form.opening import FormOffice
from support.form.web import form_blueprint
from support.knowledge.editors.web import editors_blueprint
from support.knowledge.reports.pages import reports_blueprint
from support.knowledge.reports.web import desk_reporting_blueprint, reporting_blueprint
from support.knowledge.web import knowledge_blueprint
from support.newsletter.pages import newsletter_blueprint
from support.newsletter.web import own_newsletter_blueprint, subscription_blueprint
from support.requests.web import requests_blueprint
from support.routes.routing import route_told
from support.worklist.web import answer_to_read, counter, worklist_blueprint

PUBLIC = frozenset({
    "static", "front", "probes", "voice", "sounds", "sign_in", "proconnect", "legal", "telephone", "form", "follow",
    "knowledge", "subscription", "reporting", "quality", "second_factor",
})  # fmt: skip
"""Blueprints (and endpoints) open to anybody; everything else asks for a session."""
GREETING = frozenset({"knowledge", "form"})
"""Public pages that know whoever is signed in, and show him his menu."""
POLLED = frozenset({"worklist.news", "reports.watch_work"})
"""Asked for by open pages on their own: no activity (decision 37)."""
WITHOUT_FORM_TOKEN = ("voice", "telephone")
"""Signed by the operator, or the demonstration's own telephone: no browser form."""
TELLS_NOBODY = frozenset({"follow"})
"""Its pages have a secret address and say `no-referrer`, so that a browser calls their own forms' origin « null »; who
sends such a form knows the secret."""
ONE_CLICK = "subscription.left"
"""What a mailbox asks for itself, without a session: the private link is the proof (RFC 8058)."""

MENU: tuple[tuple[str, str, Permission | None], ...] = (
    ("À faire", "/a-faire", None),
    ("Appels", "/appels/tous", None),
    ("Messages", "/messages", None),
    ("Rappels", "/rappels", None),
    ("Réponses types", "/reponses", None),
    ("Connaissances", "/connaissances", None),
    ("Demandes", "/demandes", None),
    ("Absence", "/absence", None),
    ("Mes résultats", "/resultats", None),
    ("Enquête", "/enquete", None),
    ("Tableau national", "/national", Permission.READ_NATIONAL_FIGURES),
    ("Administration", "/administration", Permission.ADMINISTER),
)
"""Label, address, the permission that it needs. What has no page (yet) is not shown."""


def register(
    app: Flask,
    *,
    engine: Engine,
    settings: Settings,
    mail: Sender | None,
    clock: Callable[[], datetime],
    story: Callable[[Connection, str], Story],
    rooms: Iterable[Blueprint] = (),
    background: Background = in_a_thread,
) -> Gate:
    """Plug the pages into the application; `rooms`: further blueprints of pages, guarded like the rest.

    The gate is open for `PUBLIC` only, so that a page that somebody forgets to guard is closed.
    """
    app.extensions["database"] = engine
    app.permanent_session_lifetime = SESSION_LIVES
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    app.config["WTF_CSRF_SSL_STRICT"] = False  # a browser or a relay may keep the Referer for itself: see the Origin
    csrf = CSRFProtect(app)
    app.before_request(partial(_refuse_foreign_form, urlsplit(settings.public_url).netloc))
    gate = Gate(
        engine, clock, idle=timedelta(minutes=settings.session_idle_minutes),
        workday=timedelta(hours=settings.workday_session_hours), public=PUBLIC, polled=POLLED,
        greeting=GREETING, why_not=partial(why_not_enough, settings),
    )  # fmt: skip
    gate.install(app)
    watch_refusals(app, engine, clock)
    app.register_error_handler(SQLAlchemyError, _without_database)
    _dress(app, settings)
    app.jinja_env.filters["who"] = naming(engine)
    sign_in = SignIn(engine, clock, settings, gate, mail or NoMail(), background)
    office = Office(engine, settings, clock, SnapshotFile(settings.var_dir), sign_in.mail)
    register_admin(app, office)
    app.register_blueprint(privacy_blueprint(office))
    desk = Desk(
        engine, clock, current_account, story, lambda: office.snapshot().rules.usage_holidays,
        allows_fiction=settings.demo, people=lambda: office.snapshot().people,
        national_hours=read_hours(settings.national_hours), secret=settings.secret, public_url=settings.public_url,
        is_covered=cover_by(office.snapshots.current), files=attachments(settings, engine),
    )  # fmt: skip
    limits = FormLimits(settings.form_hourly_address, settings.form_hourly_network)
    form_office = FormOffice(desk, lambda: g.get("account"), limits, settings.request_link_days)
    app.register_error_handler(CSRFError, partial(_refuse_form, gate))
    app.jinja_env.globals.update(
        to_do_count=_to_do_count(counter(desk)), answer_to_read=answer_to_read(desk), files_of=files_of(desk),
        why_there=route_told(desk),
    )  # fmt: skip
    own = (
        worklist_blueprint(desk),
        call_pages(desk),
        answers_blueprint(desk),
        knowledge_blueprint(desk),
        requests_blueprint(desk),
        form_blueprint(form_office),
        follow_blueprint(FollowOffice(desk, settings.request_link_days, settings.form_hourly_network)),
        links_blueprint(desk),
        downloads_blueprint(desk),
        reporting_blueprint(desk, settings.form_hourly_network),
        desk_reporting_blueprint(desk),
        reports_blueprint(desk),
        editors_blueprint(desk),
        subscription_blueprint(desk, settings.form_hourly_network),
        own_newsletter_blueprint(desk),
        newsletter_blueprint(desk),
        sign_in_pages(sign_in),
        factor_pages(sign_in),
        own_factor(sign_in),
        legal(settings, clock),
    )
    for pages in (*own, state_blueprint(office), presence_blueprint(office), own_account(settings, sign_in), *rooms):
        app.register_blueprint(pages)
    if settings.proconnect_client_id:
        from service.accounts.proconnect import blueprint as proconnect_pages  # noqa: PLC0415 - a second of imports for few

        app.register_blueprint(proconnect_pages(app, sign_in))
    for name in WITHOUT_FORM_TOKEN:
        if name in app.blueprints:
            csrf.exempt(app.blueprints[name])
    csrf.exempt(app.view_functions[ONE_CLICK])
    return gate


def _dress(app: Flask, settings: Settings) -> None:
    """Give every template its filters and what the layout shows."""
    vendor = Path(app.static_folder or "") / "vendor"
    has_dsfr, has_htmx = (vendor / "dsfr" / "dsfr.min.css").exists(), (vendor / "htmx.min.js").exists()
    app.jinja_env.filters.update(FILTERS, why_not_callable=warning_of(settings))

    def has_page(path: str) -> bool:
        return any(rule.rule == path for rule in app.url_map.iter_rules())

    def menu() -> list[tuple[str, str]]:
        account: Account | None = g.get("account")
        if account is None:
            return []
        return [
            (label, path)
            for label, path, permission in MENU
            if has_page(path) and (permission is None or account.may(permission))
        ]

    app.jinja_env.globals.update(
        has_page=has_page,
        menu=menu,
        dsfr=has_dsfr,
        has_htmx=has_htmx,
        demo=settings.demo,
        relay={"url": settings.relay_url, "hours": settings.relay_hours} if settings.relay_url else None,
        account=None,
        Permission=Permission,
        managing=managing,
    )

    @app.context_processor
    def _who() -> dict[str, Any]:
        interrupted = shown_fields((g.get("interrupted_form") or {}).items())
        return {"account": g.get("account"), "interrupted": interrupted}


def _to_do_count(count: Callable[[], int]) -> Callable[[], int]:
    """How many lines of « À faire » wait for whoever is signed in; 0 while the database is away."""

    def waiting() -> int:
        if g.get("account") is None:
            return 0
        try:
            return count()
        except SQLAlchemyError as error:
            if not is_unreachable(error):
                raise
            return 0

    return waiting


def _refuse_foreign_form(own: str) -> None:
    """Refuse the form of another site, whatever its token; a browser that names no site is believed on its token."""
    origin = request.headers.get("Origin")
    is_proven = request.blueprint in WITHOUT_FORM_TOKEN or request.endpoint == ONE_CLICK
    if request.method != "POST" or origin is None or is_proven:
        return
    is_untold = origin == "null" and request.blueprint in TELLS_NOBODY
    if is_untold and request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin":
        return
    if origin not in {f"{scheme}://{host}" for scheme in ("http", "https") for host in (own, request.host)}:
        raise CSRFError("another site")


def _refuse_form(gate: Gate, _error: CSRFError) -> ResponseReturnValue:
    """A form without a good token: nothing is done, and what was typed is shown so that it is not lost.

    Where the browser says that the form was ours, it waits on its page as well, for the owner of the session. The
    pages of whoever writes without a session come back themselves (`support.form.web`, `support.following.web`).
    """
    is_ours = request.headers.get("Origin", "").partition("://")[2] == request.host
    back = gate.keep_for_later() if is_ours else page_to_return_to()
    return render_template("refused.html", typed=shown_fields(request.form.items(multi=True)), back=back), 400


def _without_database(error: SQLAlchemyError) -> ResponseReturnValue:
    """The pages need the database, the calls do not: say so when it is away."""
    if not is_unreachable(error):
        raise error
    return explain(ServiceUnavailable())
