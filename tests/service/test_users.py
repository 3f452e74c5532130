"""`svi users`, the links that a demonstration prints, and what `calls list --json` says of a qualification."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from records.database import reading
from records.desks.accounts import list_accounts
from service.accounts.demonstration import sign_in_lines
from service.cli import run
from service.clock import now
from tests.support.house import Browser, House, open_house, store_call

SAID = {
    "thematique": "Accès et authentification", "motif": "Problème de connexion au SI SIAO",
    "sous_motif": "Accès au compte", "statut": "Escaladé", "comment": "deux fois", "version": "0",
}  # fmt: skip


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    made = open_house(tmp_path, f"sqlite:///{tmp_path / 'var' / 'svi.sqlite'}")
    for name in ("database_url", "var_dir", "mail_url", "public_url", "referents_csv"):
        monkeypatch.setenv(name.upper(), str(getattr(made.settings, name)))
    monkeypatch.setenv("SECRET_KEY", "made-up")
    monkeypatch.setenv("DEMO", "1")
    yield made
    made.close()


def test_an_account_is_opened_by_command_and_its_letter_leaves(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["users", "add", "noor@siao.example", "--role", "referent", "-d", "75", "-d", "2a"]) == 0
    assert "noor@siao.example est ouvert" in capsys.readouterr().out
    assert [letter["To"] for letter in house.mails()] == ["noor@siao.example"]
    assert run(["users", "add", "noor@siao.example", "--role", "referent", "-d", "75"]) == 1
    assert "existe déjà" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["add", "noor", "--role", "national"], 1, "adresse électronique"),
        (["add", "noor@siao.example", "--role", "referent"], 1, "au moins un département"),
        (["add", "noor@siao.example", "--role", "chef"], 2, "role"),
        (["add", "noor@siao.example", "--role", "referent", "-d", "99"], 2, "n'existe pas"),
        (["link", "inconnu@siao.example"], 1, "Aucun compte"),
    ],
)
@pytest.mark.usefixtures("house")
def test_a_wrong_account_is_refused_with_a_sentence(
    arguments: list[str], status: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["users", *arguments]) == status
    assert sentence in capsys.readouterr().err


def test_a_link_of_the_command_line_signs_in_once(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["users", "link", "Camille@siao.example"]) == 0
    path = capsys.readouterr().out.strip().removeprefix("http://127.0.0.1:8000")
    house.clock.now = now()
    browser = Browser(house.app.test_client())
    assert browser.post(path, {}).status_code == 303
    assert browser.post(path, {}).status_code == 410


def test_a_demonstration_prints_a_link_for_a_referent_and_one_for_the_national_team(house: House) -> None:
    """The people of the directory; a second start makes no second account."""
    lines = sign_in_lines(house.settings) + sign_in_lines(house.settings)
    assert [line.split(" : ")[0] for line in lines] == ["Référent de Paris (75)", "Équipe nationale"] * 2
    house.clock.now = now()
    for line in lines:
        path = line.split(" : ")[1].removeprefix("http://127.0.0.1:8000")
        assert Browser(house.app.test_client()).post(path, {}).status_code == 303
    with reading(house.engine) as connection:
        assert len(list_accounts(connection)) == 3


def test_what_was_said_is_in_the_list_of_calls(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    with house.writing() as connection:
        store_call(connection, "CA1")
    house.signed_in().post("/appels/CA1", SAID)
    assert run(["calls", "list", "--json"]) == 0
    [call] = json.loads(capsys.readouterr().out)
    kept = call["qualification"]
    assert (kept["sous_motif"], kept["statut"], kept["niveau"]) == ("Accès au compte", "Escaladé", "1")
    assert (kept["resolved"], kept["escalated"], kept["by"]) == (False, True, "camille@siao.example")


def test_the_list_of_calls_says_whom_nobody_should_call_back(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    with house.writing() as connection:
        store_call(connection, "CA1", caller="+33899123456")
        store_call(connection, "CA2")
    assert run(["calls", "list"]) == 0
    trap, ordinary = capsys.readouterr().out.splitlines()
    assert "08 99 •• •• 56 (ne pas rappeler : numéro surtaxé) : répondu" in trap
    assert "ne pas rappeler" not in ordinary
