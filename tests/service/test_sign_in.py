"""Signing in: by invitation only, by a link that mail scanners cannot burn, for thirty idle minutes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from records.desks.accounts import close_account
from records.desks.acting import Acting
from service.accounts.invitations import invite
from service.mail import sender
from tests.support.house import Browser, House, open_house, store_call


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = open_house(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}")
    yield made
    made.close()


@pytest.fixture
def browser(house: House) -> Browser:
    return Browser(house.app.test_client())


def link_in(text: str) -> str:
    found = re.search(r"http://127.0.0.1:8000(/connexion/\S+)", text)
    assert found
    return found[1]


def test_a_link_arrives_by_mail_and_signs_in_once(house: House, browser: Browser) -> None:
    """A scanner may open it as often as it likes: only the button consumes it."""
    answer = browser.post("/connexion", {"email": " Camille@SIAO.example ", "suite": "/reponses"})
    assert "Si l’adresse" in answer.text
    [letter] = house.mails()
    link = link_in(letter.get_content())
    for _ in range(3):
        assert "Entrer dans mon espace" in browser.get(link).text
    entered = browser.post(link, {})
    assert (entered.status_code, entered.location) == (303, "/reponses")
    assert browser.get("/a-faire").status_code == 200
    assert browser.post(link, {}).status_code == 410
    assert browser.get(link).status_code == 410


def test_whether_an_address_is_invited_does_not_show(house: House, browser: Browser) -> None:
    known = browser.post("/connexion", {"email": "camille@siao.example"}).text
    unknown = browser.post("/connexion", {"email": "inconnu@siao.example"}).text
    assert known.replace("camille", "inconnu") == unknown
    assert [letter["To"] for letter in house.mails()] == ["camille@siao.example"]


def test_too_many_demands_are_refused_alike_for_known_and_unknown_addresses(house: House, browser: Browser) -> None:
    for email in ("camille@siao.example", "inconnu@siao.example"):
        codes = [browser.post("/connexion", {"email": email}).status_code for _ in range(6)]
        assert codes == [200] * 5 + [429]
    house.clock.advance(minutes=16)
    assert browser.post("/connexion", {"email": "camille@siao.example"}).status_code == 200


@pytest.mark.parametrize("email", ["", "camille", "a@b\r\nBcc: x@y.fr", "x" * 260 + "@y.fr"])
def test_what_is_no_address_is_told(house: House, browser: Browser, email: str) -> None:
    answer = browser.post("/connexion", {"email": email})
    assert answer.status_code == 400
    assert "adresse électronique" in answer.text
    assert house.mails() == []


@pytest.mark.parametrize("suite", ["https://ailleurs.example/", "//ailleurs.example", "/\\ailleurs.example", "appels"])
def test_signing_in_never_leads_elsewhere(house: House, browser: Browser, suite: str) -> None:
    browser.post("/connexion", {"email": "camille@siao.example", "suite": suite})
    [letter] = house.mails()
    assert browser.post(link_in(letter.get_content()), {}).location == "/a-faire"


def test_a_session_ends_after_thirty_idle_minutes_and_polling_is_no_activity(house: House) -> None:
    browser = house.signed_in()
    for _ in range(4):
        house.clock.advance(minutes=29)
        assert browser.get("/a-faire").status_code == 200
    for _ in range(7):
        house.clock.advance(minutes=5)
        answer = browser.get("/a-faire/nouveau", HX_Request="true")
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith("/connexion")
    assert browser.get("/a-faire").location == "/connexion?suite=/a-faire"


@pytest.mark.parametrize("seconds", [0, 40])
@pytest.mark.parametrize("asked_as", [{"HX-Request": "true"}, {"Sec-Fetch-Dest": "empty"}, {"Sec-Fetch-Dest": "audio"}])
def test_a_piece_that_a_page_asks_for_writes_no_cookie_over_what_a_form_sent_meanwhile_has_said(
    house: House, asked_as: dict[str, str], seconds: int
) -> None:
    browser = house.signed_in()
    browser.get("/reponses")
    house.clock.advance(seconds=seconds)
    for page in ("/reponses", "/a-faire/nouveau"):
        answer = browser.client.get(page, headers=asked_as)
        assert (answer.status_code, answer.headers.get("Set-Cookie")) == (200, None)
    assert ("Set-Cookie" in browser.get("/reponses").headers) is (seconds > 0)


def test_reading_pieces_of_one_page_only_keeps_the_session_too(house: House) -> None:
    browser = house.signed_in()
    for _ in range(4):
        house.clock.advance(minutes=16)
        assert browser.get("/reponses", HX_Request="true").status_code == 200


def test_a_session_lasts_twelve_hours_at_most(house: House) -> None:
    browser = house.signed_in()
    for _ in range(25):
        house.clock.advance(minutes=29)
        answer = browser.get("/a-faire")
    assert answer.status_code == 303


def test_what_was_typed_is_there_after_signing_in_again_even_elsewhere(house: House) -> None:
    with house.writing() as connection:
        store_call(connection, "CA1")
    browser = house.signed_in()
    form = {"thematique": "Accès et authentification", "statut": "En cours", "comment": "presque <fini>"}
    token = browser.token()
    house.clock.advance(minutes=31)
    answer = browser.client.post(
        "/appels/CA1", data=form | {"csrf_token": token}, headers={"Referer": "http://localhost/appels/CA1"}
    )
    assert answer.location == "/connexion?suite=/appels/CA1"
    phone = house.signed_in()
    page = phone.get("/appels/CA1").text
    assert "presque &lt;fini&gt;" in page
    assert "Votre session s’était fermée" in page
    assert "presque" not in house.signed_in("sacha@siao.example").get("/appels/CA1").text
    phone.post("/appels/CA1", form | {"faire": "enregistrer"})
    assert "presque" not in phone.get("/appels/CA1").text


def test_leaving_and_closing_an_account_end_the_session(house: House) -> None:
    browser, other = house.signed_in(), house.signed_in()
    browser.post("/deconnexion", {})
    assert browser.get("/a-faire").status_code == 303
    assert other.get("/a-faire").status_code == 200
    with house.writing() as connection:
        close_account(connection, house.accounts["camille@siao.example"].id, house.clock())
    assert other.get("/a-faire").status_code == 303


def test_a_session_cannot_be_made_from_a_stolen_table(house: House) -> None:
    """The cookie holds a secret whose hash alone is kept."""
    house.signed_in()
    with house.writing() as connection:
        [kept] = connection.exec_driver_sql("select token_hash from desk_sessions").scalars()
    thief = house.app.test_client()
    with thief.session_transaction() as session:
        session["desk"], session["seen"] = kept, int(house.clock().timestamp())
    assert thief.get("/a-faire").status_code == 303


def test_the_welcome_letter_tells_where_to_begin(house: House) -> None:
    invited = invite(
        Acting(house.engine, "test", house.clock()), house.settings, sender(house.settings),
        email="Nouvelle@siao.example", name="Noor Exemple", role="referent", codes=["75", "2A"],
    )  # fmt: skip
    assert invited.problem is None
    [letter] = house.mails()
    text = letter.get_content()
    for piece in (
        "Bonjour Noor Exemple",
        "Corse-du-Sud (2A), Paris (75)",
        "tapez 1",
        "Base de connaissances",
        "7 jours",
    ):
        assert piece in text
    assert Browser(house.app.test_client()).post(link_in(text), {}).status_code == 303
