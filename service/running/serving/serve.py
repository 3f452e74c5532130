"""`svi serve`: the listening sockets, held by the parent, and beside it the processes that make the service."""

from __future__ import annotations

import logging
import shutil
import socket
import sys
import time
from collections.abc import Sequence

from service.clock import now
from service.directory.followed_csv import follow_csv
from service.directory.snapshots import SnapshotFile
from service.logs import tell
from service.running.own_port import seconds_to_answer
from service.running.serving.child import Child
from service.running.serving.sockets import Sockets, open_sockets
from service.running.serving.supervisor import Supervisor
from service.running.serving.systemd import Systemd
from service.running.watching.state import age, read_state, write_state
from service.settings import Settings, SettingsRefused, read_settings

PATIENCE = 5.0
"""Seconds given to the clerk to find the published directory, on a machine that has none yet (decision 23)."""

CALLS_FIRST = 15.0
"""Seconds at most by which the rest starts later: callers who wait in the sockets have the processors to themselves."""

FIRST_WEBS = 2
"""Groups that start at once: the telephone's own, and the first of everything."""

WATCH = "service.running.watchman"
WATCH_AFTER = 15.0
"""Seconds by which the watch starts later: what it looks at is to be up."""

WORKS = (("travaux", "service.running.working.worker"), ("travaux lourds", "service.heavy.process"))
"""What is done beside the calls: the scheduled work, and what people ask for that takes long."""

log = logging.getLogger(__name__)


def serve(settings: Settings, *, with_worker: bool = True) -> None:
    """Serve until a signal stops it; raises ServeRefused when an address cannot be taken."""
    sockets, systemd = open_sockets(settings), Systemd()
    shutil.rmtree(settings.metrics_dir, ignore_errors=True)  # the counts of processes that are gone
    try:
        house = House(settings, sockets, systemd, with_worker=with_worker)
        # With a terminal, SIGHUP says that it has been closed; without one, that there is something new to load.
        renewed = None if sys.stdin is not None and sys.stdin.isatty() else house.renewed
        Supervisor(house.children(), house.look_after, renewed).run()
    finally:
        systemd.stopping()
        sockets.close()


class House:
    """Which processes there are, and what is seen to each second."""

    def __init__(self, settings: Settings, sockets: Sockets, systemd: Systemd, *, with_worker: bool) -> None:
        self._settings = settings
        self._sockets = sockets
        self._systemd = systemd
        self._with_worker = with_worker
        self._snapshot = SnapshotFile(settings.var_dir)
        self._began = time.monotonic()
        self._to_say = [self._say_address, self._say_sign_in]
        self._began_webs = self._began
        self._has_webs = self._is_whole = False

    def children(self) -> list[Child]:
        """Who starts at once: whoever answers calls, or where no directory is there yet the clerk, who finds it."""
        if self._snapshot.current() is None:
            return [self._clerk()]
        return self._webs()[:FIRST_WEBS]

    def _clerk(self) -> Child:
        """It stops last: where the disk goes with the machine, what the telephone wrote is in the database by then."""
        return Child("greffier", _python("service.running.clerk"), stops_last=True)

    def _others(self) -> list[Child]:
        """Whoever answers nobody."""
        found = []
        if self._settings.demo:
            found.append(Child("téléphone simulé", _python("service.wiring.simulator_process"), stays=True))
        if self._with_worker:
            found += [Child(name, _python(module)) for name, module in WORKS]
        found.append(Child("veille", _python(WATCH), starts_at=time.monotonic() + WATCH_AFTER))
        return found

    def renewed(self) -> Sequence[Child] | None:
        """All of them anew, by today's settings and code; None when the settings are refused.

        The clerk comes first: it prepares the database for the code that follows.
        """
        try:
            self._settings = read_settings(complete=True)
        except SettingsRefused as refusal:
            log.error("Rien n’est remplacé : %s", refusal)  # noqa: TRY400 - the sentence says it
            return None
        return [self._clerk(), *(self._webs() if self._has_webs else []), *self._others()]

    def look_after(self, supervisor: Supervisor) -> None:
        """Say who lives; start the web once there is a directory; tell the reader where to look."""
        settings = self._settings
        alive = {child.name: child.process.pid for child in supervisor.children if child.process and child.is_alive}
        kept = {"worker": self._with_worker, "processes": alive, "by_systemd": self._systemd.is_there}
        write_state(settings.state_dir, "supervisor", now(), **kept)
        self._add_whoever_is_due(supervisor)
        if self._is_whole and all(child.serves for child in supervisor.children if child.announces):
            self._systemd.ready()
        if self._is_whole and self._to_say and self._to_say[0](supervisor):
            self._to_say.pop(0)

    def _add_whoever_is_due(self, supervisor: Supervisor) -> None:
        """Whoever answers calls, then, once they do, all the rest."""
        there = {child.name for child in supervisor.children}
        due: list[Child] = []
        if not self._has_webs and self._has_directory():
            self._has_webs, self._began_webs = True, time.monotonic()
            due = self._webs()[:FIRST_WEBS]
        elif self._has_webs and not self._is_whole:
            serves = all(child.serves for child in supervisor.children if child.announces)
            self._is_whole = serves or time.monotonic() > self._began_webs + CALLS_FIRST
            due = [self._clerk(), *self._webs(), *self._others()] if self._is_whole else []
        for child in due:
            if child.name not in there:
                supervisor.add(child)

    def _has_directory(self) -> bool:
        """Whether to open the doors: a directory is there, or nobody but the CSV can give one."""
        if self._snapshot.current() is not None:
            return True
        if time.monotonic() - self._began < PATIENCE:
            return False
        follow_csv(self._snapshot, self._settings, now())
        return True

    def _webs(self) -> list[Child]:
        """The telephone's servers on its own socket, and two groups for everything on the other, workers shared out.

        A group loads the application once and its workers are copies of it: one that is killed is back at once. While
        a whole group starts again the other answers; the telephone's callers have the other socket's.
        """
        settings, workers = self._settings, self._settings.web_workers
        found = []
        if self._sockets.telephone is not None:
            found.append(_group("voix", "service.telephone", settings.voice_workers, self._sockets.telephone))
        found.append(_group("web", "service.app", (workers + 1) // 2, self._sockets.everything))
        if workers > 1:
            found.append(_group("web 2", "service.app", workers // 2, self._sockets.everything))
        return found

    def _say_address(self, _supervisor: Supervisor) -> bool:
        settings = self._settings
        if not _answers(self._sockets.everything):
            return False
        if self._sockets.telephone is None:
            tell(f"Le port {settings.telephone_port} est pris : le téléphone n’a pas de port à lui (VOICE_PORT).")
        tell(f"Le service répond : {settings.public_url}")
        if settings.demo:
            tell(f"Téléphone de démonstration : {settings.public_url}/telephone")
        return True

    def _say_sign_in(self, supervisor: Supervisor) -> bool:
        """Once the database is there; only in demonstration, for the lines let anybody in."""
        clerk = read_state(self._settings.state_dir, "clerk")
        fresh = age(clerk, now()) < time.monotonic() - self._began
        if not self._settings.demo or not fresh or clerk.get("error"):
            return not self._settings.demo
        supervisor.add(Child("liens de connexion", _python("service.accounts.demonstration"), once=True, stays=True))
        return True


def _python(module: str) -> list[str]:
    return [sys.executable, "-m", module]


def _group(name: str, module: str, workers: int, listening: socket.socket) -> Child:
    number = listening.fileno()
    command = [*_python("service.running.serving.group"), module, str(workers), str(number)]
    return Child(name, command, pass_fds=(number,), announces=True)


def _answers(listening: socket.socket) -> bool:
    """Whether a web worker answers on the held socket."""
    host, port = listening.getsockname()[:2]
    return seconds_to_answer(host, port, 1) is not None


def serve_works() -> None:
    """Do the scheduled and the heavy work alone, until a signal stops it: `svi worker`."""
    Supervisor([Child(name, _python(module)) for name, module in WORKS], lambda _supervisor: None).run()
