"""`svi serve`: the listening socket, held by the parent, and beside it the processes that make the service."""

from __future__ import annotations

import http.client
import logging
import socket
import sys
import time
from pathlib import Path

import click

from service.clock import now
from service.directory.followed_csv import follow_csv
from service.directory.snapshots import SnapshotFile
from service.running.serving.supervisor import Child, Supervisor
from service.running.watching.state import age, read_state, write_state
from service.settings import Settings
from service.system_errors import in_french

BACKLOG = 1024
"""Callers who wait in the socket while a web process restarts."""

PATIENCE = 5.0
"""Seconds given to the clerk to find the published directory, on a machine that has none yet (decision 23)."""

CALLS_FIRST = 2.0
"""Seconds by which the rest starts later, so that the first web server has the processor to itself."""

log = logging.getLogger(__name__)


class ServeRefused(Exception):  # noqa: N818 - named as what happened
    """The service cannot start; the French reason."""


def serve(settings: Settings, *, with_worker: bool = True) -> None:
    """Serve until a signal stops it; raises ServeRefused when the address cannot be taken."""
    with _listening_socket(settings) as listening:
        house = House(settings, listening, with_worker=with_worker)
        Supervisor(house.children(), house.look_after).run()


class House:
    """Which processes there are, and what is seen to each second."""

    def __init__(self, settings: Settings, listening: socket.socket, *, with_worker: bool) -> None:
        self._settings = settings
        self._listening = listening
        self._with_worker = with_worker
        self._snapshot = SnapshotFile(settings.var_dir)
        self._began = time.monotonic()
        self._to_say = [self._say_address, self._say_sign_in]
        self._serves = False

    def children(self) -> list[Child]:
        """The processes in the order in which they start; the clerk, which empties the journal, stops last."""
        found = [Child("greffier", _python("service.running.clerk"))]
        if self._settings.demo:
            found.append(Child("téléphone simulé", _python("service.wiring.simulator_process")))
        if self._with_worker:
            found.append(
                Child("travaux", _python("service.running.working.worker"), starts_at=time.monotonic() + CALLS_FIRST)
            )
        return found

    def look_after(self, supervisor: Supervisor) -> None:
        """Say who lives; start the web once there is a directory; tell the reader where to look."""
        settings = self._settings
        alive = {child.name: child.process.pid for child in supervisor.children if child.process and child.is_alive}
        write_state(settings.state_dir, "supervisor", now(), worker=self._with_worker, processes=alive)
        if not self._serves and self._has_directory():
            self._serves = True
            for web in self._webs():
                supervisor.add(web)
        if self._serves and self._to_say and self._to_say[0](supervisor):
            self._to_say.pop(0)

    def _has_directory(self) -> bool:
        """Whether to open the doors: a directory is there, or nobody but the CSV can give one."""
        if self._snapshot.current() is not None:
            return True
        if time.monotonic() - self._began < PATIENCE:
            return False
        follow_csv(self._snapshot, self._settings, now())
        return True

    def _webs(self) -> list[Child]:
        """Two web servers on the one socket, the workers shared out: while one starts again the other answers."""
        workers = self._settings.web_workers
        first, second = self._web("web", (workers + 1) // 2), self._web("web 2", workers // 2)
        second.starts_at = time.monotonic() + CALLS_FIRST
        return [first, second] if workers > 1 else [first]

    def _web(self, name: str, workers: int) -> Child:
        settings = self._settings
        number = self._listening.fileno()
        options = {
            "--bind": f"fd://{number}",
            "--worker-class": "gthread",
            "--workers": str(workers),
            "--threads": str(settings.web_threads),
            "--timeout": "30",
            "--graceful-timeout": "20",
            "--keep-alive": "30",
            "--log-level": settings.log_level.lower(),
        }
        if Path("/dev/shm").is_dir():  # noqa: S108 - a slow disk must not look like a worker that hangs
            options["--worker-tmp-dir"] = "/dev/shm"  # noqa: S108
        words = [word for option in options.items() for word in option]
        command = [*_python("gunicorn"), *words, "--preload", "--no-control-socket", "service.app:application()"]
        return Child(name, command, pass_fds=(number,))

    def _say_address(self, _supervisor: Supervisor) -> bool:
        settings = self._settings
        if not _answers(settings):
            return False
        click.echo(f"Le service répond : {settings.public_url}")
        if settings.demo:
            click.echo(f"Téléphone de démonstration : {settings.public_url}/telephone")
        return True

    def _say_sign_in(self, supervisor: Supervisor) -> bool:
        """Once the database is there; only in demonstration, for the lines let anybody in."""
        clerk = read_state(self._settings.state_dir, "clerk")
        fresh = age(clerk, now()) < time.monotonic() - self._began
        if not self._settings.demo or not fresh or clerk.get("error"):
            return not self._settings.demo
        supervisor.add(Child("liens de connexion", _python("service.accounts.demonstration"), once=True))
        return True


def _python(module: str) -> list[str]:
    return [sys.executable, "-m", module]


def _listening_socket(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG)
    except OSError as error:
        address = f"{settings.host}:{settings.port}"
        raise ServeRefused(f"L’adresse {address} ne peut pas être prise ({in_french(error)}) : changez PORT.") from None


def _answers(settings: Settings) -> bool:
    """Whether a web worker answers on the held socket."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - read, not bound
    connection = http.client.HTTPConnection(host, settings.port, timeout=1)
    try:
        connection.request("GET", "/health")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True
