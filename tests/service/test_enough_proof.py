"""A session lasts while what proved it is what the setting and its account ask for; else it ends and says why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from records.desks.accounts import Account, EntryProof, change_account
from records.desks.audit import WantedLines, read_lines
from records.desks.permissions import AccountRole
from records.schema.desk_tables import desk_sessions
from service.accounts.powers import why_not_enough
from service.settings import read_settings
from tests.support.house import Browser, House, open_house

SACHA, CAMILLE = "sacha@siao.example", "camille@siao.example"
BY_CODE, BY_PROCONNECT = "demande maintenant un code en plus du lien", "entre maintenant par ProConnect"
MANY = tuple(f"{number:02d}" for number in range(1, 10))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = open_house(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}", proconnect_client_id="svi")
    yield made
    made.close()


def ask_for(house: House, by: str) -> None:
    """The service is started again with another `PRIVILEGED_SIGN_IN`."""
    object.__setattr__(house.settings, "privileged_sign_in", by)


def ended(house: House) -> list[tuple[str, str]]:
    with house.writing() as connection:
        lines = read_lines(connection, WantedLines(what="session insuffisante"), at_most=50)
        return [(line.by, line.reference) for line in lines]


def is_told(browser: Browser, why: str) -> bool:
    return why in browser.get("/connexion").text


@pytest.mark.parametrize(
    ("by", "enough"),
    [
        ("link", {EntryProof.LINK, EntryProof.TOTP, EntryProof.PROCONNECT}),
        ("totp", {EntryProof.TOTP, EntryProof.PROCONNECT}),
        ("proconnect", {EntryProof.PROCONNECT}),
    ],
)
def test_each_setting_says_which_proofs_open_an_account_that_reads_much_of_france(
    by: str, enough: set[EntryProof]
) -> None:
    settings = read_settings(demo=True, privileged_sign_in=by, proconnect_client_id="svi")
    privileged = [
        Account(1, SACHA, "", AccountRole.NATIONAL, ()), Account(1, SACHA, "", AccountRole.ADMIN, ()),
        Account(1, SACHA, "", AccountRole.REFERENT, ("*",)), Account(1, SACHA, "", AccountRole.REFERENT, MANY),
    ]  # fmt: skip
    for account in privileged:
        assert {proof for proof in EntryProof if not why_not_enough(settings, account, proof)} == enough
    assert not any(
        why_not_enough(settings, Account(1, CAMILLE, "", AccountRole.REFERENT, ("75",)), one) for one in EntryProof
    )


def test_a_session_by_link_ends_once_the_setting_asks_for_a_code_and_says_why(house: House) -> None:
    sacha, camille = house.signed_in(SACHA), house.signed_in(CAMILLE)
    ask_for(house, "totp")
    assert "Se déconnecter" not in sacha.get("/connaissances").text, "a page that greets knows nobody any more"
    answer = sacha.get("/reponses")
    assert (answer.status_code, answer.location) == (303, "/connexion?suite=/reponses")
    assert is_told(sacha, BY_CODE)
    assert ended(house) == [(SACHA, "ouverte par lien")]
    ask_for(house, "link")
    assert sacha.get("/a-faire").status_code == 303, "it has ended, whatever the setting becomes"
    assert camille.get("/a-faire").status_code == 200
    assert len(ended(house)) == 1


def test_a_page_that_stands_open_is_led_to_the_sign_in_page_too(house: House) -> None:
    sacha = house.signed_in(SACHA)
    ask_for(house, "proconnect")
    assert "/connexion" in sacha.get("/a-faire", HX_Request="true").headers["HX-Redirect"]
    assert is_told(sacha, BY_PROCONNECT)


@pytest.mark.parametrize("change", [{"role": AccountRole.NATIONAL}, {"departements": MANY}], ids=["role", "many"])
def test_an_account_that_comes_to_read_much_of_france_needs_more_than_its_link(
    house: House, change: dict[str, object]
) -> None:
    """Whichever way it came: the page that changes an account ends its sessions besides."""
    ask_for(house, "totp")
    camille = house.signed_in(CAMILLE)
    assert camille.get("/a-faire").status_code == 200
    told = {"name": "", "role": AccountRole.REFERENT, "departements": ("75",)} | change
    with house.writing() as connection:
        change_account(connection, house.accounts[CAMILLE].id, **told)  # type: ignore[arg-type]
    assert camille.get("/a-faire").status_code == 303
    assert is_told(camille, BY_CODE)


def test_a_session_of_the_release_before_counts_as_one_by_link(house: House) -> None:
    sacha = house.signed_in(SACHA)
    with house.writing() as connection:
        connection.execute(update(desk_sessions).values(how=None))
    assert sacha.get("/a-faire").status_code == 200
    ask_for(house, "totp")
    assert sacha.get("/a-faire").status_code == 303
    assert ended(house) == [(SACHA, "ouverte par lien")]


def test_whoever_owed_a_code_enters_by_none_once_the_setting_asks_for_proconnect(house: House) -> None:
    ask_for(house, "totp")
    browsers = [Browser(house.app.test_client()) for _ in range(2)]
    for browser in browsers:
        assert browser.post(house.link(SACHA), {}).location == "/connexion/code"
    ask_for(house, "proconnect")
    answers = [browsers[0].get("/connexion/code"), browsers[1].post("/connexion/code", {"code": "123456"})]
    assert [answer.location for answer in answers] == ["/connexion"] * 2
    assert all(is_told(browser, BY_PROCONNECT) for browser in browsers)
    with house.writing() as connection:
        lines = list(read_lines(connection, WantedLines(what="connexion refusée"), at_most=9))
    assert [(line.by, line.reference) for line in lines] == [(SACHA, "PRIVILEGED_SIGN_IN")] * 2
    ask_for(house, "totp")
    assert browsers[0].get("/connexion/code").location == "/connexion", "a new link is asked for"
