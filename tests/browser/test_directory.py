"""One person of the directory edited by somebody with a browser: seen beside what serves, published, on any screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from service.directory.snapshots import SnapshotFile
from tests.browser.conftest import Served, opened
from tests.browser.test_accessibility import AXE, RUN

DEPARTEMENT = "/administration/annuaire/departement/75"


def serving_phones(served: Served) -> set[str | None]:
    serving = SnapshotFile(served.house.settings.var_dir).current()
    assert serving
    return {person.phone for person in serving.lines("75")}


def edit_the_first(page: Page, served: Served) -> None:
    """From the département's page to the form of its first person."""
    page.goto(served.url + DEPARTEMENT)
    page.get_by_role("link", name="Modifier Camille Exemple, Paris (75)").click()
    expect(page.get_by_role("heading", name="Camille Exemple", level=1)).to_be_visible()


def test_a_corrected_telephone_rings_at_the_next_call(served: Served, page: Page) -> None:
    """Three gestures after the form is open: type, look, publish."""
    served.enter(page, "sacha@siao.example", path="/administration/annuaire")
    edit_the_first(page, served)
    page.get_by_label("Téléphone").fill("0899 12 34 56")
    page.get_by_role("button", name="Voir ce qui changerait").click()
    expect(page.locator("#telephone-erreur")).to_contain_text("surtaxé")
    expect(page.get_by_label("Téléphone")).to_have_value("0899 12 34 56")
    page.get_by_label("Téléphone").fill("01 99 00 99 99")
    page.get_by_role("button", name="Voir ce qui changerait").click()
    expect(page.locator("ins")).to_have_text("01 99 00 99 99")
    expect(page.locator("del")).to_have_text("01 99 00 12 34")
    assert "+33199009999" not in serving_phones(served)
    page.get_by_role("button", name="Publier cette version").click()
    expect(page.get_by_text("Version 1 publiée")).to_be_visible()
    expect(page.get_by_role("heading", name="Paris (75)", level=1)).to_be_visible()
    assert "+33199009999" in serving_phones(served)


def test_it_works_without_script_and_by_keyboard(served: Served, chromium: Browser) -> None:
    context = opened(chromium, [], java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    served.enter(page, "sacha@siao.example", path="/mon-compte")
    edit_the_first(page, served)
    page.get_by_label("Rang").fill("3")
    page.get_by_label("Rang").press("Enter")
    expect(page.locator("ins")).to_have_text("3")
    page.get_by_label("Note").press("Enter")
    expect(page.get_by_text("Version 1 publiée")).to_be_visible()
    context.close()


@pytest.mark.skipif(not AXE.exists(), reason="make assets has not installed axe-core")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_while_somebody_is_edited_on_a_telephone(
    served: Served, chromium: Browser, scheme: str
) -> None:
    context = opened(chromium, [], color_scheme=scheme, viewport={"width": 360, "height": 740})
    page = context.new_page()
    served.enter(page, "sacha@siao.example", path="/administration/annuaire")
    found = {}

    def look(state: str) -> None:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found[state] = page.evaluate(RUN)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, state

    look("the directory")
    edit_the_first(page, served)
    look("the form")
    page.get_by_label("Rang").fill("zéro")
    page.get_by_role("button", name="Voir ce qui changerait").click()
    expect(page.locator("#rang-erreur")).to_be_visible()
    look("refused")
    page.get_by_role("button", name="Retirer cette ligne").click()
    expect(page.get_by_role("button", name="Publier cette version")).to_be_visible()
    look("taken out")
    page.goto(f"{served.url}/administration/annuaire/personne/ajouter?departement=59")
    look("somebody new")
    page.goto(f"{served.url}/resultats?departement=75")
    expect(page.get_by_role("heading", name="Contacts")).to_be_visible()
    look("contacts beside the figures")
    context.close()
    assert {state: told for state, told in found.items() if told} == {}
