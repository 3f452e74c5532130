"""The page on which the national team edits, tries and publishes the table that routes written requests."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from sqlalchemy import select

from records.database import reading
from records.schema.desk_tables import audit
from records.schema.written_tables import route_versions
from routing.requests.table import DELIVERED
from support.routes.store import routes_in_force
from tests.support.house import NOW, Browser, House
from tests.support.routes.written import write_request

PAGE = "/administration/orientation"
COLUMNS = ("expediteur", "niveau", "thematique", "bureau")
Rows = list[tuple[str, str, str, str]]
START: Rows = [(rule.sender, rule.niveau, rule.thematique, str(rule.desk)) for rule in DELIVERED]


def form(rows: Rows, **more: str) -> dict[str, Any]:
    return {name: [row[place] for row in rows] for place, name in enumerate(COLUMNS)} | {"version": "0"} | more


def shown_rows(page: str) -> Rows:
    """The lines of the form, as they are chosen."""
    found: dict[str, list[str]] = {name: [] for name in COLUMNS}
    for name, options in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name].append(unescape(chosen[1] if chosen else ""))
    return list(zip(*found.values(), strict=True))


def send(browser: Browser, rows: Rows, path: str = PAGE, **more: str) -> str:
    return unescape(browser.post(path, form(rows, **more)).text)


def test_the_table_is_shown_line_by_line_and_edited_without_script(house: House) -> None:
    browser = house.signed_in("sacha@siao.example")
    rows = shown_rows(browser.get(PAGE).text)
    assert rows == START
    rows = shown_rows(send(browser, rows, geste="ajouter"))
    assert rows == [*START, ("", "", "", "national")]
    rows = shown_rows(send(browser, rows, geste="monter-5"))
    assert rows[4:] == [("", "", "", "national"), START[4]]
    rows = shown_rows(send(browser, rows, geste="descendre-0"))
    assert rows[:2] == [START[1], START[0]]
    rows = shown_rows(send(browser, rows, geste="retirer-4"))
    assert rows == [START[1], START[0], *START[2:]]
    for nonsense in ("monter-0", "descendre-4", "retirer-9", "retirer-", "retirer--1", "autre-1", ""):
        assert shown_rows(send(browser, rows, geste=nonsense)) == rows


def test_it_is_tried_before_it_is_published(house: House) -> None:
    with house.writing() as connection:
        for _ in range(2):
            write_request(connection, NOW)
    house.clock.advance(hours=1)
    browser = house.signed_in("sacha@siao.example")
    tried = send(browser, [("user", "1", "", "national"), *START], geste="essayer")
    assert "2 demandes écrites seraient allées ailleurs." in tried
    line = r"75.*Gestion des personnes.*Ménage.*Référents.*Équipe nationale.*>2<"
    assert re.search(line, tried, re.DOTALL)
    with reading(house.engine) as connection:
        assert routes_in_force(connection).version == 0


def test_what_is_published_holds_at_once_and_its_history_is_kept(house: House) -> None:
    browser, edited = house.signed_in("sacha@siao.example"), [("user", "1", "", "national"), *START]
    answer = browser.post(f"{PAGE}/publier", form(edited, confirme="1", note="Pour voir"))
    assert answer.status_code == 303
    page = unescape(browser.get(PAGE).text)
    assert shown_rows(page) == edited
    assert re.search(r"Version 1</strong>.*en vigueur.*: Pour voir.*vous, .*Table de départ", page, re.DOTALL)
    with reading(house.engine) as connection:
        assert routes_in_force(connection).rules[1:] == DELIVERED
        [trail] = connection.scalars(select(audit.c.reference).where(audit.c.what == "table d’orientation"))
        assert trail == "version 1"
        assert connection.scalars(select(route_versions.c.published_by)).all() == ["sacha@siao.example"]


def test_who_is_overtaken_is_told_and_loses_nothing(house: House) -> None:
    browser, first = house.signed_in("sacha@siao.example"), [("user", "1", "", "national"), *START]
    assert browser.post(f"{PAGE}/publier", form(first, confirme="1")).status_code == 303
    mine = [("user", "1/2", "", "national"), *START]
    answer = browser.post(f"{PAGE}/publier", form(mine, confirme="1"))
    assert answer.status_code == 409
    assert "Quelqu’un a publié une autre table entre-temps" in unescape(answer.text)
    assert shown_rows(answer.text) == mine


def test_a_dangerous_table_is_confirmed_and_one_that_leaves_nothing_to_the_team_refused(house: House) -> None:
    browser = house.signed_in("sacha@siao.example")
    local = [("user", "2", "", "local"), *START]
    tried = send(browser, local, geste="essayer")
    assert "Des demandes de niveau 2 iraient aux référents" in tried
    answer = browser.post(f"{PAGE}/publier", form(local))
    assert answer.status_code == 400
    assert "Confirmez que c’est voulu." in unescape(answer.text)
    assert "ne recevrait plus aucune demande" in send(browser, [("", "", "", "local")], geste="essayer")
    assert "La ligne 2 ne servirait jamais : la ligne 1 décide" in send(browser, [START[0], START[0]], geste="essayer")
    assert "Rien n’a changé" in send(browser, START, geste="essayer")


def test_hostile_lines_are_refused_with_what_was_typed(house: House) -> None:
    browser = house.signed_in("sacha@siao.example")
    for row in (("x", "", "", "local"), ("", "3", "", "local"), ("", "", "<b>", "local"), ("", "", "", "")):
        for path, gesture in ((PAGE, "essayer"), (f"{PAGE}/publier", "")):
            answer = browser.post(path, form([*START, row], geste=gesture))
            assert answer.status_code == 400
            assert "Ligne 6 : choisissez chaque valeur dans sa liste." in unescape(answer.text)
    short = form(START) | {"niveau": ["1"]}
    assert browser.post(f"{PAGE}/publier", short).status_code == 400
    assert browser.post(PAGE, form(START * 20, geste="essayer")).status_code == 400
