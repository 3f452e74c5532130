"""The audit log on its page and as a file: who, what, when; for the national team and the administration alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from records.desks.audit import note
from service.cli import run
from service.pages.administration import trail
from tests.support.house import House, open_house

PAGE, FILE = "/administration/journal", "/administration/journal.csv"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = open_house(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}")
    with made.writing() as connection:
        for days, by, what, about in (
            (0, "camille@siao.example", "numero", "CA1"),
            (3, "alix@siao.example", "message écouté", "CA2"),
            (9, "camille@siao.example", "réglage closure", "=cmd|' /C calc'!A0"),
            (20, "inconnu", "adresse non invitée", "empreinte 00ff"),
        ):
            note(connection, by=by, what=what, reference=about, at=made.clock() - timedelta(days=days))
    yield made
    made.close()


@pytest.mark.parametrize(
    ("asked", "there", "absent"),
    [
        ("", ["CA1", "CA2", "empreinte 00ff", "fermeture réglée", "24/11/2026 11:00:00"], []),
        ("?qui=CAMILLE", ["CA1", "calc"], ["CA2", "empreinte"]),
        ("?quoi=numero", ["CA1"], ["CA2"]),
        ("?sujet=ca2", ["CA2"], ["CA1"]),
        ("?du=2026-11-21&au=2026-11-21", ["CA2"], ["CA1", "calc"]),
        ("?du=21/11/2026", ["CA1", "CA2"], ["calc"]),
        ("?qui=personne", ["Aucune ligne"], ["CA1"]),
        ("?page=2", [], ["CA1"]),
        ("?page=x", ["CA1"], []),
    ],
)
def test_lines_are_chosen_by_who_what_and_when(house: House, asked: str, there: list[str], absent: list[str]) -> None:
    page = unescape(house.signed_in("sacha@siao.example").get(PAGE + asked).text)
    lines = page.partition("<tbody")[2] or page
    assert [word for word in there if word not in page] == []
    assert [word for word in absent if word in lines] == []


@pytest.mark.parametrize("day", ["hier", "2026-02-30", "0001-01-01", "99999-01-01", "é"])
def test_what_is_no_day_is_told_at_its_field(house: House, day: str) -> None:
    browser = house.signed_in("sacha@siao.example")
    page = browser.client.get(PAGE, query_string={"du": day})
    assert (page.status_code, trail.NO_DAY in page.text) == (200, True)
    assert browser.client.get(FILE, query_string={"au": day}).status_code == 400


def test_the_file_has_the_same_lines_calculates_nothing_and_is_noted_itself(house: House) -> None:
    browser = house.signed_in("sacha@siao.example")
    text = browser.get(f"{FILE}?qui=camille").text
    assert text.startswith("\ufeffQuand (heure de Paris);Qui;Quoi;Sur quoi\r\n")
    assert "'=cmd|" in text
    assert "alix@" not in text
    assert "2 lignes qui=camille" in browser.get(f"{PAGE}?quoi=journal téléchargé").text


def test_a_file_that_is_too_long_is_refused_before_it_is_written(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "LONGEST_FILE", 2)
    answer = house.signed_in("sacha@siao.example").get(FILE)
    assert (answer.status_code, "choisissez une période plus courte" in answer.text) == (400, True)


def test_long_trails_come_by_pages(house: House) -> None:
    with house.writing() as connection:
        for number in range(150):
            note(connection, by="a@siao.example", what="numero", reference=f"N{number}-", at=house.clock())
    browser = house.signed_in("sacha@siao.example")
    first, second = browser.get(f"{PAGE}?quoi=numero").text, browser.get(f"{PAGE}?quoi=numero&page=2").text
    assert ("N149-" in first, "N0-" in first, "plus anciennes" in first) == (True, False, True)
    assert ("N149-" in second, "N0-" in second, "plus récentes" in second) == (False, True, True)


def test_nobody_else_reads_it(house: House) -> None:
    browser = house.signed_in("camille@siao.example")
    assert [browser.get(path).status_code for path in (PAGE, FILE)] == [404, 404]


def test_taking_the_directory_away_is_noted(house: House) -> None:
    browser = house.signed_in("sacha@siao.example")
    assert browser.get("/administration/annuaire/telecharger").status_code == 200
    assert "annuaire téléchargé" in browser.get(PAGE).text.partition("<tbody")[2]


def test_a_workbook_written_by_command_is_noted_like_one_taken_from_a_page(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("database_url", "var_dir", "referents_csv"):
        monkeypatch.setenv(name.upper(), str(getattr(house.settings, name)))
    monkeypatch.setenv("DEMO", "1")
    out = tmp_path / "suivi.xlsx"
    assert run(["export", "workbook", "-d", "75", "--from", "2026-11-01", "--to", "2026-11-20", "--out", str(out)]) == 0
    page = house.signed_in("sacha@siao.example").get(f"{PAGE}?quoi=classeur").text
    assert "75 2026-11-01 2026-11-20" in page
