"""A qualification can be taken back for ten minutes by whoever wrote it; its history keeps everything."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from records.desks.qualifications import qualifications_of
from records.schema.desk_tables import audit, qualification_history
from records.schema.request_tables import requests
from records.schema.tables import calls, desk_tasks
from support.calls.store import open_matters
from support.nomenclature.entries import first_nomenclature
from tests.support.house import NOW, Browser, House, store_call

ACCOUNT, LINK = (entry.wording for entry in first_nomenclature().entries[:2])
SAVE = ACCOUNT._asdict() | {"faire": "enregistrer", "version": "0", "statut": "Résolu", "comment": ""}
UNDO = "/appels/CA1/annuler"


@pytest.fixture
def browser(house: House) -> Browser:
    with house.writing() as connection:
        store_call(connection, "CA1")
    return house.signed_in()


def stands(house: House) -> dict[str, object]:
    with house.writing() as connection:
        return qualifications_of(connection, ["CA1"]).get("CA1", {})


def versions(house: House) -> list[int]:
    with house.writing() as connection:
        query = select(qualification_history.c.version).order_by(qualification_history.c.version)
        return list(connection.execute(query).scalars())


def test_a_first_qualification_taken_back_is_none_and_the_next_one_goes_on_from_there(
    house: House, browser: Browser
) -> None:
    saved = browser.post("/appels/CA1", SAVE)
    page = browser.get(saved.location).text
    assert "Appel qualifié : Accès au compte, Résolu." in page
    assert f'action="{UNDO}"' in page
    assert browser.post(UNDO, {}).location == "/appels/CA1"
    assert (stands(house), versions(house)) == ({}, [1])
    page = browser.get("/appels/CA1").text
    assert "La qualification est annulée" in page
    assert "<strong>annulée</strong>" in page
    assert 'name="version" value="1"' in page
    stale = browser.post("/appels/CA1", SAVE | {"comment": "à garder"})
    assert (stale.status_code, "annulée entre-temps" in stale.text, "à garder" in stale.text) == (409, True, True)
    assert browser.post("/appels/CA1", SAVE | {"version": "1", "statut": "En cours"}).status_code == 303
    assert (stands(house)["statut"], versions(house)) == ("En cours", [1, 2])
    browser.post(UNDO, {})
    assert stands(house) == {}


def test_a_later_one_taken_back_puts_the_one_before_back_with_its_author(house: House, browser: Browser) -> None:
    house.signed_in("sacha@siao.example").post("/appels/CA1", SAVE | {"comment": "le premier"})
    house.clock.advance(minutes=3)
    browser.post("/appels/CA1", SAVE | LINK._asdict() | {"version": "1", "statut": "En cours"})
    browser.post(UNDO, {})
    kept = stands(house)
    assert (kept["comment"], kept["statut"], kept["by"]) == ("le premier", "Résolu", "sacha@siao.example")
    assert versions(house) == [1, 2, 3]
    assert "Quelqu’un d’autre" in browser.get(browser.post(UNDO, {}).location).text
    with house.writing() as connection:
        lines = connection.execute(select(audit.c.reference).where(audit.c.what == "qualification annulée")).scalars()
        assert list(lines) == ["CA1 version 2"]


def test_steps_are_taken_back_one_after_the_other(house: House, browser: Browser) -> None:
    for version, comment in enumerate(("un", "deux", "trois")):
        browser.post("/appels/CA1", SAVE | {"version": str(version), "comment": comment})
        house.clock.advance(seconds=10)
    seen = []
    for _ in range(3):
        browser.post(UNDO, {})
        seen.append(stands(house).get("comment"))
    assert seen == ["deux", "un", None]
    assert "n’est pas (ou plus) qualifié" in browser.get(browser.post(UNDO, {}).location).text


def test_after_ten_minutes_nothing_is_taken_back(house: House, browser: Browser) -> None:
    browser.post("/appels/CA1", SAVE)
    house.clock.advance(minutes=11)
    assert "Dix minutes sont passées" in browser.get(browser.post(UNDO, {}).location).text
    assert stands(house) != {}


def test_another_departements_call_is_as_if_it_did_not_exist(house: House, browser: Browser) -> None:
    browser.post("/appels/CA1", SAVE)
    assert house.signed_in("alix@siao.example").post(UNDO, {}).status_code == 404
    assert stands(house) != {}


def test_an_escalation_taken_back_takes_its_request_back_and_may_be_made_again(house: House, browser: Browser) -> None:
    saved = browser.post("/appels/CA1", SAVE | {"statut": "Escaladé", "faire": "suivant"})
    assert saved.location == "/demandes/1"
    page = browser.get(saved.location).text
    assert 'href="/a-faire/suivant?apres=qualify:CA1"' in page
    browser.post(UNDO, {})
    with house.writing() as connection:
        [request] = connection.execute(select(requests)).all()
    assert (stands(house), request.state) == ({}, "closed")


def test_saving_and_going_on_asks_for_the_next_line(browser: Browser) -> None:
    assert browser.post("/appels/CA1", SAVE | {"faire": "suivant"}).location == "/a-faire/suivant?apres=qualify:CA1"


def test_after_a_call_en_cours_one_goes_on_with_the_next_en_cours(browser: Browser) -> None:
    browser.post("/appels/CA1", SAVE | {"statut": "En cours"})
    again = SAVE | {"statut": "Résolu", "version": "1", "faire": "suivant"}
    assert browser.post("/appels/CA1", again).location == "/a-faire/suivant?apres=ongoing:CA1"


def test_no_statut_is_preset_and_a_missing_one_loses_nothing(browser: Browser) -> None:
    assert "checked" not in browser.get("/appels/CA1").text.partition('id="clavier"')[0]
    form = {name: text for name, text in SAVE.items() if name != "statut"} | {"comment": "à garder"}
    answer = browser.post("/appels/CA1", form)
    assert answer.status_code == 400
    assert 'id="statut-erreur">Choisissez un statut : Résolu, En cours ou Escaladé.' in answer.text
    assert "à garder" in answer.text
    assert "selected>Accès au compte" in answer.text


# ---------------------------------------------------------------- what the caller still waits for


def test_what_the_caller_still_waits_for_stands_on_top(house: House, browser: Browser) -> None:
    """His open request, his message and his callback, his call that is not solved; of the own départements only."""
    with house.writing() as connection:
        for name in ("CAasked", "CAongoing", "CAleft", "CAother"):
            store_call(connection, name)
        connection.execute(calls.update().where(calls.c.call_id == "CAother").values(departement="59"))
        for code, kind, name in (
            ("75", "message", "CAleft"),
            ("75", "callback", "CAongoing"),
            ("59", "message", "CAother"),
        ):
            connection.execute(desk_tasks.insert().values(call_id=name, kind=kind, departement=code, created_at=NOW))
    browser.post("/appels/CAasked", SAVE | {"statut": "Escaladé"})
    browser.post("/appels/CAongoing", SAVE | LINK._asdict() | {"statut": "En cours"})
    with house.writing() as connection:
        found = open_matters(connection, "+33199000001", "CA1", ("75",), NOW)
        kinds = sorted((one.kind, one.reference) for one in found)
        assert open_matters(connection, None, "CA1", None, NOW) == []
        everywhere = open_matters(connection, "+33199000001", "CA1", None, NOW)
    assert kinds == [("callback", "CAongoing"), ("message", "CAleft"), ("ongoing", "CAongoing"), ("request", "1")]
    assert len(everywhere) == len(found) + 1
    page = browser.get("/appels/CA1").text
    assert page.index("Cet appelant attend encore") < page.index('id="qualification"')
    for piece in ('href="/demandes/1"', 'href="/appels/CAongoing"', "Message laissé", "Rappel demandé"):
        assert piece in page


def test_of_a_withheld_caller_nothing_is_known(house: House, browser: Browser) -> None:
    with house.writing() as connection:
        for name in ("CAhidden", "CAhidden2"):
            store_call(connection, name, caller=None)
    browser.post("/appels/CAhidden2", SAVE | {"statut": "En cours"})
    assert "attend encore" not in browser.get("/appels/CAhidden").text
