"""The desk in a real browser: three interactions, the keyboard alone, a small telephone, two people at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from records.desks.qualifications import qualifications_of
from tests.browser.conftest import Served, opened
from tests.support.house import NOW, store_call

SOUS_MOTIF = "Réinitialisation du mot de passe"


@pytest.fixture(autouse=True)
def a_call(served: Served) -> None:
    with served.house.writing() as connection:
        store_call(connection, "CA1", started_at=NOW - timedelta(hours=1))


def qualification_of(served: Served, call_id: str = "CA1") -> dict[str, object]:
    with served.house.writing() as connection:
        return qualifications_of(connection, [call_id]).get(call_id, {})


def test_somebody_signs_in_by_the_link_of_the_letter(served: Served, page: Page) -> None:
    page.goto(f"{served.url}/a-faire")
    page.get_by_label("Adresse électronique professionnelle").fill("camille@siao.example")
    page.get_by_role("button", name="Recevoir mon lien de connexion").click()
    expect(page.get_by_role("heading", name="Regardez votre messagerie")).to_be_visible()
    [letter] = served.house.mails()
    link = next(word for word in letter.get_content().split() if "/connexion/" in word)
    page.goto(link.replace("http://127.0.0.1:8000", served.url))
    page.get_by_role("button", name="Entrer dans mon espace").click()
    expect(page.get_by_role("heading", name="À faire", exact=True)).to_be_visible()


def test_three_dependent_lists_narrow_each_other(served: Served, page: Page) -> None:
    served.enter(page, path="/appels/CA1")
    page.get_by_label("Thématique", exact=True).select_option("Indicateurs et données")
    expect(page.get_by_label("Motif", exact=True)).to_have_value("Extraction des indicateurs")
    sous_motif = page.get_by_label("Sous-motif", exact=True)
    assert sous_motif.locator("option").count() == 4
    sous_motif.select_option("Réaliser une extraction")
    expect(page.locator("#niveau")).to_have_text(
        "Indicateurs et données › Extraction des indicateurs › Réaliser une extraction"
        " · niveau 1/2 (2 si l’appel est escaladé)"
    )
    page.locator("label[for=statut-3]").click()
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.wait_for_url("**/demandes/1")
    expect(page.get_by_role("heading", name="Demande n° 1")).to_be_visible()
    assert qualification_of(served)["niveau"] == "2"


def test_typing_without_accents_and_with_errors_finds_the_sous_motif(served: Served, page: Page) -> None:
    served.enter(page, path="/appels/CA1")
    page.get_by_label("Chercher").press_sequentially("reinitialisaton mot de pa")
    expect(page.locator("#trouves").get_by_role("button", name=SOUS_MOTIF)).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Sous-motif", exact=True)).to_have_value(SOUS_MOTIF)
    page.get_by_label("Chercher").fill("fusion")
    page.locator("#trouves").get_by_role("button", name="Fusion des ménages").click()
    expect(page.get_by_label("Sous-motif", exact=True)).to_have_value("Fusion des ménages")


def test_a_call_is_qualified_by_keyboard_alone(served: Served, page: Page) -> None:
    """Tab and Enter only; where the focus is can always be seen."""
    served.enter(page)

    def tab_to(name: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            focused = page.evaluate(
                "(() => { const e = document.activeElement; const s = getComputedStyle(e);"
                "return [e.textContent || e.labels?.[0]?.innerText || '', s.outlineStyle]; })()"
            )
            if name in focused[0]:
                assert focused[1] != "none", f"no visible focus on {name}"
                return
        pytest.fail(f"{name} is never reached")

    tab_to("Qualifier")
    page.keyboard.press("Enter")
    page.wait_for_url("**/appels/CA1")
    tab_to(SOUS_MOTIF)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Résolu")).to_be_focused()
    page.keyboard.press("ArrowDown")
    tab_to("Enregistrer")
    page.keyboard.press("Enter")
    page.wait_for_url("**/a-faire")
    assert qualification_of(served)["statut"] == "En cours"


def test_a_call_is_qualified_without_script(served: Served, chromium: Browser) -> None:
    context = opened(chromium, [], java_script_enabled=False)
    page = context.new_page()
    served.enter(page, path="/appels/CA1")
    page.get_by_label("Thématique", exact=True).select_option("Accès et authentification")
    page.get_by_label("Motif", exact=True).select_option("Problème de connexion au SI SIAO")
    page.get_by_label("Sous-motif", exact=True).select_option(SOUS_MOTIF)
    page.get_by_label("Commentaire").fill("sans script")
    page.locator("label[for=statut-2]").click()
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_text("Appel qualifié")).to_be_visible()
    assert qualification_of(served)["comment"] == "sans script"
    context.close()


@pytest.fixture
def small(chromium: Browser) -> Iterator[Page]:
    context = opened(chromium, [], viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    yield context.new_page()
    context.close()


def test_a_small_telephone_shows_everything_without_sliding_sideways(served: Served, small: Page) -> None:
    served.enter(small)
    for path in ("/a-faire", "/appels/CA1", "/appels/ajouter", "/reponses", "/absence", "/demandes", "/appels/tous"):
        small.goto(served.url + path)
        assert small.evaluate("document.documentElement.scrollWidth") <= 360, path
    small.goto(f"{served.url}/a-faire")
    small.get_by_role("link", name="Qualifier").tap()
    small.get_by_role("button", name=SOUS_MOTIF).tap()
    small.locator("label[for=statut-1]").tap()
    small.get_by_role("button", name="Enregistrer", exact=True).tap()
    expect(small.get_by_text("Appel qualifié")).to_be_visible()


def test_of_two_people_the_second_sees_the_firsts_version_and_chooses(
    served: Served, page: Page, chromium: Browser
) -> None:
    other_window = opened(chromium, [])
    other = other_window.new_page()
    served.enter(page, path="/appels/CA1")
    served.enter(other, "sacha@siao.example", path="/appels/CA1")
    for window, comment in ((other, "la première"), (page, "la seconde")):
        window.get_by_role("button", name=SOUS_MOTIF).click()
        window.locator("label[for=statut-1]").click()
        window.get_by_label("Commentaire").fill(comment)
    other.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(other.get_by_text("Appel qualifié")).to_be_visible()
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Cet appel a été qualifié entre-temps par Sacha")
    expect(page.get_by_label("Commentaire")).to_have_value("la seconde")
    assert qualification_of(served)["comment"] == "la première"
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_text("Appel qualifié")).to_be_visible()
    assert qualification_of(served)["comment"] == "la seconde"
    other_window.close()


def test_the_number_shows_on_a_click_and_the_answer_is_copied(served: Served, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    served.enter(page, path="/appels/CA1")
    page.get_by_role("button", name="Afficher le numéro").click()
    expect(page.get_by_text("01 99 00 00 01")).to_be_visible()
    page.get_by_role("button", name=SOUS_MOTIF).click()
    page.get_by_role("button", name="Copier").click()
    expect(page.get_by_text("Le texte est copié.")).to_be_visible()
    assert "mot de passe oublié" in page.evaluate("navigator.clipboard.readText()")
    page.get_by_text("Envoyer par courriel").click()
    expect(page.get_by_label("Adresse électronique de la personne qui a appelé")).to_be_visible()
