"""The one assembly file: where the web application is plugged together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Flask, jsonify, render_template
from flask.typing import ResponseReturnValue

from ivr.providers.twilio import Twilio
from ivr.situation import PhoneLine
from ivr.web import Exchange, voice_blueprint
from records.database import open_database
from routing.rules import Rules
from routing.snapshot import Snapshot
from service.auth import current_account
from service.clock import now
from service.demonstration import telephone
from service.doors import guard
from service.health import State, health, inspect
from service.mail import sender
from service.messages import message_desk
from service.pages import register
from service.remembering import caller_memory
from service.settings import REQUIRED, Settings, read_settings
from service.snapshots import SnapshotFile
from service.telling import told_call
from service.tracking import tracking_pages
from service.worker_journal import WorkerJournal
from voicemail.pages import messages_blueprint
from voicemail.sounds import SoundStore
from voicemail.web import sounds_blueprint


def create_app(settings: Settings, *, clock: Callable[[], datetime] | None = None) -> Flask:
    """The web application; raises SettingsRefused when a setting it needs is missing. Touches no database."""
    settings.require(*REQUIRED)
    clock = clock or now
    app = Flask("service", static_folder="static", template_folder="templates")
    app.config.update(_flask_settings(settings))
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    guard(app, is_https=settings.public_url.startswith("https:"), proxy_hops=settings.proxy_hops)

    snapshot = SnapshotFile(settings.var_dir)
    journal = WorkerJournal(settings.journal_dir)
    app.register_blueprint(voice_blueprint(exchange(settings, snapshot, journal, clock)))
    app.register_blueprint(sounds_blueprint(SoundStore(settings.sounds_dir)))
    app.register_blueprint(front(settings, snapshot, journal, clock))
    engine = open_database(settings.database_url)
    if settings.demo:
        app.register_blueprint(telephone(settings, snapshot, engine))
    register(
        app,
        engine=engine,
        settings=settings,
        mail=sender(settings) if settings.mail_url else None,
        clock=clock,
        tell=told_call,
        rooms=(
            tracking_pages(settings, engine, clock),
            messages_blueprint(message_desk(settings, engine, clock, current_account)),
        ),
    )
    return app


def application() -> Flask:
    """The web application of this machine's settings, as the web server loads it."""
    return create_app(read_settings(complete=True))


def exchange(
    settings: Settings, snapshot: SnapshotFile, journal: WorkerJournal, clock: Callable[[], datetime]
) -> Exchange:
    """All that the telephone's door needs. Without any directory it meets an empty one, and apologises."""
    memory = caller_memory(settings)
    memory.load()
    nobody = Snapshot(0, datetime.min.replace(tzinfo=UTC), (), Rules())
    return Exchange(
        operator=Twilio(settings.auth_tokens, settings.public_url, settings.caller_id),
        snapshot=lambda: snapshot.current() or nobody,
        journal=journal,
        clock=clock,
        line=PhoneLine(settings.own_numbers, listens=settings.speech, allows_fiction=settings.demo),
        recall=lambda caller: memory.recall(caller, clock()),
        is_demo=settings.demo,
    )


def front(
    settings: Settings, snapshot: SnapshotFile, journal: WorkerJournal, clock: Callable[[], datetime]
) -> Blueprint:
    """The home page and `/health`."""
    pages = Blueprint("front", __name__)

    @pages.get("/")
    def home() -> str:
        return render_template("home.html", demo=settings.demo)

    @pages.get("/health")
    def state() -> ResponseReturnValue:
        parts = inspect(
            folder=settings.state_dir,
            journal=settings.journal_dir,
            snapshot=snapshot.current(),
            problem=snapshot.problem,
            failed_appends=journal.failed,
            now=clock(),
        )
        found = health(parts)
        return jsonify(found), 503 if found["status"] == State.DOWN else 200

    return pages


def _flask_settings(settings: Settings) -> dict[str, Any]:
    is_https = settings.public_url.startswith("https:")
    return {
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_NAME": "__Host-svi" if is_https else "svi",  # no neighbour of our domain can set it
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": is_https,
    }
