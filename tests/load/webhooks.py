"""What a webhook costs: the real `svi serve` beside bare Flask and beside apps written as tutorials write them.

One run, one kind of server, as many workers and threads, the same loader on loopback, taking turns; every request is of
another call, from another number. Of ours: the whole house (signed, journalled, synced, its clerk working meanwhile),
and beside it the same door without a journal. The tutorials check no signature and store nothing: one welcomes at once,
one looks up whom to ring and forwards. The storing app checks a signature and commits one row to SQLite.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hmac import digest
from multiprocessing.pool import Pool
from pathlib import Path
from typing import cast
from urllib.parse import urlencode

TOKEN = "bench-token"
PUBLIC = "https://svi.example.org"
WORKERS = 2
THREADS = 4
LOADERS = 2
CONNECTIONS = 8
SECONDS = 2.0
ROUNDS = 3
CALLS = 6_000
"""Different calls of each loader, before the first comes again."""

FICTION = ("3363998", "3319900", "3326191", "3335301", "3346571", "3353649")
"""Numbers reserved for fiction, without their last four digits."""

OPEN = "2026-11-24T10:00:00+01:00"
"""A moment at which somebody is there to be rung (a Tuesday)."""

FORM = {
    "AccountSid": "AC0123456789abcdef0123456789abcdef",
    "ApiVersion": "2010-04-01",
    "CallSid": "CAaaaaaaaaaaaaaaaaaaaaaaaaaaa0001",
    "CallStatus": "ringing",
    "Direction": "inbound",
    "From": "+33639981234",
    "Caller": "+33639981234",
    "To": "+33199000156",
    "Called": "+33199000156",
    **{f"{who}{what}": "" for who in ("From", "To", "Caller", "Called") for what in ("City", "State", "Zip")},
    **{f"{who}Country": "FR" for who in ("From", "To", "Caller", "Called")},
}
Asked = tuple[str, dict[str, str]]
WELCOME: Asked = ("/voice", {})
FORWARD: Asked = ("/voice/menu?n=2", {"CallStatus": "in-progress", "Digits": "93", "msg": "Gather"})

HOUSE = "house"


@dataclass(frozen=True, slots=True)
class Peer:
    """What is measured: an app of `webhook_apps`, or the house, asked for one document."""

    title: str
    app: str
    asked: Asked
    says: bytes = b"<Response"


PEERS = {
    "bare": Peer("bare Flask, the bytes of our welcome", "bare", WELCOME),
    "signed": Peer("our door, signature checked, nothing kept", "signed", WELCOME),
    "journalled": Peer("our door and its journal, no clerk beside", "journalled", WELCOME),
    "welcome": Peer("svi serve: welcome", HOUSE, WELCOME, b"<Gather"),
    "their welcome": Peer("tutorial: welcome", "tutorial", WELCOME, b"<Gather"),
    "forward": Peer("svi serve: a typed code, somebody is rung", HOUSE, FORWARD, "Ça sonne".encode()),
    "their forward": Peer("tutorial: a typed code, somebody is rung", "tutorial", FORWARD, b"<Dial"),
    "storing": Peer("Flask + SQLAlchemy: signature, one row committed", "storing", WELCOME),
}
GOALS = (
    ("signed", "bare", 0.75),
    ("journalled", "bare", 0.5),
    ("welcome", "bare", 0.5),
    ("welcome", "their welcome", 1.0),
    ("forward", "their forward", 2.0),
    ("welcome", "storing", 3.0),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """Requests a second, and how long the median and the slowest hundredth took, in milliseconds."""

    rate: float
    p50: float
    p99: float
    failed: int


def measure(*, keeps: bool, seconds: float = SECONDS, rounds: int = ROUNDS) -> dict[str, Measured]:
    """Each peer measured in turns; of its rounds the one of median rate. `keeps`: connections serve many requests."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ports = {app: stack.enter_context(_served(app, folder)) for app in {peer.app: 0 for peer in PEERS.values()}}
        pool = stack.enter_context(multiprocessing.get_context("spawn").Pool(LOADERS))
        found: dict[str, list[Measured]] = {name: [] for name in PEERS}
        for name, peer in PEERS.items():
            _check(ports[peer.app], name)
            _load(pool, ports[peer.app], name, 1.0, keeps=keeps)  # warm
        for _ in range(rounds):
            for name, peer in PEERS.items():
                found[name].append(_load(pool, ports[peer.app], name, seconds, keeps=keeps))
    return {name: sorted(each, key=lambda one: one.rate)[len(each) // 2] for name, each in found.items()}


def main() -> None:
    """Print the table and the ratios."""
    print(f"webhooks: {WORKERS} workers x {THREADS} threads, {LOADERS * CONNECTIONS} connections, {ROUNDS} rounds")
    missed = []
    for title, keeps in (("connections kept", True), ("a connection for each request, as most proxies do", False)):
        print(f" {title}")
        missed += _tell(measure(keeps=keeps))
    if missed:
        raise SystemExit("Missed: " + ", ".join(missed))


def _tell(measured: dict[str, Measured]) -> list[str]:
    """What missed its goal."""
    missed = []
    for name, one in measured.items():
        print(
            f"  {PEERS[name].title:50} {one.rate:7.0f} req/s  p50 {one.p50:6.1f} ms  p99 {one.p99:6.1f} ms"
            f"  failed {one.failed}"
        )
        missed += [f"{name} failed {one.failed} times"] if one.failed else []
    for ours, other, goal in GOALS:
        ratio = measured[ours].rate / measured[other].rate
        print(f"  {ours + ' / ' + other:50} {ratio:7.2f}   (goal {goal} or more)")
        missed += [f"{ours} / {other} {ratio:.2f}"] if ratio < goal else []
    return missed


# ---------------------------------------------------------------- servers


@contextlib.contextmanager
def _served(app: str, folder: Path) -> Iterator[int]:
    """One app behind the server of `svi serve`, or the house itself, on a free port of loopback; stopped at the end."""
    from tests.load.webhook_apps import prepare  # noqa: PLC0415 — the loaders import this module, and need no app

    own = folder / app
    own.mkdir()
    prepare(own)
    with contextlib.ExitStack() as ports:
        port, other = (ports.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1] for _ in range(2))
    command = _house() if app == HOUSE else _server(app, port)
    environ = os.environ | {
        "BENCH_FOLDER": str(own),
        "DEMO": "1",
        "PORT": str(port),
        "ENGINE_PORT": str(other),
        "PUBLIC_URL": PUBLIC,
        "VAR_DIR": str(own),
        "WEB_WORKERS": str(WORKERS),
        "WEB_THREADS": str(THREADS),
        "TWILIO_AUTH_TOKEN": TOKEN,
        "DATABASE_URL": f"sqlite:///{own / 'svi.sqlite'}",
    }
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(40)
        shutil.rmtree(own, ignore_errors=True)


def _house() -> list[str]:
    return [sys.executable, "-m", "service.cli", "serve"]


def _server(app: str, port: int) -> list[str]:
    return [sys.executable, "-m", "tests.load.webhook_apps", app, str(port)]


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 20) as connection:
            connection.sendall(_request("bare", 0, keeps=False))
            if _answer(connection).startswith(b"HTTP/1.1 200"):
                return
        time.sleep(0.1)
    message = "a server of the bench did not start"
    raise RuntimeError(message)


def _check(port: int, name: str) -> None:
    """That a peer says what it is measured for."""
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        connection.sendall(_request(name, 1, keeps=False))
        answer = _answer(connection)
    if PEERS[name].says not in answer:
        message = f"{name} does not say {PEERS[name].says!r}: {answer[:2000]!r}"
        raise RuntimeError(message)


# ---------------------------------------------------------------- the loader


def _load(pool: Pool, port: int, name: str, seconds: float, *, keeps: bool) -> Measured:
    """Requests without a pause, from processes of their own."""
    results = pool.starmap(_hammer, [(port, name, part, seconds, keeps) for part in range(LOADERS)], chunksize=1)
    times = sorted(one for each, _failed in results for one in each)
    failed = sum(failed for _each, failed in results)
    p99 = times[int(len(times) * 0.99)] * 1000
    return Measured(len(times) / seconds, statistics.median(times) * 1000, p99, failed)


@cache
def _requests(name: str, part: int, keeps: bool) -> list[bytes]:
    return [_request(name, part * CALLS + number, keeps=keeps) for number in range(CALLS)]


_NEXT: dict[str, int] = {}
"""Of each peer the next call to be made by this process."""


def _hammer(port: int, name: str, part: int, seconds: float, keeps: bool) -> tuple[list[float], int]:
    """One process, several connections, one request in flight on each."""
    import selectors  # noqa: PLC0415 — the loader's own process

    requests = _requests(name, part, keeps)
    at = _NEXT.get(name, 0)
    waiting = selectors.DefaultSelector()
    begun: dict[socket.socket, float] = {}
    times: list[float] = []
    failed = 0
    for _ in range(CONNECTIONS):
        connection = socket.create_connection(("127.0.0.1", port))
        waiting.register(connection, selectors.EVENT_READ)
        begun[connection] = time.perf_counter()
        connection.sendall(requests[(at := at + 1) % CALLS])
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for key, _ in waiting.select(0.5):
            connection = cast("socket.socket", key.fileobj)
            answer = _answer(connection)
            now = time.perf_counter()
            times.append(now - begun[connection])
            failed += not answer.startswith(b"HTTP/1.1 200")
            if not keeps:
                waiting.unregister(connection)
                del begun[connection]
                connection.close()
                connection = socket.create_connection(("127.0.0.1", port))
                waiting.register(connection, selectors.EVENT_READ)
            begun[connection] = time.perf_counter()
            connection.sendall(requests[(at := at + 1) % CALLS])
    for connection in begun:
        connection.close()
    _NEXT[name] = at
    return times, failed


def _answer(connection: socket.socket) -> bytes:
    """One whole answer, by its Content-Length."""
    data = connection.recv(65536)
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return head + body


def _request(name: str, number: int, *, keeps: bool) -> bytes:
    """The request of the call of this number, signed."""
    address, more = PEERS[name].asked
    caller = f"+{FICTION[number // 10_000 % len(FICTION)]}{number % 10_000:04d}"
    form = FORM | {"CallSid": f"CA{number:032x}", "From": caller, "Caller": caller} | more
    body = urlencode(form).encode()
    signed = f"{PUBLIC}{address}" + "".join(f"{key}{form[key]}" for key in sorted(form))
    signature = b64encode(digest(TOKEN.encode(), signed.encode(), "sha1")).decode()
    head = (
        f"POST {address} HTTP/1.1\r\nHost: svi.example.org\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\nX-Twilio-Signature: {signature}\r\nX-Demo-Moment: {OPEN}\r\n"
        f"Connection: {'keep-alive' if keeps else 'close'}\r\n\r\n"
    )
    return head.encode() + body


if __name__ == "__main__":
    main()
