"""`make chaos`: the real service under calls while its processes are killed and its database is locked.

`svi serve` runs in demonstration under a folder of its own. For a bounded time callers arrive at a steady rate; each
plays six signed webhooks, sent again when the connection fails, as the operator does. Meanwhile web workers and the
clerk are killed and the SQLite file is held by a writer. At the end the ledger must hold exactly the calls that were
made, ended, once each, with the seconds that were told.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag

import requests
from twilio.request_validator import RequestValidator

TOKEN = "chaos-token"
SECONDS = 40
CALLS_A_SECOND = 8
SEED = 7
TIMEOUT = 5.0
HEAL = 30.0


@dataclass
class Truth:
    """What the callers lived through."""

    made: dict[str, int] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    retried: int = 0
    failed: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Service:
    """`svi serve`, on a free port, with data of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
            port, engine_port = one.getsockname()[1], other.getsockname()[1]
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}"
        self.environ = os.environ | {
            "DEMO": "1",
            "PORT": str(port),
            "ENGINE_PORT": str(engine_port),
            "VAR_DIR": str(folder),
            "TWILIO_AUTH_TOKEN": TOKEN,
            "DATABASE_URL": f"sqlite:///{folder / 'svi.sqlite'}",
        }
        self.process = subprocess.Popen([self._svi, "serve"], env=self.environ, stdout=subprocess.DEVNULL)
        wait_until(self._answers)

    @property
    def _svi(self) -> str:
        return str(Path(sys.executable).parent / "svi")

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/health", timeout=2).ok
        except requests.RequestException:
            return False

    def processes(self) -> dict[str, int]:
        """The processes by their names, as the supervisor says."""
        state = json.loads((self.folder / "state" / "supervisor.json").read_text("utf-8"))
        return dict(state["processes"])

    def web_workers(self) -> list[int]:
        """The web server's own children."""
        pid = self.processes().get("web")
        children = Path(f"/proc/{pid}/task/{pid}/children")
        return [int(one) for one in children.read_text("utf-8").split()] if pid and children.exists() else []

    def calls(self) -> list[dict[str, Any]]:
        """The ledger, by the command line."""
        command = [self._svi, "calls", "list", "--json"]
        told = subprocess.run(command, env=self.environ, capture_output=True, text=True, check=True)
        return list(json.loads(told.stdout))

    def stop(self) -> None:
        """Stop as a person does."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)


def main() -> None:
    """Run, print what was seen, and exit with 1 when a call is missing, doubled or unfinished."""
    dice = random.Random(SEED)
    truth = Truth()
    with tempfile.TemporaryDirectory() as name:
        service = Service(Path(name))
        try:
            kills = _storm(service, truth, dice)
            rows = _healed(service, truth)
        finally:
            service.stop()
    _report(truth, rows, kills)


def _storm(service: Service, truth: Truth, dice: random.Random) -> dict[str, int]:
    done = {"web worker killed": 0, "clerk killed": 0, "database held (s)": 0}
    end = time.monotonic() + SECONDS
    with ThreadPoolExecutor(24) as callers:
        breaker = threading.Thread(target=_break, args=(service, dice, end, done))
        breaker.start()
        for number in range(SECONDS * CALLS_A_SECOND):
            callers.submit(_call, service.url, number, truth)
            time.sleep(1 / CALLS_A_SECOND)
        breaker.join()
    return done


def _break(service: Service, dice: random.Random, end: float, done: dict[str, int]) -> None:
    while time.monotonic() < end - 5:
        time.sleep(1.5)
        what = dice.choice(["worker", "worker", "clerk", "database"])
        if what == "worker" and (workers := service.web_workers()):
            _kill(dice.choice(workers))
            done["web worker killed"] += 1
        elif what == "clerk" and (clerk := service.processes().get("greffier")):
            _kill(clerk)
            done["clerk killed"] += 1
        elif what == "database":
            done["database held (s)"] += _hold(service.folder / "svi.sqlite", 3)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _hold(path: Path, seconds: int) -> int:
    """A writer that keeps the whole database for itself."""
    connection = sqlite3.connect(path, timeout=5, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
        time.sleep(seconds)
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return 0
    finally:
        connection.close()
    return seconds


def _call(url: str, number: int, truth: Truth) -> None:
    """One caller: the welcome, a code, silence, nobody answers, silence twice, the end."""
    sid = f"CA{number:032d}"
    base = {"CallSid": sid, "From": f"+336399{80000 + number % 10000:05d}"[:12], "To": "+33199000156"}
    answer = _post(url, "/voice", base | {"CallStatus": "ringing"}, truth)
    inputs: list[dict[str, str]] = [{"Digits": "59"}, {"Digits": ""}]
    for step in inputs:
        answer = _post(url, _next(answer, url), base | {"CallStatus": "in-progress"} | step, truth)
    for _ in range(6):
        address = _next(answer, url)
        if not address.startswith("/voice/ring"):
            break
        ended = {"DialCallStatus": "no-answer", "DialBridged": "false", "DialCallSid": f"{sid}leg"}
        answer = _post(url, address, base | {"CallStatus": "in-progress"} | ended, truth)
    with truth.lock:
        truth.made[sid] = 20 + number % 100
    end = {"CallStatus": "completed", "CallDuration": str(truth.made[sid])}
    _post(url, "/voice/status", base | end, truth)


def _next(answer: str, url: str) -> str:
    found = [one.attrib["action"] for one in ET.fromstring(answer).iter() if "action" in one.attrib]  # noqa: S314
    return urldefrag(found[0]).url.removeprefix(url) if found else "/voice/menu?n=2"


def _post(url: str, address: str, form: dict[str, str], truth: Truth) -> str:
    """One webhook with two more tries, as its address asks when the connection fails or the answer is an error."""
    signature = RequestValidator(TOKEN).compute_signature(url + address, form)
    began = time.perf_counter()
    for attempt in range(3):
        try:
            answer = requests.post(url + address, data=form, headers={"X-Twilio-Signature": signature}, timeout=TIMEOUT)
        except requests.RequestException:
            with truth.lock:
                truth.retried += 1
            continue
        if answer.ok:
            with truth.lock:
                truth.seconds.append(time.perf_counter() - began)
            return answer.text or "<Response/>"
        with truth.lock:
            truth.retried += attempt == 0
    with truth.lock:
        truth.failed += 1
    return "<Response/>"


def _healed(service: Service, truth: Truth) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []

    def all_there() -> bool:
        nonlocal rows
        try:
            rows = service.calls()
        except subprocess.CalledProcessError:
            return False
        return len(rows) >= len(truth.made) and all(row["outcome"] != "in_progress" for row in rows)

    wait_until(all_there, HEAL, must=False)
    return rows


def wait_until(is_so: Callable[[], bool], seconds: float = 30.0, *, must: bool = True) -> None:
    """Look every half second, at most so long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_so():
            return
        time.sleep(0.5)
    if must:
        message = "the service did not come up"
        raise RuntimeError(message)


def _report(truth: Truth, rows: list[dict[str, Any]], done: dict[str, int]) -> None:
    ids = [row["call_id"] for row in rows]
    missing = set(truth.made) - set(ids)
    doubled = len(ids) - len(set(ids))
    wrong = [row["call_id"] for row in rows if row["total_seconds"] != truth.made.get(row["call_id"])]
    times = sorted(truth.seconds)
    print(f"chaos: {len(truth.made)} calls in {SECONDS} s, seed {SEED}; {done}")
    print(f"  webhooks answered {len(times)}, tried again {truth.retried}, never answered {truth.failed}")
    print(f"  p50 {times[len(times) // 2] * 1000:.1f} ms, p99 {times[int(len(times) * 0.99)] * 1000:.1f} ms")
    print(f"  missing {len(missing)}, doubled {doubled}, with other seconds than the operator's {len(wrong)}")
    sys.exit(1 if missing or doubled or wrong or truth.failed else 0)


if __name__ == "__main__":
    main()
