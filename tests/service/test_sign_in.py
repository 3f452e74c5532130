"""Signing in: by invitation only, by a link that mail scanners cannot burn, for thirty idle minutes."""

from __future__ import annotations

import hashlib
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from pathlib import Path

import pytest

from records.desks.accounts import INVENTED_BY, AccountRefused, add_account, close_account, find_by_email
from records.desks.acting import Acting
from records.desks.audit import STRANGER, WantedLines, read_lines
from records.desks.permissions import AccountRole
from service.accounts.invitations import invite, one_time_link
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


def test_what_opens_a_session_is_long_drawn_by_chance_and_kept_as_a_digest(house: House) -> None:
    links = [house.link("camille@siao.example").removeprefix("/connexion/") for _ in range(20)]
    opened = []
    for _ in range(5):
        with house.signed_in().client.session_transaction() as session:
            opened.append(session["desk"])
    for drawn, least in ((links, 32), (opened, 24)):
        assert len(set(drawn)) == len(drawn)
        assert {len(urlsafe_b64decode(f"{one}==")) for one in drawn} == {least}, "bytes of the system's own chance"
    with house.writing() as connection:
        for table, drawn in (("sign_in_tokens", links), ("desk_sessions", opened)):
            kept = set(connection.exec_driver_sql(f"select token_hash from {table}").scalars())  # noqa: S608 - our table
            assert {hashlib.sha256(one.encode()).hexdigest() for one in drawn} <= kept
            assert kept.isdisjoint(drawn)


def test_nobody_enters_and_nobody_stays_in_while_the_database_fails(house: House) -> None:
    inside, outside, link = house.signed_in(), Browser(house.app.test_client()), house.link("sacha@siao.example")
    token = outside.token()
    for gone in ("desk_sessions", "accounts", "sign_in_tokens"):
        with house.writing() as connection:
            connection.exec_driver_sql(f"alter table {gone} rename to away")
        assert outside.client.post(link, data={"csrf_token": token}).status_code == 503, gone
        with outside.client.session_transaction() as session:
            assert "desk" not in session
        assert inside.get("/a-faire").status_code == (200 if gone == "sign_in_tokens" else 503)
        with house.writing() as connection:
            connection.exec_driver_sql(f"alter table away rename to {gone}")
    assert outside.get("/a-faire").status_code == 303
    assert inside.get("/a-faire").status_code == 200


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


def test_all_sessions_of_an_account_can_be_closed_by_its_owner(house: House) -> None:
    here, there, other = house.signed_in(), house.signed_in(), house.signed_in("sacha@siao.example")
    assert "2 sessions de votre compte sont ouvertes" in here.get("/mon-compte").text
    assert here.post("/deconnexion/partout", {}).location == "/connexion"
    assert [browser.get("/a-faire").status_code for browser in (here, there, other)] == [303, 303, 200]


def test_signing_in_closes_the_older_sessions_where_that_is_asked_and_always_the_one_of_this_browser(
    house: House,
) -> None:
    older = house.signed_in()
    assert Browser(house.app.test_client()).post(house.link("camille@siao.example"), {}).status_code == 303
    assert older.get("/a-faire").status_code == 200
    browser = house.signed_in()
    with browser.client.session_transaction() as session:
        before = session["desk"]
    browser.post(house.link("camille@siao.example"), {"fermer": "1"})
    assert (browser.get("/a-faire").status_code, older.get("/a-faire").status_code) == (200, 303)
    thief = house.app.test_client()
    with thief.session_transaction() as session:
        session["desk"], session["seen"] = before, int(house.clock().timestamp())
    assert thief.get("/a-faire").status_code == 303


@pytest.mark.parametrize("form", [{"role": "referent", "departements": "59"}, {"role": "national"}])
def test_another_role_or_departement_ends_the_sessions_and_another_name_does_not(
    house: House, form: dict[str, str]
) -> None:
    browser, sacha = house.signed_in(), house.signed_in("sacha@siao.example")
    path = f"/administration/comptes/{house.accounts['camille@siao.example'].id}"
    sacha.post(path, {"nom": "Camille E.", "role": "referent", "departements": "75"})
    assert browser.get("/a-faire").status_code == 200
    sacha.post(path, {"nom": "Camille E."} | form)
    assert browser.get("/a-faire").status_code == 303


def test_what_fails_and_what_is_refused_stands_in_the_trail_without_a_strangers_address(
    house: House, browser: Browser
) -> None:
    link = house.link("camille@siao.example")
    for _ in range(2):
        browser.post(link, {})
    browser.post("/connexion/nimportequoi", {})
    browser.post("/connexion", {"email": "curieux@ailleurs.example"})
    browser.post("/connexion", {"email": "Curieux@ailleurs.example"})
    house.mails()
    browser.get("/administration/comptes")
    browser.get("/appels/CA-inconnu")
    browser.post("/deconnexion", {})
    with house.writing() as connection:
        lines = list(read_lines(connection, WantedLines(), at_most=50))
    camille, stranger = "camille@siao.example", STRANGER
    told = [(line.by, line.what) for line in reversed(lines)]
    assert told == [
        (camille, "connexion"), (camille, "lien refusé"), (stranger, "lien inconnu"),
        (stranger, "adresse non invitée"), (stranger, "adresse non invitée"),
        (camille, "accès refusé"), (camille, "accès refusé"), (camille, "déconnexion"),
    ]  # fmt: skip
    assert "curieux" not in str(lines).casefold()
    assert len({line.reference for line in lines if line.what == "adresse non invitée"}) == 1


def test_opening_a_link_notes_nothing_as_a_mail_program_does(house: House, browser: Browser) -> None:
    link = house.link("camille@siao.example")
    for path in (link, link, "/connexion/nimportequoi"):
        browser.get(path)
        browser.client.head(path)
    with house.writing() as connection:
        assert list(read_lines(connection, WantedLines(), at_most=50)) == []
    assert browser.post(link, {}).status_code == 303


def test_the_links_of_one_network_are_counted_together_whatever_address_it_takes(house: House) -> None:
    """Who has an IPv6 line has 2^64 addresses."""
    client = house.app.test_client()
    browser, codes = Browser(client), []
    for number in range(22):
        client.environ_base["REMOTE_ADDR"] = f"2001:db8::{number:x}"
        codes.append(browser.post("/connexion", {"email": f"a{number}@siao.example"}).status_code)
    assert codes == [200] * 20 + [429] * 2


def test_the_account_of_a_demonstration_opens_nothing_elsewhere(house: House, browser: Browser) -> None:
    """The database of a demonstration was kept for the real service."""
    with house.writing() as connection:
        add_account(
            connection, email="demo@siao.example", name="", role=AccountRole.ADMIN, departements=(), by=INVENTED_BY,
            at=house.clock(),
        )  # fmt: skip
        house.accounts["demo@siao.example"] = find_by_email(connection, "demo@siao.example")  # type: ignore[assignment]
    inside = house.signed_in("demo@siao.example")
    assert inside.get("/a-faire").status_code == 200
    object.__setattr__(house.settings, "demo", False)
    assert inside.get("/a-faire").status_code == 303
    assert browser.post(house.link("demo@siao.example"), {}).status_code == 410
    browser.post("/connexion", {"email": "demo@siao.example"})
    assert house.mails() == []
    with pytest.raises(AccountRefused, match="démonstration"):
        one_time_link(Acting(house.engine, "test", house.clock()), house.settings, "demo@siao.example")
