"""The call's card in a real browser: one screen, keys, ten calls in a row, the back button, the small screen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from records.desks.qualifications import qualifications_of
from tests.browser.conftest import Served, opened
from tests.support.house import NOW, store_call

AXE = Path(__file__).parents[2] / "service" / "static" / "vendor" / "axe.min.js"
RUN = "axe.run().then((found) => found.violations.map((one) => [one.id, one.nodes[0].html.slice(0, 200)]))"
COUNTING = """
addEventListener('click', (e) => { if (e.isTrusted && e.detail) count(); }, true);
addEventListener('keydown', (e) => { if (e.isTrusted && !typing(e)) count(); }, true);
addEventListener('input', (e) => { if (e.target.name === 'q' && e.target.value.length === 1) count(); }, true);
const typing = (e) => e.target.name === 'q' && e.key.length === 1;
const count = () => { sessionStorage.interactions = Number(sessionStorage.interactions || 0) + 1; };
"""
"""A click is one, a key is one; the words typed into the search field are one, however many. Counted by the browser."""
CALLS = [f"CA{number}" for number in range(10)]
SOUS_MOTIF = "#niveau"


@pytest.fixture(autouse=True)
def ten_calls(served: Served) -> None:
    with served.house.writing() as connection:
        for number, call_id in enumerate(CALLS):
            started = NOW - timedelta(hours=11 - number)
            store_call(connection, call_id, started_at=started, caller=f"+3319900{number:04d}")


def qualified(served: Served) -> dict[str, str]:
    with served.house.writing() as connection:
        return {call_id: str(told["statut"]) for call_id, told in qualifications_of(connection, CALLS).items()}


def interactions(page: Page) -> int:
    return int(page.evaluate("Number(sessionStorage.interactions || 0)"))


def held_searches(page: Page) -> list[Route]:
    """What is searched from now on: nobody answers it before the test does."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/nomenclature/recherche**", hold)
    return held


def test_a_regular_call_is_three_interactions_and_ten_in_a_row_are_thirty(served: Served, page: Page) -> None:
    """A key for the sous-motif, a key for the statut, Enter; the next call opens by itself."""
    page.add_init_script(COUNTING)
    served.enter(page, path="/appels/CA0")
    page.evaluate("sessionStorage.interactions = 0")
    counts: list[int] = []
    while len(qualified(served)) < len(CALLS):
        page.keyboard.press(str(1 + len(counts) % 5))
        expect(page.locator(SOUS_MOTIF)).not_to_be_empty()
        page.keyboard.press("1" if len(counts) % 2 else "2")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        counts.append(interactions(page))
    print(f"interactions: {counts[0]} for the first call, {counts[-1]} for ten")
    assert counts == [3 * number for number in range(1, 11)]
    assert set(qualified(served).values()) == {"Résolu", "En cours"}
    expect(page.get_by_text("Appel qualifié : ")).to_be_visible()
    page.get_by_role("button", name="Annuler", exact=True).first.click()
    expect(page.get_by_text("La qualification est annulée")).to_be_visible()
    assert len(qualified(served)) == 9


def test_a_call_in_the_callers_words_is_five_interactions(served: Served, page: Page) -> None:
    """M, the words, Enter, the statut, Enter: nothing but the keyboard."""
    page.add_init_script(COUNTING)
    served.enter(page, path="/appels/CA0")
    page.evaluate("sessionStorage.interactions = 0")
    page.keyboard.press("m")
    page.keyboard.type("ménage en double 2")
    expect(page.locator("#trouves strong").first).to_have_text("Fusion des ménages")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Résolu")).to_be_focused()
    page.keyboard.press("e")
    expect(page.get_by_label("Escaladé")).to_be_checked()
    page.keyboard.press("r")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/appels/CA0" not in url)
    print(f"interactions: {interactions(page)} for a call in the caller's words, one of them a changed mind")
    assert interactions(page) == 6
    assert qualified(served) == {"CA0": "Résolu"}


@pytest.mark.parametrize("before", ["", "mot de passe oublié"])
def test_enter_waits_for_the_words_that_were_typed_last(served: Served, page: Page, before: str) -> None:
    """Whoever types faster than the service answers gets the motif of all his words, and the next key is the statut."""
    served.enter(page, path="/appels/CA0")
    page.keyboard.press("m")
    if before:
        page.keyboard.type(before)
        expect(page.locator("#trouves strong").first).to_have_text("Réinitialisation du mot de passe")
        page.get_by_label("Chercher").fill("")
    held = held_searches(page)
    page.keyboard.type("ménage en double")
    page.keyboard.press("Enter")
    page.keyboard.press("e")
    page.keyboard.press("1")
    page.wait_for_timeout(400)
    held[-1].continue_()
    expect(page.locator(SOUS_MOTIF)).to_contain_text("Fusion des ménages")
    expect(page.get_by_label("Résolu")).to_be_focused()
    expect(page.get_by_label("Résolu")).to_be_checked()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/appels/CA0" not in url)
    assert qualified(served) == {"CA0": "Résolu"}


def test_what_is_found_after_the_choice_does_not_cover_the_statut(served: Served, page: Page) -> None:
    served.enter(page, path="/appels/CA0")
    page.keyboard.press("m")
    page.keyboard.type("mot de passe")
    expect(page.locator("#trouves strong").first).to_be_visible()
    held = held_searches(page)
    with page.expect_request("**/nomenclature/recherche**"):
        page.keyboard.type(" oublié")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    with page.expect_response("**/nomenclature/recherche**"):
        held[-1].continue_()
    page.wait_for_timeout(200)
    expect(page.locator("#trouves strong")).to_have_count(0)
    expect(page.locator(SOUS_MOTIF)).to_contain_text("Réinitialisation du mot de passe")


def test_the_whole_card_is_one_screen_of_900(served: Served, page: Page) -> None:
    served.enter(page, path="/appels/CA0")
    page.keyboard.press("3")
    expect(page.locator("#reponse")).to_contain_text("Je ne connais pas votre mot de passe")
    bottom = page.evaluate(
        "Math.max(...['.card', '.save-row', '#reponse'].map((one) => document.querySelector(one)"
        ".getBoundingClientRect().bottom + scrollY))"
    )
    height = page.evaluate("document.documentElement.scrollHeight")
    print(f"the card ends at {bottom:.0f} px of 900; the page with its footer has {height}")
    assert bottom <= 900
    answer, lists = (page.locator(one).bounding_box() for one in ("#reponse", ".lists"))
    assert answer is not None
    assert lists is not None
    assert answer["x"] > lists["x"] + lists["width"]
    assert page.locator("details:has-text('Récit de l’appel')").get_attribute("open") is None


def test_keys_mean_nothing_in_a_field_and_can_be_switched_off(served: Served, page: Page) -> None:
    served.enter(page, path="/appels/CA0")
    page.get_by_label("Commentaire").fill("")
    page.keyboard.type("1 m r 2")
    expect(page.get_by_label("Commentaire")).to_have_value("1 m r 2")
    expect(page.locator(SOUS_MOTIF)).to_be_empty()
    page.get_by_text("Raccourcis clavier").click()
    page.reload()
    expect(page.get_by_label("Raccourcis clavier")).not_to_be_checked()
    page.locator("h1").click()
    page.keyboard.press("1")
    expect(page.locator(SOUS_MOTIF)).to_be_empty()
    expect(page.locator(".key").first).to_be_hidden()


def test_none_is_preset_and_without_a_statut_nothing_is_lost(served: Served, page: Page) -> None:
    served.enter(page, path="/appels/CA0")
    expect(page.locator("input[name=statut]:checked")).to_have_count(0)
    page.keyboard.press("2")
    page.get_by_label("Commentaire").fill("à garder")
    page.get_by_role("button", name="Enregistrer et suivant").click()
    expect(page.locator("#erreurs")).to_be_focused()
    expect(page.locator("#statut-erreur")).to_have_text("Choisissez un statut : Résolu, En cours ou Escaladé.")
    expect(page.get_by_label("Commentaire")).to_have_value("à garder")
    expect(page.get_by_label("Sous-motif", exact=True)).to_have_value("Lien de connexion non reçu")
    assert qualified(served) == {}


def test_the_back_button_keeps_what_was_chosen_and_typed(served: Served, page: Page) -> None:
    served.enter(page, path="/appels/CA0")
    page.get_by_label("Thématique", exact=True).select_option("Indicateurs et données")
    page.get_by_label("Sous-motif", exact=True).select_option("Réaliser une extraction")
    page.locator("label[for=statut-2]").click()
    page.get_by_label("Commentaire").fill("à garder")
    page.goto(f"{served.url}/reponses")
    page.go_back()
    expect(page.get_by_label("Thématique", exact=True)).to_have_value("Indicateurs et données")
    expect(page.get_by_label("Sous-motif", exact=True)).to_have_value("Réaliser une extraction")
    expect(page.get_by_label("En cours")).to_be_checked()
    expect(page.get_by_label("Commentaire")).to_have_value("à garder")
    page.goto(f"{served.url}/appels/CA1")
    expect(page.get_by_label("Commentaire")).to_have_value("")
    page.goto(f"{served.url}/appels/CA0")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_text("Appel qualifié : Réaliser une extraction, En cours.")).to_be_visible()
    page.get_by_role("button", name="Annuler", exact=True).click()
    expect(page.get_by_label("Commentaire")).to_have_value("")
    expect(page.locator("input[name=statut]:checked")).to_have_count(0)


@pytest.fixture(params=["light", "dark"])
def small(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Half an ordinary window, as at 200 %, then a telephone."""
    context = opened(chromium, [], viewport={"width": 640, "height": 450}, color_scheme=request.param)
    yield context.new_page()
    context.close()


@pytest.mark.skipif(not AXE.exists(), reason="make assets has not installed axe-core")
def test_axe_finds_nothing_on_the_card_at_any_size_or_stage(served: Served, small: Page) -> None:
    served.enter(small, path="/appels/CA0")
    found = {}

    def look(stage: str) -> None:
        for width in (640, 360, 1280):
            small.set_viewport_size({"width": width, "height": 740})
            assert small.evaluate("document.documentElement.scrollWidth") <= width, stage
            small.evaluate(AXE.read_text(encoding="utf-8"))
            found[stage, width] = small.evaluate(RUN)

    look("nothing chosen")
    small.get_by_label("Chercher").fill("mot de passe oublié")
    expect(small.locator("#trouves strong").first).to_be_visible()
    look("found")
    small.keyboard.press("Enter")
    small.keyboard.press("2")
    look("chosen")
    small.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(small.get_by_text("Appel qualifié : ")).to_be_visible()
    look("saved")
    assert {stage: told for stage, told in found.items() if told} == {}
