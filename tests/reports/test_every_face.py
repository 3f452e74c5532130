"""Calls of every source, some answered neither yes nor no: every page, file, survey and the open data say the same."""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Mapping
from datetime import date, timedelta
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from records.counting.tally import Tally
from records.database import reading, writing
from reports.figures.definitions import BY_NAME
from reports.figures.periods import Period
from reports.figures.summary import figures_json, scope_of
from reports.survey.campaign import board
from tests.reports.tables import count, invent, store
from tests.reports.test_faces import exported
from tests.support.house import NOW, House, open_house

OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))
DAYS = "du=2026-10-01&au=2026-10-31"


def by_hand(tally: Tally) -> dict[str, float]:
    """The ministry's four figures, counted one call at a time; a share is of the answers that were given."""
    return {
        "nombre_appels": tally.treated,
        "duree_moyenne_secondes": tally.talk_seconds / tally.talk_known,
        "taux_resolution": tally.resolved / tally.resolution_known,
        "taux_escalade": tally.escalated / tally.escalation_known,
    }


def lines_of(house: House, path: str) -> list[dict[str, str]]:
    """A .csv that the national team downloads."""
    text = house.signed_in("sacha@siao.example").get(path).text.lstrip("\ufeff")
    return list(csv.DictReader(StringIO(text), delimiter=";" if ";" in text.split("\n")[0] else ","))


def shown(wanted: Mapping[str, float]) -> dict[str, str]:
    return {BY_NAME[name].heading: BY_NAME[name].show(value) for name, value in wanted.items()}


@pytest.mark.parametrize("seed", range(2))
def test_every_face_says_what_is_counted_by_hand(tmp_path: Path, seed: int) -> None:
    house = open_house(tmp_path, f"sqlite:///{tmp_path / 'house.sqlite'}", public_quality=True)
    rows = invent(random.Random(seed), 600, OCTOBER.since, 31, strange=True)
    with writing(house.engine) as connection:
        store(connection, rows)
    scope = scope_of(OCTOBER, ["75"])
    assert count(rows, scope).resolution_known < count(rows, scope).qualified
    wanted, whole = by_hand(count(rows, scope)), by_hand(count(rows, scope_of(OCTOBER)))

    with reading(house.engine) as connection:
        said = figures_json(connection, scope)
        asked = board(connection, OCTOBER, NOW)
        sheet = load_workbook(BytesIO(exported(connection, period=OCTOBER)), data_only=True)["Résultats"]
    assert {name: said[name] for name in wanted} == pytest.approx(wanted)
    assert {name: asked.filled["75"][name] for name in wanted} == pytest.approx(wanted)
    cells = [sheet[place].value for place in ("B6", "B7", "B8", "B9")]
    cells[1] = cells[1].total_seconds() if isinstance(cells[1], timedelta) else cells[1]
    assert cells == pytest.approx(list(wanted.values()), abs=0.001)

    page = house.signed_in().get(f"/resultats?departement=75&{DAYS}").text
    assert re.findall(r'svi-figure__value"><a [^>]*>([^<]*)', page)[:4] == list(shown(wanted).values())
    page = house.signed_in("sacha@siao.example").get(f"/national?{DAYS}").text
    assert set(shown(whole).values()) <= set(re.findall(r'svi-figure__value"><a [^>]*>([^<]*)', page))

    [line] = [each for each in lines_of(house, f"/national/departements.csv?{DAYS}") if each["Département"] == "75"]
    assert {heading: line[heading] for heading in shown(wanted)} == shown(wanted)
    [line] = [each for each in lines_of(house, "/enquete/reponses.csv?mois=2026-10") if each["Département"] == "75"]
    assert line["Nombre d'appels reçus"] == str(wanted["nombre_appels"])
    assert line["Taux de résolution (%)"] == shown(wanted)[BY_NAME["taux_resolution"].heading]

    [line] = [each for each in lines_of(house, "/qualite/donnees.csv") if each["departement"] == "75"]
    published = {name: line[name] for name in wanted if line[name]}
    rounded = {name: f"{value:.3f}" if name.startswith("taux") else f"{value:.0f}" for name, value in wanted.items()}
    assert published
    assert published == {name: rounded[name] for name in published}
    house.close()
