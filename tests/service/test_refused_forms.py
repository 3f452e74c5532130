"""A form that cannot be taken shows people's words under the labels they saw, and keeps them where it can."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from service.pages.field_names import LABELS, TECHNICAL, shown_fields
from tests.support.house import House, open_house, store_call

ROOT = Path(__file__).parents[2]
FIELD = re.compile(
    r'ui\.(?:input|textarea|select|checkbox|duration)\(\s*"(\w+)"'
    r'|<(?:input|textarea|select)[^>]*?name="(\w+)"'
)
OURS = {"Origin": "http://localhost", "Referer": "http://localhost/appels/CA1"}
FORM = {
    "comment": "presque <fini>",
    "statut": "En cours",
    "version": "3",
    "faire": "enregistrer",
    "csrf_token": "vieux",
}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = open_house(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}")
    with made.writing() as connection:
        store_call(connection, "CA1")
    yield made
    made.close()


def test_every_field_of_every_form_has_a_label_or_is_none_in_which_somebody_writes() -> None:
    unknown = {}
    for path in ROOT.glob("*/**/templates/**/*.html"):
        if "node_modules" in path.parts or "simulator" in path.parts or ".venv" in path.parts:
            continue
        for found in FIELD.finditer(path.read_text(encoding="utf-8")):
            name = found[1] or found[2]
            if name not in LABELS and name not in TECHNICAL:
                unknown[name] = path.name
    assert unknown == {}, "give them a label in service/pages/field_names.py"


def test_nobody_reads_the_name_of_a_field(house: House) -> None:
    browser = house.signed_in()
    page = browser.client.post("/appels/CA1", data=FORM, headers=OURS).text
    assert "<dt>Commentaire</dt>" in page
    assert "presque &lt;fini&gt;" in page
    for name in ("comment</dt>", "version", "faire", "enregistrer", "vieux"):
        assert name not in re.sub(r'<input[^>]*name="csrf_token"[^>]*>', "", page)


def test_words_under_an_unknown_name_are_not_lost() -> None:
    assert shown_fields([("inconnu", "des mots"), ("version", "4"), ("texte", "  ")]) == [("Autre champ", "des mots")]


def test_what_a_refused_form_said_waits_on_its_page(house: House) -> None:
    """Signed in again in another window, the token of this one is stale: nothing is typed twice."""
    browser = house.signed_in()
    refused = browser.client.post("/appels/CA1", data=FORM, headers=OURS)
    assert refused.status_code == 400
    assert 'href="/appels/CA1"' in refused.text
    assert "presque &lt;fini&gt;" in browser.get("/appels/CA1").text


def test_what_was_typed_into_an_ended_session_is_on_the_page_even_where_no_form_takes_it_back(house: House) -> None:
    browser = house.signed_in()
    token = browser.token()
    house.clock.advance(minutes=31)
    asked = {"duree": "6 min 30", "csrf_token": token}
    browser.client.post("/rappels/CA1/traite", data=asked, headers=OURS | {"Referer": "http://localhost/rappels"})
    page = house.signed_in().get("/rappels").text
    assert "<dt>Durée</dt>" in page
    assert "6 min 30" in page


def test_another_sites_form_is_not_kept(house: House) -> None:
    browser = house.signed_in()
    foreign = OURS | {"Origin": "https://ailleurs.example"}
    assert browser.client.post("/appels/CA1", data=FORM, headers=foreign).status_code == 400
    assert "presque" not in browser.get("/appels/CA1").text


def test_the_way_back_is_the_page_of_the_form_and_not_an_address_that_only_takes_forms(house: House) -> None:
    browser = house.signed_in()
    page = browser.client.post("/appels/CA1/numero", data=FORM, headers=OURS).text
    assert 'href="/appels/CA1"' in unescape(page)
