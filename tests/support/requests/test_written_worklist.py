"""Written requests in « À faire »: at their desk with their promise, seen by nobody else, and what became of them."""

from __future__ import annotations

from html import unescape

from support.requests import working
from support.requests.verbs import sorting
from support.worklist.line import LineKind, WorkLine
from support.worklist.store import read_lines
from tests.support.requests.conftest import ALIX, CAMILLE, DOMINIQUE, LOU, SACHA, Office

REQUESTS = {LineKind.REQUEST, LineKind.ANSWER}


def lines(office: Office, by: str) -> list[WorkLine]:
    with office.house.writing() as connection:
        found = read_lines(connection, office.house.accounts[by], office.house.clock(), ())
    return [line for line in found if line.kind in REQUESTS]


def keys(office: Office, by: str) -> list[str]:
    return [line.key for line in lines(office, by)]


def test_each_desk_has_its_own_oldest_promise_first_and_nobody_elses(office: Office) -> None:
    old = office.written()
    office.house.clock.advance(hours=2)
    new, national = office.written(), office.written(desk="national")
    assert keys(office, CAMILLE) == keys(office, DOMINIQUE) == [f"request:{old}", f"request:{new}"]
    assert keys(office, SACHA) == ["request:1", f"request:{national}"]
    assert keys(office, ALIX) == []
    assert {line.channel for line in lines(office, CAMILLE)} == {"form"}
    office.number = old
    office.does(CAMILLE, working.answer, text="Voici.")
    assert keys(office, CAMILLE) == [f"request:{new}", f"request:{old}"]
    office.number = new
    office.does(CAMILLE, sorting.merge, into=old)
    assert keys(office, CAMILLE) == [f"request:{old}"]


def test_the_desk_that_escalated_reads_the_answer_and_not_the_questions(office: Office) -> None:
    number = office.written()
    office.house.clock.advance(minutes=1)
    office.does(CAMILLE, working.escalate, text="Niveau 2.")
    office.house.clock.advance(minutes=1)
    office.does(SACHA, working.ask, text="Depuis quand ?")
    assert keys(office, CAMILLE) == []
    office.house.clock.advance(minutes=1)
    office.does(SACHA, working.answer, text="Voici.")
    assert keys(office, CAMILLE) == [f"answer:{number}"]
    assert keys(office, ALIX) == []


def test_what_only_passed_by_a_desk_is_not_its_own_to_read(office: Office) -> None:
    office.written(desk="national")
    office.house.clock.advance(minutes=1)
    office.does(SACHA, working.answer, text="Voici.")
    assert keys(office, CAMILLE) == []


def test_a_line_shows_how_it_came_and_its_subject_and_names_nobody(one_office: Office) -> None:
    number = one_office.written(channel="mail")
    camille = one_office.house.signed_in(CAMILLE)
    page = unescape(camille.get("/a-faire").text)
    assert "· Courriel" in page
    assert "Plus d’accès" in page
    assert [name for name in (LOU, "Lou", "Essai") if name in page] == []
    assert f'action="/demandes/{number}/prendre"' in page
    camille.post(f"/demandes/{number}/prendre", {})
    assert "Vous vous en occupez" in unescape(camille.get("/a-faire").text)
    one_office.does(CAMILLE, working.ask, text="Depuis quand ?")
    assert "Attend une précision : Plus d’accès" in unescape(camille.get("/a-faire").text)
    one_office.does(CAMILLE, working.close, text="Fait.", solved=True)
    assert f"/a-faire/suivant?apres=request:{number}" in camille.get(f"/demandes/{number}").text
