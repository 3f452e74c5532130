"""Nobody else may be at work while a backup is put back: the locks of the house say who is, and keep others away."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from records.calls.journal import is_left, journal_files
from service.clock import now
from service.running.backups.manifest import BackupRefused
from service.running.watching.state import age, read_state
from service.settings import Settings

STOPPED_WITHIN = 60.0
"""Seconds that the house has to stop."""

STOP_IT = "systemctl stop svi.socket svi-voice.socket svi"

_FRESH = 5.0
"""Seconds: a supervisor says each second that it lives; an older word may be of a process that is no more."""


def stop_the_house(settings: Settings) -> None:
    """Tell the house of this machine to stop, and wait until it has; nothing happens when none runs.

    BackupRefused where systemd would start it again a second later.
    """
    told = read_state(settings.state_dir, "supervisor")
    if age(told, now()) < _FRESH:
        if told.get("by_systemd"):
            raise BackupRefused(f"systemd relancerait le service : {STOP_IT}, puis recommencez sans --stop.")
        os.kill(int(told["pid"]), signal.SIGTERM)
    deadline = time.monotonic() + STOPPED_WITHIN
    while _at_work(settings) and time.monotonic() < deadline:
        time.sleep(0.2)


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Hold the locks of the clerk and of the jobs; BackupRefused when somebody is at work on this machine."""
    if _at_work(settings):
        raise BackupRefused(
            f"Le service tourne sur cette machine : arrêtez-le d’abord ({STOP_IT}, ou svi restore --stop sans systemd)."
        )
    with ExitStack() as held:
        for path in _locks(settings):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = held.enter_context(path.open("a"))
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BackupRefused("Le service vient de démarrer sur cette machine : arrêtez-le d’abord.") from None
        yield


def _locks(settings: Settings) -> tuple[Path, ...]:
    return (settings.journal_dir / "clerk.lock", settings.state_dir / "jobs.lock")


def _at_work(settings: Settings) -> bool:
    """Whether a clerk, the jobs or a web process of this machine is at work."""
    return any(map(_is_held, _locks(settings))) or not all(map(is_left, journal_files(settings.journal_dir)))


def _is_held(path: Path) -> bool:
    try:
        with path.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
