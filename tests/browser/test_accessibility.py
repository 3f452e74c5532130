"""axe-core finds nothing on any page, in light and in dark; the content policy is never broken."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from support.nomenclature import first_nomenclature
from tests.browser.conftest import Served, opened
from tests.support.house import NOW, store_call

AXE = Path(__file__).parents[2] / "service" / "static" / "vendor" / "axe.min.js"
RUN = "axe.run().then((found) => found.violations.map((one) => [one.id, one.nodes[0].html.slice(0, 200)]))"

NOT_PAGES = (
    "/static", "/voice", "/telephone", "/health", "/.well-known", "/appels/en-cours", "/nomenclature/recherche",
    "/proconnect", "/connexion/<jeton>", "/messages/",
)  # fmt: skip
"""Fragments, files, and what has tests of its own."""
EXAMPLES = {"call_id": "CA1", "number": "1", "code": "75", "kind": "fermetures", "act": "renommer"}
KEY = first_nomenclature().entries[0].wording.key


def addresses(served: Served) -> list[str]:
    """Every page of the URL map, with an example for what an address asks."""
    entry = served.house.app.url_map
    found = []
    for rule in entry.iter_rules():
        if "GET" not in (rule.methods or set()) or rule.rule.startswith(NOT_PAGES):
            continue
        if rule.endpoint.startswith(("reports.", "sounds.")) or "telecharger" in rule.rule:
            continue  # the tracking data's own tests look at these
        if rule.arguments - {*EXAMPLES, "key"}:
            continue
        values = {name: EXAMPLES.get(name, KEY) for name in rule.arguments}
        found.append(entry.bind("").build(rule.endpoint, values))
    return sorted(found)


@pytest.mark.skipif(not AXE.exists(), reason="make assets has not installed axe-core")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.timeout(300)
def test_axe_finds_nothing_on_any_page(served: Served, chromium: Browser, scheme: str) -> None:
    problems: list[str] = []
    with served.house.writing() as connection:
        store_call(connection, "CA1", started_at=NOW - timedelta(hours=1))
        store_call(connection, "CA2", started_at=NOW - timedelta(hours=2), outcome="absence", absence_reason="closed")
        store_call(connection, "CA3", outcome="in_progress", referent=None, started_at=NOW)
    context = opened(chromium, problems, color_scheme=scheme, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    served.enter(page, "sacha@siao.example", path="/appels/CA1")
    page.locator("button.choose").first.click()
    page.get_by_label("Statut").select_option("Escaladé")
    page.get_by_role("button", name="Enregistrer").click()
    page.wait_for_url("**/demandes/1")
    found = {path: complaints(page, served.url + path) for path in addresses(served)}
    assert {path: told for path, told in found.items() if told} == {}
    assert len(found) > 25
    context.close()
    assert [problem for problem in problems if "404" not in problem] == []


def complaints(page: Page, address: str) -> list[list[str]]:
    page.goto(address)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[list[str]] = page.evaluate(RUN)
    return found
