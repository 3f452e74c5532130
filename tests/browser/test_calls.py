"""All calls and calls added by hand in a real browser: filters, the duration shown back, a correction, a deletion."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served, opened
from tests.support.house import NOW, store_call


@pytest.fixture(autouse=True)
def some_calls(served: Served) -> None:
    with served.house.writing() as connection:
        made = (("CAone", "+33639980012", 0), ("CAtwo", "+33199001234", 1), ("CAold", "+33199001234", 40))
        for name, number, days in made:
            moment = NOW - timedelta(days=days)
            store_call(connection, name, caller=number, started_at=moment, local_date=moment.date())


def test_somebody_looks_for_a_number_and_goes_back_to_what_was_found(served: Served, page: Page) -> None:
    """The number is in the field, never in the address; back and reload keep the search."""
    served.enter(page, path="/appels/tous")
    expect(page.get_by_role("status").filter(has_text="3 appels")).to_be_visible()
    page.get_by_label("Chercher", exact=True).fill("06 39 98")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="1 appel")).to_be_visible()
    assert "39" not in page.url.removeprefix(served.url).partition("recherche=")[0]
    page.get_by_role("link", name="Qualifier l’appel").click()
    page.wait_for_url("**/appels/CA*")
    page.go_back()
    expect(page.get_by_label("Chercher", exact=True)).to_have_value("06 39 98")
    page.reload()
    expect(page.locator(".lines > li")).to_have_count(1)


def test_the_filters_are_chosen_together_and_taken_back_at_once(served: Served, page: Page) -> None:
    served.enter(page, path="/appels/tous")
    page.get_by_label("Période").select_option(label="Mois dernier")
    page.get_by_label("Statut").select_option(label="Non qualifié")
    page.get_by_label("Qui").select_option(label="Camille Exemple")
    page.get_by_role("button", name="Chercher").click()
    expect(page.locator("#appel-CAold")).to_be_visible()
    expect(page.locator(".lines > li")).to_have_count(1)
    expect(page.get_by_label("Période")).to_have_value("last_month")
    with page.expect_download() as taken:
        page.get_by_role("link", name="Télécharger").click()
    assert taken.value.suggested_filename.endswith(".csv")
    page.get_by_role("link", name="Tout afficher").click()
    expect(page.locator(".lines > li")).to_have_count(3)


def test_a_duration_is_shown_back_while_one_types_and_a_doubtful_one_is_asked_about(served: Served, page: Page) -> None:
    served.enter(page, path="/appels/ajouter")
    field, read = page.get_by_label("Durée", exact=True), page.locator("#duree-lue")
    field.press_sequentially("390")
    expect(read).to_contain_text("6 min 30")
    field.fill("")
    field.press_sequentially("6")
    expect(read).to_contain_text("écrivez « 6 min »")
    field.press_sequentially(" min")
    expect(read).to_have_text("Soit 6 min.")
    field.fill("")
    field.press_sequentially("1 h 05")
    read.get_by_text("Oui, 1 h 05").click()
    page.get_by_label("Date", exact=True).fill("2026-11-23")
    page.get_by_role("button", name="Ajouter et qualifier").click()
    expect(page.get_by_text("durée : 1 h 05")).to_be_visible()


def test_without_script_a_call_is_added_corrected_and_deleted(served: Served, chromium: Browser) -> None:
    context = opened(chromium, [], viewport={"width": 360, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    served.enter(page, path="/appels/ajouter")
    page.get_by_label("Date", exact=True).fill("2026-11-23")
    page.get_by_label("Durée", exact=True).fill("6")
    page.get_by_role("button", name="Ajouter et qualifier").click()
    expect(page.get_by_text("Pour des minutes, écrivez « 6 min »")).to_be_visible()
    page.get_by_label("Durée", exact=True).fill("6 min")
    page.get_by_role("button", name="Ajouter et qualifier").click()
    expect(page.get_by_text("durée : 6 min")).to_be_visible()
    page.get_by_role("link", name="corriger").click()
    page.get_by_label("Durée", exact=True).fill("6,5 min")
    page.get_by_role("button", name="Enregistrer la correction").click()
    expect(page.get_by_text("L’appel est corrigé, durée : 6 min 30.")).to_be_visible()
    page.get_by_role("link", name="supprimer").click()
    page.get_by_role("button", name="Supprimer l’appel").click()
    expect(page.get_by_text("L’appel est supprimé")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()


def test_somebody_stays_signed_in_at_his_own_computer(served: Served, page: Page) -> None:
    page.goto(served.url + served.house.link("camille@siao.example"))
    page.get_by_text("C’est mon ordinateur de travail").click()
    page.get_by_role("button", name="Entrer dans mon espace").click()
    page.wait_for_url("**/a-faire")
    served.house.clock.advance(hours=9)
    page.goto(f"{served.url}/mon-compte")
    expect(page.get_by_role("button", name="Oublier cet ordinateur")).to_be_visible()
