"""A real browser before a real server on loopback; where Chromium is missing a line says that nothing was looked at."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.browser.serving import letting_go
from tests.support.house import House, open_house

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
expect.set_options(timeout=15_000)
"""Milliseconds: two browsers and two databases on two processors may keep a right answer waiting."""

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder, and skip them where there is no Chromium."""
    folder = Path(__file__).parent
    for item in items:
        if folder in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM.exists():
                item.add_marker(pytest.mark.skip(reason=f"no Chromium at {CHROMIUM}: no page was looked at"))


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@dataclass
class Served:
    """A house whose pages a browser can open."""

    house: House
    url: str

    def enter(self, page: Page, email: str = "camille@siao.example", path: str = "/a-faire") -> None:
        """Sign in as a person does: open the link, press the button."""
        page.goto(self.url + self.house.link(email, path))
        page.get_by_role("button", name="Entrer dans mon espace").click()
        page.wait_for_url(f"**{path}")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """The application on a loopback port."""
    house = open_house(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}")
    server = make_server("127.0.0.1", 0, letting_go(house.app), threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Served(house, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()
    house.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of the session."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def opened(chromium: Browser, problems: list[str], **options: object) -> BrowserContext:
    """A new window; what its console complains of is added to `problems`."""
    context = chromium.new_context(locale="fr-FR", **options)  # type: ignore[arg-type]
    context.set_default_timeout(30_000)
    context.on("console", lambda told: problems.append(told.text) if _is_ours(told) else None)
    context.on("weberror", lambda told: problems.append(str(told.error)))
    return context


def _is_ours(told: ConsoleMessage) -> bool:
    """Whether it is a mistake of the page: a refusal that a test asked for (409, 404) is told by the browser too."""
    return told.type == "error" and "the server responded with a status of 4" not in told.text


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A window of ordinary size; the test fails when its console complains (a script error, the content policy)."""
    problems: list[str] = []
    context = opened(chromium, problems, viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()
    assert problems == []
