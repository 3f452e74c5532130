"""The telephone as an application of its own: no page, no database, and so little to load that it is back at once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from flask import Flask

from ivr.web import VoiceDoor, voice_blueprint
from service.clock import now
from service.directory.snapshots import SnapshotFile
from service.pages.doors import guard_telephone, security_headers
from service.quiet_log import keep_quiet
from service.running.watching.counted import CountedDoor
from service.running.watching.journal_losses import report_to
from service.running.watching.probes import probes
from service.settings import REQUIRED, Settings, read_settings
from service.wiring.telephone import exchange, warm
from service.wiring.worker_journal import WorkerJournal
from voicemail.sounds import SoundStore
from voicemail.web import sounds_blueprint

HEARS_ANYBODY = ("voicemail.web", "service.pages.doors", "ivr.web", "ivr.operator.twilio.forms")
"""Loggers that speak of requests which anybody can send, as often as he likes."""

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
    """Give `app` the telephone's door, before the rest (decision 87), what the operator plays, and what probes ask."""
    keep_quiet(HEARS_ANYBODY)
    journal = WorkerJournal(settings.journal_dir, report_to(settings.state_dir, clock))
    line = exchange(settings, snapshot, journal, clock)
    headers = security_headers(is_https=settings.public_url.startswith("https:"))
    app.extensions["telephone"] = line
    app.extensions["journal"] = journal
    app.wsgi_app = VoiceDoor(app.wsgi_app, line, tuple(headers.items()))  # type: ignore[method-assign]
    if settings.metrics:
        app.wsgi_app = CountedDoor(app.wsgi_app, settings.metrics_dir)  # type: ignore[method-assign]
    app.register_blueprint(voice_blueprint(line))
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
