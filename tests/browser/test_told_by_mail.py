"""What people do in their browsers reaches the others by mail, read from a real SMTP server; calendars too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from icalendar import Calendar
from playwright.sync_api import Browser, Page, expect

from records.desks.qualifications import qualifications_of
from service.directory.snapshots import SnapshotFile
from service.mail import sender
from service.wiring.letters.absences import away_post
from service.wiring.letters.requests import request_post
from tests.browser.conftest import Served, opened
from tests.browser.test_requests import COUNTING, NOOR, SACHA, open_form, send
from tests.service.mail_server import HoldingServer, mail_server
from tests.support.house import NOW, store_call

MAEVA, CAMILLE, DOMINIQUE = (f"{name}@siao.example" for name in ("maeva", "camille", "dominique"))


@dataclass
class Posts:
    """The jobs that send, at the house's moment, and the server that takes what they send."""

    served: Served
    server: HoldingServer
    url: str

    def work(self) -> list[EmailMessage]:
        """One round; what was sent in it."""
        house, before = self.served.house, len(self.server.taken)
        settings = house.settings.model_copy(update={"mail_url": self.url})
        wired = settings, house.engine, sender(settings), SnapshotFile(settings.var_dir).current
        replace(request_post(*wired), clock=house.clock).work()
        replace(away_post(*wired), clock=house.clock).send()
        return self.server.taken[before:]


@pytest.fixture
def posts(served: Served) -> Iterator[Posts]:
    with mail_server() as (server, url):
        yield Posts(served, server, url)


def words(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part
    return str(part.get_content())


def link_of(public_url: str, mail: EmailMessage) -> str:
    """The path of the page to which a mail leads."""
    found = re.search(re.escape(public_url) + r"(/demandes/\d+)", words(mail))
    assert found
    return found[1]


def entry(mail: EmailMessage) -> tuple[str, Any]:
    """The method and the event of the invitation that a mail carries."""
    [part] = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    calendar = Calendar.from_ical(part.get_content())
    return str(calendar["method"]), calendar.events[0]


def test_an_escalated_call_of_la_reunion_from_the_card_to_its_result_in_one_thread(
    served: Served, posts: Posts, chromium: Browser
) -> None:
    """Three people in three browsers; the référent follows the link of each mail."""
    house, problems, pages = served.house, list[str](), list[Page]()
    house.invite(NOOR, "national")
    house.invite(MAEVA, "referent", "974")
    with house.writing() as connection:
        store_call(connection, "CA974", departement="974", started_at=NOW - timedelta(minutes=30))
    paths = {MAEVA: "/appels/CA974", SACHA: "/demandes", NOOR: "/demandes"}
    for email, path in paths.items():
        context = opened(chromium, problems, viewport={"width": 1280, "height": 900})
        context.add_init_script(COUNTING)
        pages.append(context.new_page())
        served.enter(pages[-1], email, path=path)
        pages[-1].evaluate("sessionStorage.n = 0")
    maeva, sacha, noor = pages

    maeva.keyboard.press("1")
    maeva.get_by_label("Commentaire").fill("Mme Zéphyr, 06 39 98 00 11, ne peut plus se connecter.")
    maeva.locator("label[for=statut-3]").click()
    send(maeva, "Enregistrer")
    maeva.locator("label[for=confirmed]").click()
    send(maeva, "Enregistrer")
    maeva.wait_for_url("**/demandes/1")
    house.clock.advance(minutes=6)
    root, *others = posts.work()
    assert {root["To"]} | {mail["To"] for mail in others} == {SACHA}

    served.enter(sacha, SACHA, path="/demandes")
    sacha.get_by_role("button", name="Je m’en occupe : demande n° 1").click()
    open_form(sacha, "Planifier un échange téléphonique")
    sacha.get_by_label("Date", exact=True).fill("2026-11-25")
    sacha.get_by_label("Heure", exact=True).fill("14:30")
    send(sacha, "Planifier un échange téléphonique")
    planned = posts.work()
    assert [mail["To"] for mail in planned] == [MAEVA, SACHA]
    assert "à 14 h 30 (heure de La Réunion), soit mercredi 25 novembre 2026 à 11 h 30 (heure de Paris)" in words(
        planned[0]
    )
    assert [entry(mail)[0] for mail in planned] == ["REQUEST", "REQUEST"]
    assert entry(planned[0])[1].start == datetime(2026, 11, 25, 10, 30, tzinfo=UTC)

    open_form(sacha, "Attribuer à un collègue")
    sacha.get_by_label("Personne").select_option(label="Noor")
    send(sacha, "Attribuer à un collègue")
    given = posts.work()
    assert {mail["To"]: entry(mail)[0] for mail in given} == {NOOR: "REQUEST", SACHA: "CANCEL"}

    maeva.goto(served.url + link_of(house.settings.public_url, planned[0]))
    open_form(maeva, "Annuler l’échange téléphonique")
    maeva.get_by_label("Pourquoi, et quel autre moment conviendrait").fill("Plutôt jeudi.")
    maeva.locator("label[for=annuler-echange-confirme]").click()
    send(maeva, "Annuler l’échange téléphonique")
    cancelled = posts.work()
    assert {mail["To"]: entry(mail)[0] for mail in cancelled} == {MAEVA: "CANCEL", NOOR: "CANCEL"}

    noor.goto(f"{served.url}/demandes/1")
    open_form(noor, "Répondre")
    noor.get_by_label("Votre réponse").fill("Le compte est débloqué.")
    send(noor, "Répondre")
    open_form(noor, "Clore, avec un résultat")
    noor.locator("label[for=clore-oui]").click()
    noor.get_by_label("Résultat").fill("Compte débloqué.")
    send(noor, "Clore, avec un résultat")
    expect(noor.get_by_text("La demande est close")).to_be_visible()
    answered = posts.work()
    assert [mail["To"] for mail in answered] == [MAEVA, MAEVA]
    with house.writing() as connection:
        assert qualifications_of(connection, ["CA974"])["CA974"]["statut"] == "Résolu"

    later = [*others, *planned, *given, *cancelled, *answered]
    assert {mail["References"] for mail in later} == {root["Message-ID"]}
    assert len({mail["Subject"] for mail in [root, *later]}) == 1
    assert len({str(entry(mail)[1]["uid"]) for mail in [*planned, *given, *cancelled]}) == 1
    for mail in [root, *later]:
        assert link_of(house.settings.public_url, mail) == "/demandes/1"
        assert not re.search("Zéphyr|06 39 98|99000001", words(mail))
    counts = [page.evaluate("sessionStorage.n") for page in pages]
    print(f"\nclicks and Enter, by mail: référent {counts[0]}, level 2 {counts[1]} and {counts[2]}")
    assert sum(map(int, counts)) <= 40
    for page in pages:
        page.context.close()
    assert problems == []


def test_a_colleague_of_the_desk_is_said_to_be_ill_and_reads_it_with_whoever_stands_in(
    served: Served, posts: Posts, page: Page
) -> None:
    served.enter(page, CAMILLE, path="/absence")
    page.get_by_label("Collègue", exact=True).select_option("Dominique Modèle (75)")
    page.get_by_role("button", name="Choisir").click()
    page.locator("#suppleant-maintenant").select_option(label="Camille Exemple")
    page.get_by_role("button", name="Jusqu’à demain inclus").click()
    expect(page.get_by_text("L’absence de Dominique Modèle est enregistrée")).to_be_visible()
    mails = {mail["To"]: mail for mail in posts.work()}
    assert set(mails) == {DOMINIQUE, CAMILLE}
    assert "Camille" in words(mails[DOMINIQUE])
    method, event = entry(mails[CAMILLE])
    assert (method, event.start, event.end.hour) == ("REQUEST", NOW, 23)
