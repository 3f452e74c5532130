"""Level 2 in three browsers: taken, assigned, an exchange planned and moved, answered, closed, opened again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from records.desks.acting import Acting
from records.desks.qualifications import qualifications_of
from records.desks.statut import Solved
from records.wording import Wording
from support.calls.store import Qualification, save_qualification
from support.requests.store import read_request
from support.requests.working import open_for_call
from tests.browser.conftest import Served, opened
from tests.browser.test_accessibility import AXE, RUN
from tests.support.house import NOW, store_call

CAMILLE, SACHA, NOOR = "camille@siao.example", "sacha@siao.example", "noor@siao.example"
ENTRY = Wording("Accès et authentification", "Problème de connexion au SI SIAO", "Réinitialisation du mot de passe")
COUNTING = (
    "for (const kind of ['click', 'keydown']) addEventListener(kind, (e) => { if (e.isTrusted && (kind === 'click' || "
    "e.key === 'Enter')) sessionStorage.n = Number(sessionStorage.n || 0) + 1; }, true);"
)


@pytest.fixture
def asked(served: Served) -> Served:
    """A call of Paris that Camille has escalated, and a second person in the national team."""
    house = served.house
    house.invite(NOOR, "national")
    acting = Acting(house.engine, CAMILLE, NOW, house.accounts[CAMILLE])
    with house.writing() as connection:
        store_call(connection, "CA1", started_at=NOW - timedelta(hours=1))
        told = Qualification("CA1", 1, ENTRY, "1", Solved(False, True), "Écran blanc", CAMILLE, NOW)
        save_qualification(connection, told)
        open_for_call(
            acting, connection, call_id="CA1", departement="75", wording=ENTRY, niveau="1",
            description="L’écran reste blanc.",
        )  # fmt: skip
    return served


@pytest.fixture
def three(asked: Served, chromium: Browser) -> Iterator[tuple[Page, Page, Page]]:
    """Camille, Sacha and Noor, each in a browser of his own; no console complains."""
    problems: list[str] = []
    contexts = [opened(chromium, problems, viewport={"width": 1280, "height": 900}) for _ in range(3)]
    pages = []
    for context, email in zip(contexts, (CAMILLE, SACHA, NOOR), strict=True):
        context.add_init_script(COUNTING)
        pages.append(context.new_page())
        asked.enter(pages[-1], email, path="/demandes")
        pages[-1].evaluate("sessionStorage.n = 0")
    yield pages[0], pages[1], pages[2]
    for context in contexts:
        context.close()
    assert problems == []


def open_form(page: Page, name: str) -> None:
    page.locator("summary").filter(has_text=name).click()


def send(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def statut(served: Served) -> object:
    with served.house.writing() as connection:
        return qualifications_of(connection, ["CA1"])["CA1"]["statut"]


def test_a_request_lives_between_three_people(asked: Served, three: tuple[Page, Page, Page]) -> None:
    camille, sacha, noor = three
    clock = asked.house.clock

    expect(camille.get_by_text("L’équipe nationale va la prendre en charge")).to_be_visible()
    sacha.get_by_role("button", name="Je m’en occupe : demande n° 1").click()
    expect(sacha.get_by_text("Vous vous occupez de cette demande.")).to_be_visible()
    open_form(sacha, "Attribuer à un collègue")
    sacha.get_by_label("Personne").select_option(label="Noor")
    send(sacha, "Attribuer à un collègue")
    expect(sacha.get_by_text("La demande est attribuée.")).to_be_visible()

    clock.advance(minutes=20)
    noor.goto(f"{asked.url}/demandes?qui=moi")
    noor.get_by_role("link", name="N° 1").click()
    open_form(noor, "Planifier un échange téléphonique")
    noor.get_by_label("Date", exact=True).fill("2026-11-25")
    noor.get_by_label("Heure", exact=True).fill("10:00")
    send(noor, "Planifier un échange téléphonique")
    expect(noor.get_by_text("Échange téléphonique le 25 novembre 2026 à 10 h 00")).to_be_visible()

    camille.goto(f"{asked.url}/demandes/1")
    expect(camille.get_by_text("Échange téléphonique le 25 novembre 2026 à 10 h 00")).to_be_visible()
    expect(camille.locator("summary").filter(has_text="Clore")).to_have_count(0)
    open_form(camille, "Ajouter une précision")
    camille.get_by_label("Votre précision").fill("Plutôt l’après-midi, si possible.")
    send(camille, "Ajouter une précision")

    noor.reload()
    open_form(noor, "Déplacer l’échange téléphonique")
    noor.get_by_label("Date", exact=True).fill("2026-11-25")
    noor.get_by_label("Heure", exact=True).fill("14:30")
    send(noor, "Déplacer l’échange téléphonique")
    expect(noor.get_by_text("Échange téléphonique le 25 novembre 2026 à 14 h 30")).to_be_visible()

    clock.advance(days=1, hours=4)
    asked.enter(noor, NOOR, path="/demandes/1")
    open_form(noor, "Rendre compte de l’échange téléphonique")
    noor.get_by_label("Ce qui a été dit").fill("Le cache est vidé, la page s’affiche.")
    send(noor, "Rendre compte de l’échange téléphonique")
    open_form(noor, "Répondre")
    noor.get_by_role("link", name="Partir de la réponse type").click()
    expect(noor.get_by_label("Votre réponse")).to_have_value(re.compile("^Bonjour"))
    send(noor, "Répondre")
    expect(noor.get_by_text("La réponse est envoyée.")).to_be_visible()
    open_form(noor, "Clore, avec un résultat")
    noor.get_by_label("Oui, il est résolu").check(force=True)
    noor.get_by_label("Résultat").fill("Résolu par téléphone.")
    send(noor, "Clore, avec un résultat")
    expect(noor.get_by_text("La demande est close")).to_be_visible()
    assert statut(asked) == "Résolu"

    asked.enter(camille, CAMILLE, path="/demandes/1")
    expect(camille.get_by_text("problème résolu")).to_be_visible()
    open_form(camille, "Rouvrir la demande")
    camille.get_by_label("Ce qui ne va pas").fill("L’écran est blanc de nouveau.")
    send(camille, "Rouvrir la demande")
    expect(camille.get_by_text("La demande est rouverte.")).to_be_visible()
    assert statut(asked) == "Escaladé"

    asked.enter(sacha, SACHA, path="/demandes")
    sacha.get_by_role("link", name="N° 1").click()
    for step in ("Demande ouverte", "Prise en charge", "Attribuée", "Échange téléphonique proposé", "Précision",
                 "Échange téléphonique tenu", "Réponse", "Close", "Rouverte"):  # fmt: skip
        expect(sacha.locator(".step").filter(has_text=step).first).to_be_visible()
    counts = {name: page.evaluate("sessionStorage.n") for name, page in zip("CSN", three, strict=True)}
    print(f"\nclicks and Enter: référent {counts['C']}, level 2 {counts['S']} and {counts['N']}")
    assert sum(map(int, counts.values())) <= 40


def test_two_people_at_once_the_second_sees_what_the_first_did(asked: Served, three: tuple[Page, Page, Page]) -> None:
    _camille, sacha, noor = three
    for page in (sacha, noor):
        page.goto(f"{asked.url}/demandes/1")
        open_form(page, "Répondre")
        page.get_by_label("Votre réponse").fill(f"De {'Sacha' if page is sacha else 'Noor'}.")
    send(sacha, "Répondre")
    send(noor, "Répondre")
    expect(noor.locator("#conflit")).to_be_focused()
    expect(noor.locator("#conflit")).to_contain_text("De Sacha.")
    expect(noor.get_by_label("Votre réponse")).to_have_value("De Noor.")
    send(noor, "Répondre")
    expect(noor.get_by_text("La réponse est envoyée.")).to_be_visible()


def test_a_request_is_worked_without_script_on_a_small_screen(asked: Served, chromium: Browser) -> None:
    context = opened(chromium, [], java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = context.new_page()
    asked.enter(page, SACHA, path="/demandes")
    page.get_by_role("link", name="N° 1").click()
    page.get_by_role("button", name="Je m’en occupe").click()
    open_form(page, "Ouvrir un ticket technique")
    page.get_by_label("Nature").select_option(label="Incident")
    send(page, "Ouvrir un ticket technique")
    expect(page.get_by_text("INC-2026-0001").first).to_be_visible()
    open_form(page, "Clore, avec un résultat")
    page.get_by_label("Résultat").fill("Corrigé.")
    send(page, "Clore, avec un résultat")
    expect(page.get_by_text("Dites si le problème est résolu.").first).to_be_visible()
    expect(page.get_by_label("Résultat")).to_have_value("Corrigé.")
    page.get_by_label("Non, il ne l’est pas").check(force=True)
    send(page, "Clore, avec un résultat")
    expect(page.get_by_text("La demande est close")).to_be_visible()
    with asked.house.writing() as connection:
        found = read_request(connection, 1)
    assert found
    assert found.closed_at
    assert statut(asked) == "En cours"
    context.close()


@pytest.mark.skipif(not Path(AXE).exists(), reason="make assets has not installed axe-core")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_with_every_form_open(asked: Served, chromium: Browser, scheme: str, width: int) -> None:
    context = opened(chromium, [], color_scheme=scheme, viewport={"width": width, "height": 900})
    page = context.new_page()
    found = {}
    for email in (SACHA, CAMILLE):
        asked.enter(page, email, path="/demandes")
        for path in ("/demandes", "/demandes/1", "/demandes/aide"):
            page.goto(asked.url + path)
            page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            page.evaluate(AXE.read_text(encoding="utf-8"))
            found[email, path] = page.evaluate(RUN)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        page.context.clear_cookies()
    assert {where: told for where, told in found.items() if told} == {}
    context.close()
