"""The public form in a browser, from its first page to the opened request: with script, and without it on 360 px."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served, opened
from tests.browser.test_accessibility import AXE, RUN
from tests.support.form import senders

SMALL = {"width": 360, "height": 740}


def say_who(page: Page) -> None:
    page.locator("label[for=referent-non]").click()
    page.get_by_label("Profil").select_option(label="Utilisateur premier accueil")
    page.get_by_label("Prénom").fill("Lou")
    page.locator("#nom").fill("Invention")
    page.get_by_label("Adresse électronique").fill("lou@asso.example")
    page.get_by_label("Département").select_option("75")


def go_on(page: Page, name: str = "Continuer") -> None:
    page.get_by_role("button", name=name, exact=True).and_(page.locator(":not(#par-defaut)")).click()


def open_by_mail(served: Served, page: Page) -> Any:
    """Follow the link of the mail that has just left, press its button; the request."""
    [mail] = senders.proofs(served.house)
    page.goto(served.url + senders.link_in(mail))
    page.get_by_role("button", name="Confirmer mon adresse et transmettre la demande").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("est enregistrée")
    [asked] = senders.opened(served.house)
    return asked


def test_with_script_the_form_is_one_page_and_its_lists_depend_on_each_other(served: Served, page: Page) -> None:
    page.goto(f"{served.url}/demande")
    expect(page.get_by_text("Étape 1 sur 7")).to_be_hidden()
    say_who(page)
    page.get_by_label("Thématique").select_option(label="Assistance technique et anomalie")
    expect(page.get_by_label("Motif", exact=True).locator("option", has_text="connexion")).to_have_count(0)
    page.get_by_label("Décrivez votre problème").fill("mot de passe oublié")
    page.get_by_role("button", name="Réinitialisation du mot de passe").click()
    expect(page.get_by_label("Sous-motif", exact=True)).to_have_value("Réinitialisation du mot de passe")
    expect(page.get_by_role("heading", name="Cela répond-il à votre question")).to_be_visible()
    expect(page.get_by_label("Description")).to_have_value("mot de passe oublié")

    go_on(page, "Envoyer ma demande")  # the subject is missing: everything else is still there
    expect(page.locator("#erreurs")).to_be_focused()
    expect(page).to_have_title("Erreur : Écrire à l’assistance – SI SIAO")
    page.locator("#erreurs a").click()
    expect(page.get_by_label("Objet")).to_be_focused()
    page.keyboard.type("Mot de passe")
    expect(page.get_by_label("Sous-motif", exact=True)).to_have_value("Réinitialisation du mot de passe")
    file = {"name": "note.txt", "mimeType": "text/plain", "buffer": b"bonjour"}
    page.get_by_label("Fichiers à joindre").set_input_files(file)  # type: ignore[arg-type]
    go_on(page, "Envoyer ma demande")
    expect(page.get_by_role("heading", level=1)).to_contain_text("confirmez votre adresse")

    asked = open_by_mail(served, page)
    assert (asked.subject, asked.departement, asked.desk) == ("Mot de passe", "75", "local")
    page.get_by_role("link", name="Suivre ma demande").click()
    expect(page.get_by_text("Mot de passe").first).to_be_visible()


def test_with_script_a_yes_sends_nothing(served: Served, page: Page) -> None:
    page.goto(f"{served.url}/demande")
    page.get_by_label("Décrivez votre problème").fill("mot de passe oublié")
    page.get_by_role("button", name="Réinitialisation du mot de passe").click()
    page.get_by_role("button", name="Oui, cette réponse me suffit").click()
    expect(page.get_by_role("heading", name="Vous avez trouvé la réponse")).to_be_visible()
    assert senders.opened(served.house) == []


@pytest.mark.parametrize("has_script", [False, True], ids=["no script", "form.js does not load"])
@pytest.mark.timeout(300)
def test_on_a_telephone_step_by_step(served: Served, chromium: Browser, has_script: bool) -> None:
    """Every step fits 360 px; axe, which is a script itself, finds nothing on it, with and without a mistake."""
    context = opened(chromium, [], viewport=SMALL, java_script_enabled=has_script)
    context.route("**/form.js", lambda route: route.abort())
    page = context.new_page()

    def look() -> None:
        assert page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"], page.title()
        if AXE.exists() and has_script:
            page.evaluate(AXE.read_text(encoding="utf-8"))
            assert page.evaluate(RUN) == [], page.title()

    page.goto(f"{served.url}/demande")
    look()
    go_on(page)
    expect(page).to_have_title("Erreur : Vous (étape 1 sur 7) – Écrire à l’assistance – SI SIAO")
    look()
    say_who(page)
    go_on(page)
    page.get_by_label("Thématique").select_option(label="Accès et authentification")
    look()
    go_on(page)
    page.get_by_label("Motif", exact=True).select_option(label="Problème de connexion au SI SIAO")
    look()
    go_on(page)
    page.get_by_label("Sous-motif", exact=True).select_option(label="Réinitialisation du mot de passe")
    go_on(page)
    expect(page.get_by_role("heading", name="Cela répond-il à votre question")).to_be_visible()
    look()
    go_on(page, "Non, je continue")
    page.get_by_label("Objet").fill("Mot de passe")
    page.get_by_label("Description").fill("Monsieur Dupont n’arrive plus à entrer.")
    file = {"name": "note.txt", "mimeType": "text/plain", "buffer": b"bonjour"}
    page.get_by_label("Fichiers à joindre").set_input_files(file)  # type: ignore[arg-type]
    look()
    go_on(page)
    expect(page.locator("#etape-envoi").get_by_text("note.txt")).to_be_visible()
    look()
    context.clear_cookies()  # the page has expired: it comes back, filled
    go_on(page, "Envoyer ma demande")
    expect(page.get_by_text("Rien n’est perdu")).to_be_visible()
    look()
    go_on(page, "Envoyer ma demande")
    expect(page.get_by_text("J’ai vérifié")).to_be_visible()
    look()
    page.get_by_text("J’ai vérifié").click()
    go_on(page, "Envoyer ma demande")
    expect(page.get_by_role("heading", level=1)).to_contain_text("confirmez votre adresse")
    look()
    asked = open_by_mail(served, page)
    look()
    assert (asked.prenom, asked.description) == ("Lou", "Monsieur Dupont n’arrive plus à entrer.")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_whole_form(served: Served, chromium: Browser, scheme: str) -> None:
    context = opened(chromium, [], viewport=SMALL, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{served.url}/demande")
    page.get_by_label("Décrivez votre problème").fill("doublon")
    expect(page.locator("#trouves button").first).to_be_visible()
    for _ in range(2):
        assert page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]
        if AXE.exists():
            page.evaluate(AXE.read_text(encoding="utf-8"))
            assert page.evaluate(RUN) == []
        go_on(page, "Envoyer ma demande")
        expect(page.locator("#erreurs")).to_be_focused()
    context.close()


def test_the_form_is_filled_by_keyboard_alone(served: Served, page: Page) -> None:
    """Tab meets neither the trap nor the button that Enter presses; a référent who is signed in finds himself there."""
    served.enter(page, path="/a-faire")
    page.goto(f"{served.url}/demande")
    expect(page.get_by_label("Adresse électronique")).to_have_value("camille@siao.example")
    page.locator("#referent-oui").focus()
    met = []
    for _ in range(40):
        page.keyboard.press("Tab")
        met.append(page.evaluate("document.activeElement.id || document.activeElement.name"))
        if page.evaluate("document.activeElement.value") == "envoyer":
            break
    assert met[:6] == ["profil", "prenom", "nom", "email", "departement", "mots"]
    assert {"site", "par-defaut"}.isdisjoint(met)
    assert page.evaluate("document.activeElement.value") == "envoyer"
