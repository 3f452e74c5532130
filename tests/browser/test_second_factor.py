"""The second factor in a browser without script, on a telephone: enrolled, kept, asked for; axe finds nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from service.accounts.second_factor.codes import code_of
from tests.browser.conftest import Served, opened
from tests.browser.test_accessibility import AXE, RUN, SACHA


def complaints(page: Page) -> list[object]:
    """What axe finds on the page that stands open."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[object] = page.evaluate(RUN)
    return found


def code_now(served: Served, key: str, steps: int = 0) -> str:
    return code_of(key, int(served.house.clock().timestamp()) // 30 + steps)


@pytest.mark.skipif(not AXE.exists(), reason="make assets has not installed axe-core")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_second_factor_is_enrolled_and_asked_for(served: Served, chromium: Browser, scheme: str) -> None:
    object.__setattr__(served.house.settings, "privileged_sign_in", "totp")
    problems: list[str] = []
    context = opened(chromium, problems, color_scheme=scheme, viewport={"width": 360, "height": 740})
    page, found, wide = context.new_page(), {}, {}

    def looked_at(name: str) -> None:
        found[name] = complaints(page)
        wide[name] = page.evaluate("document.documentElement.scrollWidth") > 360

    page.goto(served.url + served.house.link(SACHA))
    looked_at("confirming")
    page.get_by_role("button", name="Entrer dans mon espace").click()
    expect(page.get_by_role("heading", name="Enregistrer un second facteur")).to_be_visible()
    looked_at("enrolling")
    key = page.locator("code.secret").inner_text().replace(" ", "")
    page.get_by_label("Code à 6 chiffres").fill("123")
    page.get_by_role("button", name="Enregistrer et entrer").click()
    expect(page.get_by_text("Donnez les 6 chiffres que montre l’application.")).to_be_visible()
    looked_at("a wrong code")
    page.get_by_label("Code à 6 chiffres").fill(code_now(served, key))
    page.get_by_role("button", name="Enregistrer et entrer").click()
    expect(page.locator("code.secret")).to_have_count(10)
    looked_at("recovery codes")
    page.get_by_role("link", name="J’ai noté mes codes").click()
    page.wait_for_url("**/a-faire")
    page.goto(f"{served.url}/mon-compte/second-facteur")
    expect(page.get_by_text("Il vous reste 10 codes de secours sur 10.")).to_be_visible()
    looked_at("own page")
    page.goto(served.url + served.house.link(SACHA))
    page.get_by_role("button", name="Entrer dans mon espace").click()
    expect(page.get_by_label("Code à 6 chiffres")).to_be_visible()
    looked_at("asked for")
    page.get_by_label("Code à 6 chiffres").fill(code_now(served, key, 1))
    page.get_by_role("button", name="Entrer dans mon espace").click()
    page.wait_for_url("**/a-faire")
    for path in (
        "/mon-compte",
        "/administration/journal",
        "/administration/journal?du=hier",
        "/administration/comptes/1",
    ):
        page.goto(served.url + path)
        looked_at(path)
    context.close()
    assert {name: told for name, told in found.items() if told} == {}
    assert [name for name, is_wide in wide.items() if is_wide] == []
    assert problems == []
