"""The pages of messages and callbacks, as a browser without script meets them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from records.schema.desk_tables import audit
from records.schema.tables import calls, desk_tasks
from tests.support.house import NOW, Browser, House, open_house, store_call
from tests.voicemail.recordings import tone

NUMBER = "+33639981234"
SHOWN, MASKED = "06 39 98 12 34", "06 39 •• •• 34"
HOUR = timedelta(hours=1)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = open_house(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}")
    waits(made, "CAmessage", "message", file="kept.wav", message_seconds=5)
    waits(made, "CAcallback", "callback", at=NOW - 30 * HOUR, callback_number=NUMBER)
    waits(made, "CAnord", "message", "59", file="kept.wav", at=NOW - 100 * HOUR)
    waits(made, "CAnational", "callback", "*", callback_number=NUMBER)
    made.settings.voicemail_dir.mkdir()
    (made.settings.voicemail_dir / "kept.wav").write_bytes(tone(5.0))
    yield made
    made.close()


def waits(
    house: House,
    call_id: str,
    kind: str,
    code: str = "75",
    *,
    at: datetime = NOW - HOUR,
    file: str | None = None,
    **more: Any,
) -> None:
    with house.writing() as connection:
        given = {"departement": None if code == "*" else code, "outcome": kind, "caller": NUMBER, "referent": None}
        store_call(connection, call_id, started_at=at, talk_seconds=None, **(given | more))
        task = {"call_id": call_id, "kind": kind, "departement": code, "created_at": at, "audio_file": file}
        connection.execute(insert(desk_tasks).values(task))


@pytest.fixture
def browser(house: House) -> Browser:
    return house.signed_in()


def trail(house: House) -> list[tuple[str, str, str]]:
    with house.writing() as connection:
        rows = connection.execute(select(audit.c.by, audit.c.what, audit.c.reference).order_by(audit.c.id)).all()
    return [tuple(row) for row in rows if row.reference.startswith("CA")]


def test_each_list_shows_what_waits_on_ones_own_desk_the_oldest_first(browser: Browser) -> None:
    messages, callbacks = browser.get("/messages").text, browser.get("/rappels").text
    assert "CAmessage" in messages
    assert "CAcallback" in callbacks
    for foreign in ("CAnord", "CAnational"):
        assert foreign not in messages + callbacks
    assert "attend depuis 1 heure" in messages
    assert MASKED in messages
    assert SHOWN not in messages + callbacks


def test_what_waits_longer_than_one_open_day_stands_out(browser: Browser) -> None:
    assert "En retard" in browser.get("/rappels").text
    assert "En retard" not in browser.get("/messages").text


def test_a_message_is_heard_in_the_page_and_hearing_it_is_written_down(house: House, browser: Browser) -> None:
    page = browser.post("/messages/CAmessage/ecouter", {}).text
    address = re.search(r'src="(/messages/CAmessage/audio\?cle=[^"]+)"', page)
    assert address
    answer = browser.get(address[1])
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "audio/wav", tone(5.0))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "no-store" in answer.headers["Cache-Control"]
    part = browser.get(address[1], Range="bytes=0-3")
    assert (part.status_code, part.data) == (206, b"RIFF")
    assert trail(house) == [("camille@siao.example", "message écouté", "CAmessage")]


def test_the_address_of_a_recording_is_nobody_elses_and_holds_for_an_hour(house: House, browser: Browser) -> None:
    page = browser.post("/messages/CAmessage/ecouter", {}).text
    address = re.search(r'src="(/messages/CAmessage/audio\?cle=[^"]+)"', page)
    assert address
    assert house.signed_in("sacha@siao.example").get(address[1]).status_code == 404
    assert house.app.test_client().get(address[1]).status_code == 303
    assert browser.get("/messages/CAmessage/audio").status_code == 404
    assert browser.get("/messages/CAmessage/audio?cle=forged").status_code == 404


def test_the_number_is_shown_on_a_click_with_a_link_to_dial_and_the_click_is_written_down(
    house: House, browser: Browser
) -> None:
    page = browser.post("/rappels/CAcallback/numero", {}).text
    assert f'href="tel:{NUMBER}"' in page
    assert SHOWN in page
    assert trail(house) == [("camille@siao.example", "numero", "CAcallback")]


@pytest.mark.parametrize(
    ("number", "shown", "why"),
    [("+33899123456", "08 99 12 34 56", "numéro surtaxé"), ("+881612345678", "+881612345678", "numéro satellite"),
     ("+447700900123", "+447700900123", "numéro étranger (+44)"), ("+33199", "+33199", "ce numéro n&#39;existe pas")],
)  # fmt: skip
def test_a_number_that_nobody_should_call_back_is_shown_with_a_warning_and_no_link(
    house: House, browser: Browser, number: str, shown: str, why: str
) -> None:
    """Whoever stored it, before or after it was refused: a message's caller, a callback of last month."""
    waits(house, "CArefused", "message", caller=number)
    waits(house, "CAold", "callback", caller=None, callback_number=number)
    for page, call_id in (("messages", "CArefused"), ("rappels", "CAold")):
        assert f"Ne pas rappeler : {why}" in browser.get(f"/{page}").text
        answer = browser.post(f"/{page}/{call_id}/numero", {}).text
        assert f"Ne pas rappeler : {why}" in answer
        assert shown in answer
        assert "tel:" not in answer


def test_an_ordinary_number_is_no_reason_for_a_warning(browser: Browser) -> None:
    assert "Ne pas rappeler" not in browser.get("/rappels").text + browser.get("/messages").text


def test_a_callback_made_becomes_a_call_to_qualify(house: House, browser: Browser) -> None:
    answer = browser.post("/rappels/CAcallback/traite", {"duree": "6:30"})
    assert answer.status_code == 303
    with house.writing() as connection:
        made = connection.execute(select(calls).where(calls.c.linked_call_id == "CAcallback")).mappings().one()
    assert answer.location == f"/appels/{made['call_id']}"
    assert (made["source"], made["caller"], made["talk_seconds"], made["departement"]) == ("manual", NUMBER, 390, "75")
    assert made["started_at"] == NOW - timedelta(seconds=390)
    assert "Thématique" in browser.get(answer.location).text
    assert "Aucun rappel à faire" in browser.get("/rappels").text
    assert "traité par Camille" in browser.get("/rappels").text


def test_a_message_that_needs_no_call_back_is_just_done(house: House, browser: Browser) -> None:
    answer = browser.post("/messages/CAmessage/traite", {"duree": ""})
    assert (answer.status_code, answer.location) == (303, "/messages")
    with house.writing() as connection:
        assert connection.scalars(select(calls.c.call_id).where(calls.c.source == "manual")).all() == []
    assert trail(house)[-1] == ("camille@siao.example", "message traité", "CAmessage")


def test_the_second_of_two_who_handle_it_is_told_and_no_call_is_made_twice(house: House, browser: Browser) -> None:
    browser.post("/rappels/CAcallback/traite", {"duree": "3 min"})
    answer = browser.post("/rappels/CAcallback/traite", {"duree": "4 min"})
    assert answer.location == "/rappels"
    with house.writing() as connection:
        assert connection.scalars(select(calls.c.talk_seconds).where(calls.c.source == "manual")).all() == [180]


def test_a_small_number_alone_is_asked_about_before_it_counts_as_seconds(browser: Browser) -> None:
    """Until then « 6 » was read as minutes: whoever still types it so must see it."""
    asked = browser.post("/rappels/CAcallback/traite", {"duree": "6"})
    assert asked.status_code == 400
    assert "6 s, est-ce bien cela ? Pour des minutes, écrivez « 6 min »." in asked.text
    assert 'name="duree_confirmee" value="6"' in asked.text
    done = browser.post("/rappels/CAcallback/traite", {"duree": "6", "duree_confirmee": "6"})
    assert done.status_code == 303
    assert "durée : 6 s" in browser.get(done.location).text


def test_a_wrong_duration_is_named_and_what_was_typed_is_kept(browser: Browser) -> None:
    answer = browser.post("/rappels/CAcallback/traite", {"duree": "six minutes"})
    assert answer.status_code == 400
    assert "Cette durée n’est pas claire. Exemples" in answer.text
    assert 'value="six minutes"' in answer.text
    assert "CAcallback" in answer.text


@pytest.mark.parametrize(
    "path",
    ["messages/CAnord/ecouter", "messages/CAnord/traite", "messages/CAnord/numero", "rappels/CAnational/traite",
     "rappels/CAmessage/traite", "messages/none/traite", "messages/CAcallback/ecouter"],
)  # fmt: skip
def test_what_belongs_to_another_desk_is_as_if_it_did_not_exist(browser: Browser, path: str) -> None:
    assert browser.post(f"/{path}", {"duree": ""}).status_code == 404


def test_the_national_team_has_its_own_desk_and_sees_what_is_late_elsewhere(house: House) -> None:
    sacha = house.signed_in("sacha@siao.example")
    assert "tache-CAnational" in sacha.get("/rappels").text
    messages = sacha.get("/messages").text
    assert "En retard dans les départements" in messages
    assert "/appels/CAnord" in messages
    assert "tache-CAnord" not in messages


def test_audio_on_its_way_and_audio_erased_are_said(house: House, browser: Browser) -> None:
    waits(house, "CAcoming", "message")
    assert "arrive de chez l’opérateur" in browser.get("/messages").text
    assert browser.post("/messages/CAcoming/ecouter", {}).status_code == 404


def test_the_home_page_leads_here(browser: Browser) -> None:
    page = browser.get("/appels").text
    assert 'href="/messages"' in page
    assert 'href="/rappels"' in page
