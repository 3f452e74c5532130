"""Two machines for real: two houses (`svi serve`), two folders, two ports, one PostgreSQL.

Ask for the fixture `two_machines`. Starting costs some ten seconds: few tests, each of which asks much.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from twilio.request_validator import RequestValidator

from service.settings import Settings, read_settings
from tests.service.directories import CSV
from tests.service.test_serve import ROOT, free_port
from tests.service.waiting import eventually

TOKEN = "jeton-des-deux-machines"
KEY = "clef-des-deux-machines-assez-longue-pour-la-production"
ACCOUNT = "ACdemonstration"


@dataclass(frozen=True, slots=True)
class Machine:
    """One of the two: `address` is its own (`http://127.0.0.1:PORT`), `var_dir` its folder."""

    address: str
    var_dir: Path
    settings: Settings
    process: subprocess.Popen[bytes]
    environment: Mapping[str, str]

    def post_voice(self, path: str = "", form: Mapping[str, str] | None = None) -> requests.Response:
        """What is answered to a webhook signed as the operator signs: `path` follows `/voice`, with its query."""
        fields = {"AccountSid": ACCOUNT, **(form or {})}
        url = f"{self.address}/voice{path}"
        signature = RequestValidator(TOKEN).compute_signature(url, fields)
        return requests.post(url, data=fields, headers={"X-Twilio-Signature": signature}, timeout=20)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """One command of `svi` on this machine: its output, its errors, its status."""
        return subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "service.cli", *arguments], env=dict(self.environment), cwd=self.var_dir.parent,
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def health(self) -> Mapping[str, Any]:
        """What `/health` says; empty while nobody answers."""
        try:
            found: Mapping[str, Any] = requests.get(f"{self.address}/health", timeout=5).json()
        except requests.RequestException:
            return {}
        return found

    def is_ready(self) -> bool:
        """Whether it answers calls and its clerk has its database."""
        parts = self.health()
        return bool(parts) and parts["directory"]["state"] == parts["database"]["state"] == "ok"


@contextmanager
def machine(folder: Path, database_url: str, **more: str) -> Iterator[Machine]:
    """One machine of its own folder on a database that others share; `more` are settings by their names."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "referents.csv").write_text(CSV, encoding="utf-8")
    port = free_port()
    values = {
        "demo": "1", "port": str(port), "var_dir": str(folder / "var"), "web_workers": "1",
        "referents_csv": str(folder / "referents.csv"), "database_url": database_url, "secret_key": KEY,
        "twilio_account_sid": ACCOUNT, "twilio_auth_token": TOKEN, **more,
    }  # fmt: skip
    environment = os.environ | {name.upper(): value for name, value in values.items()} | {"PYTHONPATH": str(ROOT)}
    with (folder / "journal.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "service.cli", "serve"], env=environment, cwd=folder, stdout=log, stderr=log
        )
    settings = read_settings(**values)  # type: ignore[arg-type]
    try:
        yield Machine(f"http://127.0.0.1:{port}", folder / "var", settings, process, environment)
    finally:
        process.terminate()
        process.wait(timeout=60)


@pytest.fixture
def two_machines(empty_postgres: str, tmp_path: Path) -> Iterator[tuple[Machine, Machine]]:
    """Two houses that answer, on one database."""
    with ExitStack() as both:
        first, second = (both.enter_context(machine(tmp_path / name, empty_postgres)) for name in ("une", "autre"))
        for one in (first, second):
            eventually(one.is_ready, 200)
        yield first, second
