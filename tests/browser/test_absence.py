"""An absence in a real browser: for a colleague who is ill, by the keyboard, on a small screen too."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from service.directory.snapshots import SnapshotFile
from tests.browser.conftest import Served
from tests.browser.test_accessibility import AXE, RUN


def away(served: Served) -> list[str]:
    """Who is away, by first name."""
    serving = SnapshotFile(served.house.settings.var_dir).current()
    assert serving
    found = [serving.person("75", absence.person) for absence in serving.rules.absences]
    return [person.prenom for person in found if person]


def test_a_colleague_who_is_ill_is_away_until_tomorrow_and_back_by_keyboard(served: Served, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    served.enter(page, path="/absence")
    page.get_by_label("Collègue", exact=True).select_option("Dominique Modèle (75)")
    page.get_by_role("button", name="Choisir").press("Enter")
    expect(page.get_by_role("heading", name="Absence de Dominique Modèle")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.get_by_role("button", name="Jusqu’à demain inclus").press("Enter")
    expect(page.get_by_text("L’absence de Dominique Modèle est enregistrée")).to_be_visible()
    assert away(served) == ["Dominique"]
    page.get_by_role("button", name="Retirer l’absence").press("Enter")
    expect(page.get_by_text("L’absence de Dominique Modèle est retirée")).to_be_visible()
    assert away(served) == []


def test_the_same_days_twice_are_named_and_made_longer(served: Served, page: Page) -> None:
    served.enter(page, path="/absence")
    for first, last in (("2026-12-24", "2026-12-31"), ("2026-12-30", "2027-01-04")):
        page.get_by_label("Du", exact=True).fill(first)
        page.get_by_label("Au", exact=True).fill(last)
        page.get_by_role("button", name="Enregistrer l’absence").click()
    expect(page.get_by_text("Une absence est déjà déclarée : du jeudi 24 décembre 2026")).to_be_visible()
    page.get_by_role("button", name="Prolonger l’absence n° 1").click()
    expect(page.get_by_text("Votre absence est enregistrée : du jeudi 24 décembre 2026")).to_be_visible()
    expect(page.get_by_text("au lundi 4 janvier 2027 inclus").first).to_be_visible()


@pytest.mark.skipif(not AXE.exists(), reason="make assets has not installed axe-core")
def test_axe_finds_nothing_on_what_the_page_answers(served: Served, page: Page) -> None:
    """An absence under way, one that is changed, the same days twice, holes that nobody covers; light and dark."""
    served.enter(page, "alix@siao.example", "/absence")
    page.add_init_script(path=AXE)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{served.url}/absence")
        page.get_by_label("Au", exact=True).fill("2026-12-31")
        page.get_by_role("button", name="Enregistrer l’absence").click()
        if scheme == "light":
            expect(page.get_by_text("personne ne répondrait")).to_be_visible()
            assert page.evaluate(RUN) == []
            page.get_by_role("button", name="Enregistrer quand même").click()
            page.get_by_label("Au", exact=True).fill("2026-12-31")
            page.get_by_role("button", name="Enregistrer l’absence").click()
        expect(page.get_by_text("Une absence est déjà déclarée")).to_be_visible()
        assert page.evaluate(RUN) == []
        page.get_by_role("link", name="Modifier").click()
        expect(page.get_by_role("heading", name="Modifier l’absence n° 1")).to_be_visible()
        assert page.evaluate(RUN) == []
