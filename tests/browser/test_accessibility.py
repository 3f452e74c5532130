"""axe-core finds nothing on any page, in light and in dark; the content policy is never broken."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from support.nomenclature.entries import first_nomenclature
from tests.browser.conftest import Served, opened
from tests.support.house import CSV, NOW, store_call

AXE = Path(__file__).parents[2] / "service" / "static" / "vendor" / "axe.min.js"
RUN = "axe.run().then((found) => found.violations.map((one) => [one.id, one.nodes[0].html.slice(0, 200)]))"

NOT_PAGES = (
    "/static", "/voice", "/telephone", "/health", "/.well-known", "/a-faire/nouveau", "/nomenclature/recherche",
    "/proconnect", "/connexion/<jeton>", "/messages/",
)  # fmt: skip
"""Fragments, files, and what has tests of its own."""
EXAMPLES = {"call_id": "CA1", "number": "1", "code": "75", "kind": "fermetures", "act": "renommer", "short": "ajouter"}
KEY = first_nomenclature().entries[0].wording.key

SAID = {
    "thematique": "Accès et authentification", "motif": "Problème de connexion au SI SIAO",
    "sous_motif": "Accès au compte", "statut": "Résolu", "version": "0", "faire": "enregistrer",
}  # fmt: skip


def addresses(served: Served) -> list[str]:
    """Every page of the URL map, with an example for what an address asks."""
    entry = served.house.app.url_map
    found = []
    for rule in entry.iter_rules():
        if "GET" not in (rule.methods or set()) or rule.rule.startswith(NOT_PAGES):
            continue
        if rule.endpoint.startswith(("reports.", "sounds.")) or "telecharger" in rule.rule:
            continue  # the reports' own tests look at these
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
    page.locator("label[for=statut-3]").click()
    page.get_by_role("button", name="Enregistrer", exact=True).click()
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


@pytest.mark.skipif(not AXE.exists(), reason="make assets has not installed axe-core")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_pages_that_refuse(served: Served, chromium: Browser, scheme: str) -> None:
    """On a small screen: what went wrong is where the focus is, and it can be read."""
    with served.house.writing() as connection:
        store_call(connection, "CA1", started_at=NOW - timedelta(hours=1))
    context = opened(chromium, [], color_scheme=scheme, viewport={"width": 360, "height": 740})
    page = context.new_page()
    found = {}

    def look(state: str) -> None:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found[state] = page.evaluate(RUN)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, state

    page.goto(f"{served.url}/connexion")
    look("sign in")
    page.goto(served.url + served.house.link("sacha@siao.example", "/appels/CA1"))
    look("one-time link")
    page.get_by_role("button", name="Entrer dans mon espace").click()
    page.get_by_label("Commentaire").fill("rappeler au 06 39 98 12 34")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.locator("#erreurs")).to_be_focused()
    look("refused qualification")
    other = served.house.signed_in()
    other.post("/appels/CA1", SAID)
    page.get_by_label("Commentaire").fill("")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.locator("#conflit")).to_be_focused()
    look("overtaken")
    page.goto(f"{served.url}/administration/annuaire/publier")
    page.get_by_label("Fichier CSV").set_input_files(
        {"name": "referents.csv", "mimeType": "text/csv", "buffer": CSV.replace("01 99", "0899").encode()}
    )
    page.get_by_role("button", name="Vérifier").click()
    expect(page.get_by_text("Fichier refusé")).to_be_visible()
    look("refused directory")
    page.goto(f"{served.url}/administration/annuaire/publier")
    page.get_by_label("Fichier CSV").set_input_files(
        {"name": "referents.csv", "mimeType": "text/csv", "buffer": CSV.replace("Camille", "Camila").encode()}
    )
    page.get_by_role("button", name="Vérifier").click()
    expect(page.get_by_role("heading", name="Ce que ce fichier changerait")).to_be_visible()
    look("difference")
    page.goto(f"{served.url}/nulle-part")
    look("no such page")
    context.close()
    assert {state: told for state, told in found.items() if told} == {}
