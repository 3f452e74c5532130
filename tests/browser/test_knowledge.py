"""The knowledge base in a browser: with script and without, by keyboard, by axe; an article kept by hand."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from records.desks.acting import Acting
from support.knowledge.sample import fill_directory
from tests.browser.conftest import Served, opened
from tests.browser.test_accessibility import AXE, RUN
from tests.support.house import NOW

PASSWORD = "Choisir un nouveau mot de passe"


@pytest.fixture
def stocked(served: Served) -> Served:
    """A house with the delivered articles."""
    fill_directory(Acting(served.house.engine, "test", NOW))
    return served


def test_results_come_as_one_types_and_a_yes_is_thanked_on_the_spot(stocked: Served, page: Page) -> None:
    page.goto(f"{stocked.url}/connaissances")
    page.get_by_label("Votre question").press_sequentially("mdp oublie")
    expect(page.get_by_role("link", name=PASSWORD, exact=True)).to_be_visible()
    assert page.url.endswith("/connaissances")
    first = page.locator(".article").first
    first.get_by_role("button", name="Oui").click()
    expect(first.get_by_text("Merci, c’est noté.")).to_be_visible()
    expect(page.get_by_label("Votre question")).to_have_value("mdp oublie")


def test_without_script_by_keyboard_on_a_telephone(stocked: Served, chromium: Browser) -> None:
    context = opened(chromium, [], viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{stocked.url}/connaissances")
    page.get_by_label("Votre question").focus()
    page.keyboard.type("places pour l’hiver")
    page.keyboard.press("Enter")
    article = page.locator(".article").first
    expect(article.get_by_role("link", name="Renforts d’hiver et places temporaires", exact=True)).to_be_visible()
    article.get_by_role("button", name="Non").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("l’article sera relu").first).to_be_visible()
    expect(page.get_by_label("Votre question")).to_have_value("places pour l’hiver")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()


def test_the_national_team_adds_an_article_that_is_found_at_once(stocked: Served, page: Page) -> None:
    stocked.enter(page, "sacha@siao.example", path="/administration/articles")
    page.get_by_role("link", name="Ajouter un article").click()
    page.get_by_label("Titre").fill("Une cornemuse enrouée")
    page.get_by_label("Adresse de l’article").fill("https://moi:secret@connaissances.example/cornemuse")
    page.get_by_label("Opérateur SIAO").check(force=True)
    page.get_by_text("Indicateurs et données", exact=True).click()
    page.get_by_label("Réaliser une extraction").check(force=True)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator("#adresse-erreur")).to_contain_text("mot de passe")
    expect(page.get_by_label("Titre")).to_have_value("Une cornemuse enrouée")
    expect(page.get_by_label("Réaliser une extraction")).to_be_checked()
    page.get_by_label("Adresse de l’article").fill("https://connaissances.example/cornemuse")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("L’article est enregistré")).to_be_visible()
    page.get_by_role("button", name="Vérifié aujourd’hui").click()
    expect(page.get_by_text("Vérifié le 24 novembre 2026.")).to_be_visible()
    page.goto(f"{stocked.url}/connaissances?q=cornemuse")
    expect(page.get_by_role("link", name="Une cornemuse enrouée", exact=True)).to_be_visible()


def test_a_file_is_refused_with_its_lines_then_shown_then_taken_in(stocked: Served, page: Page) -> None:
    stocked.enter(page, "sacha@siao.example", path="/administration/articles/fichier")

    def send(text: str) -> None:
        page.get_by_label("Fichier CSV").set_input_files(
            {"name": "articles.csv", "mimeType": "text/csv", "buffer": text.encode()}
        )
        page.get_by_role("button", name="Vérifier").click()

    send("titre;adresse\nUn;javascript:alert(1)\n")
    expect(page.get_by_role("heading", name="Fichier refusé : 1 problème")).to_be_visible()
    send("titre;adresse\nUn article neuf;https://connaissances.example/neuf\n")
    expect(page.get_by_role("heading", name="Ce que ce fichier changerait")).to_be_visible()
    page.get_by_role("button", name="Enregistrer ces changements").click()
    expect(page.get_by_text("51 articles")).to_be_visible()


@pytest.mark.skipif(not AXE.exists(), reason="make assets has not installed axe-core")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_public_pages(stocked: Served, chromium: Browser, scheme: str) -> None:
    problems: list[str] = []
    context = opened(chromium, problems, color_scheme=scheme, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    found = {}
    for path in ("/connaissances", "/connaissances?q=mdp", "/connaissances?q=qqqqqq", "/connaissances?profil=tous"):
        page.goto(stocked.url + path)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found[path] = page.evaluate(RUN)
    stocked.enter(page, "sacha@siao.example", path="/administration/articles")
    for path in ("", "/1", "/ajouter", "/synonymes", "/fichier"):
        page.goto(f"{stocked.url}/administration/articles{path}")
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found[path] = page.evaluate(RUN)
    context.close()
    assert {path: told for path, told in found.items() if told} == {}
    assert problems == []
