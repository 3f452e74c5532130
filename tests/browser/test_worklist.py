"""« À faire » in a real browser: a missed caller called back, a list that renews itself, a call that comes in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select, update

from records.schema.tables import calls
from service.directory.snapshots import SnapshotFile
from tests.browser.conftest import Served, opened
from tests.support.house import NOW, store_call

HOUR = timedelta(hours=1)
COUNTED = (
    "for (const kind of ['click', 'change']) addEventListener(kind, (e) => { if (e.isTrusted && (kind === 'click' "
    "|| e.target.matches('input, select'))) sessionStorage.n = Number(sessionStorage.n || 0) + 1; }, true);"
)
"""Clicks and fields filled, counted by the browser; a click into a field that is then filled counts twice."""


@pytest.fixture(autouse=True)
def two_missed_callers(served: Served) -> None:
    missed(served, "CA1", caller="+33639980001", started_at=NOW - 3 * HOUR)
    missed(served, "CA2", caller="+33639980002")


def missed(served: Served, call_id: str, **given: Any) -> None:
    row = {"outcome": "abandoned_ringing", "answered_by": None, "referent": None, "talk_seconds": None}
    with served.house.writing() as connection:
        store_call(connection, call_id, **(row | {"started_at": NOW - HOUR} | given))


def rings(served: Served, call_id: str = "CAlive") -> None:
    attempts = '[{"person": "x", "referent": "Camille Exemple", "phone": "+33199001234", "result": null}]'
    missed(served, call_id, caller="+33639980001", outcome="in_progress", attempts=attempts, started_at=NOW)


def is_taken(served: Served, call_id: str = "CAlive") -> None:
    """Camille presses 1."""
    snapshot = SnapshotFile(served.house.settings.var_dir).current()
    assert snapshot
    person = next(one for one in snapshot.people if one.email == "camille@siao.example")
    with served.house.writing() as connection:
        taken = {"referent": person.name, "referent_id": person.id}
        connection.execute(update(calls).where(calls.c.call_id == call_id).values(taken))


def test_a_missed_caller_is_called_back_with_three_interactions_then_qualified(served: Served, page: Page) -> None:
    """« Rappeler » shows the number where one is, the duration is typed, « C’est fait » opens the qualification."""
    page.add_init_script(COUNTED)
    served.enter(page)
    expect(page).to_have_title("(2) À faire – SI SIAO")
    page.evaluate("sessionStorage.n = 0")
    page.locator("#ligne-missed-CA1").get_by_role("button", name="Rappeler").click()
    expect(page.get_by_role("link", name="Appeler le 06 39 98 00 01")).to_be_visible()
    assert page.url == f"{served.url}/a-faire"
    expect(page.get_by_label("Durée du rappel")).to_be_focused()
    page.keyboard.type("6 min")
    page.locator("#ligne-missed-CA1").get_by_role("button", name="C’est fait").click()
    expect(page.get_by_text("il reste à le qualifier")).to_be_visible()
    interactions = page.evaluate("sessionStorage.n")
    print(f"A missed caller called back: {interactions} interactions until the qualification.")
    assert interactions == "3"
    with served.house.writing() as connection:
        [made] = connection.execute(select(calls).where(calls.c.linked_call_id == "CA1")).mappings()
    assert page.url.endswith(f"/appels/{made['call_id']}")
    assert made["talk_seconds"] == 360


def test_the_list_renews_itself_while_a_menu_is_open_and_takes_nothing_from_whoever_uses_it(
    served: Served, page: Page
) -> None:
    """The menu stays open, what is chosen stays chosen, the focus stays; around it lines come and go."""
    served.enter(page)
    page.evaluate("window.same = true")
    first = page.locator("#ligne-missed-CA1")
    first.locator("summary").click()
    day = first.get_by_label("Mettre de côté jusqu’au")
    day.fill("2026-12-01")
    expect(day).to_be_focused()
    missed(served, "CA3", caller="+33639980003", started_at=NOW - 5 * HOUR)
    expect(page.locator("#ligne-missed-CA3")).to_be_visible()
    expect(page).to_have_title("(3) À faire – SI SIAO")
    expect(page.locator("#a-faire-compte")).to_have_text("(3)")
    order = page.locator("#lignes > li").evaluate_all("(all) => all.map((one) => one.dataset.key)")
    assert order == ["missed:CA3", "missed:CA1", "missed:CA2"], order
    other = served.house.signed_in()
    other.post("/a-faire/missed/CA2/fait", {})
    other.post("/a-faire/missed/CA1/fait", {})
    expect(page.locator("#ligne-missed-CA2")).to_have_count(0)
    expect(first).to_contain_text("quelqu’un vient de s’en occuper")
    expect(day).to_have_value("2026-12-01")
    expect(day).to_be_focused()
    first.locator("summary").click()
    first.locator("summary").evaluate("(one) => one.blur()")
    expect(first).to_have_count(0)
    assert page.evaluate("window.same") is True


def test_what_was_done_is_undone_from_the_same_page(served: Served, page: Page) -> None:
    served.enter(page)
    first = page.locator("#ligne-missed-CA1")
    first.locator("summary").click()
    first.get_by_role("button", name="Fait, sans rappeler").click()
    expect(page.get_by_text("C’est fait.", exact=True)).to_be_visible()
    expect(page.locator("#bouton-missed-CA2")).to_be_focused()
    expect(page).to_have_title("(1) À faire – SI SIAO")
    page.locator("#annuler-missed-CA1").click()
    expect(page.get_by_text("la ligne est de nouveau à faire")).to_be_visible()
    expect(page).to_have_title("(2) À faire – SI SIAO")
    expect(page.locator("#bouton-missed-CA1")).to_be_focused()


def test_an_incoming_call_is_told_on_every_page_and_takes_no_focus(served: Served, page: Page) -> None:
    """On a page where somebody types, too; it can be put away."""
    served.enter(page, path="/appels/ajouter")
    page.get_by_label("Durée").fill("6 m")
    rings(served)
    banner = page.locator("#appels-entrants")
    expect(banner).to_contain_text("Sonne", timeout=15_000)
    expect(banner).to_contain_text("06 39 •• •• 01")
    expect(banner).to_contain_text("Raccroché pendant la sonnerie")
    expect(page.get_by_label("Durée")).to_be_focused()
    is_taken(served)
    expect(banner).to_contain_text("En communication", timeout=15_000)
    assert page.url.endswith("/appels/ajouter")
    expect(page.get_by_label("Durée")).to_have_value("6 m")
    banner.get_by_role("button", name="Masquer").click()
    expect(banner.locator("[data-call]")).to_have_count(0)


def test_the_card_opens_when_the_reader_takes_the_call_and_nothing_is_typed(served: Served, page: Page) -> None:
    rings(served)
    served.enter(page)
    expect(page.locator("#appels-entrants")).to_contain_text("Sonne")
    is_taken(served)
    page.wait_for_url("**/appels/CAlive")
    page.goto(f"{served.url}/a-faire")
    page.wait_for_event("response", lambda answer: "/a-faire/nouveau" in answer.url)
    assert page.url == f"{served.url}/a-faire"


def test_a_small_telephone_works_the_list_off_without_script(served: Served, chromium: Browser) -> None:
    context = opened(chromium, [], viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    rings(served)
    served.enter(page)
    expect(page.locator("#appels-entrants")).to_contain_text("Sonne")
    page.locator("#ligne-missed-CA1").get_by_role("button", name="Rappeler").click()
    expect(page.get_by_role("link", name="Appeler le 06 39 98 00 01")).to_be_visible()
    page.get_by_label("Durée du rappel").fill("0:45")
    page.locator("#ligne-missed-CA1").get_by_role("button", name="C’est fait").click()
    expect(page.get_by_text("Le rappel est noté")).to_be_visible()
    context.close()
