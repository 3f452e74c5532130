"""What concerns all of France is chosen, said in words, confirmed: never preset, never immediate, nothing lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest

from ivr.conversation.prompts import PROMPTS
from routing.rules import AbsenceMessage, Closure, Overflow, OverflowWhen, Rules
from routing.snapshot import Snapshot
from service.cli import run
from service.clock import now
from service.directory.snapshots import SnapshotFile
from service.directory.summaries import closure_in_words, notice_in_words, overflow_in_words
from tests.support.house import NOW, Browser, House, open_house

CLOSE_ALL = {"departement": "france", "quand": "maintenant", "au": "2026-11-30T18:00", "motif": "Maintenance <b>"}
OVERFLOW_ALL = {"departement": "france", "vers": "*", "cas": "no_answer"}
NOTICE = {"texte": "Un incident.", "quand": "le", "du": "2026-11-25T08:00", "au": "2026-11-26T08:00"}
ALL = [("fermetures", CLOSE_ALL), ("debordement", OVERFLOW_ALL), ("annonces", NOTICE)]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = open_house(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}")
    yield made
    made.close()


@pytest.fixture
def national(house: House) -> Browser:
    return house.signed_in("sacha@siao.example")


def serving(house: House) -> Snapshot:
    found = SnapshotFile(house.settings.var_dir).current()
    assert found
    return found


def hidden(page: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)}


@pytest.mark.parametrize(("kind", "form"), ALL)
def test_nothing_is_set_before_it_is_confirmed_and_what_was_typed_is_kept(
    house: House, national: Browser, kind: str, form: dict[str, str]
) -> None:
    path = f"/administration/{kind}"
    asked = national.post(path, form)
    assert "Rien n’est encore réglé." in asked.text
    assert serving(house).rules == Rules()
    kept = hidden(asked.text)
    kept.pop("csrf_token")
    assert kept == form
    back = national.post(path, kept | {"faire": "modifier"}).text
    assert all(f'value="{value}"' in back or value in back for value in form.values() if "<" not in value)
    assert "<b>" not in back
    assert national.post(path, kept | {"confirme": "1"}).status_code == 303
    assert serving(house).rules != Rules()


@pytest.mark.parametrize(
    ("kind", "form", "sentence"),
    [
        ("fermetures", CLOSE_ALL | {"departement": ""}, "Choisissez dans la liste."),
        ("debordement", OVERFLOW_ALL | {"departement": ""}, "Choisissez dans la liste."),
        ("fermetures", CLOSE_ALL | {"quand": ""}, "Dites quand cela commence"),
        ("annonces", NOTICE | {"du": ""}, "Dites quand cela commence"),
        ("fermetures", CLOSE_ALL | {"quand": "le", "du": "hier"}, "Donnez un jour et une heure."),
    ],
)  # fmt: skip
def test_what_nobody_said_is_asked_for_even_when_it_is_confirmed(
    house: House, national: Browser, kind: str, form: dict[str, str], sentence: str
) -> None:
    answer = national.post(f"/administration/{kind}", form | {"confirme": "1"})
    assert answer.status_code == 400
    assert sentence in answer.text
    assert serving(house).rules == Rules()


@pytest.mark.parametrize("kind", ["fermetures", "debordement"])
def test_no_departement_is_preset(national: Browser, kind: str) -> None:
    page = national.get(f"/administration/{kind}").text
    select = page[page.index('id="departement"') :].partition("</select>")[0]
    assert '<option value="">Choisissez</option>' in select
    assert "Toute la France" in select
    assert "selected" not in select
    assert "checked" not in page


def test_the_page_says_how_many_until_when_and_what_callers_hear(national: Browser) -> None:
    page = unescape(national.post("/administration/fermetures", CLOSE_ALL).text)
    for piece in (
        "107 départements ferment, dès maintenant et jusqu’au lundi 30 novembre 2026 à 18 h, heure de Paris",
        "À l’heure locale, La Réunion : dès maintenant et jusqu’au lundi 30 novembre 2026 à 21 h.",
        "Elle rouvre lundi 30 novembre à 18 heures, heure locale.",
        "L’équipe nationale n’est pas joignable pour le moment.",
        "Motif, montré aux lecteurs : Maintenance <b>",
    ):
        assert piece in page
    assert "Maintenance <b>" not in national.post("/administration/fermetures", CLOSE_ALL).text


@pytest.mark.parametrize(
    "command",
    [
        ["closure", "set", "france", "--to", f"{now().year + 2}-01-01"],
        ["overflow", "set", "france", "--to", "national", "--when", "closed"],
        ["notice", "set", "Un incident.", "--to", f"{now().year + 2}-01-01"],
    ],
)
def test_a_command_asks_for_yes_and_says_what_it_would_do(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    for name in ("database_url", "var_dir", "mail_url", "public_url", "referents_csv"):
        monkeypatch.setenv(name.upper(), str(getattr(house.settings, name)))
    monkeypatch.setenv("SECRET_KEY", "made-up")
    monkeypatch.setenv("DEMO", "1")
    before = serving(house).rules
    assert run(command) == 1
    told = capsys.readouterr().err
    assert "ajoutez --yes pour confirmer" in told
    assert "entendront" in told
    assert serving(house).rules == before
    assert run([*command, "--yes"]) == 0
    assert serving(house).rules != before


# ---------------------------------------------------------------- the words themselves


def test_a_closed_departement_says_its_own_message_and_where_else_one_may_turn(house: House) -> None:
    rules = Rules(
        messages=(AbsenceMessage("59", "closed", "Le Nord est fermé."),),
        overflows=(Overflow("59", "75", OverflowWhen.CLOSED),),
    )
    told = closure_in_words(
        replace(serving(house), rules=rules), Closure(0, "59", NOW, NOW + timedelta(days=1)), NOW
    )  # fmt: skip
    assert told.sentences == ("Nord (59) ferme, dès maintenant et jusqu’au mercredi 25 novembre 2026 à 11 h.",)
    [(who, heard)] = told.heard
    assert who == "Nord (59), les appelants entendront"
    assert heard.startswith("Le Nord est fermé. Elle rouvre demain à 11 heures, heure locale.")
    assert heard.endswith("Pour joindre le SIAO de Paris, tapez 3.")


def test_closing_a_departement_where_nobody_can_be_rung_changes_nothing_for_its_callers(house: House) -> None:
    told = closure_in_words(serving(house), Closure(0, "23", NOW, NOW + timedelta(days=1)), NOW)
    assert told.heard[0][1] == PROMPTS["SANS_REFERENT"].replace("'", "’")


def test_a_departement_that_overflows_elsewhere_keeps_its_own(house: House) -> None:
    rules = Rules(overflows=(Overflow("59", "75", OverflowWhen.CLOSED),))
    told = overflow_in_words(replace(serving(house), rules=rules), Overflow(None, "75", OverflowWhen.CLOSED))
    assert told.sentences[0] == "105 départements : hors des horaires, l’appelant pourra choisir le SIAO de Paris."
    assert told.sentences[1] == "Nord (59) : rien ne change, un débordement y est déjà réglé."


def test_a_period_that_begins_later_is_told_from_and_to_everywhere() -> None:
    start = datetime(2026, 12, 1, 8, tzinfo=UTC)
    told = notice_in_words("Un incident.", start, start + timedelta(hours=4), NOW)
    assert "du mardi 1er décembre 2026 à 9 h au mardi 1er décembre 2026 à 13 h, heure de Paris" in told.sentences[0]
    assert len(told.overseas) == 7
    assert "Bonjour, et bienvenue" in told.heard[0][1]
    assert "Un incident. Votre conversation" in told.heard[0][1]
