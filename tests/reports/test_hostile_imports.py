"""An import by somebody who means harm: forged fields, a form without end, calls that were erased."""

from __future__ import annotations

import threading
import time
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, insert, select, text

from records.calls.erasing import erase_number
from records.database import reading, writing
from records.schema.desk_tables import qualifications
from records.schema.tables import calls, tombstones
from reports.importing.intake import carry_out, compare, read_workbook
from reports.importing.reading.book import WorkbookRefused
from reports.importing.reading.grids import grids_of
from reports.importing.reading.sheets import MOST_ENTRIES, check_container
from reports.importing.store import take_turn
from reports.workbook.columns import COLUMNS
from tests.reports.test_faces import READER
from tests.reports.test_import_pages import FIRST, SAID, SECOND, accepted, fields_of, shown
from tests.reports.workbooks import made_by_hand
from tests.support.house import NOW, House, open_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = open_house(tmp_path, f"sqlite:///{tmp_path / 'house.sqlite'}")
    yield made
    made.close()


def test_a_workbook_reads_no_file_of_ours(tmp_path: Path) -> None:
    """By an entity, in the words of an Excel workbook and in an OpenDocument one."""
    (tmp_path / "secret").write_text("hunter2")
    entity = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]>'
    for content, part in ((made_by_hand(FIRST), "xl/sharedStrings.xml"), (_opendocument(), "content.xml")):
        out = BytesIO()
        with zipfile.ZipFile(BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
            for name in source.namelist():
                told = source.read(name).decode("utf-8", "surrogateescape")
                if name == part:
                    head, mark, rest = told.partition("?>")
                    told = f"{head}{mark}{entity}{rest}".replace("Date", "Date&e;")
                    assert "&e;" in told
                target.writestr(name, told.encode("utf-8", "surrogateescape"))
        try:
            read = [str(cell) for grid in grids_of(out.getvalue()) for row in grid.rows for cell in row]
        except WorkbookRefused:
            read = []
        assert "hunter2" not in " ".join(read)


def _opendocument() -> bytes:
    """A sheet with one cell, as LibreOffice writes it."""
    names = "".join(
        f' xmlns:{one}="urn:oasis:names:tc:opendocument:xmlns:{one}:1.0"' for one in ("office", "table", "text")
    )
    cell = '<table:table-cell office:value-type="string"><text:p>Date</text:p></table:table-cell>'
    sheet = f'<table:table table:name="a"><table:table-row>{cell}</table:table-row></table:table>'
    body = f"<office:body><office:spreadsheet>{sheet}</office:spreadsheet></office:body>"
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml", f"<?xml version='1.0'?><office:document-content{names}>{body}</office:document-content>"
        )
    return out.getvalue()


def test_an_erased_call_does_not_come_back_by_its_second_sheet(house: House) -> None:
    browser = house.signed_in()
    accepted(browser, shown(browser, made_by_hand(FIRST)))
    with writing(house.engine) as connection:
        [erased] = connection.scalars(select(calls.c.call_id))
        connection.execute(calls.delete())
        connection.execute(insert(tombstones).values(call_id=erased, erased_at=NOW))
    book = load_workbook(BytesIO(made_by_hand(FIRST, SECOND)))
    second = book.create_sheet("Mai")
    second.append(COLUMNS.headings)
    second.append(FIRST)
    out = BytesIO()
    book.save(out)
    page = shown(browser, out.getvalue())
    assert page.count("cet appel a été effacé") == 2
    assert accepted(browser, page, ignorer="1", **{"tous:repete": "ajouter"}) == 303
    with reading(house.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(calls)) == 1


@pytest.mark.parametrize(
    ("answer", "said"), [("non", {}), ("oui", {"tous:anterieur": "ajouter"}), ("oui", {"tous:anterieur": "changer"})]
)
def test_an_erased_number_does_not_come_back_by_the_file_that_is_kept_for_months(
    house: House, answer: str, said: dict[str, str]
) -> None:
    """The call stays for the figures, without its number; a line that is corrected since corrects all but that."""
    browser = house.signed_in()
    accepted(browser, shown(browser, made_by_hand(FIRST, SECOND)))
    with writing(house.engine) as connection:
        erase_number(connection, "+33199002001", "none", NOW)
    page = shown(browser, made_by_hand((*FIRST[:8], answer, "non"), SECOND))
    accepted(browser, page, **said)
    with reading(house.engine) as connection:
        assert sorted(map(str, connection.scalars(select(calls.c.caller)))) == ["+33199002002", "None"]
        assert connection.scalar(select(func.count()).where(qualifications.c.resolved)) == (2 if answer == "oui" else 1)


def test_the_form_of_any_file_can_be_sent_back(house: House) -> None:
    browser = house.signed_in()
    lines = [(f"01 99 00 {n // 100:02d} {n % 100:02d}", "02/05/2025", 240 + n, None, *SAID) for n in range(400)]
    accepted(browser, shown(browser, made_by_hand(*lines)))
    headings = (*COLUMNS.headings, *(f"Note {n}" for n in range(800)))
    odd = [(*FIRST[:4], f"Thème {n}", "Motif", "Sous-motif", *FIRST[7:]) for n in range(70)]
    page = shown(browser, made_by_hand(*((*line[:8], "non", "non") for line in lines), *odd, headings=headings))
    assert len(fields_of(page)) < 990


def test_a_cell_too_long_for_a_sheet_comes_back_cut_not_empty(house: House) -> None:
    browser = house.signed_in()
    lines = ";".join(COLUMNS.headings) + "\n01 99 00 12 34;" + "x" * 50_000 + ";240;;" + ";".join(SAID)
    page = shown(browser, lines.encode())
    answer = browser.post("/resultats/import/refusees.xlsx", fields_of(page))
    sheet = load_workbook(BytesIO(answer.data))["Historique d'appel"]
    assert str(sheet["B2"].value).startswith("xxx")
    assert "date" in str(sheet.cell(2, sheet.max_column).value)


@pytest.mark.parametrize("said", ["é", "", "0" * 64])
def test_a_file_handed_back_that_is_not_the_one_shown_is_refused(house: House, said: str) -> None:
    browser = house.signed_in()
    fields = fields_of(shown(browser, made_by_hand(FIRST)))
    assert browser.post("/resultats/import", {**fields, "empreinte": said}).status_code == 400


def test_an_archive_of_very_many_entries_is_never_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(MOST_ENTRIES + 1):
            archive.writestr(f"{number}", b"")
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(WorkbookRefused, match="démesuré"):
        check_container(out.getvalue())


def test_two_clicks_at_once_import_once_and_the_second_is_told(tmp_path: Path, empty_postgres: str) -> None:
    house = open_house(tmp_path, empty_postgres)
    browser = house.signed_in()
    page = shown(browser, made_by_hand(FIRST))
    answers: list[int] = []
    second = threading.Thread(target=lambda: answers.append(accepted(browser, page)))
    with writing(house.engine) as connection:
        take_turn(connection)
        found = compare(connection, read_workbook(made_by_hand(FIRST), READER), "75")
        carry_out(connection, found, "75", READER, by="a@siao.example", at=NOW, file_name="suivi.xlsx")
        second.start()
        with reading(house.engine) as other:
            while not other.scalar(text("select count(*) from pg_stat_activity where wait_event_type = 'Lock'")):
                time.sleep(0.05)
    second.join()
    with reading(house.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(calls)) == 1
    assert answers == [400]
    house.close()
