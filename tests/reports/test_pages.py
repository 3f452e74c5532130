"""The pages as a browser meets them: results, national dashboard, survey, import; who may see what."""

from __future__ import annotations

import html
import random
import re
import tempfile
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import event, insert

from records.counting.keeping import refresh
from records.counting.tally import Scope
from records.database import writing
from records.schema.tables import desk_tasks
from reports.figures.periods import month_of
from reports.figures.summary import figures_json, scope_of
from reports.survey.campaign import open_month
from tests.reports.counting import ACCESS
from tests.reports.tables import call, invent, qualified, store
from tests.support.house import Browser, House, open_house

AUTUMN = "du=2026-09-01&au=2026-10-30"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = open_house(tmp_path, f"sqlite:///{tmp_path / 'house.sqlite'}")
    with writing(made.engine) as connection:
        store(connection, invent(random.Random(8), 400))
        golden = (
            call("a", date(2025, 4, 12), talk_seconds=240, source="import", qualification=qualified(
                "1", ACCESS, "Problème de connexion au SI SIAO", "Réinitialisation du mot de passe",
                resolved=True, escalated=False)),
            call("b", date(2025, 3, 17), talk_seconds=740, source="import", qualification=qualified(
                "1", ACCESS, "Gestion des accès et habilitations", "Modification de structure de rattachement",
                resolved=False, escalated=True)),
        )  # fmt: skip
        store(connection, golden)
    yield made
    made.engine.dispose()


def figures_shown(page: str) -> list[str]:
    return [text.strip() for text in re.findall(r'svi-figure__value">(?:<a[^>]*>)?([^<]+)', page)]


def said(house: House, scope: Scope) -> dict[str, object]:
    with house.writing() as connection:
        return figures_json(connection, scope)


def test_the_golden_case_on_the_page_and_in_its_csv(house: House) -> None:
    browser = house.signed_in()
    page = browser.get("/resultats?departement=75&du=2025-03-01&au=2025-04-30").text
    assert figures_shown(page) == ["2", "08:10", "50,0 %", "50,0 %"]
    text = browser.get("/resultats/motifs.csv?departement=75&du=2025-03-01&au=2025-04-30").text
    assert text.startswith("\ufeffNiveau;Thématique;")
    assert [line.split(";")[-1] for line in text.splitlines()[1:]] == ["12:20", "04:00"]
    assert "à l&#39;heure locale" in page


def test_the_pages_say_what_the_command_says(house: House) -> None:
    period = scope_of(month_of(date(2026, 10, 1)), ["75"])
    figures = said(house, period)
    page = house.signed_in().get("/resultats?departement=75&du=2026-10-01&au=2026-10-31").text
    assert figures_shown(page)[0] == str(figures["nombre_appels"])
    national = house.signed_in("sacha@siao.example").get("/national?du=2026-10-01&au=2026-10-31").text
    whole = said(house, scope_of(month_of(date(2026, 10, 1))))
    assert figures_shown(national)[:3][0::2] == [str(whole["recus"]), str(whole["nombre_appels"])]


def test_a_departements_page_reads_the_waits_of_no_other(house: House) -> None:
    """Its medians beside those of France show no wait, and waits are most of what the sums of 101 départements hold."""
    refresh(house.engine, at_most=1_000)
    browser, asked = house.signed_in(), []
    listener: Any = lambda _connection, _cursor, statement, *_rest: asked.append(statement)  # noqa: E731 - taken off again below
    database = house.app.extensions["database"]
    event.listen(database, "before_cursor_execute", listener)
    page = browser.get("/resultats?departement=75&du=2025-01-01&au=2026-11-24").text
    event.remove(database, "before_cursor_execute", listener)
    waits = [statement for statement in asked if "call_sums.waits" in statement]
    assert len(waits) == 2, "of the period and of the one before"
    assert all("call_sums.departement IN" in statement for statement in waits)
    assert "Médiane" in page


def test_a_referent_sees_his_own_departement_and_nobody_elses(house: House) -> None:
    browser = house.signed_in()
    for path in (
        "/resultats?departement=59", "/resultats/appels?departement=59&chiffre=recus",
        "/resultats/appels?chiffre=recus",
        "/resultats/classeur.xlsx?departement=59", "/resultats/classeur.xlsx?departement=france",
        "/resultats/motifs.csv?departement=59", "/resultats/semaines.csv?departement=59", "/national",
        "/national/tendances", "/national/motifs", "/national/demandes",
        "/national/departements.csv", "/enquete?departement=59", "/enquete/reponses.csv", "/resultats?departement=99",
        "/resultats/appels?departement=75&chiffre=inconnu",
    ):  # fmt: skip
        assert browser.get(path).status_code == 404, path
    for path in ("/national/alertes", "/enquete/reglages"):
        assert browser.post(path, {}).status_code == 404, path
    assert browser.post("/enquete", {"departement": "59"}).status_code == 404
    assert Browser(house.app.test_client()).get("/resultats").status_code == 303


def test_each_figure_opens_the_calls_behind_it(house: House) -> None:
    browser = house.signed_in("sacha@siao.example")
    figures = said(house, scope_of(month_of(date(2026, 10, 1)), ["75"]))
    for name in ("nombre_appels", "recus", "messages", "rappels", "absences", "abandons_sonnerie"):
        address = f"/resultats/appels?departement=75&du=2026-10-01&au=2026-10-31&chiffre={name}"
        page = browser.get(address).text + browser.get(f"{address}&page=2").text
        assert len(re.findall(r'<a href="/appels/', page)) == figures[name], name
    assert "+33199000002" not in page


def test_what_waits_on_the_desks_is_counted_and_listed_whatever_the_period(house: House) -> None:
    with house.writing() as connection:
        store(connection, [
            call("m1", date(2026, 9, 2), outcome="message"), call("m2", date(2026, 9, 3), outcome="message"),
            call("c1", date(2026, 11, 24), outcome="callback"),
        ])  # fmt: skip
        for call_id, kind, handled in (
            ("m1", "message", None),
            ("m2", "message", house.clock()),
            ("c1", "callback", None),
        ):
            connection.execute(
                insert(desk_tasks).values(
                    call_id=call_id, kind=kind, departement="75", created_at=house.clock(), handled_at=handled
                )
            )
    browser = house.signed_in("sacha@siao.example")
    page = browser.get("/national?periode=jour").text
    assert figures_shown(page)[-2:] == ["1", "0"]
    assert "sur 1 rappel à faire" in page
    (link,) = re.findall(r'href="(/resultats/appels[^"]*messages_en_attente[^"]*)"', page)
    listed = browser.get(html.unescape(link)).text
    assert ('href="/appels/m1"' in listed, 'href="/appels/m2"' in listed) == (True, False)


def test_every_link_of_the_dashboards_leads_somewhere(house: House) -> None:
    browser = house.signed_in("sacha@siao.example")
    for start in (
        f"/national?{AUTUMN}", f"/resultats?departement=75&{AUTUMN}", f"/national?{AUTUMN}&region=Occitanie",
        *(f"/national/{part}?{AUTUMN}&niveau=2" for part in ("tendances", "motifs", "demandes")),
    ):  # fmt: skip
        page = browser.get(start)
        assert page.status_code == 200
        links = set(re.findall(r'href="(/(?:resultats|national|enquete)[^"]*)"', page.text))
        assert len(links) > 10
        by_path: dict[str, list[str]] = {}
        for link in sorted(links):
            by_path.setdefault(link.partition("?")[0], []).append(link)
        for link in (each for same in by_path.values() for each in same[:: len(same) // 12 + 1]):
            answer = browser.get(html.unescape(link))
            assert answer.status_code == 200, link
            answer.close()


def test_the_dashboard_keeps_period_and_filters_from_page_to_page(house: House) -> None:
    browser = house.signed_in("sacha@siao.example")
    chosen = "region=Occitanie&niveau=2&du=2026-10-01&au=2026-10-31"
    for part in ("", "/tendances", "/motifs", "/demandes"):
        page = browser.get(f"/national{part}?{chosen}").text
        menu = page[page.index("Pages du tableau national") :]
        links = [html.unescape(link) for link in re.findall(r'<li><a href="([^"]+)"', menu)[:5]]
        assert links[:4] == [f"/national{each}?{chosen}" for each in ("", "/tendances", "/motifs", "/demandes")]
        assert links[4] == "/national/enquete"
        assert re.findall(r'href="/national([^?"]*)[^"]*"\s+aria-current="page"', menu)[:1] == [part]
        assert f'action="/national{part}"' in page
        assert "Occitanie, " in page


def test_a_wrong_period_is_a_sentence_on_the_page(house: House) -> None:
    browser = house.signed_in()
    assert "avant de commencer" in browser.get("/resultats?du=2026-10-31&au=2026-10-01").text
    assert "n&#39;est pas une date" in browser.get("/resultats?du=jamais&au=2026-10-01").text
    assert "dans le futur" in browser.get("/resultats?du=2027-10-01&au=2027-10-31").text
    assert "n&#39;a pas commencé" in browser.get("/enquete?mois=2027-01").text
    national = house.signed_in("sacha@siao.example")
    assert national.get("/national?region=Atlantide").status_code == 404


def test_the_dashboard_filters_by_region_level_and_thematique(house: House) -> None:
    browser = house.signed_in("sacha@siao.example")
    period = scope_of(month_of(date(2026, 10, 1)), None, "2", "Évolutions")
    expected = said(house, period)["nombre_appels"]
    page = browser.get("/national?du=2026-10-01&au=2026-10-31&niveau=2&thematique=%C3%89volutions").text
    assert figures_shown(page)[0] == str(expected)
    paris = browser.get("/national?du=2026-10-01&au=2026-10-31&region=%C3%8Ele-de-France").text
    ours = said(house, scope_of(month_of(date(2026, 10, 1)), ["75", "77", "78", "91", "92", "93", "94", "95"]))
    assert figures_shown(paris)[0] == str(ours["recus"])
    assert "975 – Saint-Pierre-et-Miquelon" in browser.get("/national").text


def test_the_pivot_tables_are_a_box_that_nobody_has_ticked(house: House) -> None:
    browser = house.signed_in()
    page = browser.get("/resultats?departement=75&du=2025-03-01&au=2025-04-30").text
    assert "Ajouter les tableaux croisés dynamiques (à essayer)" in page
    assert 'name="pivot" value="1" checked' not in page
    sheets = []
    for box in ("", "&pivot=1"):
        answer = browser.get(f"/resultats/classeur.xlsx?departement=75&du=2025-03-01&au=2025-04-30{box}")
        sheets.append(load_workbook(BytesIO(answer.data)).sheetnames)
        answer.close()
    assert ["Tableaux croisés" in names for names in sheets] == [False, True]


def test_a_workbook_that_the_trail_cannot_tell_of_is_not_given_and_its_file_is_closed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, temporary = [], tempfile.TemporaryFile

    def seen() -> IO[bytes]:
        made.append(temporary())
        return made[-1]

    monkeypatch.setattr(tempfile, "TemporaryFile", seen)
    monkeypatch.setattr("reports.pages.results.note", lambda *_, **__: 1 / 0)
    answer = house.signed_in().get("/resultats/classeur.xlsx?departement=75&du=2025-03-01&au=2025-04-30")
    assert answer.status_code == 500
    assert made
    assert all(file.closed for file in made)


def test_a_workbook_goes_out_is_corrected_previewed_and_accepted(house: House) -> None:
    browser = house.signed_in()
    answer = browser.get("/resultats/classeur.xlsx?departement=75&du=2025-03-01&au=2025-04-30")
    book = load_workbook(BytesIO(answer.data))
    answer.close()
    assert book["Résultats"]["B6"].value.startswith("=COUNTIFS")
    book["Historique d'appel"]["I2"].value = "Oui"
    out = BytesIO()
    book.save(out)
    token = browser.token()
    preview = browser.client.post(
        "/resultats/import",
        data={"csrf_token": token, "departement": "75", "classeur": (BytesIO(out.getvalue()), "suivi.xlsx")},
    ).text
    assert "1 cellule à changer" in preview
    assert "Problème résolu ?" in preview
    fields = {
        name: html.unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', preview)
    }
    assert browser.post("/resultats/import/confirmer", {**fields, "empreinte": "0"}).status_code == 400
    assert browser.post("/resultats/import/confirmer", fields).status_code == 303
    page = browser.get("/resultats?departement=75&du=2025-03-01&au=2025-04-30").text
    assert figures_shown(page) == ["2", "08:10", "100,0 %", "50,0 %"]
    assert "1 cellule changée" in page


def test_a_damaged_upload_is_a_sentence_and_nothing_is_imported(house: House) -> None:
    browser = house.signed_in()
    for content in (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0" + b"\0" * 100):
        data = {"csrf_token": browser.token(), "departement": "75", "classeur": (BytesIO(content), "x.xlsx")}
        answer = browser.client.post("/resultats/import", data=data, follow_redirects=True)
        assert "Rien n’a été importé." in answer.text


def test_the_survey_is_filled_corrected_and_sent(house: House) -> None:
    house.clock.now = house.clock.now.replace(month=10, day=29)
    with house.writing() as connection:
        open_month(connection, month_of(date(2026, 10, 1)), house.clock())
        computed = figures_json(connection, scope_of(month_of(date(2026, 10, 1)), ["75"]))["nombre_appels"]
    browser = house.signed_in()
    page = browser.get("/enquete")
    assert "octobre 2026" in page.text
    assert f'<td class="svi-number" data-label="Calculé">{computed}</td>' in page.text
    refused = browser.post(
        "/enquete?mois=2026-10", {"departement": "75", "valeur:nombre_appels": "7", "commentaire": "<b>à garder</b>"}
    )
    assert refused.status_code == 400
    assert "&lt;b&gt;à garder" in refused.text
    assert 'value="7"' in refused.text
    sent = {
        "departement": "75",
        "valeur:nombre_appels": "7",
        "motif:nombre_appels": "Ligne coupée",
        "commentaire": "ok",
    }
    assert browser.post("/enquete?mois=2026-10", sent).status_code == 303
    assert "Ligne coupée" in browser.get("/enquete?mois=2026-10").text
    national = house.signed_in("sacha@siao.example")
    assert "1 réponse pour 107 départements" in national.get("/enquete?mois=2026-10").text
    assert "Ligne coupée" in national.get("/enquete/reponses.csv?mois=2026-10").text
    assert national.post("/enquete/reglages?mois=2026-10", {"suivis": "Affichage"}).status_code == 303
    assert "Affichage : nombre de demandes" in browser.get("/enquete?mois=2026-10").text


def test_hostile_wordings_show_as_text(house: House) -> None:
    qualification = qualified("1", "<script>x</script>", '"><img src=x>', "{{7*7}}", resolved=True, escalated=False)
    with house.writing() as connection:
        store(connection, [call("evil", date(2026, 11, 2), referent="<i>", qualification=qualification)])
    browser = house.signed_in()
    for path in ("/resultats?departement=75", "/resultats/appels?departement=75"):
        page = browser.get(path).text
        assert "<script>x" not in page
        assert "<img src=x>" not in page
        assert "{{7*7}}" in page
