"""« À faire » as a browser without script meets it, and what each of its verbs writes."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from records.schema.desk_tables import audit, desk_marks, desks_without_missed, qualifications
from records.schema.request_tables import requests
from records.schema.tables import calls, desk_tasks
from tests.support.house import NOW, Browser, House, store_call

HOUR = timedelta(hours=1)
NUMBER, SHOWN, MASKED = "+33639981234", "06 39 98 12 34", "06 39 •• •• 34"
CAMILLE, NOOR = "camille@siao.example", "noor@siao.example"


@pytest.fixture
def browser(house: House) -> Browser:
    """Camille's, of Paris: a missed caller who tried twice, one of the Nord, a call to qualify."""
    house.invite(NOOR, "referent", "75")
    missed(house, "CA1", started_at=NOW - 3 * HOUR)
    missed(house, "CA2", started_at=NOW - 2 * HOUR, outcome="absence", absence_reason="closed")
    missed(house, "CA59", departement="59")
    with house.writing() as connection:
        store_call(connection, "CAtold", started_at=NOW - HOUR)
    return house.signed_in()


def missed(house: House, call_id: str, **given: Any) -> None:
    row = {"outcome": "abandoned_ringing", "answered_by": None, "referent": None, "talk_seconds": None}
    with house.writing() as connection:
        store_call(connection, call_id, **(row | {"caller": NUMBER, "started_at": NOW - HOUR} | given))


def trail(house: House) -> list[tuple[str, str]]:
    with house.writing() as connection:
        rows = connection.execute(select(audit.c.what, audit.c.reference).order_by(audit.c.id)).all()
    return [(row.what, row.reference) for row in rows if row.what.startswith(("à faire", "appel", "numero"))]


def count(browser: Browser) -> int:
    told = re.search(r"<title>(?:\((\d+)\) )?À faire – SI SIAO</title>", browser.get("/a-faire").text)
    assert told
    return int(told[1] or 0)


def test_the_list_is_home_and_every_page_tells_how_much_waits(browser: Browser) -> None:
    assert browser.get("/appels").location == "/a-faire"
    page = browser.get("/a-faire").text
    assert count(browser) == 2
    assert MASKED in page
    assert SHOWN not in page
    assert "2 appels ce jour-là" in page
    assert "CA59" not in page
    assert re.search(r'id="a-faire-compte">\(2\)<', browser.get("/reponses").text)
    assert "<title>(2) Réponses types" in browser.get("/reponses").text


def test_only_the_list_itself_reads_the_lines_that_every_page_counts(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an open page asks for again and again is counted too."""
    monkeypatch.setattr("support.worklist.web.read_lines", None)
    assert "<title>(2) Réponses types" in browser.get("/reponses").text
    assert "2" in browser.get("/a-faire/nouveau").text


def test_a_missed_caller_is_called_back_and_the_call_back_is_to_qualify(house: House, browser: Browser) -> None:
    page = browser.post("/a-faire/missed/CA1/numero", {}).text
    assert f'href="tel:{NUMBER}"' in page
    assert SHOWN in page
    answer = browser.post("/a-faire/missed/CA1/fait", {"duree": "6 min"})
    call_id = answer.location.removeprefix("/appels/")
    with house.writing() as connection:
        made = connection.execute(select(calls).where(calls.c.call_id == call_id)).mappings().one()
        marks = connection.execute(select(desk_marks.c.reference, desk_marks.c.done_by)).all()
    assert (made["linked_call_id"], made["caller"], made["talk_seconds"], made["departement"]) == (
        "CA1", NUMBER, 360, "75"
    )  # fmt: skip
    assert sorted(map(tuple, marks)) == [("CA1", CAMILLE), ("CA2", CAMILLE)]
    assert trail(house) == [("numero", "CA1"), ("à faire : fait", "missed:CA1"), ("appel ajouté", call_id)]
    page = browser.get("/a-faire").text
    assert "ligne-missed" not in page
    assert f"ligne-qualify-{call_id}" in page


def test_without_a_call_back_one_goes_on_with_the_next_line(browser: Browser) -> None:
    answer = browser.post("/a-faire/missed/CA1/fait", {})
    assert answer.location == "/a-faire/suivant?apres=missed:CA1"
    assert browser.get(answer.location).location == "/appels/CAtold"
    assert browser.get("/a-faire/suivant?apres=qualify:CAtold").location == "/a-faire"
    assert "plus rien ne vous attend" in browser.get("/a-faire").text
    for odd in ("", "rien", "a:b:c", "missed:"):
        assert browser.get(f"/a-faire/suivant?apres={odd}").status_code == 303


def test_after_a_call_back_is_qualified_one_goes_on_with_the_kind_of_line_that_it_was(
    house: House, browser: Browser
) -> None:
    missed(house, "CA3", caller="+33639981299", started_at=NOW - HOUR)
    made = browser.post("/a-faire/missed/CA1/fait", {"duree": "6 min"}).location.removeprefix("/appels/")
    assert browser.get(f"/a-faire/suivant?apres=qualify:{made}").location == "/a-faire#ligne-missed-CA3"
    assert browser.get("/a-faire/suivant?apres=qualify:CAtold").location == f"/appels/{made}"


def test_a_promise_is_said_as_one_says_it(house: House, browser: Browser) -> None:
    """« avant hier » is the day before yesterday."""
    assert "· à faire demain avant 9 h 00" in browser.get("/a-faire").text
    house.clock.advance(days=2)
    page = house.signed_in().get("/a-faire").text
    assert "· était à faire hier avant 9 h 00" in page
    assert "Pris par Camille" in page


def test_done_can_be_undone_for_ten_minutes_by_whoever_did_it_and_the_call_back_goes_too(
    house: House, browser: Browser
) -> None:
    made = browser.post("/a-faire/missed/CA2/fait", {"duree": "6:30"}).location
    undo = "/a-faire/missed/CA1/annuler"
    assert undo in browser.get("/a-faire").text
    other = house.signed_in(NOOR)
    assert "Fait récemment" in other.get("/a-faire").text
    assert undo not in other.get("/a-faire").text
    other.post(undo, {})
    assert "Seule la personne qui l’a noté" in other.get("/a-faire").text
    browser.post(undo, {})
    assert "2 appels ce jour-là" in browser.get("/a-faire").text
    assert browser.get(made).status_code == 404
    browser.post("/a-faire/missed/CA1/fait", {})
    house.clock.advance(minutes=11)
    browser.post(undo, {})
    assert "Plus de dix minutes" in browser.get("/a-faire").text
    assert count(browser) == 1


def test_a_call_back_that_is_qualified_is_not_undone_with_its_line(house: House, browser: Browser) -> None:
    made = browser.post("/a-faire/missed/CA1/fait", {"duree": "6 min"}).location.removeprefix("/appels/")
    said = {"thematique": "T", "motif": "M", "sous_motif": "S", "niveau": "1", "resolved": True, "escalated": False}
    with house.writing() as connection:
        values = {"call_id": made, "version": 1, "comment": "", "by": CAMILLE, "at": NOW, **said}
        connection.execute(insert(qualifications).values(values))
    browser.post("/a-faire/missed/CA1/annuler", {})
    assert "annulez d’abord sa qualification" in browser.get("/a-faire").text
    assert "ligne-missed" not in browser.get("/a-faire").text


def test_a_line_is_taken_handed_over_and_set_aside_until_a_day(house: House, browser: Browser) -> None:
    other = house.signed_in(NOOR)
    browser.post("/a-faire/missed/CA1/prendre", {})
    assert "Vous vous en occupez" in browser.get("/a-faire").text
    assert "Camille s’en occupe" in other.get("/a-faire").text
    other.post("/a-faire/missed/CA1/prendre", {})
    assert "Camille s’en occupe déjà" in other.get("/a-faire").text
    other.post("/a-faire/missed/CA1/confier", {"a": NOOR})
    assert "Noor s’en occupe" in browser.get("/a-faire").text
    assert browser.get("/a-faire/suivant?apres=qualify:CAtold").location == "/a-faire"
    browser.post("/a-faire/missed/CA1/cote", {"jusqu_au": "2026-11-26"})
    assert count(browser) == 1
    assert "revient le 26 novembre 2026" in browser.get("/a-faire").text
    house.clock.advance(hours=38)
    assert "ligne-missed-CA1" in house.signed_in().get("/a-faire").text
    assert [what for what, _ in trail(house)] == ["à faire : pris", "à faire : confié", "à faire : mis de côté"]


def test_what_was_set_aside_is_brought_back_at_once(browser: Browser) -> None:
    browser.post("/a-faire/qualify/CAtold/cote", {"jusqu_au": "2026-11-30"})
    assert count(browser) == 1
    browser.post("/a-faire/qualify/CAtold/reprendre", {})
    assert count(browser) == 2


@pytest.mark.parametrize(
    ("deed", "form", "sentence"),
    [
        ("fait", {"duree": "six minutes"}, "Cette durée n’est pas claire"),
        ("fait", {"duree": "6"}, "6 s, est-ce bien cela"),
        ("cote", {"jusqu_au": "2026-11-24"}, "Choisissez un jour à venir"),
        ("cote", {"jusqu_au": "demain"}, "Donnez un jour"),
        ("confier", {"a": "alix@siao.example"}, "Choisissez quelqu’un qui travaille pour ce département"),
        ("confier", {"a": "<script>"}, "Choisissez quelqu’un qui travaille pour ce département"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_done(
    house: House, browser: Browser, deed: str, form: dict[str, str], sentence: str
) -> None:
    answer = browser.post(f"/a-faire/missed/CA1/{deed}", form)
    assert (answer.status_code, sentence in answer.text) == (400, True)
    assert "fr-error-text" in answer.text
    assert deed == "confier" or f'value="{next(iter(form.values()))}"' in answer.text
    assert trail(house) == []


def test_a_line_that_has_left_is_said_and_other_lines_end_on_their_own_page(browser: Browser) -> None:
    browser.post("/a-faire/missed/CA1/fait", {})
    browser.post("/a-faire/missed/CA1/prendre", {})
    assert "n’est plus à faire" in browser.get("/a-faire").text
    browser.post("/a-faire/qualify/CAtold/fait", {})
    assert "se termine sur sa page" in browser.get("/a-faire").text


def test_nobody_acts_on_another_departement(house: House, browser: Browser) -> None:
    with house.writing() as connection:
        store_call(connection, "CAmessage", departement="59", outcome="message")
        task = {"call_id": "CAmessage", "kind": "message", "departement": "59", "created_at": NOW}
        connection.execute(insert(desk_tasks).values(task))
    for line in ("missed/CA59", "message/CAmessage", "qualify/CA59", "missed/none", "answer/1", "request/un"):
        for deed in ("prendre", "confier", "cote", "reprendre", "fait", "annuler"):
            form = {"a": CAMILLE, "jusqu_au": "2026-11-30"}
            assert browser.post(f"/a-faire/{line}/{deed}", form).status_code == 404, (line, deed)
    assert browser.post("/a-faire/missed/CA59/numero", {}).status_code == 404
    browser.post("/a-faire/reglages", {"departement": "59", "listes": "non"})
    with house.writing() as connection:
        assert connection.execute(select(desks_without_missed)).all() == []
        assert connection.execute(select(desk_marks)).all() == []
    assert trail(house) == []


def test_the_national_team_has_its_own_list_and_touches_no_desks_lines(house: House, browser: Browser) -> None:
    missed(house, "CAnone", departement=None, caller="+33639980077")
    sacha = house.signed_in("sacha@siao.example")
    page = sacha.get("/a-faire").text
    assert "ligne-missed-CAnone" in page
    assert "ligne-missed-CA1" not in page
    sacha.post("/a-faire/missed/CA1/fait", {})
    assert "ligne-missed-CA1" in browser.get("/a-faire").text


def test_a_desk_that_does_not_want_missed_callers_switches_them_off(house: House, browser: Browser) -> None:
    browser.post("/a-faire/reglages", {"departement": "75", "listes": "non"})
    assert count(browser) == 1
    assert "Paris (75) : non listés" in house.signed_in(NOOR).get("/a-faire").text
    browser.post("/a-faire/reglages", {"departement": "75", "listes": "oui"})
    assert count(browser) == 2
    assert trail(house) == [("appels manqués non listés", "75"), ("appels manqués listés", "75")]


def test_withheld_callers_are_told_in_one_quiet_line(house: House, browser: Browser) -> None:
    missed(house, "CAhidden", caller=None)
    assert "1 appel manqué d’un numéro masqué en sept jours" in browser.get("/a-faire").text
    assert count(browser) == 2


def test_a_request_of_ones_desk_leads_to_its_page(house: House, browser: Browser) -> None:
    row = {
        "id": 7, "channel": "form", "sender": "user", "departement": "75", "version": 1, "subject": "Écran <blanc>",
        "description": "", "thematique": "T", "motif": "M", "sous_motif": "S", "niveau": "1", "reply_to": "x",
        "desk": "local", "state": "open", "created_at": NOW - HOUR, "created_by": "x", "due_at": NOW - HOUR,
    }  # fmt: skip
    with house.writing() as connection:
        connection.execute(insert(requests).values(**row))
    page = browser.get("/a-faire").text
    assert 'href="/demandes/7"' in page
    assert "Écran &lt;blanc&gt;" in page
    assert page.index("ligne-request-7") < page.index("ligne-missed-CA1")
    assert "dont 1 en retard" in page


def test_an_open_page_learns_of_what_changed_and_of_nothing_else(house: House, browser: Browser) -> None:
    for mode in ("", "&liste=1&page=1"):
        seen = re.search(r'data-digest="(\w+)"', browser.get(f"/a-faire/nouveau?vu={mode}").text)
        assert seen
        assert browser.get(f"/a-faire/nouveau?vu={seen[1]}{mode}").status_code == 204
        missed(house, f"CA{mode[:3]}new", caller=f"+3363998000{len(mode)}")
        answer = browser.get(f"/a-faire/nouveau?vu={seen[1]}{mode}")
        assert "<html" not in answer.text
        assert ("ligne-missed" in answer.text) == bool(mode)


def test_an_incoming_call_is_told_with_what_its_caller_asked_last(house: House, browser: Browser) -> None:
    ringing = '[{"person": "x", "referent": "Camille Exemple", "phone": "+33199001234", "result": null}]'
    with house.writing() as connection:
        store_call(
            connection, "CAlive", outcome="in_progress", referent=None, caller=NUMBER, attempts=ringing, started_at=NOW
        )
        store_call(connection, "CAmenu", outcome="in_progress", referent=None, departement="75", started_at=NOW)
    told = browser.get("/a-faire/nouveau").text
    assert "Sonne" in told
    assert "3<sup>e</sup> appel en 7 jours" in told
    assert "Message d’absence entendu" in told
    assert "/appels/CAlive" in told
    assert "CAmenu" not in told
    assert SHOWN not in told
    assert "data-taken" not in told
    person = next(one for one in house.app.extensions["telephone"].snapshot().people if one.email == CAMILLE)
    with house.writing() as connection:
        taken = {"referent": "Camille Exemple", "referent_id": person.id}
        connection.execute(update(calls).where(calls.c.call_id == "CAlive").values(taken))
    assert 'data-taken="/appels/CAlive"' in browser.get("/a-faire/nouveau").text
    assert "data-taken" not in house.signed_in(NOOR).get("/a-faire/nouveau").text


VERBS = {
    "prendre": {}, "confier": {"a": NOOR}, "cote": {"jusqu_au": "2026-11-30"}, "reprendre": {},
    "fait": {"duree": "6 min"}, "annuler": {},
}  # fmt: skip


@pytest.mark.parametrize("deed", VERBS)
def test_a_word_whose_line_of_the_trail_cannot_be_written_changes_nothing(
    house: House, browser: Browser, deed: str
) -> None:
    house.app.config["PROPAGATE_EXCEPTIONS"] = False
    if deed == "annuler":
        browser.post("/a-faire/missed/CA1/fait", {})
    token = browser.token()

    def rows() -> list[Any]:
        with house.writing() as connection:
            marks = connection.execute(select(desk_marks).order_by(desk_marks.c.reference)).all()
            return [*marks, *connection.scalars(select(calls.c.call_id).order_by(calls.c.call_id))]

    before = rows()
    with house.writing() as connection:
        connection.exec_driver_sql("alter table audit rename to audit_away")
    form = VERBS[deed] | {"csrf_token": token}
    assert browser.client.post(f"/a-faire/missed/CA1/{deed}", data=form).status_code >= 500
    assert rows() == before


def test_a_caller_whom_the_directory_knows_is_named(house: House, browser: Browser) -> None:
    missed(house, "CAknown", caller="+33353011234", local_date=date(2026, 11, 24))
    assert "Alix Essai, SIAO du Nord" in browser.get("/a-faire").text
