"""Any set of requests, every face agrees: pages, command, files, the workbook before and after LibreOffice."""

from __future__ import annotations

import json
import random
import re
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, func, select

from records.counting.words import counted
from records.database import writing
from records.schema.tables import calls
from reports.figures.periods import Period, month_of
from reports.figures.requests import show_open
from reports.figures.summary import figures_json, figures_of_requests, scope_of
from reports.importing.intake import compare, read_workbook
from reports.survey.campaign import board
from reports.survey.questionnaire import opens_at
from reports.workbook.book import write_workbook
from reports.workbook.content import workbook_content
from routing.departements import departements
from routing.phones import show_phone
from service.cli import run
from tests.reports.counting import ENTRIES
from tests.reports.office import convert, needs_office
from tests.reports.requests import OFFICE, invent_requests, recount, store_avoided, store_requests
from tests.reports.tables import invent, store
from tests.reports.test_faces import AUTUMN, READER
from tests.support.house import House, open_house

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
EVERY = ("recues", "closes", "repondues_niveau_1", "taux_niveau_1", "reponse_mediane", "reponse_p90", "avis")


def exported(connection: Any, code: str | None = "75", period: Period = AUTUMN) -> bytes:
    out = BytesIO()
    content = workbook_content(
        connection, period, departement=departements()[code] if code else None, entries=ENTRIES, today=NOW.date(),
        show_phone=show_phone, hours=OFFICE, profiles={"hebergement": "Utilisateur hébergement"},
    )  # fmt: skip
    write_workbook(out, content)
    return out.getvalue()


def results(content: Any) -> dict[str, Any]:
    """The lines of « Résultats des demandes », by their label; open time in seconds."""
    sheet = load_workbook(content, data_only=True)["Résultats des demandes"]
    found: dict[str, Any] = {}
    for label, value in sheet.iter_rows(min_row=5, max_row=15, max_col=2, values_only=True):
        seconds = _seconds(value)
        found[str(label)] = (value if value != "" else None) if seconds is None else seconds
    return found


def _seconds(value: Any) -> float | None:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if hasattr(value, "hour"):
        return float(value.hour * 3600 + value.minute * 60 + value.second)
    return None


def cited(content: Any) -> list[tuple[Any, ...]]:
    sheet = load_workbook(content, data_only=True)["Résultats des demandes"]
    rows = sheet.iter_rows(min_row=18, max_col=4, values_only=True)
    return [row for row in rows if row[0]]


def test_the_workbook_says_beside_each_figure_what_it_counts(engine: Engine) -> None:
    with writing(engine) as connection:
        figures = figures_of_requests(connection, scope_of(AUTUMN, None), OFFICE, NOW)
        sheet = load_workbook(BytesIO(exported(connection, None)))["Résultats des demandes"]
    meanings = {figure.label: figure.meaning for figure in figures.figures}
    rows = list(sheet.iter_rows(min_row=5, max_row=15, max_col=3, values_only=True))
    said = {str(label).split(" (")[0]: meaning for label, _value, meaning in rows if meaning}
    assert len(said) == len([row for row in rows if not str(row[0]).startswith("dont :")])
    assert said == {label: meanings[label] for label in said}
    assert sheet["A2"].value == figures.note


def told(counted: dict[str, Any]) -> dict[str, Any]:
    """What the sheet says of such figures."""

    def about(value: float | None, tolerance: float = 1e-9) -> Any:
        return pytest.approx(value, abs=tolerance) if value is not None else None

    return {
        "Demandes reçues": counted["recues"],
        "dont : Téléphone": counted["canaux"]["phone"],
        "dont : Formulaire": counted["canaux"]["form"],
        "dont : Courriel": counted["canaux"]["mail"],
        "Demandes closes": counted["closes"],
        "Répondues au niveau 1": counted["repondues_niveau_1"],
        "Part répondue au niveau 1": about(counted["taux_niveau_1"]),
        "Première réponse, médiane": about(counted["reponse_mediane"], 1),
        "Première réponse, 90e centile": about(counted["reponse_p90"], 1),
        "Avis moyen (de 1 à 5)": about(counted["avis"]),
    }


@pytest.mark.parametrize("number", [0, 1, 2, 60])
@pytest.mark.parametrize("code", ["75", None])
def test_the_figures_say_what_somebody_counts_by_hand(engine: Engine, number: int, code: str | None) -> None:
    rng = random.Random(number)
    made = invent_requests(rng, number)
    with writing(engine) as connection:
        store_requests(connection, made)
        found = figures_of_requests(connection, scope_of(AUTUMN, [code] if code else None), OFFICE, NOW)
        by_hand = recount(made, AUTUMN.since, AUTUMN.until, code)
        values = found.values()
        assert {name: values[name] for name in EVERY} == {name: by_hand[name] for name in EVERY}
        assert {one.channel: one.received for one in found.channels} == by_hand["canaux"]
        assert {tuple(motive[:3]): motive[3] for motive in found.every_motive} == dict(by_hand["motifs"])
        content = BytesIO(exported(connection, code))
    shown = results(content)
    assert shown.pop("Demandes évitées (période de l’export)") == 0
    assert shown == told(by_hand)
    assert {row[:3]: row[3] for row in cited(content)} == dict(by_hand["motifs"])


@needs_office
def test_libreoffice_recalculates_them_alike(engine: Engine, tmp_path: Path) -> None:
    made = invent_requests(random.Random(5), 80)
    with writing(engine) as connection:
        store_requests(connection, made)
        path = tmp_path / "suivi.xlsx"
        path.write_bytes(exported(connection, None))
    again = convert(path, "xlsx", tmp_path)
    recalculated = results(again)
    recalculated.pop("Demandes évitées (période de l’export)")
    assert recalculated == told(recount(made, AUTUMN.since, AUTUMN.until, None))
    assert cited(again) == cited(path)


@needs_office
def test_the_results_follow_the_two_period_cells(engine: Engine, tmp_path: Path) -> None:
    made = invent_requests(random.Random(6), 80)
    with writing(engine) as connection:
        store_requests(connection, made)
        path = tmp_path / "suivi.xlsx"
        path.write_bytes(exported(connection, None))
    book = load_workbook(path)
    book["Résultats"]["B3"], book["Résultats"]["B4"] = date(2026, 9, 10), date(2026, 9, 25)
    book.save(path)
    recalculated = results(convert(path, "xlsx", tmp_path))
    recalculated.pop("Demandes évitées (période de l’export)")
    assert recalculated == told(recount(made, date(2026, 9, 10), date(2026, 9, 25), None))


def test_the_second_history_carries_no_personal_data_and_no_formula(engine: Engine) -> None:
    made = invent_requests(random.Random(7), 40)
    made[0] |= {"sous_motif": "=1+1", "created_at": datetime(2026, 9, 9, 9, tzinfo=UTC), "departement": "75"}
    with writing(engine) as connection:
        store_requests(connection, made)
        book = load_workbook(BytesIO(exported(connection, None)))
    sheet = book["Demandes"]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell.value for cell in cells if "secret" in str(cell.value).casefold()]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert "=1+1" in {cell.value for cell in cells}
    assert [cell.value for cell in sheet[1]][:6] == ["N°", "Date", "Département", "Canal", "Expéditeur", "Profil"]


def test_the_import_of_such_a_workbook_reads_calls_alone(engine: Engine) -> None:
    with writing(engine) as connection:
        store(connection, invent(random.Random(1), 60))
        store_requests(connection, invent_requests(random.Random(8), 30))
        before = connection.execute(select(func.count()).select_from(calls)).scalar_one()
        content = exported(connection)
        found = compare(connection, read_workbook(content, READER), "75")
        assert (found.additions, found.changes) == ([], [])
        assert found.unchanged == figures_json(connection, scope_of(AUTUMN, ["75"]))["nombre_appels"]
        book = load_workbook(BytesIO(content))
        del book["Historique d'appel"]
        out = BytesIO()
        book.save(out)
        with pytest.raises(ValueError, match="Aucune feuille ne porte les colonnes"):
            read_workbook(out.getvalue(), READER)
        assert connection.execute(select(func.count()).select_from(calls)).scalar_one() == before


def survey(house: House) -> dict[str, Any]:
    """What the survey of September asks, filled."""
    with house.writing() as connection:
        month = month_of(date(2026, 9, 1))
        return dict(board(connection, month, opens_at(month)).filled)


def test_pages_files_and_command_say_the_same_and_calls_do_not_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`figures --json` is the same to the byte before and after fifty written requests, and the survey is."""
    house = open_house(tmp_path, f"sqlite:///{tmp_path / 'var' / 'svi.sqlite'}")
    for name in ("database_url", "var_dir", "mail_url", "public_url", "referents_csv"):
        monkeypatch.setenv(name.upper(), str(getattr(house.settings, name)))
    monkeypatch.setenv("SECRET_KEY", "made-up")
    monkeypatch.setenv("DEMO", "1")
    made = [one for one in invent_requests(random.Random(9), 100) if one["channel"] != "phone"][:50]
    assert len(made) == 50
    days = ["--from", str(AUTUMN.since), "--to", str(AUTUMN.until)]

    def command(*words: str) -> str:
        capsys.readouterr()
        assert run([*words, *days, "--json"]) == 0
        return capsys.readouterr().out

    with house.writing() as connection:
        store(connection, invent(random.Random(2), 80))
    before = command("figures"), command("figures", "-d", "75"), command("requests", "figures")
    surveyed = survey(house)
    with house.writing() as connection:
        store_requests(connection, made)
        store_avoided(connection, [(datetime(2026, 9, 9, 9, tzinfo=UTC), code) for code in ("75", "59", None)])
    after = command("figures"), command("figures", "-d", "75"), command("requests", "figures")
    assert after[:2] == before[:2]
    assert survey(house) == surveyed
    assert json.loads(before[2])["recues"] == 0
    by_hand, said = recount(made, AUTUMN.since, AUTUMN.until, None), json.loads(after[2])
    assert {name: said[name] for name in EVERY} == {name: by_hand[name] for name in EVERY}
    assert said["evitees"] == 3
    browser = house.signed_in("sacha@siao.example")
    query = f"?du={AUTUMN.since}&au={AUTUMN.until}"
    page = browser.get(f"/national/demandes{query}").text
    shown = dict(re.findall(r'<tr><th scope="row">([^<]+)</th><td class="svi-number">([^<]*)</td>', page))
    assert shown["Demandes reçues"] == str(by_hand["recues"])
    assert shown["Demandes évitées"] == "3"
    assert shown["Répondues au niveau 1"] == str(by_hand["repondues_niveau_1"])
    assert shown["Première réponse, médiane"] == show_open(by_hand["reponse_mediane"])
    assert shown["Formulaire"] == str(by_hand["canaux"]["form"])
    written = counted(by_hand["recues"], "écrite", "écrites")
    assert f"dont {written}" in " ".join(browser.get(f"/national{query}").text.split())
    text = browser.get(f"/national/demandes.csv{query}").text.lstrip("\ufeff")
    lines = [line.split(";") for line in text.splitlines()[1:]]
    assert sum(int(line[3]) for line in lines) == by_hand["recues"]
    assert sum(int(line[4]) for line in lines) == 3
    own = house.signed_in("camille@siao.example")
    assert own.get(f"/resultats/demandes.csv{query}&departement=59").status_code == 404
    assert own.get(f"/resultats/demandes.csv{query}").status_code == 200
    house.close()
