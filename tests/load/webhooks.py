"""What a webhook costs: our telephone beside a bare Flask app and beside a naive one, in one run.

Same server (gunicorn, threads), same number of workers, same loader on loopback, taking turns. Three of ours: the
welcome with its signature checked (facts thrown away), and the same with its facts journalled and synced; both answer
the bytes that the bare app returns from memory. The naive app checks the same signature and commits one row to SQLite.
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
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

TOKEN = "bench-token"
PUBLIC = "https://svi.example.org"
WORKERS = 2
THREADS = 4
LOADERS = 2
CONNECTIONS = 8
SECONDS = 3.0
ROUNDS = 3
FORM = {
    "AccountSid": "AC0123456789abcdef0123456789abcdef",
    "ApiVersion": "2010-04-01",
    "CallSid": "CAaaaaaaaaaaaaaaaaaaaaaaaaaaaa0001",
    "CallStatus": "ringing",
    "Direction": "inbound",
    "From": "+33639981234",
    "Caller": "+33639981234",
    "To": "+33199000156",
    "Called": "+33199000156",
    **{f"{who}{what}": "" for who in ("From", "To", "Caller", "Called") for what in ("City", "State", "Zip")},
    **{f"{who}Country": "FR" for who in ("From", "To", "Caller", "Called")},
}
APPS = {
    "bare Flask, same bytes": "bare",
    "welcome, signature checked": "welcome",
    "welcome, signature checked and journalled": "journalled",
    "naive Flask + SQLAlchemy, one row committed": "naive",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """Requests a second, and how long the median and the slowest hundredth took, in milliseconds."""

    rate: float
    p50: float
    p99: float
    failed: int


def measure(*, keeps: bool, seconds: float = SECONDS, rounds: int = ROUNDS) -> dict[str, Measured]:
    """Each app measured in turns; of its rounds the one of median rate. `keeps`: connections serve many requests."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ports = {title: stack.enter_context(_served(name, folder)) for title, name in APPS.items()}
        for port in ports.values():
            _load(port, 1.0, keeps=keeps)  # warm
        found: dict[str, list[Measured]] = {title: [] for title in APPS}
        for _ in range(rounds):
            for title, port in ports.items():
                found[title].append(_load(port, seconds, keeps=keeps))
    return {title: sorted(each, key=lambda one: one.rate)[len(each) // 2] for title, each in found.items()}


def main() -> None:
    """Print the table and the ratios."""
    print(f"webhooks: {WORKERS} workers x {THREADS} threads, {LOADERS * CONNECTIONS} connections, {ROUNDS} rounds")
    for title, keeps in (("connections kept", True), ("a connection for each request, as most proxies do", False)):
        print(f" {title}")
        _tell(measure(keeps=keeps))


def _tell(measured: dict[str, Measured]) -> None:
    for title, one in measured.items():
        print(f"  {title:45} {one.rate:8.0f} req/s  p50 {one.p50:6.1f} ms  p99 {one.p99:6.1f} ms  failed {one.failed}")
    bare, welcome, journalled, naive = (measured[title].rate for title in APPS)
    print(f"  signature checked / bare   {welcome / bare:5.2f}   (target 0.6 or more)")
    print(f"  journalled / bare          {journalled / bare:5.2f}   (target 0.4 or more)")
    print(f"  journalled / naive         {journalled / naive:5.2f}   (target 3 or more)")


@contextlib.contextmanager
def _served(name: str, folder: Path) -> Iterator[int]:
    """One app behind the production server, on a free port of loopback; stopped at the end."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS)]
    command += ["--worker-class", "gthread", "--threads", str(THREADS), "--no-control-socket", "--log-level", "error"]
    command += [f"tests.load.webhook_apps:{name}()"]
    environ = os.environ | {"BENCH_FOLDER": str(folder / name)}
    process = subprocess.Popen(command, env=environ)
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder / name, ignore_errors=True)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 20) as connection:
            connection.sendall(_request(port))
            if _answer(connection).startswith(b"HTTP/1.1 200"):
                return
        time.sleep(0.05)
    message = "a server of the bench did not start"
    raise RuntimeError(message)


def _load(port: int, seconds: float, *, keeps: bool) -> Measured:
    """Requests without a pause, from processes of their own."""
    with multiprocessing.get_context("spawn").Pool(LOADERS) as pool:
        results = pool.starmap(_hammer, [(port, seconds, keeps)] * LOADERS)
    times = sorted(one for each, _failed in results for one in each)
    failed = sum(failed for _each, failed in results)
    p99 = times[int(len(times) * 0.99)] * 1000
    return Measured(len(times) / seconds, statistics.median(times) * 1000, p99, failed)


def _hammer(port: int, seconds: float, keeps: bool) -> tuple[list[float], int]:
    """One process, several connections, one request in flight on each."""
    import selectors  # noqa: PLC0415 — the loader's own process

    request = _request(port, keeps=keeps)
    waiting = selectors.DefaultSelector()
    begun: dict[socket.socket, float] = {}
    times: list[float] = []
    failed = 0
    for _ in range(CONNECTIONS):
        connection = socket.create_connection(("127.0.0.1", port))
        waiting.register(connection, selectors.EVENT_READ)
        begun[connection] = time.perf_counter()
        connection.sendall(request)
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
            connection.sendall(request)
    for connection in begun:
        connection.close()
    return times, failed


def _answer(connection: socket.socket) -> bytes:
    """One whole answer, by its Content-Length."""
    data = connection.recv(65536)
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return head + body


def _request(port: int, *, keeps: bool = True) -> bytes:
    body = urlencode(FORM).encode()
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/voice", FORM)
    head = (
        f"POST /voice HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\nX-Twilio-Signature: {signature}\r\n"
        f"Connection: {'keep-alive' if keeps else 'close'}\r\n\r\n"
    )
    return head.encode() + body


if __name__ == "__main__":
    main()
