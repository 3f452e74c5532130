"""A call written down by hand: added, corrected, deleted, its duration said back."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from records.schema.desk_tables import audit, desk_marks, qualification_history, qualifications
from records.schema.tables import calls
from tests.support.house import Browser, House, store_call
from tests.support.test_pages import SAVE

TYPED = {"date": "2026-11-23", "heure": "14:30", "duree": "6:30", "numero": "01 99 00 12 34"}


@pytest.fixture
def browser(house: House) -> Browser:
    return house.signed_in()


def added(browser: Browser, **change: str) -> str:
    """The path of a call that was just added."""
    answer = browser.post("/appels/ajouter", TYPED | change)
    assert answer.status_code == 303, answer.text
    return answer.location


def row(house: House, path: str) -> dict[str, object]:
    with house.writing() as connection:
        found = connection.execute(select(calls).where(calls.c.call_id == path.rpartition("/")[2])).mappings().first()
    return dict(found or {})


def trail(house: House) -> list[tuple[str, str]]:
    with house.writing() as connection:
        return [(line.what, line.reference) for line in connection.execute(select(audit).order_by(audit.c.id))]


def test_a_call_received_elsewhere_is_added_then_qualified(browser: Browser) -> None:
    path = added(browser)
    page = browser.get(path).text
    for piece in ("ajouté à la main", "durée : 6 min 30", "23 novembre 2026 à 14 h 30"):
        assert piece in page
    assert browser.post(path, SAVE).status_code == 303
    assert path.removeprefix("/appels/") in browser.get("/appels/tous").text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"date": "2026-11-25"}, "dans le futur"),
        ({"date": "hier"}, "Donnez la date"),
        ({"date": "2024-11-01"}, "plus de deux ans"),
        ({"heure": "25:00"}, "Donnez l’heure"),
        ({"duree": "longtemps"}, "Exemples : 390"),
        ({"duree": "0"}, "une seconde à douze heures"),
        ({"duree": "6"}, "Pour des minutes, écrivez « 6 min »"),
        ({"duree": "1 h 05"}, "Plus d’une heure"),
        ({"numero": "4512"}, "numéro incomplet"),
        ({"departement": "59"}, "vos départements"),
    ],
)
def test_an_impossible_call_is_refused_and_what_was_typed_is_kept(
    house: House, browser: Browser, change: dict[str, str], sentence: str
) -> None:
    answer = browser.post("/appels/ajouter", TYPED | change)
    assert answer.status_code == 400
    assert sentence in answer.text
    for name, text in (TYPED | change).items():
        assert name == "departement" or f'value="{text}"' in answer.text
    with house.writing() as connection:
        assert connection.execute(select(calls)).all() == []


@pytest.mark.parametrize(
    ("typed", "kept", "why"),
    [("0899 12 34 56", "+33899123456", "numéro surtaxé"), ("+41 22 123 45 67", "+41221234567", "numéro étranger (+41)"),
     ("3115", "3115", "numéro court")],
)  # fmt: skip
def test_who_called_need_not_be_dialable_and_is_not_to_be_called_back(
    house: House, browser: Browser, typed: str, kept: str, why: str
) -> None:
    path = browser.post("/appels/ajouter", TYPED | {"numero": typed}).headers["Location"]
    page = browser.get(path).text
    for shown in (page, browser.post(f"{path}/numero", {}).text):
        assert f"Ne pas rappeler : {why}" in shown
        assert f'href="tel:{kept}"' not in shown
    with house.writing() as connection:
        assert connection.scalar(select(calls.c.caller)) == kept


def test_390_s_is_no_longer_390_minutes(house: House, browser: Browser) -> None:
    assert row(house, added(browser, duree="390 s"))["talk_seconds"] == 390


def test_more_than_an_hour_is_kept_once_confirmed(house: House, browser: Browser) -> None:
    asked = browser.post("/appels/ajouter", TYPED | {"duree": "1 h 05"}).text
    confirm = re.search(r'name="(duree_confirmee)" value="(\d+)"', asked)
    assert confirm
    assert row(house, added(browser, duree="1 h 05", **{confirm[1]: confirm[2]}))["talk_seconds"] == 3900


def test_a_duration_is_shown_back_while_one_types(browser: Browser) -> None:
    assert "<strong>6 min 30</strong>" in browser.get("/appels/duree?duree=390").text
    assert browser.get("/appels/duree?duree=6 m i").text == ""
    asked = browser.get("/appels/duree?duree=6").text
    assert "écrivez « 6 min »" in asked
    assert 'value="6"' in asked


def test_a_call_is_corrected_and_the_trail_tells_what_changed_without_a_number(house: House, browser: Browser) -> None:
    path = added(browser)
    page = browser.get(f"{path}/corriger").text
    assert "01 99 00 12 34" not in page
    assert 'value="6 min 30"' in page
    form = {"date": "2026-11-22", "heure": "09:00", "duree": "12 min", "numero": "01 99 00 12 35"}
    assert browser.post(f"{path}/corriger", form).location == path
    found = row(house, path)
    assert (found["caller"], found["talk_seconds"], str(found["local_date"])) == ("+33199001235", 720, "2026-11-22")
    assert (found["ended_at"] - found["started_at"]).seconds == 720  # type: ignore[operator]
    what, reference = trail(house)[-1]
    assert what == "appel corrigé"
    assert reference.endswith("23/11/2026 14:30 → 22/11/2026 09:00, durée 6 min 30 → 12 min, numéro")
    assert not re.search(r"0?1 ?99", reference.partition(" : ")[2])


def test_a_number_left_empty_stays_and_may_be_taken_away(house: House, browser: Browser) -> None:
    path = added(browser)
    form = {"date": "2026-11-23", "heure": "14:30", "duree": "6:30"}
    browser.post(f"{path}/corriger", form)
    assert row(house, path)["caller"] == "+33199001234"
    browser.post(f"{path}/corriger", form | {"sans_numero": "1"})
    assert row(house, path)["caller"] is None


def test_a_mistake_in_a_correction_is_named_and_nothing_typed_is_lost(house: House, browser: Browser) -> None:
    path = added(browser)
    answer = browser.post(f"{path}/corriger", TYPED | {"duree": "6 30", "heure": "08:08"})
    assert answer.status_code == 400
    for piece in ("pas claire", 'value="6 30"', 'value="08:08"'):
        assert piece in answer.text
    assert row(house, path)["talk_seconds"] == 390


def test_a_call_is_deleted_with_its_qualification_and_the_trail_tells_what_it_was(
    house: House, browser: Browser
) -> None:
    path = added(browser)
    call_id = path.removeprefix("/appels/")
    browser.post(path, SAVE | {"comment": "un secret"})
    with house.writing() as connection:
        connection.execute(desk_marks.insert().values(kind="qualify", reference=call_id, owner="camille@siao.example"))
    asked = browser.get(f"{path}/supprimer").text
    assert "ne se défait pas" in asked
    assert row(house, path)
    assert browser.post(f"{path}/supprimer", {}).location == "/appels/tous"
    assert row(house, path) == {}
    with house.writing() as connection:
        for table in (qualifications, qualification_history, desk_marks):
            assert connection.execute(select(table)).all() == []
    what, reference = trail(house)[-1]
    assert (what, reference) == (
        "appel supprimé",
        f"{call_id} : 23/11/2026 14:30, 75, 6 min 30, Camille, Réinitialisation du mot de passe",
    )
    assert browser.get(path).status_code == 404
    assert browser.post(f"{path}/supprimer", {}).status_code == 404


def test_a_call_whose_request_is_at_level_2_stays(house: House, browser: Browser) -> None:
    path = added(browser)
    browser.post(path, SAVE | {"statut": "Escaladé"})
    assert "ne peut pas être supprimé" in browser.get(f"{path}/supprimer").text
    assert browser.post(f"{path}/supprimer", {}).status_code == 400
    assert row(house, path)


def test_a_callback_stays_handled_when_its_call_is_deleted_and_the_page_says_so(house: House, browser: Browser) -> None:
    path = added(browser)
    with house.writing() as connection:
        connection.execute(calls.update().values(linked_call_id="CAcallback"))
    assert "celle-ci reste notée comme traitée" in browser.get(f"{path}/supprimer").text


@pytest.mark.parametrize("what", ["corriger", "supprimer"])
def test_what_the_line_has_seen_is_neither_corrected_nor_deleted(house: House, browser: Browser, what: str) -> None:
    with house.writing() as connection:
        store_call(connection, "CA1")
    assert browser.get(f"/appels/CA1/{what}").status_code == 404
    assert browser.post(f"/appels/CA1/{what}", TYPED).status_code == 404
    assert row(house, "/CA1")["talk_seconds"] == 240
    assert f"/appels/CA1/{what}" not in browser.get("/appels/CA1").text


def test_another_departements_call_is_as_if_it_did_not_exist(house: House, browser: Browser) -> None:
    path, other = added(browser), house.signed_in("alix@siao.example")
    for what in ("corriger", "supprimer"):
        assert other.get(f"{path}/{what}").status_code == 404
        assert other.post(f"{path}/{what}", TYPED).status_code == 404
    assert browser.post(f"{path}/corriger", TYPED | {"departement": "59"}).status_code == 400


def test_the_national_teams_own_call_keeps_no_departement(house: House) -> None:
    sacha = house.signed_in("sacha@siao.example")
    path = added(sacha, departement="75")
    with house.writing() as connection:
        connection.execute(calls.update().values(departement=None))
    assert sacha.post(f"{path}/corriger", TYPED | {"duree": "7 min", "departement": ""}).status_code == 303
    assert (row(house, path)["departement"], row(house, path)["talk_seconds"]) == (None, 420)
