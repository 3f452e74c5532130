"""The watch's process: looks every fifteen seconds, whatever else is dead, and tells whoever has to know."""

from __future__ import annotations

import logging
import socket
import threading

from records.database import open_database
from service.clock import now
from service.directory.snapshots import SnapshotFile
from service.logs import start_logging
from service.mail import sender_if_any
from service.running.own_port import seconds_to_answer
from service.running.serving.stopping import stop_event
from service.running.watching.state import read_state
from service.running.watching.telling.certificate import certificate_of
from service.running.watching.telling.watch import Means, Watch
from service.settings import Settings, read_settings

EACH = 15.0
"""Seconds between two looks."""

FIRST_AFTER = 5.0
TELEPHONE = "voix"
"""The processes of the telephone alone, where they have a port of their own."""

TOO_LATE = 15.0
"""Seconds after which the operator gives up."""

log = logging.getLogger(__name__)


def door_seconds(settings: Settings) -> float | None:
    """In how many seconds the telephone's port answers; None: not in 15."""
    processes = read_state(settings.state_dir, "supervisor").get("processes") or {}
    port = settings.telephone_port if TELEPHONE in processes else settings.port
    return seconds_to_answer(settings.host, port, TOO_LATE)


def watch_of(settings: Settings) -> Watch:
    """The watch by this machine's settings."""
    snapshot = SnapshotFile(settings.var_dir)
    return Watch(
        Means(
            settings, open_database(settings.database_url), now, socket.gethostname(), snapshot.current,
            sender_if_any(settings), lambda: door_seconds(settings), certificate_of,
        )
    )  # fmt: skip


def main() -> None:
    """Watch until told to stop, then stop at once, whatever is being waited for."""
    settings = read_settings(complete=True)
    start_logging(settings.log_level, settings.log_format)
    stop = stop_event()
    threading.Thread(target=_keep_looking, args=[watch_of(settings), stop], daemon=True).start()
    stop.wait()


def _keep_looking(watch: Watch, stop: threading.Event) -> None:
    """Look again and again; a look that fails is said, and the next one comes."""
    pause = FIRST_AFTER
    while not stop.wait(pause):
        pause = EACH
        try:
            watch.look()
        except Exception:
            log.exception("La veille a échoué.")


if __name__ == "__main__":
    main()
