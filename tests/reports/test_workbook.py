"""The workbook: the ministry's sheets and columns, and results that LibreOffice computes alike."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from reports.figures.periods import Period
from reports.workbook.book import write_workbook
from reports.workbook.columns import COLUMNS, Column, Columns, HistoryRow, Kind
from tests.reports.counting import ENTRIES, GOLDEN, content_of
from tests.reports.office import convert, needs_office

SPRING = Period(date(2025, 3, 1), date(2025, 4, 30))


def saved(tmp_path: Path, rows: tuple[HistoryRow, ...] | list[HistoryRow], period: Period) -> Path:
    path = tmp_path / "suivi.xlsx"
    write_workbook(path, content_of(rows, period))
    return path


def results(path: Path) -> list[tuple[Any, ...]]:
    sheet = load_workbook(path, data_only=True)["Résultats"]
    return [tuple(None if cell == "" else cell for cell in row) for row in sheet.iter_rows(values_only=True)]


def visible(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The lines and columns that a reader sees, empty ones left out, durations in whole seconds."""
    shown = []
    for row in rows:
        cells = tuple(_plain(cell) for cell in row[:6])
        if any(cell is not None for cell in cells):
            shown.append(cells)
    return shown


def _plain(cell: Any) -> Any:
    # openpyxl gives a cell in [mm]:ss as a time or a timedelta; a mean may have a fraction of a second.
    if isinstance(cell, timedelta):
        return round(cell.total_seconds())
    if isinstance(cell, datetime):
        return cell.date()
    if hasattr(cell, "hour"):
        return cell.hour * 3600 + cell.minute * 60 + cell.second + round(cell.microsecond / 1e6)
    return round(cell, 9) if isinstance(cell, float) else cell


def test_the_sheets_and_the_ten_columns_are_the_ministrys(tmp_path: Path) -> None:
    book = load_workbook(saved(tmp_path, GOLDEN, SPRING))
    assert book.sheetnames == [
        "Page de garde", "Guide d'utilisation", "Historique d'appel", "Résultats", "Nomenclature",
    ]  # fmt: skip
    history = book["Historique d'appel"]
    assert tuple(cell.value for cell in history[1])[:10] == COLUMNS.headings == (
        "Numéro de téléphone", "Date", "Durée d'appel (en secondes)", "Durée en minutes", "Thématique", "Motif",
        "Sous motif", "Niveau de sollicitation", "Problème résolu ?", "Escaladé au national ?",
    )  # fmt: skip
    assert history["B2"].value == datetime(2025, 4, 12)  # noqa: DTZ001 - a spreadsheet's day has no zone
    assert history["C2"].value == 240
    assert history.column_dimensions["K"].hidden
    assert history.freeze_panes == "A2"


def test_every_formula_follows_a_column_added_in_the_middle(tmp_path: Path) -> None:
    later = Column("departement", "Code du département", 10, Kind.WORDS, "dp")
    path = tmp_path / "suivi.xlsx"
    longer = Columns((COLUMNS.declared[0], later, *COLUMNS.declared[1:]))
    write_workbook(path, content_of(GOLDEN, SPRING), longer)
    book = load_workbook(path)
    history, shown = book["Historique d'appel"], book["Résultats"]
    assert [cell.value for cell in history[2]][:4] == ["01 99 00 12 34", "75", datetime(2025, 4, 12), 240]  # noqa: DTZ001
    assert history["E2"].value == "=D2/86400"
    assert history["L1"].value == "Repère (ne pas modifier)"
    assert history.column_dimensions["L"].hidden
    assert history.auto_filter.ref == "A1:L3"  # sorted with its hidden column
    checked = {str(rule.sqref).split(":")[0]: rule.formula1 for rule in history.data_validations.dataValidation}
    assert "MATCH($F2," in checked["G2"]
    assert checked["J2"] == checked["K2"] == '"Oui,Non"'
    assert "$C:$C" in shown["B6"].value
    assert ["$D:$D" in shown["B7"].value, "$J:$J" in shown["B8"].value, "$K:$K" in shown["B9"].value] == [True] * 3
    assert "'Historique d''appel'!$F:$F,$L$18,'Historique d''appel'!$G:$G" in shown["O18"].value


def test_the_golden_case_stands_beside_its_formulas(tmp_path: Path) -> None:
    path = saved(tmp_path, GOLDEN, SPRING)
    rows = visible(results(path))
    assert ("Nombre d'appels", 2, None, None, None, None) in rows
    assert ("Durée en moyenne par appel", 490, None, None, None, None) in rows
    assert ("Taux de résolution", 0.5, None, None, None, None) in rows
    assert ("Taux d'escalade au national", 0.5, None, None, None, None) in rows
    access = "Accès et authentification"
    assert rows[-3:] == [
        ("Niveau 1", access, "Gestion des accès et habilitations", "Modification de structure de rattachement", 1, 740),
        ("Niveau 1", access, "Problème de connexion au SI SIAO", "Réinitialisation du mot de passe", 1, 240),
        ("Total général", None, None, None, 2, 490),
    ]
    formulas = load_workbook(path)["Résultats"]
    assert formulas["B6"].value.startswith("=COUNTIFS(")


@needs_office
def test_libreoffice_recalculates_what_the_file_already_shows(tmp_path: Path) -> None:
    """Random calls, hostile wordings among them, some outside the period."""
    rng = random.Random(5)
    odd = [("1", "A*b", "c?", "~d"), ("2", "axb", "cc", "~d"), ("1", "été", "Été", ">5"), ("1", "Été", "été", ">5")]
    wordings = [(e.niveau, *e.wording) for e in ENTRIES] + odd
    rows = []
    for number in range(400):
        niveau, thematique, motif, sous_motif = rng.choice(wordings)
        day, seconds = date(2025, 1, 1) + timedelta(days=rng.randrange(150)), rng.choice([None, rng.randrange(900)])
        row = HistoryRow("01 99 00 00 01", day, seconds, call_id=f"CA{number}")
        if rng.random() < 0.8:
            row = replace(
                row, thematique=thematique, motif=motif, sous_motif=sous_motif, niveau=niveau,
                resolved=rng.random() < 0.6, escalated=rng.random() < 0.2,
            )  # fmt: skip
        rows.append(row)
    path = saved(tmp_path, rows, Period(date(2025, 2, 3), date(2025, 4, 20)))
    assert visible(results(convert(path, "xlsx", tmp_path))) == visible(results(path))
    hidden = [row[6:] for row in results(path)]
    again = [row[6:] for row in results(convert(path, "xlsx", tmp_path))]
    assert [_rounded(row) for row in again] == [_rounded(row) for row in hidden]


def _rounded(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(round(cell, 9) if isinstance(cell, float) else _plain(cell) for cell in row)


@needs_office
def test_the_results_follow_the_two_period_cells(tmp_path: Path) -> None:
    """The same history, the cells changed by hand to April: one call is left."""
    path = saved(tmp_path, GOLDEN, SPRING)
    book = load_workbook(path)
    book["Résultats"]["B3"].value = date(2025, 4, 1)
    book.save(path)
    rows = visible(results(convert(path, "xlsx", tmp_path)))
    assert ("Nombre d'appels", 1, None, None, None, None) in rows
    assert ("Taux de résolution", 1, None, None, None, None) in rows
    assert rows[-1] == ("Total général", None, None, None, 1, 240)


@needs_office
def test_an_empty_history_calculates_without_an_error(tmp_path: Path) -> None:
    path = saved(tmp_path, [], SPRING)
    recalculated = results(convert(path, "xlsx", tmp_path))
    assert visible(recalculated) == visible(results(path))
    assert not [cell for row in recalculated for cell in row if str(cell).startswith(("#", "Err:"))]


@pytest.mark.parametrize("text", ["=1+1", "+33", "-2", "@SUM(A1)", '=HYPERLINK("http://x")', "\t=1"])
def test_a_cell_that_begins_like_a_formula_is_text(text: str) -> None:
    out = BytesIO()
    rows = [HistoryRow(text, date(2025, 4, 1), 10, text, text, text, "1", True, False, text)]
    write_workbook(out, content_of(rows, SPRING))
    line = load_workbook(out)["Historique d'appel"][2]
    assert [line[column].value for column in (0, 4, 5, 6)] == [text] * 4
    assert [line[column].data_type for column in (0, 4, 5, 6, 10)] == ["s"] * 5


def test_the_menus_of_the_history_follow_one_another(tmp_path: Path) -> None:
    """The lists of motif and sous-motif depend on the cells to their left."""
    book = load_workbook(saved(tmp_path, GOLDEN, SPRING))
    lists = {
        str(rule.sqref).split(":")[0]: rule.formula1
        for rule in book["Historique d'appel"].data_validations.dataValidation
    }
    assert lists["E2"].startswith("Nomenclature!$G$2")
    assert "MATCH($E2," in lists["F2"]
    assert 'MATCH($E2&"|"&$F2,' in lists["G2"]
    assert lists["I2"] == '"Oui,Non"'
