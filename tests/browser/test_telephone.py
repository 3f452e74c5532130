"""The page « Téléphone de démonstration » in a real browser: a call from its first word to its row."""

from __future__ import annotations

import random
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from records.calls.clerk import Clerk
from records.database import open_database, writing
from records.schema.tables import metadata
from routing.departements import timezone_of
from routing.directory.reading import read_directory
from routing.rules import Rules
from routing.snapshot import Snapshot
from service.app import create_app
from service.clock import now
from service.directory.snapshots import SnapshotFile
from service.settings import Settings
from service.wiring.simulator import account, fiction_caller
from simulator.calls.engine import SimulatedOperator
from simulator.calls.leg import NumberSetup
from simulator.doors.host import host_app
from simulator.world.clock import WallTime
from tests.browser.serving import letting_go
from tests.calls.people import DIRECTORY

AXE = Path(__file__).parents[2] / "service" / "static" / "vendor" / "axe.min.js"
PATIENCE = 20_000


@contextmanager
def served(app: Any) -> Iterator[int]:
    """The application on loopback; several requests at once."""
    server = make_server("127.0.0.1", 0, letting_go(app), threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def demonstration() -> Iterator[str]:
    """The service, its engine and its clerk, as `svi serve` starts them; the address of the service."""
    attached: list[Any] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        time = WallTime()
        stack.callback(time.close)
        port = stack.enter_context(served(lambda *request: attached[0](*request)))  # noqa: PLW0108 - attached below
        url = f"http://127.0.0.1:{port}"
        made_up = {"demo": True, "var_dir": folder, "public_url": url, "secret_key": "made-up-secret-key", "port": port}
        settings = Settings.model_validate({**made_up, "twilio_auth_token": "made-up-token"})
        line = NumberSetup(
            settings.caller_id, f"{url}/voice", f"{url}/voice/fallback", f"{url}/voice/status", frozenset()
        )
        line.numbers = settings.own_numbers
        operator = SimulatedOperator(time, account(settings), line, dice=random.Random(1))
        engine_port = stack.enter_context(served(host_app(operator, fiction_caller)))
        settings = settings.model_copy(update={"engine_port": engine_port})
        people = read_directory(DIRECTORY.encode(), secret=settings.secret, allow_fiction=True)
        SnapshotFile(folder).write(Snapshot(1, now(), people, Rules()))
        attached.append(create_app(settings))
        stack.enter_context(clerk(settings))
        yield url


@contextmanager
def clerk(settings: Settings) -> Iterator[None]:
    """The clerk at work beside the service."""
    engine = open_database(settings.database_url)
    with writing(engine) as connection:
        metadata.create_all(connection)
    stop = threading.Event()
    work = Clerk(settings.journal_dir, engine, timezone_of, clock=now)
    thread = threading.Thread(target=work.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        engine.dispose()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with demonstration() as url:
        context = chromium.new_context(locale="fr-FR", viewport={"width": 360, "height": 740})
        page = context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto(f"{url}/telephone")
        yield page
        assert complaints == []
        context.close()


def test_somebody_calls_the_national_team_and_takes_the_call(page: Page) -> None:
    page.click("#tel-call")
    page.wait_for_selector("text=Bonjour", timeout=PATIENCE)
    page.keyboard.press("*")
    page.keyboard.press("#")
    page.click("text=Répondre", timeout=PATIENCE)
    page.wait_for_selector(".tel-phone[data-state=screened] >> text=Pour prendre l'appel", timeout=PATIENCE)
    page.click("text=prendre l’appel")
    page.wait_for_selector("text=En communication avec Inès Roussel.", timeout=PATIENCE)
    page.click("#tel-end")
    page.wait_for_selector("#tel-row[data-outcome=answered]", timeout=PATIENCE)
    assert "Inès Roussel" in page.inner_text("#tel-row")
    assert "A pris l’appel" in page.inner_text("#tel-attempts")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.skipif(not AXE.exists(), reason="the web assets are not installed")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible_while_a_telephone_rings(page: Page, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.click("#tel-call")
    page.wait_for_selector("text=Bonjour", timeout=PATIENCE)
    page.keyboard.press("*")
    page.keyboard.press("*")
    page.wait_for_selector(".tel-phone[data-state=ringing]", timeout=PATIENCE)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})")
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]] == []
    page.click("#tel-end")
