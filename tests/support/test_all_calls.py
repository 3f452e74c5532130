"""All calls: looked for by digits, words, days, statut, outcome and people; and the file of what is shown."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from records.desks.found_calls import Wanted, count_calls, find_calls
from records.schema.desk_tables import audit, qualifications
from records.schema.request_tables import requests
from support.calls.searching import digits_of, read_search
from tests.support.house import NOW, Browser, House, store_call


def qualify(connection: Any, call_id: str, **given: Any) -> None:
    row = {
        "call_id": call_id, "version": 1, "thematique": "Accès", "motif": "Connexion", "sous_motif": "Mot de passe",
        "niveau": "1", "resolved": True, "escalated": False, "comment": "", "by": "camille@siao.example", "at": NOW,
    }  # fmt: skip
    connection.execute(insert(qualifications).values(**row | given))


@pytest.fixture
def browser(house: House) -> Browser:
    with house.writing() as connection:
        for name, number, days in (
            ("CAone", "+33639980012", 0), ("CAtwo", "+33199001234", 1), ("CAthree", "+262639980012", 40),
        ):  # fmt: skip
            moment = NOW - timedelta(days=days)
            store_call(connection, name, caller=number, started_at=moment, local_date=moment.date())
        store_call(connection, "CAmissed", caller=None, outcome="missed", answered_by=None, referent=None)
        store_call(connection, "CA59", departement="59", caller="+33639980099")
        qualify(connection, "CAone", comment="Élève de l’École : « ménage en double » à 100 %")
        qualify(connection, "CAtwo", sous_motif="Écran blanc", resolved=False, by="sacha@siao.example")
    return house.signed_in()


def shown(page: str) -> set[str]:
    return set(re.findall(r'id="appel-(CA\w+)"', page))


def looked_for(browser: Browser, **fields: str) -> set[str]:
    answer = browser.post("/appels/tous", fields)
    assert answer.status_code == 303
    return shown(browser.get(answer.location).text)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("06 39 98", {"CAone", "CAthree"}),
        ("0639980012", {"CAone", "CAthree"}),
        ("+33 6 39 98", {"CAone"}),
        ("+33 (0)6 39 98", {"CAone"}),
        ("0033639980012", {"CAone"}),
        ("06.39.98.00.12", {"CAone", "CAthree"}),
        ("+262", set()),
        ("+2626", {"CAthree"}),
        ("00 12", {"CAone", "CAtwo", "CAthree"}),
        ("9900", {"CAtwo"}),
        ("01-99-00", {"CAtwo"}),
        ("9999", set()),
        ("%%%%", set()),
        ("____", set()),
    ],
)
def test_digits_find_a_number_however_they_are_spelt(browser: Browser, typed: str, found: set[str]) -> None:
    assert looked_for(browser, q=typed) == found


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("eleve", {"CAone"}),
        ("ÉLÈVE double", {"CAone"}),
        ("l'ecole", {"CAone"}),
        ("double absent", set()),
        ("ecran", {"CAtwo"}),
        ("mot de passe", {"CAone"}),
        ("connexion", {"CAone", "CAtwo"}),
        ("100 %", {"CAone"}),
        ("%", {"CAone"}),
        ("_", set()),
        ("' or 1=1 --", set()),
        ("\\", set()),
        ("« ménage", {"CAone"}),
    ],
)
def test_every_word_is_found_without_case_and_accents_and_hostile_text_is_text(
    browser: Browser, typed: str, found: set[str]
) -> None:
    assert looked_for(browser, q=typed) == found


def test_what_is_looked_for_never_stands_in_an_address(browser: Browser) -> None:
    answer = browser.post("/appels/tous", {"q": "06 39 98 00 12", "statut": "Résolu"})
    assert "39" not in re.sub(r"recherche=[\w-]+", "", answer.location)
    page = browser.get(answer.location).text
    assert 'value="06 39 98 00 12"' in page
    assert not re.search(r'href="[^"]*(39\s?98|39%2098|39\+98)', page)


def test_two_windows_each_keep_what_they_look_for(browser: Browser) -> None:
    first = browser.post("/appels/tous", {"q": "06 39 98"}).location
    second = browser.post("/appels/tous", {"q": "ecran"}).location
    assert shown(browser.get(first).text) == {"CAone", "CAthree"}
    assert shown(browser.get(second).text) == {"CAtwo"}


def test_somebody_elses_address_says_that_the_text_is_not_kept(house: House, browser: Browser) -> None:
    answer = browser.post("/appels/tous", {"q": "06 39 98"})
    assert "n’est plus gardé" in house.signed_in().get(answer.location).text


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"statut": "Résolu"}, {"CAone"}),
        ({"statut": "En cours"}, {"CAtwo"}),
        ({"statut": "Escaladé"}, set()),
        ({"statut": "non qualifié"}, {"CAthree", "CAmissed"}),
        ({"issue": "missed_any"}, {"CAmissed"}),
        ({"issue": "answered", "statut": "non qualifié"}, {"CAthree"}),
        ({"periode": "today"}, {"CAone", "CAmissed"}),
        ({"periode": "yesterday"}, {"CAtwo"}),
        ({"periode": "last_month"}, {"CAthree"}),
        ({"periode": "month", "du": "2026-10-01", "au": "2026-10-31"}, {"CAthree"}),
        ({"du": "2026-11-23", "au": "2026-11-23"}, {"CAtwo"}),
        ({"qui": "pris:Camille Exemple"}, {"CAone", "CAtwo", "CAthree"}),
        ({"qui": "pris:Personne"}, set()),
        ({"departement": "59"}, set()),
        ({"issue": "inventé", "statut": "inventé", "qui": "inventé", "periode": "inventé"},
         {"CAone", "CAtwo", "CAthree", "CAmissed"}),
    ],
)  # fmt: skip
def test_each_filter_leaves_what_it_says(browser: Browser, fields: dict[str, str], found: set[str]) -> None:
    assert looked_for(browser, **fields) == found


def test_who_qualified_is_chosen_by_name(house: House, browser: Browser) -> None:
    number = house.accounts["sacha@siao.example"].id
    assert f'value="qualifie:{number}">Sacha' in browser.get("/appels/tous").text
    assert looked_for(browser, qui=f"qualifie:{number}") == {"CAtwo"}


def test_an_escalated_call_is_found_as_such_until_its_request_is_closed(house: House, browser: Browser) -> None:
    with house.writing() as connection:
        qualify(connection, "CAthree", resolved=False, escalated=True)
    assert looked_for(browser, statut="Escaladé") == {"CAthree"}
    with house.writing() as connection:
        row = dict.fromkeys(("thematique", "motif", "sous_motif", "subject", "description"), "x") | {
            "channel": "phone", "sender": "referent", "call_id": "CAthree", "departement": "75", "version": 1,
            "niveau": "2", "reply_to": "a@b.example", "desk": "national", "state": "closed", "created_at": NOW,
            "created_by": "a@b.example", "closed_at": NOW,
        }  # fmt: skip
        connection.execute(insert(requests).values(**row))
    assert looked_for(browser, statut="Escaladé") == set()
    assert looked_for(browser, statut="En cours") == {"CAtwo", "CAthree"}


def test_dates_in_the_wrong_order_are_told(browser: Browser) -> None:
    page = browser.get("/appels/tous?du=2026-11-24&au=2026-11-01").text
    assert "La fin de la période précède son début." in page
    assert 'value="2026-11-24"' in page


def test_a_named_period_says_its_days_and_leaves_the_dates_empty() -> None:
    found = read_search({"periode": "last_month"}, "", date(2026, 11, 24), {})
    assert (found.wanted.since, found.wanted.until) == (date(2026, 10, 1), date(2026, 10, 31))
    assert found.kept == {"periode": "last_month"}


@pytest.mark.parametrize(
    ("typed", "digits"),
    [("115", ""), ("1234", "1234"), ("06 39", "0639"), ("+33 6", ""), ("+33 639", "+33639"), ("12 ménages 34", ""),
     ("06 39 98 ?", "")],
)  # fmt: skip
def test_four_digits_at_least_look_like_a_number(typed: str, digits: str) -> None:
    assert digits_of(typed) == digits


def test_the_file_holds_every_line_that_is_shown_with_masked_numbers_and_safe_cells(
    house: House, browser: Browser
) -> None:
    with house.writing() as connection:
        for n in range(40):
            store_call(connection, f"CAmore{n}", caller="+33199005678", referent="=cmd()")
    address = browser.post("/appels/tous", {"q": "99005678", "periode": "today"}).location
    page = browser.get(address)
    assert len(shown(page.text)) == 30
    assert "40 appels" in page.text
    answer = browser.get(address.replace("/tous?", "/tous.csv?"))
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert len(rows) == 41
    assert {row[5] for row in rows[1:]} == {"'=cmd()"}
    assert "5678" not in answer.text.replace("56 78", "")
    assert "01 99 00 56 78" not in answer.text
    with house.writing() as connection:
        [line] = connection.execute(select(audit).where(audit.c.what == "appels téléchargés")).all()
    assert line.reference == "40 lignes : du 2026-11-24, au 2026-11-24, recherche oui"


def test_the_file_tells_what_was_said_of_a_call(browser: Browser) -> None:
    text = browser.get("/appels/tous.csv?statut=En+cours").text
    assert "24/11/2026" not in text
    assert "Accès;Connexion;Écran blanc;1;En cours;;Sacha;" in text


def test_the_pages_of_a_search_keep_it(house: House, browser: Browser) -> None:
    with house.writing() as connection:
        for n in range(40):
            store_call(connection, f"CAmore{n}", caller="+33199005678")
    page = browser.get(browser.post("/appels/tous", {"q": "5678"}).location).text
    older = re.search(r'href="(/appels/tous\?[^"]*page=2[^"]*)"', page)
    assert older
    assert len(shown(browser.get(older[1].replace("&amp;", "&")).text)) == 10


def test_a_reader_finds_nothing_outside_his_departements(house: House, browser: Browser) -> None:
    assert looked_for(browser, q="06 39 98 00 99") == set()
    assert looked_for(house.signed_in("sacha@siao.example"), q="06 39 98 00 99") == {"CA59"}
    with house.writing() as connection:
        assert count_calls(connection, ("75",), Wanted(departement="59")) == 0
        assert find_calls(connection, (), Wanted(), limit=5) == []
