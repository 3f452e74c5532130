"""The written relay for whoever cannot telephone: on every page and in every mail where it is set, nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from html import unescape
from pathlib import Path

import pytest

from records.mail import Mail
from service.mail import sender
from service.running.watching.checks import check_settings
from service.settings import read_settings
from tests.service.mail_server import mail_server
from tests.support.house import NOW, House, open_house

URL = "https://relais.example/si-siao"
HOURS = "du lundi au vendredi, 9 h – 18 h"
ASKED = "Vous êtes sourd ou malentendant ?"
IN_A_MAIL = f"{ASKED} Joignez l’assistance par écrit : {URL} ({HOURS})"
PAGES = ("/", "/connexion", "/accessibilite", "/mentions-legales", "/nulle-part", "/a-faire", "/administration")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., House]]:
    houses = []

    def opening(**more: str) -> House:
        houses.append(open_house(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}", **more))
        return houses[-1]

    yield opening
    for one in houses:
        one.close()


def footer(page: str) -> str:
    return page[page.index("<footer") :]


def test_every_page_shows_the_relay_and_its_hours_in_the_footer(opened: Callable[..., House]) -> None:
    browser = opened(relay_url=URL, relay_hours=HOURS).signed_in("sacha@siao.example")
    for path in PAGES:
        shown = footer(browser.get(path).text)
        assert shown.count(f'<a href="{URL}">Joignez l’assistance par écrit</a> ({HOURS}).') == 1, path


def test_the_accessibility_page_says_it_where_it_tells_how_to_reach_us(opened: Callable[..., House]) -> None:
    page = opened(relay_url=URL, relay_hours=HOURS).app.test_client().get("/accessibilite").text
    told = page[page.index("Joindre l’assistance sans téléphoner") : page.index("Améliorer et nous contacter")]
    assert f'href="{URL}"' in told
    assert HOURS in told


def test_a_relay_without_hours_has_no_empty_brackets(opened: Callable[..., House]) -> None:
    page = opened(relay_url=URL).app.test_client().get("/accessibilite").text
    assert page.count("Joignez l’assistance par écrit</a>.") == 2


@pytest.mark.parametrize("more", [{}, {"relay_hours": HOURS}])
def test_without_an_address_nothing_is_said(opened: Callable[..., House], more: dict[str, str]) -> None:
    house = opened(**more)
    browser = house.signed_in("sacha@siao.example")
    assert not [path for path in PAGES if ASKED in browser.get(path).text or HOURS in browser.get(path).text]
    sender(house.settings).send(Mail("a@siao.example", "Bonjour", "Un texte.\n"))
    assert house.mails()[-1].get_content().splitlines() == ["Un texte."]


def test_what_is_set_is_escaped_on_the_pages(opened: Callable[..., House]) -> None:
    hostile = '"><script>alert(1)</script>'
    page = opened(relay_url=f"https://relais.example/{hostile}", relay_hours=hostile).app.test_client().get("/").text
    assert "<script>alert" not in page
    assert unescape(footer(page)).count(hostile) == 2


def test_a_letter_ends_with_it_once(opened: Callable[..., House]) -> None:
    """All letters leave by the same sender."""
    house = opened(relay_url=URL, relay_hours=HOURS)
    browser = house.signed_in("sacha@siao.example")
    form = {"email": "noor@siao.example", "role": "referent", "departements": "75"}
    assert browser.post("/administration/comptes", form).status_code == 303
    [letter] = house.mails()
    assert letter.get_content().count(ASKED) == 1
    assert letter.get_content().splitlines()[-1] == IN_A_MAIL


def test_it_goes_by_a_mail_server_as_it_goes_into_a_folder(tmp_path: Path) -> None:
    with mail_server() as (server, url):
        settings = read_settings(demo=True, var_dir=tmp_path, mail_url=url, relay_url=URL, relay_hours=HOURS)
        sender(settings).send(Mail("a@siao.example", "Bonjour", "Un texte.\n"))
        [taken] = server.taken
    folder = read_settings(demo=True, var_dir=tmp_path, relay_url=URL, relay_hours=HOURS)
    sender(folder).send(Mail("a@siao.example", "Bonjour", "Un texte.\n"))
    [file] = (tmp_path / "courriels").glob("*.eml")
    written = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert [each.get_content().splitlines() for each in (taken, written)] == [["Un texte.", "", IN_A_MAIL]] * 2


def test_the_doctor_advises_where_hours_stand_without_an_address() -> None:
    def advised(**values: str) -> list[str]:
        found = check_settings(read_settings(**values), NOW)  # type: ignore[arg-type]
        return [each.sentence for each in found if each.advice and "RELAY" in each.sentence]

    assert advised(relay_hours=HOURS) == ["RELAY_HOURS sans RELAY_URL : le relais écrit n’est montré nulle part"]
    assert advised() == advised(relay_url=URL) == advised(relay_url=URL, relay_hours=HOURS) == []
