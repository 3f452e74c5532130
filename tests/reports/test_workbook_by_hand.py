"""What people do to the workbook: lines added anywhere, in any words; what cannot be read is red; what is printed."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from openpyxl import load_workbook

from records.counting.tally import Tally
from reports.figures.definitions import figures
from reports.figures.periods import Period
from reports.workbook.book import write_workbook
from reports.workbook.charts import AXIS_STEPS, whole_step
from reports.workbook.columns import HistoryRow
from reports.workbook.history import SHEET_LINES, TooManyRows, check_fits
from reports.workbook.pages import LONGEST_FOOTER, foot
from tests.reports.counting import ACCESS, ENTRIES, GOLDEN, content_of
from tests.reports.office import convert, needs_office
from tests.reports.test_workbook import results, saved, visible
from tests.reports.workbooks import understood

SPRING = Period(date(2025, 3, 1), date(2025, 4, 30))
CONNECTION, PASSWORD = "Problème de connexion au SI SIAO", "Réinitialisation du mot de passe"
HISTORY = "Historique d'appel"


def with_lines(path: Path, *lines: tuple[Any, ...], first: int) -> Path:
    """The workbook with lines typed from the sheet's line `first` on: date, seconds, the wording, level, yes or no."""
    book = load_workbook(path)
    sheet = book[HISTORY]
    for at, line in enumerate(lines, start=first):
        for column, value in zip((2, 3, 5, 6, 7, 8, 9, 10), line, strict=True):
            sheet.cell(at, column).value = value
    typed = path.with_name("saisi.xlsx")
    book.save(typed)
    return typed


@needs_office
def test_lines_added_by_hand_are_in_the_total_and_in_the_motives(tmp_path: Path) -> None:
    """Also in the slide's spelling, as a number, without a level, with an unknown wording, and far below the others."""
    day, known = datetime(2025, 4, 2), (ACCESS, CONNECTION, PASSWORD)  # noqa: DTZ001 - a spreadsheet's day has no zone
    extraction = ENTRIES[4].wording
    typed = with_lines(
        saved(tmp_path, GOLDEN, SPRING),
        (day, 100, *known, "Niveau 1", "Oui", "Non"),
        (day, 100, *known, "1", "Non", "Non"),
        (day, 100, *known, 1, "Oui", ""),
        (day, 100, *known, "", "", "Oui"),
        (day, 60, "Extraction de chiffres", "Je ne sais pas", "", "N3", "Oui", "Non"),
        (day, None, ACCESS, CONNECTION, "Autre chose", "Niveau 1", "Non", "Non"),
        (day, 200, *extraction, "1/2", "Oui", "Non"),
        (day, 200, *extraction, "Niveau 2", "Oui", "Non"),
        first=9_000,
    )  # fmt: skip
    rows = visible(results(convert(typed, "xlsx", tmp_path)))
    assert ("Nombre d'appels", 10, None, None, None, None) in rows
    assert [row[1] for row in rows if str(row[0]).startswith("Taux")] == [pytest.approx(6 / 9), pytest.approx(2 / 9)]
    start = next(index for index, row in enumerate(rows) if row[0] == "Niveau") + 1
    assert [row[1:3] for row in rows[start:] if row[0] == "Non reconnu"] == [("—", "—")]
    assert [(row[0], row[3], row[4], row[5]) for row in rows[start:]] == [
        ("Niveau 1", PASSWORD, 5, 128),
        ("Niveau 1", "Modification de structure de rattachement", 1, 740),
        ("Niveau 1/2", "Réaliser une extraction", 1, 200),
        ("Niveau 2", "Réaliser une extraction", 1, 200),
        ("Non reconnu", "(motif ou niveau hors de la nomenclature)", 2, 60),
        ("Total général", None, 10, 204),
    ]


@needs_office
def test_a_level_of_both_is_counted_once_however_it_is_spelt(tmp_path: Path) -> None:
    """As the import reads it: never as level 2 as well."""
    day, extraction = datetime(2025, 4, 2), ENTRIES[4].wording  # noqa: DTZ001 - as above
    spelt = ("1-2", "1 et 2", "N1/N2", "Niveau 1 / Niveau 2", "1/2")
    typed = with_lines(
        saved(tmp_path, [], SPRING),
        *((day, 60, *extraction, level, "Oui", "Non") for level in spelt),
        first=2,
    )
    rows = visible(results(convert(typed, "xlsx", tmp_path)))
    start = next(index for index, row in enumerate(rows) if row[0] == "Niveau") + 1
    assert [(row[0], row[4]) for row in rows[start:]] == [("Niveau 1/2", 5), ("Total général", 5)]


def test_no_mark_of_a_wording_makes_the_file_unreadable(tmp_path: Path) -> None:
    """A form feed copied from a document, a mark that no file may hold."""
    wording = ("Th\x07ème", "Mo\x0ctif", "Sous\ufffe motif\x00")
    row = HistoryRow(None, date(2025, 4, 1), 60, *wording, "1", resolved=True, escalated=False)
    with zipfile.ZipFile(saved(tmp_path, [row], SPRING)) as parts:
        for name in parts.namelist():
            ET.fromstring(parts.read(name))  # noqa: S314 - a file of our own


def test_charts_stand_above_the_motives_within_the_printed_columns(tmp_path: Path) -> None:
    """Beside each other, over no figure: to their right the lines would be printed too small to be read."""
    sheet = load_workbook(saved(tmp_path, GOLDEN, SPRING))["Résultats"]
    (first, first_to), (second, second_to) = ((chart.anchor._from, chart.anchor.to) for chart in sheet._charts)
    assert first.col == 2
    assert (first_to.col, first_to.colOff) <= (second.col, second.colOff)
    assert second_to.col <= 5
    assert max(first_to.row, second_to.row) < 16


@needs_office
def test_a_date_or_a_duration_that_no_figure_counts_is_red_and_counted(tmp_path: Path) -> None:
    day, known = datetime(2025, 4, 2), (ACCESS, CONNECTION, PASSWORD, "Niveau 1", "Oui", "Non")  # noqa: DTZ001 - as above
    typed = with_lines(
        saved(tmp_path, GOLDEN, SPRING),
        ("2 avril", 100, *known),
        (day, "4 min 10", *known),
        (day, 0.1736, *known),
        (99_999, 100, *known),
        (day, 0, *known),
        (None, 100, *known),
        first=4,
    )
    book = load_workbook(typed)
    rules = {str(area.sqref): rule for area in book[HISTORY].conditional_formatting for rule in area.rules}
    assert sorted(rules) == [f"B2:B{SHEET_LINES}", f"C2:C{SHEET_LINES}", f"D2:D{SHEET_LINES}"]
    probe = book.create_sheet("Règles")
    for column, letter in enumerate("BC", start=1):
        formula = rules[f"{letter}2:{letter}{SHEET_LINES}"].formula[0]
        for at in range(2, 10):
            there = formula
            for name in "BCDE":
                there = there.replace(f"${name}2", f"'Historique d''appel'!${name}{at}")
            probe.cell(at, column).value = f"={there}"
    book.save(typed)
    calculated = convert(typed, "xlsx", tmp_path)
    rows, told = visible(results(calculated)), load_workbook(calculated, data_only=True)["Règles"]
    assert next(row for row in rows if row[0] == "Dates et durées non lues")[1] == 5
    assert "Cellules rouges de l’historique, à corriger : elles manquent aux chiffres." in [row[0] for row in rows]
    red = [
        (at, letter) for at in range(2, 10) for column, letter in ((1, "B"), (2, "C")) if told.cell(at, column).value
    ]
    assert red == [(4, "B"), (5, "C"), (6, "C"), (7, "B"), (9, "B")]


def test_dates_and_durations_are_checked_while_typing(tmp_path: Path) -> None:
    sheet = load_workbook(saved(tmp_path, GOLDEN, SPRING))[HISTORY]
    checks = {str(rule.sqref)[0]: rule for rule in sheet.data_validations.dataValidation}
    assert (checks["B"].type, checks["B"].error) == ("date", "Écrivez une date comme 12/04/2025.")
    assert str(checks["B"].sqref) == f"B2:B{SHEET_LINES}"
    assert checks["H"].formula1 == '"Niveau 1,Niveau 2,Niveau 1/2"'


def test_nothing_is_typed_over_by_accident_and_nothing_needs_a_password(tmp_path: Path) -> None:
    book = load_workbook(saved(tmp_path, GOLDEN, SPRING))
    for sheet in book:
        assert (sheet.protection.sheet, sheet.protection.password) == (True, None), sheet.title
    history, shown = book[HISTORY], book["Résultats"]
    # openpyxl says of each lock whether it holds.
    locks = history.protection
    assert [locks.sort, locks.autoFilter, locks.insertRows] == [False] * 3
    assert not any(cell.protection.locked for line in history["A2:K3"] for cell in line if cell.value is not None)
    assert all(cell.protection.locked for cell in history[1][:11])
    assert [shown[place].protection.locked for place in ("B3", "B4", "B6", "A18")] == [False, False, True, True]


def test_a_line_too_many_may_be_deleted(tmp_path: Path) -> None:
    """Spreadsheets delete a line of a locked sheet when each of its cells is open, to the last column; no heading."""
    path = saved(tmp_path, GOLDEN, SPRING)
    book = load_workbook(path)
    history = book[HISTORY]
    assert not history.protection.deleteRows, "openpyxl says of each lock whether it holds"
    columns = sorted((each.min, each.max, each.protection.locked) for each in history.column_dimensions.values())
    assert [locked for *_, locked in columns] == [False] * len(columns)
    assert [last + 1 for _, last, _ in columns[:-1]] == [first for first, *_ in columns[1:]]
    assert (columns[0][0], columns[-1][1]) == (1, 16_384)
    with zipfile.ZipFile(path) as parts:
        assert b'<dimension ref="A1:K' in parts.read("xl/worksheets/sheet3.xml")


def test_a_level_of_both_goes_out_and_comes_back_readable(tmp_path: Path) -> None:
    entry = ENTRIES[4]
    row = HistoryRow(None, date(2025, 4, 1), 60, *entry.wording, "1/2", resolved=True, escalated=False)
    path = saved(tmp_path, [row], SPRING)
    assert load_workbook(path)[HISTORY]["H2"].value == "Niveau 1/2"
    assert understood(path.read_bytes()).refused == []


def test_each_sheet_is_an_a4_one_page_wide_with_its_headings_and_a_foot(tmp_path: Path) -> None:
    book = load_workbook(saved(tmp_path, GOLDEN, SPRING))
    for sheet in book:
        assert (str(sheet.page_setup.paperSize), sheet.page_setup.fitToHeight, sheet.page_setup.orientation) == (
            "9", 0, "landscape",
        ), sheet.title  # fmt: skip
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        said = [sheet.oddFooter.left.text, sheet.oddFooter.center.text, sheet.oddFooter.right.text]
        assert said == ["Paris (75)", SPRING.label(), "Établi le 24 novembre 2026, page &P / &N"]
    titles = {sheet.title: sheet.print_title_rows for sheet in book}
    assert [titles[HISTORY], titles["Résultats"], titles["Nomenclature"]] == ["$1:$1", "$17:$17", "$1:$1"]


def test_a_foot_means_nothing_but_itself_and_stays_short() -> None:
    assert foot("A & B", "mai", "1er juin").startswith("&LA && B&Cmai")
    assert len(foot("x" * 400, "mai", "1er juin")) <= LONGEST_FOOTER


@needs_office
def test_a_history_of_two_calls_is_one_page(tmp_path: Path) -> None:
    """So is each other sheet of a small workbook."""
    pages = re.findall(rb"/Type\s*/Page\b", convert(saved(tmp_path, GOLDEN, SPRING), "pdf", tmp_path).read_bytes())
    assert len(pages) == len(load_workbook(tmp_path / "suivi.xlsx").sheetnames)


def test_axes_count_in_whole_numbers() -> None:
    assert [whole_step(most) for most in (0, 2, 10, 11, 50, 51, 120, 9_999)] == [1, 1, 1, 2, 5, 10, 20, 1_000]
    steps = [whole_step(most) for most in range(1, 5_000)]
    assert all(one <= other for one, other in pairwise(steps))
    assert all(step * AXIS_STEPS >= most for most, step in enumerate(steps, start=1))


def test_more_calls_than_a_sheet_holds_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    check_fits(SHEET_LINES - 1)
    path = tmp_path / "trop.xlsx"
    content = replace(content_of(GOLDEN, SPRING), figures=figures(Tally(treated=SHEET_LINES)))
    with pytest.raises(TooManyRows, match="une feuille en porte 1\xa0048\xa0575 au plus"):
        write_workbook(path, content)
    assert not path.exists()


def test_progress_is_told_every_thousand_rows() -> None:
    told: list[int] = []
    rows = [replace(GOLDEN[0], call_id=f"CA{index}") for index in range(2_500)]
    write_workbook(BytesIO(), content_of(rows, SPRING), progress=told.append)
    assert told == [1_000, 2_000]
