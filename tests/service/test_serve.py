"""`svi serve` as a machine runs it: real processes, killed by their own ids, on a real port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import requests

from service.clock import now
from service.running.watching.checks import check_front_door, check_processes
from service.running.watching.finding import Check
from service.running.watching.state import read_state
from service.settings import Settings, read_settings
from tests.service.directories import CSV
from tests.service.waiting import eventually

ROOT = Path(__file__).parents[2]
AWAY = "postgresql://nobody@127.0.0.1:9/away"


class Service:
    """The running service, and what can be asked of it."""

    def __init__(self, process: subprocess.Popen[str], settings: Settings) -> None:
        self.process = process
        self.settings = settings

    def health(self) -> Mapping[str, Any]:
        """What `/health` says; empty while nobody answers."""
        try:
            found: Mapping[str, Any] = requests.get(f"{self.settings.public_url}/health", timeout=5).json()
        except requests.RequestException:
            return {}
        return found

    def pid(self, name: str) -> int:
        """The process of that name as the supervisor knows it, 0 when it does not live."""
        return int(read_state(self.settings.state_dir, "supervisor").get("processes", {}).get(name, 0))

    def has_another(self, name: str, than: int) -> bool:
        """Whether a new process of that name lives."""
        return self.pid(name) not in {0, than}


def free_port() -> int:
    """A port whose follower is free too: the demonstration's telephone takes it."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as first:
            port = int(first.getsockname()[1])
            try:
                socket.create_server(("127.0.0.1", port + 1)).close()
            except OSError:
                continue
            return port


@contextmanager
def served(folder: Path, *options: str, **values: str) -> Iterator[Service]:
    csv = folder / "referents.csv"
    csv.write_text(CSV, encoding="utf-8")
    chosen = {
        "demo": "1",
        "port": str(free_port()),
        "var_dir": str(folder / "var"),
        "referents_csv": str(csv),
        **values,
    }
    settings = read_settings(**chosen)  # type: ignore[arg-type]
    environment = os.environ | {name.upper(): value for name, value in chosen.items()} | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "service.cli", "serve", *options], env=environment, cwd=folder, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    service = Service(process, settings)
    try:
        eventually(service.health, 60)
        yield service
    finally:
        process.terminate()
        process.communicate(timeout=60)


def processes_of(folder: Path) -> list[int]:
    """The processes whose environment names this folder: the children of one service, whatever their parent."""
    mark = f"VAR_DIR={folder / 'var'}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def told_by(check: Check, settings: Settings) -> list[str]:
    return [finding.sentence for finding in check(settings, now())]


def test_everything_comes_up_says_so_in_french_and_stops(tmp_path: Path) -> None:
    with served(tmp_path) as service:
        url = service.settings.public_url
        assert service.process.stdout is not None
        assert service.process.stdout.readline() == f"Le service répond : {url}\n"
        assert service.process.stdout.readline() == f"Téléphone de démonstration : {url}/telephone\n"
        eventually(lambda: service.health().get("status") == "ok", 60)
        assert requests.get(f"{url}/", timeout=5).status_code == 200
        assert requests.get(f"{url}/telephone", timeout=5).status_code == 200
        assert told_by(check_front_door, service.settings) == ["une demande signée entre par l’adresse publique"]
        elsewhere = service.settings.model_copy(update={"public_url": url.replace("127.0.0.1", "localhost")})
        assert "est refusée : PUBLIC_URL ou le relais change l’adresse" in told_by(check_front_door, elsewhere)[0]
        assert told_by(check_processes, service.settings) == ["travaille", "tournent"]
        eventually(lambda: read_state(service.settings.state_dir, "watch").get("alerts") == {"state": "ok"}, 60)
        service.process.send_signal(signal.SIGINT)
        _, errors = service.process.communicate(timeout=60)
    assert service.process.returncode == 0
    assert "Traceback" not in errors
    assert processes_of(tmp_path) == []


def test_whoever_is_killed_is_started_again_and_nobody_is_left_behind(tmp_path: Path) -> None:
    """While the web server restarts no request is refused: the parent holds the socket, callers wait in it."""
    with served(tmp_path) as service:
        for name in ("greffier", "travaux", "web"):
            eventually(partial(service.pid, name))
            killed = service.pid(name)
            os.kill(killed, signal.SIGKILL)
            assert requests.get(f"{service.settings.public_url}/health", timeout=60).status_code == 200
            eventually(partial(service.has_another, name, killed))
        eventually(lambda: service.health().get("status") == "ok", 60)
        service.process.kill()
        service.process.wait()
        eventually(lambda: not processes_of(tmp_path), 60)


def test_with_the_database_away_at_the_start_calls_are_answered(tmp_path: Path) -> None:
    """And the scheduled work, left out on purpose, is no illness."""
    with served(tmp_path, "--no-worker", database_url=AWAY) as service:
        parts = service.health()
        assert (parts["directory"]["state"], parts["database"]["state"]) == ("ok", "down")
        assert (parts["worker"]["state"], service.pid("travaux")) == ("off", 0)
        assert requests.post(f"{service.settings.public_url}/voice", timeout=5).status_code == 403


def test_a_port_that_is_taken_is_said_with_status_one(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        environment = os.environ | {"DEMO": "1", "PORT": str(port), "VAR_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-m", "service.cli", "serve"], env=environment, cwd=tmp_path, capture_output=True,
            text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith(f"L’adresse 127.0.0.1:{port} ne peut pas être prise")
