"""The pages of calls as a browser without script meets them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from records.desks.qualifications import qualifications_of
from records.schema.desk_tables import audit, qualifications
from records.schema.request_tables import requests
from tests.support.house import NOW, Browser, House, store_call

PASSWORD = {
    "thematique": "Accès et authentification",
    "motif": "Problème de connexion au SI SIAO",
    "sous_motif": "Réinitialisation du mot de passe",
}
SAVE = PASSWORD | {"faire": "enregistrer", "version": "0", "statut": "Résolu", "comment": ""}
NUMBER = "01 99 00 00 01"


@pytest.fixture
def browser(house: House) -> Browser:
    with house.writing() as connection:
        store_call(connection, "CA1", started_at=NOW - timedelta(hours=1))
        store_call(connection, "CA59", departement="59")
    return house.signed_in()


def qualification_of(house: House, call_id: str = "CA1") -> dict[str, object]:
    with house.writing() as connection:
        return qualifications_of(connection, [call_id]).get(call_id, {})


def test_a_caller_whom_nobody_should_call_back_is_shown_with_a_warning_and_no_link(house: House) -> None:
    """On every list, on the call's own page, and when the number is asked for."""
    with house.writing() as connection:
        store_call(connection, "CAtrap", caller="+33899123456", started_at=NOW - timedelta(hours=1))
    browser = house.signed_in()
    card = browser.post("/appels/CAtrap/numero", {}).text
    for page in (
        browser.get("/a-faire").text,
        browser.get("/appels/tous").text,
        browser.get("/appels/CAtrap").text,
        card,
    ):
        assert "Ne pas rappeler : numéro surtaxé" in page
        assert "tel:" not in page
    assert "08 99 12 34 56" in card


def test_a_call_is_qualified_without_script(house: House, browser: Browser) -> None:
    """Search, choose among the found, save: three posts of one form."""
    page = browser.post("/appels/CA1", {"faire": "chercher", "q": "mot de pa", "comment": "gardé"}).text
    key = re.search(r'value="(\w{12})" formnovalidate><strong>Réinitialisation', page)
    assert key
    page = browser.post("/appels/CA1", {"choisir": key[1], "comment": "gardé"}).text
    assert "selected>Réinitialisation du mot de passe</option>" in page
    assert "Je ne connais pas votre mot de passe" in page
    assert "gardé" in page
    assert qualification_of(house) == {}
    saved = browser.post("/appels/CA1", SAVE | {"comment": "gardé"})
    assert (saved.status_code, saved.location) == (303, "/appels/CA1")
    kept = qualification_of(house)
    assert (kept["niveau"], kept["statut"], kept["by"]) == ("1", "Résolu", "camille@siao.example")
    assert "Tout est fait" in browser.get("/a-faire").text


def test_enter_in_the_search_field_searches(house: House, browser: Browser) -> None:
    """Enter sends the form by its first button, which saves; nothing was chosen yet, so a search is meant."""
    answer = browser.post("/appels/CA1", {"faire": "enregistrer", "q": "mot de pa", "statut": "Résolu"})
    assert answer.status_code == 200
    assert "<strong>Réinitialisation du mot de passe" in answer.text
    assert qualification_of(house) == {}


def test_the_level_and_the_author_never_come_from_the_form(house: House, browser: Browser) -> None:
    browser.post(
        "/appels/CA1", SAVE | {"niveau": "2", "by": "autre@siao.example", "departement": "59", "resolved": "0"}
    )
    kept = qualification_of(house)
    assert (kept["niveau"], kept["by"], kept["resolved"]) == ("1", "camille@siao.example", True)


def test_html_in_a_comment_shows_as_text(browser: Browser) -> None:
    browser.post("/appels/CA1", SAVE | {"comment": "<script>alert(1)</script><img src=x onerror=y>"})
    page = browser.get("/appels/CA1").text
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "<img" not in page


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"sous_motif": "Inventé"}, "Choisissez un sous-motif de la liste"),
        ({"motif": "Autre"}, "Choisissez un sous-motif de la liste"),
        ({"thematique": "", "motif": "", "sous_motif": ""}, "Choisissez un sous-motif de la liste"),
        ({"statut": "Clos"}, "Choisissez un statut"),
        ({"statut": ""}, "Choisissez un statut : Résolu, En cours ou Escaladé"),
        ({"comment": "x" * 2001}, "dépasse 2000"),
        ({"comment": "rappeler au 06 39 98 12 34"}, "Donnée personnelle"),
    ],
)
def test_what_is_refused_is_named_and_what_was_typed_is_kept(
    house: House, browser: Browser, change: dict[str, str], sentence: str
) -> None:
    answer = browser.post("/appels/CA1", SAVE | {"comment": "à garder"} | change)
    assert answer.status_code == 400
    assert sentence in answer.text
    assert change.get("comment", "à garder") in answer.text
    assert qualification_of(house) == {}


def test_personal_data_may_be_confirmed_as_none(house: House, browser: Browser) -> None:
    browser.post("/appels/CA1", SAVE | {"comment": "ticket 0199001234", "confirmed": "1"})
    assert qualification_of(house)["comment"] == "ticket 0199001234"


def test_the_second_of_two_sees_the_firsts_version_and_chooses(house: House, browser: Browser) -> None:
    other = house.signed_in("sacha@siao.example")
    other.post("/appels/CA1", SAVE | {"comment": "le premier"})
    refused = browser.post("/appels/CA1", SAVE | {"comment": "le second", "statut": "En cours"})
    assert refused.status_code == 409
    assert "Cet appel a été qualifié entre-temps par Sacha" in refused.text
    assert "le premier" in refused.text
    assert "le second" in refused.text
    assert qualification_of(house)["comment"] == "le premier"
    version = re.search(r'name="version" value="(\d+)"', refused.text)
    assert version
    browser.post("/appels/CA1", SAVE | {"comment": "le second", "version": version[1]})
    assert qualification_of(house)["comment"] == "le second"
    page = browser.get("/appels/CA1").text
    assert "<del>le premier</del> <ins>le second</ins>" in page


def test_a_form_sent_twice_changes_nothing_more(house: House, browser: Browser) -> None:
    assert [browser.post("/appels/CA1", SAVE).status_code for _ in range(2)] == [303, 303]
    with house.writing() as connection:
        assert connection.execute(select(qualifications.c.version)).scalars().all() == [1]


def test_escalating_files_a_request_filled_from_the_call(house: House, browser: Browser) -> None:
    saved = browser.post("/appels/CA1", SAVE | {"statut": "Escaladé", "comment": "erreur 500 en enregistrant"})
    assert saved.location == "/demandes/1"
    page = browser.get("/demandes/1").text
    for piece in ("Appel du 24/11/2026 à 10 h 00", "erreur 500 en enregistrant", "/appels/CA1", "vous"):
        assert piece in page
    assert NUMBER not in page
    assert "/demandes/1" in browser.get("/appels/CA1").text
    form = {"version": "1", "objet": "Erreur 500", "description": "À chaque fois", "reponse": "camille@siao.example"}
    assert browser.post("/demandes/1/completer", form).status_code == 303
    stale = browser.post("/demandes/1/completer", form | {"description": "autre"})
    assert stale.status_code == 409
    assert "autre" in stale.text
    assert house.signed_in("alix@siao.example").get("/demandes/1").status_code == 404
    back = browser.post("/appels/CA1", SAVE | {"version": "1", "statut": "Résolu"})
    assert back.status_code == 400
    assert "il le reste" in back.text
    with house.writing() as connection:
        assert len(connection.execute(select(requests)).all()) == 1


def test_a_number_is_shown_on_a_click_and_the_click_is_written_down(house: House, browser: Browser) -> None:
    assert NUMBER not in browser.get("/appels/CA1").text
    assert browser.get("/appels/CA1/numero").status_code == 405
    assert NUMBER in browser.post("/appels/CA1/numero", {}).text
    with house.writing() as connection:
        lines = connection.execute(select(audit).where(audit.c.what == "numero")).all()
    assert [(line.by, line.reference) for line in lines] == [("camille@siao.example", "CA1")]


@pytest.mark.parametrize("call_id", ["CA59", "CA404"])
def test_another_departements_call_is_as_if_it_did_not_exist(house: House, browser: Browser, call_id: str) -> None:
    assert browser.get(f"/appels/{call_id}").status_code == 404
    assert browser.post(f"/appels/{call_id}", SAVE).status_code == 404
    assert browser.post(f"/appels/{call_id}/numero", {}).status_code == 404
    assert qualification_of(house, call_id) == {}


def test_a_ready_answer_is_found_read_and_a_change_proposed(browser: Browser) -> None:
    page = browser.get("/reponses?q=mot de pa").text
    address = re.search(r'href="(/reponses/\w{12})"', page)
    assert address
    page = browser.get(address[1]).text
    assert "proposition à valider" in page
    assert "Envoyer par courriel" in page
    assert browser.post(address[1], {"texte": "  "}).status_code == 400
    assert browser.post(address[1], {"texte": "plus court"}).status_code == 303
    assert browser.get("/reponses/inconnue").status_code == 404


def test_personal_data_in_a_proposal_are_pointed_at_too(browser: Browser) -> None:
    address = re.search(r'href="(/reponses/\w{12})"', browser.get("/reponses").text)
    assert address
    asked = browser.post(address[1], {"texte": "comme pour Mme Dupont"})
    assert asked.status_code == 400
    assert "Donnée personnelle ? nom « Mme Dupont »" in asked.text
    assert browser.post(address[1], {"texte": "comme pour Mme Dupont", "confirme": "1"}).status_code == 303


def test_typing_finds_as_one_types(browser: Browser) -> None:
    assert "Réinitialisation du mot de passe" in browser.get("/nomenclature/recherche?q=mot de pa…").text
    assert "Rien trouvé pour « &lt;b&gt; »" in browser.get("/nomenclature/recherche?q=<b>").text
