"""A written request between three people in three browsers, told by real mails: with script and without it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from email.message import EmailMessage

import pytest
from playwright.sync_api import Browser, Page, expect

from service.directory.snapshots import SnapshotFile
from service.mail import sender
from service.wiring.letters.requests import request_post
from tests.browser.conftest import Served, opened
from tests.browser.test_form import go_on, say_who
from tests.browser.test_requests import SACHA, open_form, send
from tests.service.mail_server import HoldingServer, mail_server
from tests.support.form import senders

LOU, CAMILLE = "lou@asso.example", "camille@siao.example"
SMALL, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}


@dataclass
class Mailbox:
    """The jobs that send, at the house's moment, and what they have sent so far."""

    served: Served
    server: HoldingServer
    url: str

    def new(self, to: str) -> list[EmailMessage]:
        """One round of the jobs; what it sent to this address."""
        house, before = self.served.house, len(self.server.taken)
        settings = house.settings.model_copy(update={"mail_url": self.url})
        replace(senders.post_of(house), sender=sender(settings)).send()
        wired = settings, house.engine, sender(settings), SnapshotFile(settings.var_dir).current
        replace(request_post(*wired), clock=house.clock).work()
        return [mail for mail in self.server.taken[before:] if to in str(mail["To"])]


def words(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part
    return str(part.get_content())


def path_in(mail: EmailMessage, start: str) -> str:
    """The path of a link of ours that begins so."""
    found = re.search(re.escape(start) + r"[\w/-]*", words(mail))
    assert found, words(mail)
    return found[0]


def write(page: Page, *, script: bool) -> None:
    """Fill the form as its reader meets it: one page, or step by step."""
    say_who(page)
    for label, choice in (
        ("Thématique", "Accès et authentification"), ("Motif", "Problème de connexion au SI SIAO"),
        ("Sous-motif", "Réinitialisation du mot de passe"),
    ):  # fmt: skip
        if not script:
            go_on(page)
        page.get_by_label(label, exact=True).select_option(label=choice)
    if not script:
        go_on(page)
        go_on(page, "Non, je continue")
    page.get_by_label("Objet").fill("Mot de passe perdu")
    page.get_by_label("Description").fill("Le lien ne m’arrive pas.")
    if not script:
        go_on(page)
    go_on(page, "Envoyer ma demande")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.timeout(300)
def test_a_written_request_lives_between_three_people(served: Served, chromium: Browser, *, script: bool) -> None:
    problems: list[str] = []
    contexts = [
        opened(chromium, problems, viewport=size, java_script_enabled=script) for size in (SMALL, DESK, DESK)
    ]  # fmt: skip
    lou, camille, sacha = (context.new_page() for context in contexts)
    clock = served.house.clock
    with mail_server() as (server, url):
        box = Mailbox(served, server, url)

        # Lou writes, and proves the address: until then nobody has anything to read.
        lou.goto(f"{served.url}/demande")
        write(lou, script=script)
        expect(lou.get_by_role("heading", level=1)).to_contain_text("confirmez votre adresse")
        [proof] = box.new(LOU)
        assert box.new(CAMILLE) == []
        lou.goto(served.url + path_in(proof, "/demande/confirmer/"))
        lou.get_by_role("button", name="Confirmer mon adresse et transmettre la demande").click()
        expect(lou.get_by_role("heading", level=1)).to_contain_text("est enregistrée")
        told = [*box.new(""), *server.taken[1:]]
        [receipt] = {str(mail["Message-ID"]): mail for mail in told if LOU in str(mail["To"])}.values()
        assert "n° 1" in str(receipt["Subject"])
        follow = path_in(receipt, "/demande/suivi/")

        # Camille, référent of Paris, finds it in the one list and asks something back.
        clock.advance(minutes=20)
        served.enter(camille, CAMILLE)
        camille.get_by_role("link", name="Mot de passe perdu").first.click()
        open_form(camille, "Demander une précision")
        camille.get_by_label("Votre question").fill("Depuis quel jour ?")
        send(camille, "Demander une précision")
        [question] = box.new(LOU)
        assert "Depuis quel jour ?" in words(question)
        assert question["In-Reply-To"] == receipt["Message-ID"]
        lou.goto(served.url + path_in(question, "/demande/suivi/"))
        lou.get_by_label("Votre réponse").fill("Depuis mardi.")
        lou.get_by_role("button", name="Envoyer", exact=True).click()
        expect(lou.get_by_text("C’est ajouté à votre demande.")).to_be_visible()

        # It is more than level 1 can solve: Camille hands it on with the reason, which Lou is not told.
        served.enter(camille, CAMILLE, path="/demandes/1")
        open_form(camille, "Confier au niveau 2")
        camille.get_by_label("Pourquoi elle relève du niveau 2").fill("Le compte est verrouillé côté serveur.")
        send(camille, "Confier au niveau 2")
        expect(camille.get_by_text("La demande est confiée au niveau 2.")).to_be_visible()
        [moved] = box.new(LOU)
        assert "verrouillé" not in words(moved)

        # Sacha, of the national team, answers and closes.
        served.enter(sacha, SACHA, path="/demandes/1")
        open_form(sacha, "Clore, avec un résultat")
        sacha.get_by_label("Oui, il est résolu").check(force=True)
        sacha.get_by_label("Résultat").fill("Le compte est déverrouillé, le lien est parti.")
        send(sacha, "Clore, avec un résultat")
        [closed] = box.new(LOU)
        assert "Le compte est déverrouillé" in words(closed)
        assert receipt["Message-ID"] in str(closed["References"])

        # Lou says whether it helped, on the same page, and it is over.
        lou.goto(served.url + path_in(closed, "/demande/suivi/"))
        lou.get_by_role("button", name="Plutôt oui", exact=True).click()
        expect(lou.get_by_text("Merci, votre avis est noté.")).to_be_visible()
        assert box.new(LOU) == []
        lou.goto(served.url + follow)
        expect(lou.get_by_text("Le compte est déverrouillé, le lien est parti.").first).to_be_visible()
    [asked] = senders.opened(served.house)
    assert (asked.state, asked.desk, asked.rating, asked.route) == ("closed", "national", 4, "niveau-1")
    for context in contexts:
        context.close()
    assert problems == []
