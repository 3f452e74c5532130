"""A référent of Paris before everything of the Nord: no verb of the new pages writes, and each says 404 alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from records.desks.audit import REFUSALS
from records.schema.desk_tables import desk_sessions, sign_in_requests, sign_in_tokens
from records.schema.tables import metadata
from support.requests.web import GESTURES
from support.worklist.line import LineKind
from support.worklist.web import DEEDS
from tests.support.house import House, open_house, store_call
from tests.support.requests.conftest import ALIX, CAMILLE, PASSWORD, SACHA, Office

OF_SIGNING_IN = {desk_sessions, sign_in_requests, sign_in_tokens}
TYPED = {
    "texte": "Un texte.", "confirme": "1", "confirmed": "1", "version": "1", "personne": CAMILLE, "a": CAMILLE,
    "jusqu_au": "2026-11-30", "duree": "6 min", "resolu": "oui", "cle": PASSWORD.key, "date": "2026-11-25",
    "heure": "10:00", "minutes": "30", "nature": "incident", "titre": "Un titre", "etat": "resolved", "objet": "Objet",
    "description": "Texte", "reponse": CAMILLE, "destinataire": "a@exemple.fr", "appel": "CA59", "demande": "3",
}  # fmt: skip
NORD = [
    *(f"/a-faire/{kind}/{1 if kind in {LineKind.ANSWER, LineKind.REQUEST} else call_id}/{deed}"
      for kind in LineKind for deed in DEEDS.split(", ") for call_id in ("CA59", "missed59")),
    *(f"/demandes/{number}/{word}" for word in GESTURES for number in (1, 2)),
    "/a-faire/missed/missed59/numero", "/appels/CA59", "/appels/CA59/numero", "/appels/CA59/annuler",
    "/appels/manual59/corriger", "/appels/manual59/supprimer", f"/reponses/{PASSWORD.key}/envoyer",
    f"/reponses/{PASSWORD.key}/copie",
]  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Of the Nord a call with its request, two written requests, a call that nobody took, one added by hand."""
    made = open_house(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}")
    office = Office(made)
    assert office.escalated("CA59", ALIX, "59") == 1
    assert [office.written(departement="59", subject="Objet du Nord") for _ in range(2)] == [2, 3]
    missed = {"outcome": "abandoned_ringing", "answered_by": None, "referent": None, "caller": "+33639981234"}
    with made.writing() as connection:
        store_call(connection, "missed59", departement="59", **missed)
        store_call(connection, "manual59", departement="59", source="manual")
    yield made
    made.close()


def everything(house: House) -> dict[str, list[tuple[object, ...]]]:
    with house.writing() as connection:
        tables = [table for table in metadata.sorted_tables if table not in OF_SIGNING_IN]
        found = {table.name: [tuple(row) for row in connection.execute(select(table))] for table in tables}
    found["audit"] = [row for row in found["audit"] if not set(REFUSALS) & set(row)]  # that it was refused is noted
    return found


def test_no_verb_about_another_departement_is_there(house: House) -> None:
    browser = house.signed_in(CAMILLE)
    token, before = browser.token(), everything(house)
    said = {path: browser.client.post(path, data=TYPED | {"csrf_token": token}).status_code for path in NORD}
    assert {path: status for path, status in said.items() if status != 404} == {}
    assert everything(house) == before


def test_what_is_not_there_and_what_is_anothers_look_alike(house: House) -> None:
    browser = house.signed_in(CAMILLE)
    for theirs, none in (("/demandes/1", "/demandes/9"), ("/demandes/2", "/demandes/9"),
                         ("/appels/CA59", "/appels/CA9"),
                         ("/appels/manual59/corriger", "/appels/manual9/corriger")):  # fmt: skip
        answers = [browser.get(path) for path in (theirs, none)]
        assert [answer.status_code for answer in answers] == [404, 404]
        shown = [
            re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text) for answer in answers
        ]  # it tells the second
        assert shown[0] == shown[1].replace(none, theirs)


def test_lists_searches_and_files_never_show_another_departements(house: House) -> None:
    browser = house.signed_in(CAMILLE)
    for path in (
        "/appels/tous?departement=59", "/appels/tous.csv?departement=59", "/demandes?departement=59&etat=toutes",
        "/demandes?etat=toutes&q=1", "/a-faire", "/a-faire/nouveau?liste=1",
    ):  # fmt: skip
        shown = browser.get(path).text
        assert [
            text for text in ("CA59", "missed59", "manual59", "/demandes/1", "/demandes/2", "du Nord") if text in shown
        ] == []


@pytest.mark.parametrize("word", [word for word in GESTURES if word not in {"completer", "preciser", "retirer"}])
def test_the_referent_who_asks_makes_no_move_of_level_2(house: House, word: str) -> None:
    """His own request, every form of the national team sent by hand."""
    browser = house.signed_in(ALIX)
    before = everything(house)
    answer = browser.post(f"/demandes/1/{word}", TYPED)
    assert answer.status_code in {400, 409}, answer.status_code
    assert everything(house) == before


def test_the_national_team_reads_what_the_local_desk_has_and_makes_no_move_of_it(house: House) -> None:
    """And whoever wrote to level 2 as a user is answered there: the référents of the département read it."""
    national = Office(house).written(departement="59", desk="national")
    for email, number in ((SACHA, 2), (ALIX, national)):
        browser = house.signed_in(email)
        before = everything(house)
        assert browser.get(f"/demandes/{number}").status_code == 200
        for word in GESTURES:
            answer = browser.post(f"/demandes/{number}/{word}", TYPED)
            assert answer.status_code in {400, 409}, (email, word, answer.status_code)
        assert everything(house) == before


def test_no_request_or_call_of_another_departement_is_merged_or_linked(house: House) -> None:
    number = Office(house).written(departement="75")
    browser = house.signed_in(CAMILLE)
    before = everything(house)
    for word, typed in (
        ("reunir", {"demande": "2"}), ("reunir", {"autre_demande": "3"}), ("reunir", {"autre_demande": "²"}),
        ("relier", {"appel": "CA59"}), ("relier", {"appel": "missed59"}),
    ):  # fmt: skip
        assert browser.post(f"/demandes/{number}/{word}", typed | {"version": "1"}).status_code == 400, (word, typed)
    assert everything(house) == before


@pytest.mark.parametrize("owner", [CAMILLE, ALIX, "closed@siao.example", "nobody@siao.example", SACHA.upper(), ""])
def test_a_request_is_given_to_nobody_but_the_desk_that_has_it(house: House, owner: str) -> None:
    closed = house.invite("closed@siao.example", "national")
    browser = house.signed_in(SACHA)
    assert browser.post(f"/administration/comptes/{closed.id}/fermer", {}).status_code == 303
    assert browser.post("/demandes/1/attribuer", {"personne": owner, "version": "1"}).status_code == 400


def test_an_hour_of_no_calendar_is_refused_at_its_field(house: House) -> None:
    """The first and the last day of all have hours that no other clock can say."""
    browser = house.signed_in(SACHA)
    for day, hour in (("0001-01-01", "00:00"), ("9999-12-31", "23:59")):
        planned = {"version": "1", "date": day, "heure": hour, "minutes": "30"}
        assert browser.post("/demandes/1/planifier", planned).status_code == 400
        said = {"texte": "Un incident.", "quand": "maintenant", "au": f"9999-12-31T{hour}"}
        assert browser.post("/administration/annonces", said).status_code == 400
        closed = {"departement": "75", "quand": "le", "du": f"0001-01-01T{hour}", "au": "2026-12-01T00:00"}
        assert browser.post("/administration/fermetures", closed).status_code == 400


@pytest.mark.parametrize("typed", ['"a@[', "a@[b", '"x y"@exemple.fr', "a@b", "a,b@exemple.fr", "é@exemple.fr"])
def test_an_address_that_no_mail_reaches_is_refused_where_it_is_typed(house: House, typed: str) -> None:
    """Kept, it would be found out when the answer has to leave, and nobody would know."""
    asked = {"version": "1", "objet": "Objet", "description": "Texte", "reponse": typed}
    assert house.signed_in(ALIX).post("/demandes/1/completer", asked).status_code == 400
    invited = {"email": typed, "role": "referent", "departements": "75"}
    assert house.signed_in(SACHA).post("/administration/comptes", invited).status_code == 400
