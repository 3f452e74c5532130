"""An imported call of which nobody said whether it was solved: shown so, looked for, told, and qualified later."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from records.counting.figures import tally
from records.counting.tally import Scope
from records.desks.found_calls import Wanted, find_calls
from records.desks.qualifications import qualifications_of
from records.schema.desk_tables import qualifications
from support.nomenclature.entries import first_nomenclature
from tests.support.house import NOW, Browser, House, store_call
from tests.support.test_all_calls import qualify, shown

W = first_nomenclature().entries[0].wording


@pytest.fixture
def browser(house: House) -> Browser:
    with house.writing() as connection:
        for name in ("CAunsaid", "CAsolved"):
            store_call(connection, name, source="import")
        qualify(connection, "CAunsaid", **W._asdict(), resolved=None, escalated=None)
        qualify(connection, "CAsolved", **W._asdict())
    return house.signed_in()


def test_its_card_says_so_and_no_statut_is_chosen(browser: Browser) -> None:
    page = browser.get("/appels/CAunsaid").text
    assert ">Non renseigné</span>" in page
    assert "Le classeur importé ne le dit pas" in " ".join(page.split())
    assert "checked" not in page.partition('id="statuts"')[2].partition("</fieldset>")[0]
    assert "ne le dit pas" not in browser.get("/appels/CAsolved").text


def test_it_is_looked_for_by_its_statut_and_stands_so_in_the_file(browser: Browser) -> None:
    assert shown(browser.get("/appels/tous?statut=Non+renseigné").text) == {"CAunsaid"}
    assert shown(browser.get("/appels/tous?statut=En+cours").text) == set()
    assert "Non renseigné" in browser.get("/appels/tous.csv?statut=Non+renseigné").text


@pytest.mark.usefixtures("browser")
def test_programs_read_null(house: House) -> None:
    with house.writing() as connection:
        told = qualifications_of(connection, ["CAunsaid"])["CAunsaid"]
    assert (told["statut"], told["resolved"], told["escalated"]) == ("Non renseigné", None, None)


def test_once_somebody_says_it_the_call_counts(house: House, browser: Browser) -> None:
    def rate() -> tuple[int, int]:
        with house.writing() as connection:
            found = tally(connection, Scope(NOW.date(), NOW.date(), ("75",)))
        return found.resolved, found.resolution_known

    assert rate() == (1, 1)
    form = {**W._asdict(), "version": "1", "faire": "enregistrer"}
    assert "Choisissez un statut" in browser.post("/appels/CAunsaid", form).text  # nothing is chosen by itself
    assert browser.post("/appels/CAunsaid", form | {"statut": "En cours"}).status_code == 303
    assert rate() == (1, 2)
    with house.writing() as connection:
        said = connection.execute(select(qualifications).where(qualifications.c.call_id == "CAunsaid")).one()
    assert (said.resolved, said.escalated) == (False, False)


def test_a_call_going_on_whose_escalation_nobody_told_is_still_to_do(house: House, browser: Browser) -> None:
    with house.writing() as connection:
        store_call(connection, "CAgoing", source="import")
        qualify(connection, "CAgoing", **W._asdict(), resolved=False, escalated=None)
    assert "CAgoing" in browser.get("/a-faire").text
    with house.writing() as connection:
        assert [one.call_id for one in find_calls(connection, None, Wanted(statut="En cours"), limit=5)] == ["CAgoing"]
