"""« État du service »: what is wrong since when and what to do, for the national team; its first page says so too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from records.alerting.telling import Trouble, tell
from service.running.watching.state import write_state
from tests.support.house import NOW, House, open_house

SACHA = "sacha@siao.example"
DISK = Trouble("disk:svi-1", "disk", "svi-1", "Le disque est <presque> plein.", "faire de la place.", NOW)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = open_house(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}")
    yield made
    made.close()


def test_what_is_wrong_is_told_with_what_to_do(house: House) -> None:
    with house.writing() as connection:
        tell(connection, [DISK], (), NOW)
    write_state(house.settings.state_dir, "watch", NOW, alerts={"state": "ok"})
    page = house.signed_in(SACHA).get("/administration/etat").text
    assert "Le disque est &lt;presque&gt; plein." in page
    assert "faire de la place." in page
    assert "Le disque est presque plein" in page
    assert "La veille ne tourne pas" not in page
    assert "<li>vous</li>" in page, "who is told"


def test_the_first_page_of_the_administration_says_how_much_is_wrong(house: House) -> None:
    browser = house.signed_in(SACHA)
    assert "point à regarder" not in browser.get("/administration").text
    with house.writing() as connection:
        tell(connection, [DISK], (), NOW)
    page = browser.get("/administration").text
    assert "point à regarder" in page
    assert 'href="/administration/etat"' in page


def test_what_is_over_is_told_for_thirty_days(house: House) -> None:
    with house.writing() as connection:
        tell(connection, [DISK], (), NOW)
        tell(connection, (), [DISK], NOW)
    browser = house.signed_in(SACHA)
    assert "presque&gt; plein" in browser.get("/administration/etat").text
    with house.writing() as connection:
        tell(connection, [DISK], (), NOW)
        tell(connection, (), [DISK], NOW - timedelta(days=31))
    assert "presque&gt; plein" not in browser.get("/administration/etat").text


def test_without_a_watch_nobody_would_be_told_and_the_page_says_so(house: House) -> None:
    assert "La veille ne tourne pas" in house.signed_in(SACHA).get("/administration/etat").text


def test_a_referent_has_no_such_page(house: House) -> None:
    assert house.signed_in("camille@siao.example").get("/administration/etat").status_code == 404
