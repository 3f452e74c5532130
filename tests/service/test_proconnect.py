"""Signing in with ProConnect, against a provider that really speaks OpenID Connect over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from tests.service.provider import Provider, running_provider
from tests.support.house import Browser, House, open_house


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        yield running


@pytest.fixture
def house(tmp_path: Path, provider: Provider) -> Iterator[House]:
    made = open_house(
        tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}", proconnect_url=provider.url, proconnect_client_id="svi",
        proconnect_client_secret="secret",
    )  # fmt: skip
    yield made
    made.close()


@pytest.fixture
def browser(house: House) -> Browser:
    return Browser(house.app.test_client())


def go_through(browser: Browser, suite: str = "") -> TestResponse:
    """Press the button, follow the provider's redirect, come back."""
    away = browser.get(f"/proconnect/entrer?suite={suite}")
    back = requests.get(away.location, allow_redirects=False, timeout=5).headers["Location"]
    parts = urlsplit(back)
    return browser.get(f"{parts.path}?{parts.query}")


def test_an_invited_person_enters_and_returns_to_the_page_asked_for(browser: Browser, provider: Provider) -> None:
    assert "S’identifier avec" in browser.get("/connexion").text
    answer = go_through(browser, "/reponses")
    assert (answer.status_code, answer.location) == (303, "/reponses")
    assert browser.get("/a-faire").status_code == 200
    assert provider.problems == []


def test_the_identity_is_kept_when_the_address_changes(browser: Browser, provider: Provider) -> None:
    go_through(browser)
    provider.email = "nouvelle@siao.example"
    assert go_through(browser).status_code == 303


def test_somebody_who_is_not_invited_is_told_whom_to_write_to(browser: Browser, provider: Provider) -> None:
    provider.email = "inconnu@siao.example"
    answer = go_through(browser)
    assert answer.status_code == 403
    assert "n’est pas invitée" in answer.text
    assert browser.get("/a-faire").status_code == 303


@pytest.mark.parametrize(
    "lie",
    [
        {"acr": "eidas1"},
        {"acr": ""},
        {"userinfo_sub": "another"},
        {"audience": "another"},
        {"signs": False},
        {"forged": RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})},
    ],
    ids=["one factor", "no level", "another person", "for another service", "unsigned", "forged"],
)
def test_an_answer_that_is_not_as_it_should_be_lets_nobody_in(
    browser: Browser, provider: Provider, lie: dict[str, object]
) -> None:
    for name, value in lie.items():
        setattr(provider, name, value)
    assert go_through(browser).status_code == 403
    assert browser.get("/a-faire").status_code == 303


def test_a_return_that_was_not_asked_for_lets_nobody_in(browser: Browser) -> None:
    assert browser.get("/proconnect/retour?code=x&state=y").status_code == 403
    assert browser.get("/proconnect/retour?error=access_denied").status_code == 403


def test_a_service_without_proconnect_has_no_such_page(tmp_path: Path) -> None:
    plain = open_house(tmp_path, f"sqlite:///{tmp_path / 'plain.sqlite'}")
    browser = Browser(plain.app.test_client())
    assert browser.get("/proconnect/entrer").status_code == 404
    assert "ProConnect" not in browser.get("/connexion").text
    plain.close()
