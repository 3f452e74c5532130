"""A reader asks for the newsletter, confirms, receives it and leaves, as people do it in a browser and a mailbox."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from routing.calendar.hours import read_hours
from service.mail import FolderSender
from support.newsletter.posting import NewsletterPost
from support.newsletter.store import ask_for, receive, receivers
from support.newsletter.subscriber import CONSENT
from tests.browser.conftest import Served, opened
from tests.browser.test_accessibility import AXE, complaints

NOOR, SACHA = "noor@asso.example", "sacha@siao.example"


def post_of(served: Served, folder: Path) -> NewsletterPost:
    """The newsletter's work, whose mails become files."""
    house = served.house
    sender = FolderSender(folder, {"From": "SI SIAO <ne-pas-repondre@siao.example>", "Reply-To": ""})
    return NewsletterPost(
        house.engine, sender, house.clock, house.settings.secret, served.url, read_hours(""), lambda: [SACHA]
    )  # fmt: skip


def link_in(served: Served, what: str) -> str:
    """The newest mail's link of this kind."""
    text = served.house.mails()[-1].get_body(("plain",))
    assert text is not None
    found = re.search(rf"{served.url}/lettre/abonnes/\d+/{what}/\S+", text.get_content())
    assert found
    return found[0]


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_a_reader_subscribes_confirms_receives_and_leaves(served: Served, chromium: Browser, script: bool) -> None:
    post = post_of(served, served.house.letters)
    problems: list[str] = []
    context = opened(chromium, problems, viewport={"width": 360, "height": 740}, java_script_enabled=script)
    page = context.new_page()

    page.goto(f"{served.url}/lettre")
    page.get_by_label("Adresse électronique").fill("noor")
    page.get_by_role("button", name="M’abonner").click()
    expect(page.get_by_text("Donnez une adresse électronique complète")).to_be_visible()
    page.get_by_label("Adresse électronique").fill(NOOR)
    page.get_by_text("J’accepte de recevoir").click()
    page.get_by_role("button", name="M’abonner").click()
    expect(page.get_by_role("heading", name="Confirmez par courriel")).to_be_visible()
    post.send()
    page.goto(link_in(served, "confirmer"))
    expect(page.get_by_text(NOOR)).to_be_visible()
    page.get_by_role("button", name="Confirmer mon abonnement").click()
    expect(page.get_by_role("heading", name="Abonnement confirmé")).to_be_visible()

    _send_one(served, chromium, script=script)
    post.send()
    mail = served.house.mails()[-1]
    assert (mail["To"], mail["Subject"]) == (NOOR, "Décembre")
    assert mail["List-Unsubscribe"] == f"<{link_in(served, 'quitter')}>"
    page.goto(link_in(served, "quitter"))
    page.get_by_role("button", name="Ne plus recevoir la lettre").click()
    expect(page.get_by_text("Vous ne recevrez plus la lettre.")).to_be_visible()
    with served.house.writing() as connection:
        assert receivers(connection) == []
    context.close()
    assert problems == []


@pytest.mark.skipif(not AXE.exists(), reason="make assets has not installed axe-core")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_of_private_links(served: Served, chromium: Browser, scheme: str) -> None:
    with served.house.writing() as connection:
        one = ask_for(connection, NOOR, CONSENT, served.house.clock())
        receive(connection, one, served.house.clock())
    secret, start = served.house.settings.secret, f"{served.url}/lettre/abonnes/{one.id}"
    context = opened(chromium, [], color_scheme=scheme, viewport={"width": 360, "height": 740})
    page = context.new_page()
    links = (f"confirmer/{one.confirm_token(secret)}", f"quitter/{one.leave_token(secret)}", "confirmer/perime")
    found = [complaints(page, f"{start}/{link}") for link in links]
    assert found == [[], [], []]
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()


def _send_one(served: Served, chromium: Browser, *, script: bool) -> None:
    """The national team writes, previews and sends."""
    context = opened(chromium, [], viewport={"width": 1280, "height": 900}, java_script_enabled=script)
    page: Page = context.new_page()
    served.enter(page, SACHA)
    page.goto(f"{served.url}/administration/lettres")
    page.get_by_label("Titre de la note").fill("Un outil neuf")
    page.get_by_role("button", name="Mettre dans la prochaine lettre").click()
    page.get_by_role("button", name="Préparer un brouillon maintenant").click()
    page.get_by_label("Sujet du courriel").fill("Décembre")
    page.get_by_role("button", name="Enregistrer et voir l’aperçu").click()
    expect(page.get_by_role("heading", name="Un outil neuf")).to_be_visible()
    page.get_by_role("link", name="Retour à la lettre").click()
    page.get_by_text("J’ai relu la lettre").click()
    page.get_by_role("button", name="Envoyer la lettre").click()
    expect(page.get_by_text("La lettre part vers 1 personne abonnée.")).to_be_visible()
    context.close()
