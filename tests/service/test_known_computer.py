"""A session on one's own computer lasts the working day; elsewhere the idle limit holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from records.desks.accounts import close_account
from records.schema.desk_tables import desk_sessions
from tests.support.house import Browser, House, open_house

CAMILLE = "camille@siao.example"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = open_house(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}")
    yield made
    made.close()


def at_own_desk(house: House, email: str = CAMILLE) -> Browser:
    browser = Browser(house.app.test_client())
    assert browser.post(house.link(email), {"poste": "1"}).status_code == 303
    return browser


def is_in(browser: Browser) -> bool:
    return browser.get("/mon-compte").status_code == 200


def test_it_lasts_ten_hours_without_a_gesture_and_no_longer(house: House) -> None:
    browser = at_own_desk(house)
    house.clock.advance(hours=9, minutes=59)
    assert is_in(browser)
    house.clock.advance(minutes=2)
    assert not is_in(browser)


def test_the_setting_says_how_long(tmp_path: Path) -> None:
    house = open_house(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}", workday_session_hours=2)
    browser = at_own_desk(house)
    house.clock.advance(hours=2, minutes=1)
    assert not is_in(browser)
    house.close()


def test_elsewhere_the_idle_limit_holds(house: House) -> None:
    own, other = at_own_desk(house), house.signed_in()
    house.clock.advance(minutes=31)
    assert is_in(own)
    assert not is_in(other)
    with house.writing() as connection:
        assert sorted(connection.scalars(select(desk_sessions.c.lasts_day))) == [False, True]


def test_the_box_is_ticked_on_a_known_computer_and_unticking_it_forgets_the_computer(house: House) -> None:
    browser = Browser(house.app.test_client())
    assert 'value="1" checked' not in browser.get(house.link(CAMILLE)).text
    browser.post(house.link(CAMILLE), {"poste": "1"})
    assert 'value="1" checked' in browser.get(house.link(CAMILLE)).text
    browser.post(house.link(CAMILLE), {})
    assert 'value="1" checked' not in browser.get(house.link(CAMILLE)).text
    house.clock.advance(minutes=31)
    assert not is_in(browser)


def test_the_box_is_not_ticked_for_whoever_signs_in_at_a_colleagues_computer(house: House) -> None:
    browser = at_own_desk(house)
    browser.post("/deconnexion", {})
    assert 'value="1" checked' not in browser.get(house.link("sacha@siao.example")).text
    assert 'value="1" checked' in browser.get(house.link(CAMILLE)).text


def test_the_cookie_is_out_of_reach_of_scripts_and_opens_nothing(house: House) -> None:
    browser = Browser(house.app.test_client())
    answer = browser.post(house.link(CAMILLE), {"poste": "1"})
    [cookie] = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith("svi-poste=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    thief = Browser(house.app.test_client())
    thief.client.set_cookie("svi-poste", cookie.partition("=")[2].partition(";")[0])
    assert not is_in(thief)


def test_on_a_public_address_the_cookie_travels_encrypted_only(tmp_path: Path) -> None:
    from service.accounts.known_computer import KnownComputer  # noqa: PLC0415

    house = open_house(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}")
    with house.app.test_request_context():
        answer = house.app.make_response("")
        KnownComputer(b"made-up", is_https=True).mark(answer, house.accounts[CAMILLE])
    assert answer.headers["Set-Cookie"].startswith("__Host-svi-poste=")
    assert "Secure" in answer.headers["Set-Cookie"]
    house.close()


@pytest.mark.parametrize("forged", ["", "1", "WzFd.aaaa.bbbb", "é"])
def test_a_forged_cookie_marks_nothing(house: House, forged: str) -> None:
    browser = Browser(house.app.test_client())
    browser.client.set_cookie("svi-poste", forged)
    assert 'value="1" checked' not in browser.get(house.link(CAMILLE)).text


def test_a_computer_is_one_accounts_and_not_anothers(house: House) -> None:
    browser = at_own_desk(house)
    browser.post("/deconnexion", {})
    browser.post(house.link("sacha@siao.example"), {})
    assert "Oublier cet ordinateur" not in browser.get("/mon-compte").text
    house.clock.advance(minutes=31)
    assert not is_in(browser)


def test_forgetting_the_computer_brings_the_idle_limit_back_at_once(house: House) -> None:
    browser = at_own_desk(house)
    house.clock.advance(hours=1)
    assert "Oublier cet ordinateur" in browser.get("/mon-compte").text
    assert browser.post("/mon-compte/oublier-cet-ordinateur", {}).status_code == 303
    assert "Oublier cet ordinateur" not in browser.get("/mon-compte").text
    house.clock.advance(minutes=31)
    assert not is_in(browser)


def test_leaving_and_closing_the_account_end_a_long_session(house: House) -> None:
    browser, other = at_own_desk(house), at_own_desk(house)
    browser.post("/deconnexion", {})
    assert not is_in(browser)
    with house.writing() as connection:
        close_account(connection, house.accounts[CAMILLE].id, house.clock())
    assert not is_in(other)
