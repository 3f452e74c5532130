"""`svi serve` as a machine runs it: bare, or with sockets handed over as systemd does."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import requests

from service.running.watching.state import read_state
from service.settings import Settings, read_settings
from tests.service.directories import CSV
from tests.service.waiting import eventually

ROOT = Path(__file__).parents[3]
HANDED_OVER = """
import os, sys
numbers, names = sys.argv[1].split(","), sys.argv[2]
high = [os.dup(int(number)) for number in numbers]
for place, number in enumerate(high):
    os.dup2(os.dup(number), 3 + place)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": str(len(numbers)), "LISTEN_FDNAMES": names}
os.execv(sys.executable, [sys.executable, "-m", "service.cli", "serve"])
"""


class Machine:
    """A folder, two ports, and the service that is started there, again and again."""

    def __init__(self, folder: Path, **values: str) -> None:
        self.folder = folder
        csv = folder / "referents.csv"
        csv.write_text(CSV, encoding="utf-8")
        self.port, self.voice_port, engine = free_ports(3)
        chosen = {
            "demo": "1", "port": str(self.port), "voice_port": str(self.voice_port), "engine_port": str(engine),
            "web_workers": "2", "voice_workers": "1", "var_dir": str(folder / "var"), "referents_csv": str(csv),
            **values,
        }  # fmt: skip
        self.settings: Settings = read_settings(**chosen)  # type: ignore[arg-type]
        self.environment = os.environ | {name.upper(): value for name, value in chosen.items()}
        self.environment["PYTHONPATH"] = str(ROOT)

    def start(
        self, *, stdout: int | IO[bytes] = subprocess.DEVNULL, stderr: int | IO[bytes] = subprocess.PIPE,
        handed: Sequence[socket.socket] = (), names: str = "",
    ) -> subprocess.Popen[bytes]:  # fmt: skip
        """The service; with `handed`, those sockets are its own from the beginning."""
        numbers = [one.fileno() for one in handed]
        command = [sys.executable, "-m", "service.cli", "serve"]
        if numbers:
            command = [sys.executable, "-c", HANDED_OVER, ",".join(map(str, numbers)), names]
        return subprocess.Popen(  # noqa: S603 - our own command
            command, env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr,
            pass_fds=numbers,
        )  # fmt: skip

    @contextmanager
    def running(self, **how: object) -> Iterator[subprocess.Popen[bytes]]:
        """The service while the block lasts, once it serves."""
        process = self.start(**how)  # type: ignore[arg-type]
        try:
            eventually(self.serves, 240)
            yield process
        finally:
            stop(process)

    def serves(self) -> bool:
        """Whether both ports answer and every process of the house lives."""
        living = self.pids()
        return {"voix", "web", "greffier", "travaux"} <= living.keys() and all(
            answers(port) for port in (self.port, self.voice_port)
        )

    def pids(self) -> dict[str, int]:
        """The processes by their names, as the supervisor says."""
        return dict(read_state(self.settings.state_dir, "supervisor").get("processes", {}))


def stop(process: subprocess.Popen[bytes]) -> bytes:
    """Tell it to stop, wait, and give what it said on standard error."""
    process.terminate()
    _, said = process.communicate(timeout=120)
    return said or b""


def answers(port: int) -> bool:
    """Whether `/health` answers there."""
    try:
        return requests.get(f"http://127.0.0.1:{port}/health", timeout=5).ok
    except requests.RequestException:
        return False


def free_ports(count: int) -> list[int]:
    """Ports that nobody has now."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(one.getsockname()[1]) for one in held]
    for one in held:
        one.close()
    return ports
