"""Any set of calls, every face agrees: SQL, JSON, the workbook before and after LibreOffice, and an import of it."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import Engine, delete, func, select

from records.counting.figures import tally
from records.schema.desk_tables import qualification_history, qualifications
from records.schema.tables import calls
from records.wording import Wordings
from reports.figures.definitions import figures
from reports.figures.periods import Period
from reports.figures.summary import figures_json, scope_of
from reports.importing.deciding.difference import Difference
from reports.importing.intake import ImportRefused, Reader, carry_out, compare, read_workbook
from reports.importing.reading.book import WorkbookRefused
from reports.importing.store import imports_of
from reports.workbook.book import write_workbook
from reports.workbook.columns import COLUMNS
from reports.workbook.content import workbook_content
from reports.workbook.results import FIRST_MOTIVE
from routing.departements import PARIS, departements
from routing.phones import read_phone, show_phone
from tests.reports.counting import ENTRIES
from tests.reports.office import convert, needs_office
from tests.reports.tables import invent, store

AUTUMN = Period(date(2026, 9, 1), date(2026, 10, 30))
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
READER = Reader(Wordings(ENTRIES), NOW.date(), lambda text: read_phone(text, allow_fiction=True), PARIS)


def exported(connection: Any, code: str | None = "75", period: Period = AUTUMN) -> bytes:
    out = BytesIO()
    place = departements()[code] if code else None
    content = workbook_content(
        connection, period, departement=place, entries=ENTRIES, today=NOW.date(), show_phone=show_phone
    )
    write_workbook(out, content)
    return out.getvalue()


def imported(connection: Any, content: bytes, code: str = "75", **options: Any) -> Difference:
    found = compare(connection, read_workbook(content, READER), code)
    carry_out(connection, found, code, READER, by="a@exemple.fr", at=NOW, file_name="suivi.xlsx", **options)
    return found


def four(figures: dict[str, Any]) -> list[Any]:
    names = ("nombre_appels", "duree_moyenne_secondes", "taux_resolution", "taux_escalade")
    return [pytest.approx(figures[name]) if figures[name] is not None else None for name in names]


@needs_office
@pytest.mark.parametrize("seed", range(2))
def test_the_recalculated_workbook_says_what_the_database_says(engine: Engine, tmp_path: Path, seed: int) -> None:
    with engine.begin() as connection:
        store(connection, invent(random.Random(seed), 250))
        said = figures_json(connection, scope_of(AUTUMN, ["75"]))
        path = tmp_path / "suivi.xlsx"
        path.write_bytes(exported(connection))
    sheet = load_workbook(convert(path, "xlsx", tmp_path), data_only=True)["Résultats"]
    assert isinstance(sheet["B7"].value, timedelta)
    shown = [sheet["B6"].value, sheet["B7"].value.total_seconds()]
    assert [*shown, sheet["B8"].value, sheet["B9"].value] == [
        pytest.approx(said["nombre_appels"]), pytest.approx(said["duree_moyenne_secondes"], abs=0.001),
        pytest.approx(said["taux_resolution"]), pytest.approx(said["taux_escalade"]),
    ]  # fmt: skip
    last = FIRST_MOTIVE + len(said["motifs"])
    lines = list(sheet.iter_rows(min_row=FIRST_MOTIVE + 1, max_row=last, max_col=5, values_only=True))
    levels = [f"Niveau {motif['niveau']}" for motif in said["motifs"]]
    assert lines == [
        (level, m["thematique"], m["motif"], m["sous_motif"], m["nombre"])
        for level, m in zip(levels, said["motifs"], strict=True)
    ]


@pytest.mark.parametrize("seed", range(3))
def test_a_workbook_imported_elsewhere_gives_the_same_figures(engine: Engine, seed: int) -> None:
    with engine.begin() as connection:
        store(connection, invent(random.Random(seed), 250))
        scope = scope_of(AUTUMN, ["75"])
        before, content = figures_json(connection, scope), exported(connection)
        for table in (calls, qualifications, qualification_history):
            connection.execute(delete(table))
        found = imported(connection, content)
        after = figures_json(connection, scope)
        assert len(found.additions) == before["nombre_appels"]
        assert four(after) == four(before)
        assert after["motifs"] == before["motifs"]
        again = imported(connection, content)
        assert (again.additions, again.changes, figures_json(connection, scope)) == ([], [], after)
        assert len(imports_of(connection, "75")) == 1


def test_an_untouched_export_changes_nothing_and_three_cells_are_three_changes(engine: Engine) -> None:
    with engine.begin() as connection:
        store(connection, invent(random.Random(1), 250))
        content = exported(connection)
        assert (
            compare(connection, read_workbook(content, READER), "75").unchanged
            == figures_json(connection, scope_of(AUTUMN, ["75"]))["nombre_appels"]
        )
        book = load_workbook(BytesIO(content))
        sheet = book["Historique d'appel"]
        told = [row for row in range(2, sheet.max_row) if sheet.cell(row, 9).value == "Non"][:3]
        for row in told:
            sheet.cell(row, 9).value = "Oui"
        out = BytesIO()
        book.save(out)
        before = tally(connection, scope_of(AUTUMN, ["75"]))
        found = imported(connection, out.getvalue())
        after = tally(connection, scope_of(AUTUMN, ["75"]))
        versions = select(func.count()).select_from(qualification_history)
        assert [change.place.line for change in found.changes] == told
        assert after.resolved == before.resolved + 3
        assert connection.execute(versions).scalar_one() >= 3
        ids = [change.call_id for change in found.changes]
        kept = select(qualifications.c.version, qualifications.c.by).where(qualifications.c.call_id.in_(ids))
        assert set(map(tuple, connection.execute(kept))) == {(2, "a@exemple.fr")}


def test_nothing_is_imported_while_a_line_is_refused_unless_asked(engine: Engine) -> None:
    book = Workbook()
    sheet = book.create_sheet("Historique d'appel", 0)
    sheet.append(COLUMNS.headings)
    access = ENTRIES[0]
    sheet.append(("01 99 00 12 34", "12/04/2025", 240, None, *access.wording, "1", "Oui", "Non"))
    sheet.append(("01 99 00 12 34", "12/04/2035", 240, None, *access.wording, "1", "Oui", "Non"))
    out = BytesIO()
    book.save(out)
    period = Period(date(2025, 4, 1), date(2025, 4, 30))
    with engine.begin() as connection:
        with pytest.raises(ImportRefused, match="1 ligne"):
            imported(connection, out.getvalue())
        assert figures_json(connection, scope_of(period, ["75"]))["nombre_appels"] == 0
        imported(connection, out.getvalue(), skip_refused=True)
        said = figures_json(connection, scope_of(period, ["75"]))
        assert (said["nombre_appels"], said["recus"], said["taux_resolution"]) == (1, 0, 1)
        source = connection.execute(select(calls.c.source, calls.c.caller)).one()
        assert source == ("import", "+33199001234")


def test_a_damaged_workbook_imports_nothing(engine: Engine) -> None:
    with engine.begin() as connection, pytest.raises(WorkbookRefused):
        imported(connection, b"PK\x03\x04 not a workbook")


def test_the_consolidated_workbook_carries_every_departement(engine: Engine) -> None:
    with engine.begin() as connection:
        store(connection, invent(random.Random(4), 200))
        book = load_workbook(BytesIO(exported(connection, None)), data_only=True)
        whole = figures(tally(connection, scope_of(AUTUMN)))
    table = list(book["Départements"].iter_rows(min_row=2, values_only=True))
    assert sum(int(str(row[1])) for row in table) == whole.nombre_appels == book["Résultats"]["B6"].value
    assert [row[0] for row in table] == ["2A", "59", "75", "974", "sans"]
    assert book["Historique d'appel"]["L1"].value == "Département"
