"""Written requests at the local desk in a browser: a ready text in three clicks, doubles merged, without script."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from support.requests import working
from support.requests.states import RequestState, WhichDesk
from support.requests.store import read_request
from tests.browser.conftest import Served, opened
from tests.browser.test_accessibility import AXE, RUN
from tests.browser.test_requests import COUNTING, open_form, send
from tests.support.requests.conftest import CAMILLE, Office


@pytest.fixture
def office(served: Served) -> Office:
    """Two requests of one person to the référents of Paris."""
    made = Office(served.house)
    made.written(subject="Plus d’accès")
    made.written(subject="Relance")
    return made


def state_of(office: Office, number: int) -> RequestState:
    with office.house.writing() as connection:
        found = read_request(connection, number)
    assert found
    return found.state


def count_from_here(page: Page) -> None:
    page.evaluate("sessionStorage.n = 0")


def test_the_ready_text_is_sent_in_three_interactions_from_what_is_to_do(
    served: Served, office: Office, chromium: Browser
) -> None:
    problems: list[str] = []
    context = opened(chromium, problems, viewport={"width": 1280, "height": 900})
    context.add_init_script(COUNTING)
    page = context.new_page()
    served.enter(page, CAMILLE)
    count_from_here(page)
    page.locator("#bouton-request-1").click()
    expect(page.get_by_label("Votre réponse")).to_have_value(re.compile("^Bonjour.*demande n° 1.*Camille$", re.DOTALL))
    both = page.get_by_role("button", name="Répondre et clore : résolu")
    box = both.bounding_box()
    assert box
    assert box["y"] + box["height"] <= 900, "the buttons stand on the first screen"
    both.click()
    expect(page.get_by_text("La demande est close.")).to_be_visible()
    clicks = int(page.evaluate("sessionStorage.n"))
    print(f"\nfrom « À faire » to an answered and closed request: {clicks} interactions")
    assert clicks <= 3
    assert state_of(office, 1) is RequestState.CLOSED
    page.get_by_role("link", name="Ligne suivante").click()
    expect(page.get_by_role("heading", name="Demande n° 2")).to_be_visible()
    context.close()
    assert problems == []


def test_a_request_is_confirmed_merged_parted_linked_and_escalated(
    served: Served, office: Office, chromium: Browser
) -> None:
    problems: list[str] = []
    context = opened(chromium, problems, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    served.enter(page, CAMILLE, path="/demandes")
    page.get_by_role("link", name="N° 2 · Relance").click()
    send(page, "C’est le bon motif")
    expect(page.get_by_text("Le motif est confirmé.")).to_be_visible()
    open_form(page, "Réunir avec une autre demande")
    page.get_by_label("N° 1 · Plus d’accès").check(force=True)
    page.get_by_role("button", name="Réunir avec une autre demande").click()
    expect(page.get_by_text("Réunie avec la demande n° 1").first).to_be_visible()
    open_form(page, "Séparer de la demande n° 1")
    page.get_by_label("Ce qui ne va pas").fill("Deux sujets différents.")
    send(page, "Séparer de la demande n° 1")
    expect(page.get_by_text("À prendre en charge").first).to_be_visible()
    open_form(page, "Demander une précision")
    page.get_by_label("Votre question à Lou Essai").fill("Depuis quand ?")
    send(page, "Demander une précision")
    expect(page.get_by_text("Attend une précision de la personne qui a écrit")).to_be_visible()
    office.sender_does(working.add, text="Depuis lundi.")
    page.reload()
    open_form(page, "Confier au niveau 2")
    page.get_by_label("Pourquoi elle relève du niveau 2").fill("Le droit manque.")
    send(page, "Confier au niveau 2")
    expect(page.get_by_text("L’équipe nationale va la prendre en charge")).to_be_visible()
    assert office.now().desk is WhichDesk.NATIONAL
    context.close()
    assert problems == []


def test_a_written_request_is_worked_without_script_on_a_small_screen(
    served: Served, office: Office, chromium: Browser
) -> None:
    context = opened(chromium, [], java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = context.new_page()
    served.enter(page, CAMILLE)
    page.locator("#bouton-request-1").click()
    page.get_by_label("Votre réponse").fill("Bonjour,\n\nVoici, le {date}.")
    send(page, "Répondre")
    expect(page.get_by_text("Remplacez dans le texte, ou retirez : « {date} ».").first).to_be_visible()
    page.get_by_label("Votre réponse").fill("Bonjour,\n\nVoici.")
    send(page, "Répondre")
    expect(page.get_by_text("La réponse est envoyée.")).to_be_visible()
    page.goto(f"{served.url}/demandes/2")
    open_form(page, "Réunir avec une autre demande")
    page.get_by_label("Ou son numéro").fill("999")
    page.get_by_role("button", name="Réunir avec une autre demande").click()
    expect(page.get_by_text("Choisissez une demande écrite par la même personne").first).to_be_visible()
    page.get_by_label("Ou son numéro").fill("1")
    page.get_by_role("button", name="Réunir avec une autre demande").click()
    expect(page.get_by_text("Les deux demandes sont réunies.")).to_be_visible()
    assert state_of(office, 2) is RequestState.CLOSED
    context.close()


@pytest.mark.skipif(not Path(AXE).exists(), reason="make assets has not installed axe-core")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_on_a_written_request_with_every_form_open(
    served: Served, office: Office, chromium: Browser, scheme: str, width: int
) -> None:
    context = opened(chromium, [], color_scheme=scheme, viewport={"width": width, "height": 900})
    page = context.new_page()
    found = {}
    served.enter(page, CAMILLE, path="/demandes")
    for path in ("/demandes", "/demandes/2", "/a-faire"):
        page.goto(served.url + path)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found[path] = page.evaluate(RUN)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert office.number == 2
    assert {where: told for where, told in found.items() if told} == {}
    context.close()
