"""The pivot tables: valid parts, live in LibreOffice, equal to what Python counts, before and after a correction."""

from __future__ import annotations

import random
import re
import tracemalloc
import zipfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from openpyxl import load_workbook
from openxml_audit import FileFormat, OpenXmlValidator, ValidationSeverity

from records.counting.tally import MotiveTally
from reports.figures.periods import Period
from reports.importing.reading.sheets import read_book
from reports.workbook.book import write_workbook
from reports.workbook.columns import COLUMNS, HistoryRow
from reports.workbook.history import History
from reports.workbook.pivot import BLANK, PIVOT_SHEET, PIVOTS, TOTAL, Drawn, Sums, pivot_lines
from reports.workbook.pivot_parts import add_pivots
from tests.reports.counting import ENTRIES, GOLDEN, content_of
from tests.reports.office import convert, needs_office

SPRING = Period(date(2025, 3, 1), date(2025, 4, 30))
HOSTILE = ("2", "A & B <i>", "« 50 % » > 'x' \"y\"", "=1+1 " + "long " * 60)


def some(number: int, seed: int = 3) -> list[HistoryRow]:
    rng = random.Random(seed)
    wordings = [(e.niveau, *e.wording) for e in ENTRIES] + [HOSTILE]
    rows = []
    for index in range(number):
        row = HistoryRow(
            f"01 99 00 00 {index % 100:02d}", SPRING.since + timedelta(days=rng.randrange(60)),
            rng.choice([None, rng.randrange(900)]), call_id=f"CA{index}",
        )  # fmt: skip
        if rng.random() < 0.8:
            niveau, thematique, motif, sous_motif = rng.choice(wordings)
            row = replace(
                row, niveau=niveau, thematique=thematique, motif=motif, sous_motif=sous_motif,
                resolved=rng.choice([True, False, None]), escalated=rng.choice([True, False, None]),
            )  # fmt: skip
        rows.append(row)
    return rows


def written(tmp_path: Path, rows: Sequence[HistoryRow], name: str = "suivi.xlsx") -> Path:
    path = tmp_path / name
    write_workbook(path, replace(content_of(rows, SPRING), with_pivot=True))
    return path


@cache  # it compiles its schemas once
def validator() -> OpenXmlValidator:
    return OpenXmlValidator(file_format=FileFormat.OFFICE_2019, max_errors=0)


def faults(path: Path) -> list[str]:
    """What an OOXML validator finds wrong, warnings left out."""
    found = validator().validate(str(path))
    return [str(one) for one in found.errors if one.severity is ValidationSeverity.ERROR]


def shown(path: Path) -> list[dict[tuple[str, ...], list[Any]]]:
    """What each pivot table of a file shows: its figures by the labels of their line, those of the line above kept."""
    sheet = load_workbook(path, data_only=True)[PIVOT_SHEET]
    found = []
    for pivot, drawn in zip(PIVOTS, sorted(sheet._pivots, key=lambda one: one.location.ref[0]), strict=True):
        found.append(_lines(sheet[drawn.location.ref], len(pivot.keys)))
    return found


def _lines(rows: Any, keys: int) -> dict[tuple[str, ...], list[Any]]:
    lines: dict[tuple[str, ...], list[Any]] = {}
    above: tuple[str, ...] = ("",) * keys
    for cells in rows[2:]:
        values = [cell.value for cell in cells]
        labels = [str(text or "").replace("(empty)", BLANK) for text in values[:keys]]
        first = next((place for place, text in enumerate(labels) if text), keys)
        told = tuple(above[place] if place < first else labels[place] for place in range(keys))
        if labels[0].startswith("Total"):
            told = (TOTAL, *[""] * (keys - 1))
        elif labels[0].endswith(" Result"):
            told = ("Total " + labels[0].removesuffix(" Result"), *[""] * (keys - 1))
        else:
            above = told
        lines[told] = [_plain(value) for value in values[keys:]]
    return lines


def _plain(value: Any) -> Any:
    if isinstance(value, timedelta):
        return round(value.total_seconds())
    if hasattr(value, "hour"):
        return value.hour * 3600 + value.minute * 60 + value.second + round(value.microsecond / 1e6)
    return None if value in {"", None} or str(value).startswith("#") else round(value, 9)


def counted(rows: Sequence[HistoryRow]) -> list[dict[tuple[str, ...], list[Any]]]:
    """The same, counted call by call."""
    found = []
    for pivot in PIVOTS:
        groups: dict[tuple[str, ...], list[HistoryRow]] = defaultdict(list)
        for row in rows:
            texts = {key: getattr(row, key) or BLANK for key in pivot.keys}
            texts["niveau"] = f"Niveau {row.niveau}" if row.niveau else BLANK
            empty = [""] * (len(pivot.keys) - 1)
            groups[tuple(texts[key] for key in pivot.keys)].append(row)
            groups[TOTAL, *empty].append(row)
            if pivot.with_subtotals:
                groups["Total " + texts["niveau"], *empty].append(row)
        found.append({labels: _measured(each)[: len(pivot.measures)] for labels, each in groups.items()})
    return found


def _measured(rows: Sequence[HistoryRow]) -> list[Any]:
    known = [row.seconds for row in rows if row.seconds is not None]
    told = [[getattr(row, key) for row in rows if getattr(row, key) is not None] for key in ("resolved", "escalated")]
    shares = [round(sum(each) / len(each), 9) if each else None for each in told]
    return [len(rows), round(sum(known) / len(known)) if known else None, *shares]


def alike(one: list[dict[tuple[str, ...], list[Any]]], other: list[dict[tuple[str, ...], list[Any]]]) -> None:
    for first, second in zip(one, other, strict=True):
        assert first.keys() == second.keys()
        for labels, values in first.items():
            assert values == [pytest.approx(value, abs=1) if value else value for value in second[labels]], labels


@pytest.mark.parametrize("rows", [[], GOLDEN, some(60), [HistoryRow(None, date(2025, 3, 2), 12)]])
def test_an_ooxml_validator_finds_no_fault(tmp_path: Path, rows: Sequence[HistoryRow]) -> None:
    """No calls, two, hostile names and long texts, calls without a motif."""
    assert faults(written(tmp_path, rows)) == []


def test_every_formula_is_read_by_an_excel_of_2010(tmp_path: Path) -> None:
    """None needs the prefix of a newer function, none is longer than Excel takes, and each part is well-formed."""
    rows = [*some(60), replace(GOLDEN[0], thematique="Th\x07ème", motif="\ufffe", sous_motif="\x00")]
    used: set[str] = set()
    with zipfile.ZipFile(written(tmp_path, rows)) as parts:
        for name in parts.namelist():
            for each in ET.fromstring(parts.read(name)).iter():  # noqa: S314 - a file of our own
                kind, formula = each.tag.rpartition("}")[2], each.text or ""
                if kind in {"f", "formula", "formula1", "formula2", "calculatedColumnFormula"}:
                    assert len(formula) <= (255 if kind == "formula1" else 8_192), formula
                    used |= set(re.findall(r"([A-Z][A-Z.]+)\(", re.sub(r'"[^"]*"', "", formula)))
    assert used <= {
        "AND", "AVERAGEIFS", "COUNT", "COUNTBLANK", "COUNTIF", "COUNTIFS", "DATE", "EDATE", "EXACT", "IF", "IFERROR",
        "INDEX", "ISNUMBER", "LARGE", "MATCH", "MAX", "MIN", "MONTH", "NOT", "OFFSET", "OR", "ROWS", "SUM", "SUMIFS",
        "SUMPRODUCT", "YEAR",
    }  # fmt: skip


def test_the_validator_looks_at_the_pivot_tables(tmp_path: Path) -> None:
    """A wrong element in a pivot table is found, so that finding nothing says something."""
    path, spoilt = written(tmp_path, GOLDEN), tmp_path / "gate.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(spoilt, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b"rowFields", b"rowField"))
    assert faults(spoilt)


def test_both_tables_read_the_table_appels_afresh(tmp_path: Path) -> None:
    with zipfile.ZipFile(written(tmp_path, GOLDEN)) as parts:
        names = parts.namelist()
        cache = parts.read("xl/pivotCache/pivotCacheDefinition1.xml").decode()
        table = parts.read("xl/tables/table1.xml").decode()
        pivots = [parts.read(f"xl/pivotTables/pivotTable{number}.xml").decode() for number in (1, 2)]
        workbook = parts.read("xl/workbook.xml").decode()
    assert len(names) == len(set(names))
    assert 'refreshOnLoad="1"' in cache
    assert '<worksheetSource name="Appels"/>' in cache
    fields = re.findall(r'<cacheField name="([^"]*)"', cache)
    assert fields == re.findall(r'<tableColumn id="\d+" name="([^"]*)"', table)
    assert tuple(fields[:10]) == COLUMNS.headings
    assert 'displayName="Appels" ref="A1:N3"' in table
    assert workbook.count("<pivotCache ") == 1
    assert all(f'<pageField fld="{COLUMNS.place("day")}"' in pivot for pivot in pivots)


def test_a_mean_of_nothing_is_no_error(tmp_path: Path) -> None:
    """Calls without a motif have no rate: Excel writes « #DIV/0! » unless it is told otherwise."""
    with zipfile.ZipFile(written(tmp_path, GOLDEN)) as parts:
        for number in (1, 2):
            assert 'showError="1" errorCaption=""' in parts.read(f"xl/pivotTables/pivotTable{number}.xml").decode()


def test_without_the_switch_there_is_no_pivot_table(tmp_path: Path) -> None:
    path = tmp_path / "suivi.xlsx"
    write_workbook(path, content_of(GOLDEN, SPRING))
    with zipfile.ZipFile(path) as parts:
        assert not [name for name in parts.namelist() if "pivot" in name or "table" in name.casefold().split("/")[-1]]
    assert PIVOT_SHEET not in load_workbook(path).sheetnames


def test_the_sheet_says_that_nobody_has_opened_it_in_excel(tmp_path: Path) -> None:
    sheet = load_workbook(written(tmp_path, GOLDEN))[PIVOT_SHEET]
    assert sheet["A1"].value.startswith("À essayer")
    assert [sheet["A5"].value, sheet["B5"].value] == ["Date", "(Tous)"]
    assert sheet["A4"].value == "STATISTIQUES DE TRAITEMENT DES APPELS"
    assert not sheet.protection.sheet, "a pivot table on a locked sheet is not refreshed"


@needs_office
def test_libreoffice_computes_both_afresh(tmp_path: Path) -> None:
    rows = some(150)
    alike(shown(convert(written(tmp_path, rows), "xlsx", tmp_path)), counted(rows))


@needs_office
def test_libreoffice_computes_both_again_after_a_correction(tmp_path: Path) -> None:
    rows = some(150)
    path = written(tmp_path, rows)
    book = load_workbook(path)
    sheet = book["Historique d'appel"]
    changed = []
    for at, row in enumerate(rows[:40], start=2):
        sheet.cell(at, 3).value = 100 + at
        sheet.cell(at, 4).value = f"=C{at}/86400"
        now = replace(row, seconds=100 + at)
        if row.is_qualified:
            now = replace(now, resolved=True, niveau="2")
            sheet.cell(at, 8).value, sheet.cell(at, 9).value = "Niveau 2", "Oui"
        changed.append(now)
    corrected = tmp_path / "corrigé.xlsx"
    book.save(corrected)
    alike(shown(convert(corrected, "xlsx", tmp_path)), counted([*changed, *rows[40:]]))


def test_before_it_is_refreshed_it_shows_what_will_be_shown() -> None:
    cited = [
        MotiveTally("1", "T", "M", "a", 2, 2, 200, 2, 1, 2, 0),
        MotiveTally("1", "T", "M", "b", 5, 4, 400, 4, 4, 4, 1),
        MotiveTally("2", "U", "N", "", 1, 0, 0),
    ]
    total = Sums(9, 700, 7)
    statistics, most_cited = (pivot_lines(pivot, cited, total) for pivot in PIVOTS)
    assert [(labels, sums.count) for labels, sums in statistics] == [
        (("Niveau 1", "M"), 7), (("Total Niveau 1", ""), 7), (("Niveau 2", "N"), 1), (("Total Niveau 2", ""), 1),
        ((BLANK, BLANK), 1), (("Total (vide)", ""), 1), ((TOTAL, ""), 9),
    ]  # fmt: skip
    assert [labels[3] for labels, _ in most_cited] == ["b", "a", BLANK, BLANK, ""]
    assert statistics[0][1].resolved / statistics[0][1].resolution_known == pytest.approx(5 / 6)


def test_the_import_reads_it_back(tmp_path: Path) -> None:
    content = written(tmp_path, GOLDEN).read_bytes()
    found = read_book(content)
    assert [len(sheet.lines) for sheet in found.sheets] == [2]


def test_a_history_of_any_length_is_copied_a_megabyte_at_a_time() -> None:
    """Sixty megabytes of one sheet; the table stands at its end."""
    long, piece = 60, b" " * (1 << 20)
    with BytesIO() as closed, BytesIO() as out:
        write_workbook(out, content_of(GOLDEN, SPRING))
        with (
            zipfile.ZipFile(out) as source,
            zipfile.ZipFile(closed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made,
        ):
            for info in source.infolist():
                with made.open(info.filename, "w") as part:
                    text = source.read(info)
                    if info.filename.endswith("sheet3.xml"):
                        for _ in range(long):
                            part.write(piece)
                    part.write(text)
        out.truncate(0)
        tracemalloc.start()
        add_pivots(closed, out, History(2, COLUMNS), 3, Drawn(5, (12, 12)))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        with zipfile.ZipFile(out) as made:
            assert made.read("xl/worksheets/sheet3.xml").endswith(b'<tablePart r:id="rId1"/></tableParts></worksheet>')
    assert peak < 20 * len(piece)
