"""Whoever wrote follows the request in a browser, with and without script, without an account, on a small screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from support.requests import working
from support.requests.states import Move, RequestState
from tests.browser.conftest import Served, opened
from tests.browser.test_accessibility import AXE, RUN
from tests.support.attachments.files import image
from tests.support.following.conftest import Followed, followed_in


@pytest.fixture
def followed(served: Served) -> Followed:
    return followed_in(served.house)


def send(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_request_is_followed_from_its_receipt_to_the_opinion_about_it(
    served: Served, followed: Followed, chromium: Browser, tmp_path: Path, *, script: bool
) -> None:
    problems: list[str] = []
    context = opened(chromium, problems, viewport={"width": 360, "height": 740}, java_script_enabled=script)
    page, picture = context.new_page(), tmp_path / "ecran.png"
    picture.write_bytes(image())
    page.goto(served.url + followed.path())
    expect(page.get_by_text("Les référents SI SIAO de Paris vont la prendre en charge.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

    page.locator("summary").filter(has_text="Ajouter une précision ou un fichier").click()
    page.get_by_label("Votre précision").fill("Depuis mardi.")
    page.get_by_label("Fichiers (facultatif)").set_input_files(picture)
    send(page, "Envoyer")
    expect(page.get_by_text("C’est ajouté à votre demande.")).to_be_visible()
    expect(page.get_by_text("Non analysé")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="ecran.png").click()
    assert download.value.suggested_filename == "ecran.png"

    followed.does(working.ask, text="Sur quel poste ?")
    page.reload()
    page.get_by_label("Votre réponse").fill("À l’accueil.")
    followed.does(working.answer, text="Ouvrez « Mon compte ».")
    send(page, "Envoyer")
    expect(page.get_by_role("heading", name="Votre demande a avancé pendant que vous écriviez")).to_be_visible()
    expect(page.get_by_label("Votre précision")).to_have_value("À l’accueil.")
    send(page, "Envoyer")
    expect(page.get_by_text("C’est ajouté à votre demande.")).to_be_visible()

    followed.does(working.close, text="Le compte est débloqué.", solved=True)
    page.reload()
    send(page, "Plutôt oui")
    expect(page.get_by_text("Merci, votre avis est noté.")).to_be_visible()
    assert followed.now().rating == 4
    page.locator("summary").filter(has_text="Rouvrir ma demande").click()
    page.get_by_label("Ce qui ne va pas").fill("Ça recommence.")
    send(page, "Rouvrir ma demande")
    expect(page.get_by_text("Votre demande est rouverte.")).to_be_visible()

    page.locator("summary").filter(has_text="Clore ma demande").click()
    send(page, "J’ai ma réponse")
    expect(page.get_by_text("Votre demande est close.", exact=True)).to_be_visible()
    assert followed.now().state is RequestState.CLOSED
    assert [step.move for step in followed.steps()][-3:] == [Move.RATE, Move.REOPEN, Move.WITHDRAW]

    page.locator("summary").filter(has_text="Ce lien a été partagé par erreur").click()
    send(page, "Remplacer mon lien")
    expect(page.get_by_role("heading", name="Votre lien est remplacé")).to_be_visible()
    page.goto(served.url + followed.path())
    expect(page.get_by_role("heading", name="Ce lien ne s’ouvre pas")).to_be_visible()
    send(page, "Recevoir un nouveau lien")
    expect(page.get_by_role("heading", name="Regardez votre messagerie")).to_be_visible()
    context.close()
    assert problems == []


def test_by_keyboard_alone_a_word_is_sent(served: Served, followed: Followed, page: Page) -> None:
    page.goto(served.url + followed.path())
    page.locator("#preciser > summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Depuis mardi.")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("C’est ajouté à votre demande.")).to_be_visible()
    assert followed.steps()[-1].text == "Depuis mardi."


@pytest.mark.skipif(not AXE.exists(), reason="make assets has not installed axe-core")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_of_whoever_wrote(
    served: Served, followed: Followed, chromium: Browser, scheme: str
) -> None:
    context = opened(chromium, [], color_scheme=scheme, viewport={"width": 360, "height": 740})
    page, found = context.new_page(), {}

    def look(state: str) -> None:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found[state] = page.evaluate(RUN)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, state

    followed.does(working.ask, text="Sur quel poste ?")
    page.goto(served.url + followed.path())
    look("asked back")
    page.get_by_label("Votre réponse").fill("Mme Zéphyr, 06 39 98 00 11")
    send(page, "Envoyer")
    expect(page.locator("#erreurs")).to_be_visible()
    look("refused")
    followed.does(working.close, text="Réglé.", solved=True)
    for state, path in (
        ("closed", followed.path()), ("no link", "/demande/suivi/" + "a" * 22), ("another link", "/demande/suivi"),
    ):  # fmt: skip
        page.goto(served.url + path)
        look(state)
    served.enter(page, path=f"/demandes/{followed.number}")
    look("desk")
    context.close()
    assert {state: told for state, told in found.items() if told} == {}
