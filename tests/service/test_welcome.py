"""The first link of an account: it waits a week, serves once, and a new one is a button away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from records.desks.accounts import close_account, find_by_email
from tests.support.house import Browser, House, open_house

NOOR = {"email": "noor@siao.example", "nom": "Noor", "role": "referent", "departements": "75"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = open_house(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}")
    yield made
    made.close()


def invite(house: House, **change: str) -> tuple[int, str]:
    answer = house.signed_in("sacha@siao.example").post("/administration/comptes", NOOR | change)
    return answer.status_code, answer.text


def links(house: House) -> list[str]:
    return re.findall(r"http://127.0.0.1:8000(/connexion/[\w-]{20,})", "".join(m.get_content() for m in house.mails()))


def browser(house: House) -> Browser:
    return Browser(house.app.test_client())


def test_it_waits_seven_days_and_serves_once(house: House) -> None:
    invite(house)
    letter = house.mails()[0].get_content()
    assert "pendant 7 jours" in letter
    assert "ouvrez « À faire »" in letter
    [link] = links(house)
    house.clock.advance(days=6, hours=23)
    assert browser(house).post(link, {}).status_code == 303
    assert browser(house).post(link, {}).status_code == 410


def test_one_that_is_too_old_is_asked_for_again_with_one_button(house: House) -> None:
    invite(house)
    [link] = links(house)
    house.clock.advance(days=30)
    late = browser(house)
    page = late.get(link)
    assert (page.status_code, "Recevoir un nouveau lien" in page.text) == (410, True)
    assert "vient de partir" in late.post(f"{link}/renvoyer", {}).text
    [_, new] = links(house)
    house.clock.advance(days=6)
    assert browser(house).post(new, {}).status_code == 303


def test_whoever_has_come_before_gets_an_ordinary_link(house: House) -> None:
    invite(house)
    [link] = links(house)
    browser(house).post(link, {})
    browser(house).post(f"{link}/renvoyer", {})
    [_, letter] = house.mails()
    assert "pendant 15 minutes" in letter.get_content()


def test_the_answer_is_the_same_for_a_link_that_never_was(house: House) -> None:
    invite(house)
    [link] = links(house)
    house.clock.advance(days=8)
    known, unknown = browser(house).post(f"{link}/renvoyer", {}), browser(house).post("/connexion/rien/renvoyer", {})
    strip = re.compile(r'value="[^"]*"')
    assert strip.sub("", known.text) == strip.sub("", unknown.text)
    assert len(house.mails()) == 2


def test_a_closed_account_gets_nothing(house: House) -> None:
    invite(house)
    with house.writing() as connection:
        found = find_by_email(connection, NOOR["email"])
        assert found
        [link] = links(house)
        token = link.rpartition("/")[2]
        close_account(connection, found.id, house.clock())
    assert browser(house).post(f"/connexion/{token}/renvoyer", {}).status_code == 200
    assert len(house.mails()) == 1


def test_pressing_again_and_again_is_held_back(house: House) -> None:
    invite(house)
    [link] = links(house)
    codes = [browser(house).post(f"{link}/renvoyer", {}).status_code for _ in range(6)]
    assert codes == [200] * 5 + [429]


def test_a_double_click_is_one_invitation(house: House) -> None:
    sacha = house.signed_in("sacha@siao.example")
    answers = [sacha.post("/administration/comptes", NOOR) for _ in range(2)]
    assert [(one.status_code, one.location) for one in answers] == [(303, "/administration/comptes")] * 2
    assert len(house.mails()) == 1
    page = sacha.get("/administration/comptes").text
    assert "existe déjà" not in page


@pytest.mark.parametrize("change", [{"nom": "Autre"}, {"departements": "59"}, {"role": "national"}])
def test_another_invitation_of_the_same_address_is_refused(house: House, change: dict[str, str]) -> None:
    invite(house)
    code, text = invite(house, **change)
    assert code == 400
    assert "existe déjà" in text


def test_the_same_invitation_a_while_later_is_refused(house: House) -> None:
    invite(house)
    house.clock.advance(minutes=2)
    assert invite(house)[0] == 400
