"""A second factor for who sees all of France: enrolled by a code, asked for each time, taken once, replaced, reset."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from records.desks.accounts import change_account
from records.desks.audit import WantedLines, read_lines
from records.desks.permissions import AccountRole
from service.accounts.second_factor.codes import (
    code_of,
    enrolment_address,
    fresh_recovery_codes,
    key_of,
    recovery_hash,
    step_of,
)
from service.cli import run
from tests.support.house import Browser, House, open_house

SACHA = "sacha@siao.example"
SECRET = b"made-up"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = open_house(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}", privileged_sign_in="totp")
    yield made
    made.close()


def half_way(house: House, email: str = SACHA, **form: str) -> Browser:
    """A browser in which this person has used a link, and owes a code."""
    browser = Browser(house.app.test_client())
    answer = browser.post(house.link(email, "/reponses"), form)
    assert (answer.status_code, answer.location) == (303, "/connexion/code")
    return browser


def key_on(page: str) -> str:
    found = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page)
    assert found
    return found[1].replace(" ", "")


def code_now(house: House, key: str, steps: int = 0) -> str:
    return code_of(key, int(house.clock().timestamp()) // 30 + steps)


def enrolled(house: House, email: str = SACHA) -> tuple[str, list[str], Browser]:
    """The key of a proved application, the recovery codes, and the browser that has entered."""
    browser = half_way(house, email)
    key = key_on(browser.get("/connexion/code").text)
    page = browser.post("/connexion/code", {"code": code_now(house, key)})
    assert page.status_code == 200
    codes = re.findall(r'<code class="secret">([A-Z0-9-]{29})</code>', page.text)
    house.clock.advance(seconds=90)
    return key, codes, browser


def deeds(house: House) -> list[tuple[str, str]]:
    with house.writing() as connection:
        return [(line.by, line.what) for line in read_lines(connection, WantedLines(), at_most=200)]


def test_the_first_sign_in_proves_an_application_and_gives_ten_codes_to_keep(house: House) -> None:
    browser = half_way(house)
    assert browser.get("/a-faire").status_code == 303, "a link alone opens nothing"
    page = browser.get("/connexion/code").text
    assert "<svg" in page
    assert "style=" not in page[page.index("<svg") : page.index("</svg>")], "the policy allows no style"
    key = key_on(page)
    assert key == key_on(browser.get("/connexion/code").text), "the picture stays the same until it is proved"
    wrong = browser.post("/connexion/code", {"code": "000000" if code_now(house, key) != "000000" else "000001"})
    assert (wrong.status_code, "n’est pas le bon" in wrong.text) == (400, True)
    done = browser.post("/connexion/code", {"code": f" {code_now(house, key)[:3]} {code_now(house, key)[3:]} "})
    codes = re.findall(r'<code class="secret">([A-Z0-9-]{29})</code>', done.text)
    assert (len(set(codes)), done.headers["Cache-Control"]) == (10, "no-store")
    assert 'href="/reponses"' in done.text
    assert browser.get("/a-faire").status_code == 200
    assert {(SACHA, "code refusé"), (SACHA, "second facteur enregistré"), (SACHA, "connexion")} <= set(deeds(house))


def test_who_saw_the_key_of_a_sign_in_that_was_left_has_nothing_once_its_owner_has_proved_another(house: House) -> None:
    thief = half_way(house)
    seen = key_on(thief.get("/connexion/code").text)
    key, _codes, _browser = enrolled(house)
    assert seen != key
    assert thief.post("/connexion/code", {"code": code_now(house, seen)}).status_code == 400
    assert half_way(house).post("/connexion/code", {"code": code_now(house, seen, 1)}).status_code == 400


def test_each_later_sign_in_asks_for_a_code_and_leads_to_the_page_asked_for(house: House) -> None:
    key, _codes, _browser = enrolled(house)
    browser = half_way(house)
    page = browser.get("/connexion/code").text
    assert "<svg" not in page
    assert key not in page.replace(" ", ""), "the key is shown while it is not proved, never again"
    answer = browser.post("/connexion/code", {"code": code_now(house, key)})
    assert (answer.status_code, answer.location) == (303, "/reponses")
    assert browser.get("/a-faire").status_code == 200


def test_a_code_is_taken_once_and_one_before_it_no_more(house: House) -> None:
    key, _codes, _browser = enrolled(house)
    first, second = half_way(house), half_way(house)
    code, before = code_now(house, key), code_now(house, key, -1)
    assert first.post("/connexion/code", {"code": code}).status_code == 303
    assert second.post("/connexion/code", {"code": code}).status_code == 400
    assert second.post("/connexion/code", {"code": before}).status_code == 400
    assert second.post("/connexion/code", {"code": code_now(house, key, 1)}).status_code == 303


def test_a_recovery_code_replaces_the_application_once_however_it_is_typed(house: House) -> None:
    _key, codes, _browser = enrolled(house)
    browser = half_way(house)
    assert browser.post("/connexion/code", {"code": codes[3].lower().replace("-", " ")}).status_code == 303
    again = half_way(house)
    assert again.post("/connexion/code", {"code": codes[3]}).status_code == 400
    assert "9 codes de secours" in browser.get("/mon-compte/second-facteur").text
    assert (SACHA, "code de secours utilisé") in deeds(house)


def test_a_guesser_has_five_codes_for_a_quarter_of_an_hour(house: House) -> None:
    key, _codes, _browser = enrolled(house)
    browser = half_way(house)
    answers = [browser.post("/connexion/code", {"code": f"{guess:06}"}) for guess in range(6)]
    assert [answer.status_code for answer in answers] == [400] * 6
    assert "Trop de codes essayés" in answers[-1].text
    assert browser.post("/connexion/code", {"code": code_now(house, key)}).status_code == 400, "the right one too"
    house.clock.advance(minutes=16)
    assert half_way(house).post("/connexion/code", {"code": code_now(house, key)}).status_code == 303


def test_who_owes_a_code_has_ten_minutes_and_one_entry(house: House) -> None:
    key, _codes, _browser = enrolled(house)
    late = half_way(house)
    house.clock.advance(minutes=11)
    assert late.post("/connexion/code", {"code": code_now(house, key)}).location == "/connexion"
    assert Browser(house.app.test_client()).get("/connexion/code").location == "/connexion"


def test_a_referent_enters_by_his_link_alone(house: House) -> None:
    browser = house.signed_in("camille@siao.example")
    assert browser.get("/a-faire").status_code == 200
    assert browser.get("/mon-compte/second-facteur").location == "/mon-compte"
    assert browser.post("/mon-compte/second-facteur", {"code": "123456"}).status_code == 400


def test_recovery_codes_are_made_anew_and_a_telephone_changed_for_who_gives_a_code(house: House) -> None:
    key, codes, browser = enrolled(house)
    assert browser.post("/mon-compte/second-facteur", {"code": "1", "faire": "codes"}).status_code == 400
    page = browser.post("/mon-compte/second-facteur", {"code": code_now(house, key), "faire": "codes"}).text
    fresh = re.findall(r'<code class="secret">([A-Z0-9-]{29})</code>', page)
    assert set(fresh).isdisjoint(codes)
    assert browser.post("/mon-compte/second-facteur", {"code": codes[0], "faire": "changer"}).status_code == 400
    assert browser.post("/mon-compte/second-facteur", {"code": fresh[0], "faire": "changer"}).status_code == 303
    assert browser.get("/a-faire").status_code == 303
    assert "<svg" in half_way(house).get("/connexion/code").text


def test_who_changes_his_telephone_ends_every_session_of_his(house: House) -> None:
    key, codes, here = enrolled(house)
    there, owing = half_way(house), half_way(house)
    assert there.post("/connexion/code", {"code": codes[0]}).status_code == 303
    assert there.get("/a-faire").status_code == 200
    assert here.post("/mon-compte/second-facteur", {"code": codes[1], "faire": "changer"}).status_code == 303
    assert [browser.get("/a-faire").status_code for browser in (here, there)] == [303, 303]
    assert owing.post("/connexion/code", {"code": code_now(house, key)}).location == "/connexion"


@pytest.mark.parametrize("door", ["page", "command"])
def test_an_administrator_or_a_command_forgets_a_lost_factor(
    house: House, door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, codes, browser = enrolled(house)
    house.invite("robin@siao.example", "admin")
    _key, _codes, admin = enrolled(house, "robin@siao.example")
    path = f"/administration/comptes/{house.accounts[SACHA].id}/second-facteur"
    own = f"/administration/comptes/{house.accounts['robin@siao.example'].id}/second-facteur"
    assert "Mon compte" in admin.post(own, {}).text
    if door == "page":
        assert browser.post(path, {}).status_code == 400, "not one of the national team"
        assert admin.post(path, {}).status_code == 303
    else:
        for name in ("database_url", "var_dir", "referents_csv"):
            monkeypatch.setenv(name.upper(), str(getattr(house.settings, name)))
        monkeypatch.setenv("SECRET_KEY", "made-up")
        assert run(["users", "reset-factor", SACHA]) == 0
        assert run(["users", "reset-factor", SACHA]) == 1
    assert browser.get("/a-faire").status_code == 303
    again = half_way(house)
    assert key_on(again.get("/connexion/code").text) != key
    assert again.post("/connexion/code", {"code": codes[0]}).status_code == 400
    assert "second facteur effacé" in [what for _by, what in deeds(house)]


def test_neither_key_nor_recovery_code_stands_in_the_database(house: House) -> None:
    key, codes, _browser = enrolled(house)
    raw = house.engine.raw_connection()
    dump = "\n".join(raw.driver_connection.iterdump())  # type: ignore[union-attr]
    raw.close()
    assert key not in dump
    assert not [code for code in codes if code in dump or code.replace("-", "") in dump]


def test_codes_are_those_of_the_standard_and_a_telephone_may_be_half_a_minute_wrong(house: House) -> None:
    """RFC 6238, appendix B: the SHA-1 key « 12345678901234567890 » at 59 and at 1111111109 seconds."""
    key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert [code_of(key, 59 // 30), code_of(key, 1111111109 // 30)] == ["287082", "081804"]
    now = int(house.clock().timestamp()) // 30
    assert [step_of(key, code_of(key, now + drift), house.clock()) for drift in (-2, -1, 0, 1, 2)] == [
        None, now - 1, now, now + 1, None,
    ]  # fmt: skip
    assert step_of(key, "é" * 6, house.clock()) is None
    address = enrolment_address(key_of(SECRET, 1, "salt"), SACHA)
    assert address.startswith("otpauth://totp/Assistance%20SI%20SIAO:sacha%40siao.example?secret=")
    assert key_of(SECRET, 1, "salt") != key_of(SECRET, 2, "salt") != key_of(b"other", 2, "salt")
    assert recovery_hash(SECRET, 1, "abcd efgh") == recovery_hash(SECRET, 1, "ABCD-EFGH")
    assert all(re.fullmatch(r"(?:[A-Z2-9]{4}-){5}[A-Z2-9]{4}", code) for code in fresh_recovery_codes())


def test_both_databases_take_a_code_and_a_recovery_code_once(tmp_path: Path, database_url: str) -> None:
    house = open_house(tmp_path, database_url, privileged_sign_in="totp")
    key, codes, _browser = enrolled(house)
    for code in (code_now(house, key), codes[0]):
        answers = [half_way(house).post("/connexion/code", {"code": code}).status_code for _ in range(2)]
        assert answers == [303, 400]
    page = house.signed_in("camille@siao.example").get("/mon-compte").text
    assert "Seule cette session de votre compte est ouverte" in page
    house.close()


@pytest.mark.parametrize("change", [{}, {"role": AccountRole.REFERENT, "departements": ("75",)}], ids=["*", "one"])
def test_a_referent_who_has_a_factor_changes_his_telephone_whatever_he_reads_today(
    house: House, change: dict[str, Any]
) -> None:
    house.invite("tout@siao.example", "referent", "*")
    key, _codes, browser = enrolled(house, "tout@siao.example")
    other = half_way(house, "tout@siao.example")
    with house.writing() as connection:
        if change:
            change_account(connection, house.accounts["tout@siao.example"].id, name="", **change)
    answer = browser.post("/mon-compte/second-facteur", {"code": code_now(house, key), "faire": "changer"})
    assert (answer.status_code, answer.location) == (303, "/connexion")
    assert browser.get("/a-faire").status_code == 303
    assert other.get("/connexion/code").location == "/connexion", "what waited for a code has ended too"
    said = [what for _by, what in deeds(house)]
    assert [said.count(what) for what in ("second facteur retiré", "sessions fermées")] == [1, 1]


@pytest.mark.parametrize("codes", [("*",), tuple(f"{number:02d}" for number in range(1, 12))])
def test_a_referent_who_reads_much_of_france_owes_a_code_too(house: House, codes: tuple[str, ...]) -> None:
    house.invite("tout@siao.example", "referent", *codes)
    browser = half_way(house, "tout@siao.example")
    assert browser.get("/connexion/code").status_code == 200
