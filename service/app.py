"""The one assembly file: where the web application is plugged together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Flask, render_template

from records.database import open_database
from service.accounts.gate import current_account
from service.clock import now
from service.directory.snapshots import SnapshotFile
from service.mail import sender_if_any
from service.pages.doors import guard
from service.pages.layout import register
from service.pages.uploads import bound_uploads
from service.settings import REQUIRED, Settings, read_settings
from service.telephone import answer_calls, make_warm
from service.wiring.messages import message_desk
from service.wiring.reports import quality_pages, reports_pages
from service.wiring.simulator import telephone
from service.wiring.story import story_of_call
from voicemail.pages import messages_blueprint

COMPILED_AT_START = ("layout.html", "macros.html", "reports/")
"""Templates of which the first reader would wait longest: those of every page, and those of the dashboards."""


def create_app(settings: Settings, *, clock: Callable[[], datetime] | None = None) -> Flask:
    """The web application; raises SettingsRefused when a setting it needs is missing. Touches no database."""
    settings.require(*REQUIRED)
    clock = clock or now
    app = Flask("service", static_folder="static", template_folder="templates")
    app.config.update(_flask_settings(settings))
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    guard(app, is_https=settings.public_url.startswith("https:"), proxy_hops=settings.proxy_hops)
    bound_uploads(app)

    snapshot = SnapshotFile(settings.var_dir)
    answer_calls(app, settings, snapshot, clock)
    app.register_blueprint(front(settings))
    engine = open_database(settings.database_url)
    if settings.demo:
        app.register_blueprint(telephone(settings, snapshot, engine))
    register(
        app,
        engine=engine,
        settings=settings,
        mail=sender_if_any(settings),
        clock=clock,
        story=story_of_call,
        rooms=(
            reports_pages(settings, engine, clock),
            quality_pages(settings, engine, clock),
            messages_blueprint(message_desk(settings, engine, clock, current_account)),
        ),
    )
    return app


def application() -> Flask:
    """The web application of this machine's settings, as the web server loads it before it answers: warm."""
    settings = read_settings(complete=True)
    app = create_app(settings)
    make_warm(app, settings, COMPILED_AT_START)
    return app


def front(settings: Settings) -> Blueprint:
    """The home page."""
    pages = Blueprint("front", __name__)

    @pages.get("/")
    def home() -> str:
        return render_template("home.html", demo=settings.demo)

    return pages


def _flask_settings(settings: Settings) -> dict[str, Any]:
    is_https = settings.public_url.startswith("https:")
    return {
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_NAME": "__Host-svi" if is_https else "svi",  # no neighbour of our domain can set it
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": is_https,
        "SESSION_REFRESH_EACH_REQUEST": False,  # an answer that changes nothing undoes nothing of a later one
    }
