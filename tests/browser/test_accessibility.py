"""axe-core finds nothing on any page, in light and in dark; the content policy is never broken."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import insert

from records.database import Connection
from records.desks.acting import Acting
from records.desks.statut import Solved
from records.schema.tables import desk_tasks
from service.directory.snapshots import SnapshotFile
from service.pages.administration.rules import KINDS
from support.calls.store import Qualification, save_qualification
from support.knowledge.reports.reporting import about_article, said_of, say
from support.knowledge.sample import fill_directory
from support.newsletter.publishing import draft, say_of_tool, send
from support.nomenclature.entries import first_nomenclature
from support.requests.request import Request
from support.requests.store import read_request
from support.requests.web import GESTURES
from support.requests.working import USUAL_HOURS, change_ticket, open_for_call, open_ticket, plan
from tests.browser.conftest import Served, opened
from tests.support.house import CSV, NOW, store_call

SACHA = "sacha@siao.example"
AXE = Path(__file__).parents[2] / "service" / "static" / "vendor" / "axe.min.js"
RUN = "axe.run().then((found) => found.violations.map((one) => [one.id, one.nodes[0].html.slice(0, 200)]))"

NOT_PAGES = (
    "/static", "/voice", "/telephone", "/health", "/metrics", "/ready", "/.well-known", "/a-faire/nouveau",
    "/nomenclature/recherche", "/administration/journal.csv", "/connexion/code",
    "/appels/duree", "/appels/tous.csv", "/connaissances/<", "/connexion/<jeton>", "/demande/confirmer/",
    "/demande/suivi", "/lettre/abonnes/", "/lettre/flux.atom", "/messages/", "/proconnect", "/qualite/donnees.csv",
)  # fmt: skip
"""Fragments, files, and what has tests of its own."""
KEY = first_nomenclature().entries[0].wording.key
EXAMPLES: dict[str, Sequence[str | int]] = {
    "call_id": ("CA1",), "number": (1,), "code": ("75",), "kind": tuple(KINDS), "short": ("ajouter", "@person"),
    "act": ("ajouter", "renommer", "fusionner", "retirer"), "word": tuple(GESTURES), "key": (KEY,),
}  # fmt: skip
ADDED = ("calls.correct_form", "calls.delete_form")
"""Pages of a call that somebody added by hand."""
QUERIES = (
    "/absence?personne=@person", "/absence?absence=1", "/appels/tous?periode=mois-dernier&statut=Résolu",
    "/demandes?etat=toutes&q=mot", "/reponses?q=mot+de+passe", "/demandes/1/repondre?modele=1", "/a-faire?page=2",
    f"/administration/nomenclature/renommer?cle={KEY}", "/connaissances?q=mot+de+passe",
    "/connaissances/1/signaler", "/administration/lettres/2", "/administration/lettres/2/apercu",
    "/connaissances?profil=hebergement", "/administration/articles?etat=a-verifier&profil=hebergement",
)  # fmt: skip

SAID = {
    "thematique": "Accès et authentification", "motif": "Problème de connexion au SI SIAO",
    "sous_motif": "Accès au compte", "statut": "Résolu", "version": "0", "faire": "enregistrer",
}  # fmt: skip


def addresses(served: Served) -> list[str]:
    """Every page of the URL map, with each example of what an address asks, and pages that a query makes another."""
    entry = served.house.app.url_map
    serving = SnapshotFile(served.house.settings.var_dir).current()
    assert serving is not None
    person = next(one.id for one in serving.people if one.prenom == "Dominique")
    found = []
    for rule in entry.iter_rules():
        if "GET" not in (rule.methods or set()) or rule.rule.startswith(NOT_PAGES):
            continue
        if rule.endpoint.startswith(("reports.", "sounds.")) or "telecharger" in rule.rule or "/fichiers/" in rule.rule:
            continue  # the tests of reports and of files look at these
        names = sorted(rule.arguments)
        for chosen in product(*(EXAMPLES[name] for name in names)):
            values = dict(zip(names, chosen, strict=True))
            if rule.endpoint in ADDED:
                values["call_id"] = "M1"
            found.append(entry.bind("").build(rule.endpoint, values))
    return sorted({path.replace("@person", person).replace("%40person", person) for path in (*found, *QUERIES)})


@pytest.fixture
def busy(served: Served) -> Served:
    """A house in which every kind of line waits, a request has a history, an absence and a planned version stand."""
    house = served.house
    acting = Acting(house.engine, SACHA, NOW, house.accounts[SACHA])
    wording = first_nomenclature().entries[0].wording
    fill_directory(acting)
    missed = {"outcome": "abandoned_ringing", "answered_by": None, "referent": None, "talk_seconds": None}
    task = {"departement": "75", "created_at": NOW - timedelta(hours=3)}
    with house.writing() as connection:
        store_call(connection, "CA1", started_at=NOW - timedelta(hours=1))
        store_call(connection, "CA3", outcome="in_progress", referent=None, started_at=NOW)
        store_call(connection, "CA4", started_at=NOW - timedelta(days=2))
        store_call(connection, "CA5", started_at=NOW - timedelta(hours=4), departement=None)
        store_call(connection, "M1", source="manual", started_at=NOW - timedelta(hours=5))
        for number in range(3):
            row = missed | {"caller": f"+3363998123{number}", "departement": None}
            store_call(connection, f"CAmissed{number}", started_at=NOW - timedelta(hours=2), **row)
        store_call(connection, "CA2", started_at=NOW - timedelta(hours=2), **missed)
        for kind in ("message", "callback"):
            connection.execute(insert(desk_tasks).values(kind=kind, call_id="CA2", **task | {"departement": "*"}))
        for call_id, solved in (("CA1", Solved(False, True)), ("CA4", Solved(False, False))):
            told = Qualification(call_id, 1, wording, "1", solved, "Écran blanc", SACHA, NOW)
            save_qualification(connection, told)
        number = open_for_call(
            acting, connection, call_id="CA1", departement="75", wording=wording, niveau="1", description="Écran blanc."
        )
        hours = USUAL_HOURS
        plan(acting, connection, _read(connection, number), starts_at=NOW + timedelta(days=1), minutes=30, hours=hours)
        open_ticket(acting, connection, _read(connection, number), kind="incident", title="Écran blanc", hours=hours)
        change_ticket(acting, connection, _read(connection, number), state="in_progress", hours=hours)
        _report(acting, connection)
    say_of_tool(acting, title="Un outil neuf", text="Le menu est à gauche.")
    send(acting, draft(acting), follows=1)
    later = Acting(house.engine, SACHA, NOW + timedelta(minutes=1))
    say_of_tool(later, title="Un autre outil", text="")
    draft(later)
    return served


def _report(acting: Acting, connection: Connection) -> None:
    """Somebody says that an article is obsolete."""
    about = about_article(connection, 1)
    assert about is not None
    say(acting, connection, about, said_of(about, "obsolete", "Vieux.", ""), hours=USUAL_HOURS)


def _read(connection: Connection, number: int) -> Request:
    found = read_request(connection, number)
    assert found is not None
    return found


@pytest.mark.skipif(not AXE.exists(), reason="make assets has not installed axe-core")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.timeout(900)
def test_axe_finds_nothing_on_any_page(busy: Served, chromium: Browser, scheme: str) -> None:
    problems: list[str] = []
    context = opened(chromium, problems, color_scheme=scheme, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    busy.enter(page, SACHA)
    _absent(busy)
    found = {path: complaints(page, busy.url + path) for path in addresses(busy)}
    assert {path: told for path, told in found.items() if told} == {}
    assert len(found) > 60
    context.close()
    assert [problem for problem in problems if "404" not in problem] == []


@pytest.mark.timeout(900)
@pytest.mark.parametrize("email", ["sacha@siao.example", "camille@siao.example"])
def test_every_page_fits_a_telephone_and_half_a_window_without_script(
    busy: Served, chromium: Browser, email: str
) -> None:
    """360 px wide, and 640 px, as an ordinary window at 200 %: nothing to scroll sideways; each page is really met."""
    context = opened(chromium, [], viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    busy.enter(page, email)
    _absent(busy)
    wide, met = [], 0
    for path in addresses(busy):
        answer = page.goto(busy.url + path)
        assert answer is not None
        if email == SACHA:
            assert answer.status == 200, (path, answer.status)
        met += answer.status == 200
        for width in (360, 640) if answer.status == 200 else ():
            page.set_viewport_size({"width": width, "height": 740})
            if (needed := page.evaluate("document.documentElement.scrollWidth")) > width:
                wide.append((path, width, needed))
    context.close()
    assert wide == []
    assert met > 25


def _absent(served: Served) -> None:
    """Sacha, and Camille, have declared an absence."""
    for email in (SACHA, "camille@siao.example"):
        answer = served.house.signed_in(email).post("/absence", {"au": "2026-12-04", "confirme": "1"})
        assert answer.status_code == 303, answer.text


def complaints(page: Page, address: str) -> list[list[str]]:
    page.goto(address)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[list[str]] = page.evaluate(RUN)
    return found


@pytest.mark.skipif(not AXE.exists(), reason="make assets has not installed axe-core")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_pages_that_refuse(served: Served, chromium: Browser, scheme: str) -> None:
    """On a small screen: what went wrong is where the focus is, and it can be read."""
    with served.house.writing() as connection:
        store_call(connection, "CA1", started_at=NOW - timedelta(hours=1))
    context = opened(chromium, [], color_scheme=scheme, viewport={"width": 360, "height": 740})
    page = context.new_page()
    found = {}

    def look(state: str) -> None:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found[state] = page.evaluate(RUN)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, state

    page.goto(f"{served.url}/connexion")
    look("sign in")
    page.goto(served.url + served.house.link("sacha@siao.example", "/appels/CA1"))
    look("one-time link")
    page.get_by_role("button", name="Entrer dans mon espace").click()
    page.get_by_label("Commentaire").fill("rappeler au 06 39 98 12 34")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.locator("#erreurs")).to_be_focused()
    look("refused qualification")
    other = served.house.signed_in()
    other.post("/appels/CA1", SAID)
    page.get_by_label("Commentaire").fill("")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.locator("#conflit")).to_be_focused()
    look("overtaken")
    page.goto(f"{served.url}/administration/annuaire/publier")
    page.get_by_label("Fichier CSV").set_input_files(
        {"name": "referents.csv", "mimeType": "text/csv", "buffer": CSV.replace("01 99", "0899").encode()}
    )
    page.get_by_role("button", name="Vérifier").click()
    expect(page.get_by_text("Fichier refusé")).to_be_visible()
    look("refused directory")
    page.goto(f"{served.url}/administration/annuaire/publier")
    page.get_by_label("Fichier CSV").set_input_files(
        {"name": "referents.csv", "mimeType": "text/csv", "buffer": CSV.replace("Camille", "Camila").encode()}
    )
    page.get_by_role("button", name="Vérifier").click()
    expect(page.get_by_role("heading", name="Ce que ce fichier changerait")).to_be_visible()
    look("difference")
    page.goto(f"{served.url}/nulle-part")
    look("no such page")
    context.close()
    assert {state: told for state, told in found.items() if told} == {}
