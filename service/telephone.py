"""The telephone as an application of its own: no page, no database, and so little to load that it is back at once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Flask, current_app, has_request_context, jsonify, request
from flask.typing import ResponseReturnValue

from ivr.web import voice_blueprint
from service.clock import now
from service.directory.snapshots import SnapshotFile
from service.pages.doors import guard_telephone
from service.running.health import State, health, inspect
from service.settings import REQUIRED, Settings, read_settings
from service.wiring.telephone import exchange, warm
from service.wiring.worker_journal import WorkerJournal
from voicemail.sounds import SoundStore
from voicemail.web import sounds_blueprint

log = logging.getLogger(__name__)


def create_telephone(settings: Settings, *, clock: Callable[[], datetime] | None = None) -> Flask:
    """The telephone alone; raises SettingsRefused when a setting it needs is missing."""
    settings.require(*REQUIRED)
    app = Flask("service", static_folder=None, template_folder=None)
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    guard_telephone(app, is_https=settings.public_url.startswith("https:"), proxy_hops=settings.proxy_hops)
    answer_calls(app, settings, SnapshotFile(settings.var_dir), clock or now)
    return app


def answer_calls(app: Flask, settings: Settings, snapshot: SnapshotFile, clock: Callable[[], datetime]) -> None:
    """Give `app` the telephone's door, what the operator plays, and what probes ask."""
    journal = WorkerJournal(settings.journal_dir)
    app.extensions["telephone"] = exchange(settings, snapshot, journal, clock)
    app.register_blueprint(voice_blueprint(app.extensions["telephone"]))
    app.register_blueprint(sounds_blueprint(SoundStore(settings.sounds_dir)))
    app.register_blueprint(probes(settings, snapshot, journal, clock))


def application() -> Flask:
    """The telephone of this machine's settings, as its own web server loads it: warm."""
    settings = read_settings(complete=True)
    app = create_telephone(settings)
    make_warm(app, settings)
    return app


def make_warm(app: Flask, settings: Settings, templates: tuple[str, ...] = ()) -> None:
    """Do what the first caller or reader would wait for; whatever stands in the way, they are answered all the same."""
    try:
        warm(app.extensions["telephone"], settings, now())
        for name in app.jinja_env.list_templates(filter_func=lambda name: name.startswith(templates)):
            app.jinja_env.get_template(name)
    except Exception:
        log.exception("Le premier appel attendra : ce qui se prépare d’avance n’a pas pu l’être.")


def in_hand() -> dict[str, str]:
    """What a log line is about: the request, and the call once its form has been read (by whoever checks it first)."""
    if not has_request_context():
        return {}
    known = {"request": str(request.environ.get("svi.request", ""))}
    telephone = current_app.extensions.get("telephone")
    if telephone is not None and request.blueprint == "voice" and "form" in vars(request):
        known["call"] = telephone.operator.call_of(request.form)
    return known


def probes(
    settings: Settings, snapshot: SnapshotFile, journal: WorkerJournal, clock: Callable[[], datetime]
) -> Blueprint:
    """`/health`: what programs ask, at either port."""
    asked = Blueprint("probes", __name__)

    @asked.get("/health")
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

    return asked
