"""The pages of the reports in a real browser: drawn, accessible, narrow, printed; the content policy holds."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import update

from records.schema.job_tables import heavy_work
from records.working import heavy
from reports.figures.periods import month_of
from reports.preparing.kinds import WORKBOOK
from reports.survey.campaign import open_month
from tests.browser.conftest import Served, opened
from tests.browser.test_accessibility import AXE, complaints
from tests.reports.tables import invent, store

AUTUMN = "du=2026-09-01&au=2026-10-30"
PAGES = (
    f"/national?{AUTUMN}", f"/national/tendances?{AUTUMN}", f"/national/motifs?{AUTUMN}",
    f"/national/demandes?{AUTUMN}", f"/resultats?departement=75&{AUTUMN}", "/enquete?mois=2026-10",
    "/enquete?mois=2026-10&departement=75", "/national/enquete?mois=2026-10", "/resultats/classeurs?departement=france",
    f"/resultats/appels?departement=75&chiffre=recus&{AUTUMN}", "/resultats/travaux/1", "/resultats/travaux/2",
)  # fmt: skip
CHARTS = Path(__file__).parents[2] / "service" / "static" / "vendor" / "dsfr-chart"
needs_charts = pytest.mark.skipif(not CHARTS.exists(), reason="make assets has not installed the charts")


@pytest.fixture
def full(served: Served) -> Served:
    with served.house.writing() as connection:
        store(connection, invent(random.Random(2), 400))
        open_month(connection, month_of(date(2026, 10, 1)), served.house.clock())
        for _ in range(2):  # one is under way, the next one of the same account has failed
            asked = {"departement": None, "since": "2026-09-01", "until": "2026-10-30", "with_pivot": False}
            number = heavy.ask(connection, WORKBOOK, asked, account="sacha@siao.example", at=served.house.clock())
            connection.execute(update(heavy_work).where(heavy_work.c.id == number).values(state="failed", error="Non."))
        connection.execute(update(heavy_work).where(heavy_work.c.id == 1).values(state="waiting"))
    return served


@pytest.mark.skipif(not AXE.exists(), reason="make assets has not installed axe-core")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_of_the_reports(full: Served, chromium: Browser, scheme: str) -> None:
    problems: list[str] = []
    context = opened(chromium, problems, color_scheme=scheme, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    full.enter(page, "sacha@siao.example")
    found = {path: complaints(page, full.url + path) for path in PAGES}
    context.close()
    assert {path: told for path, told in found.items() if told} == {}
    assert problems == []


def test_the_curves_are_straight_and_drawn_without_a_script(full: Served, chromium: Browser) -> None:
    problems: list[str] = []
    context = opened(chromium, problems)
    page = context.new_page()
    full.enter(page, "sacha@siao.example")
    bare = opened(chromium, problems, java_script_enabled=False, storage_state=context.storage_state())
    plain = bare.new_page()
    for path in (f"/national?{AUTUMN}", f"/national/tendances?{AUTUMN}", f"/resultats?departement=75&{AUTUMN}"):
        plain.goto(full.url + path)
        assert plain.locator("figure svg polyline").count() > 2
        assert plain.locator("figure svg path[d*='c']:not(.svi-place)").count() == 0
        assert plain.locator("figure svg line.svi-target").count() > 0
        assert plain.get_by_text("Objectif : 85 %").first.is_visible()
    bare.close()
    context.close()
    assert problems == []


@needs_charts
def test_the_map_shows_the_measure_that_one_chooses(full: Served, chromium: Browser) -> None:
    problems: list[str] = []
    context = opened(chromium, problems)
    page = context.new_page()
    full.enter(page, "sacha@siao.example")
    page.goto(f"{full.url}/national?{AUTUMN}")
    page.get_by_label("Mesure de la carte", exact=True).select_option("Appels perdus")
    page.get_by_role("button", name="Colorer la carte").click()
    expect(page.get_by_text("Appels perdus par département.")).to_be_visible()
    assert page.locator(".svi-map path.svi-shade-5").count() > 0
    nobody = page.locator(".svi-map path.svi-shade-0").first
    assert nobody.evaluate("each => getComputedStyle(each).fill") == "none"
    assert "aucun appel" in (nobody.text_content() or "")
    context.close()
    assert problems == []


def test_no_page_is_wider_than_a_telephone(full: Served, chromium: Browser) -> None:
    context = opened(chromium, [], viewport={"width": 360, "height": 740})
    page = context.new_page()
    full.enter(page, "sacha@siao.example")
    for path in PAGES:
        page.goto(full.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
    context.close()


def test_the_results_print_on_paper_without_menus(full: Served, chromium: Browser, tmp_path: Path) -> None:
    context = opened(chromium, [])
    page = context.new_page()
    full.enter(page)
    page.goto(f"{full.url}/resultats?departement=75&{AUTUMN}")
    page.emulate_media(media="print")
    assert page.locator(".fr-header").is_hidden()
    assert page.get_by_text("Importer un classeur").is_hidden()
    assert page.get_by_text("Médiane nationale").first.is_visible()
    page.pdf(path=tmp_path / "resultats.pdf", prefer_css_page_size=True)
    context.close()
    assert (tmp_path / "resultats.pdf").read_bytes().startswith(b"%PDF")


def test_a_referent_sends_a_survey_that_needs_no_correction_in_one_step(full: Served, chromium: Browser) -> None:
    context = opened(chromium, [])
    page = context.new_page()
    full.enter(page)
    page.goto(f"{full.url}/enquete?mois=2026-10")
    page.get_by_role("button", name="Envoyer", exact=True).click()
    expect(page.get_by_text("est envoyée. Merci !")).to_be_visible()
    context.close()
