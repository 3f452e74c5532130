"""What machines ask of the service: `/health`, `/ready`, `/metrics`; from memory and files alone, without waiting."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from service.directory.snapshots import SnapshotFile
from service.running.watching.counted import counted_in, registry_of
from service.running.watching.health import Part, State, health, inspect, is_ready
from service.running.watching.seen_through import HEADER, is_probe, seen
from service.running.watching.told_figures import ToldFigures
from service.settings import Settings
from service.wiring.worker_journal import WorkerJournal

RELAYED = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-Ip", "Forwarded", "Via")
"""Headers by which a relay shows itself: what it passes on comes from outside."""

NO_STORE = {"Cache-Control": "no-store"}


def probes(
    settings: Settings, snapshot: SnapshotFile, journal: WorkerJournal, clock: Callable[[], datetime]
) -> Blueprint:
    """The three addresses."""
    pages = Blueprint("probes", __name__)
    started = clock()

    def parts(now: datetime) -> dict[str, Part]:
        return inspect(
            folder=settings.state_dir,
            journal=settings.journal_dir,
            snapshot=snapshot.current(),
            problem=snapshot.problem,
            failed_appends=journal.failed,
            now=now,
        )

    @pages.get("/health")
    def state() -> ResponseReturnValue:
        now = clock()
        found = health(parts(now))
        status = 503 if found["status"] == State.DOWN else 200
        if is_probe(settings.secret, request.headers.get(HEADER, ""), now):
            found["seen"] = seen(request)
        return jsonify(found), status

    @pages.get("/ready")
    def ready() -> ResponseReturnValue:
        now = clock()
        found = parts(now)
        is_well = is_ready(
            found, folder=settings.state_dir, minutes=settings.ready_minutes, started=started, now=now
        )  # fmt: skip
        return jsonify(health(found)), 200 if is_well else 503, NO_STORE

    @pages.get("/metrics")
    def metrics() -> ResponseReturnValue:
        if not settings.metrics or not _may_read(settings):
            return Response("Cette page n’existe pas, ou plus.\n", 404, mimetype="text/plain")
        told: Any = ToldFigures(settings, parts(clock()), clock())
        text = generate_latest(registry_of(told, _Counted(settings.metrics_dir)))
        return Response(text, content_type=CONTENT_TYPE_LATEST, headers=NO_STORE)

    return pages


class _Counted:
    """What the web processes counted, as the library asks for it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Any:
        """The figures."""
        return counted_in(self._folder)


def _may_read(settings: Settings) -> bool:
    """By the token where one is set; else only whoever asks the port itself, past every relay."""
    token = settings.metrics_token.get_secret_value()
    if token:
        return hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode())
    return not any(name in request.headers for name in RELAYED)
