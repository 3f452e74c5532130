"""Importing: hand-filled workbooks are understood or refused line by line, with a reason."""

from __future__ import annotations

import random
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial
from io import BytesIO
from typing import Any
from zlib import crc32

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from records.wording import Wording, Wordings
from reports.figures.periods import Period
from reports.importing.cells import Cell, CellRefused, read_date, read_level, read_seconds, read_yes_no
from reports.importing.difference import Difference, difference
from reports.importing.parser_process import read_lines_in_a_process
from reports.importing.understanding import Understood, WorkbookRefused, read_lines, understand
from reports.workbook.book import write_workbook
from reports.workbook.columns import COLUMNS, Column, Columns, HistoryRow, Kind, content_id
from tests.reports.counting import ACCESS, ENTRIES, GOLDEN, content_of

TODAY = date(2026, 11, 24)
CONNECTION = "Problème de connexion au SI SIAO"
WORDINGS = Wordings(
    ENTRIES,
    {
        Wording(ACCESS, CONNECTION, "Réinitialisation mot de passe"): ENTRIES[1].wording,
        Wording("Assistance technique et anomalie", "Incidents techniques", "Disfonctionnement"): ENTRIES[5].wording,
    },
)
YEAR = Period(date(2025, 1, 1), date(2026, 12, 31))


def read_phone(text: str) -> str:
    """Ten digits, or nine when a spreadsheet ate the zero."""
    digits = re.sub(r"\D", "", text.replace("+33", "0"))
    if len(digits) not in {9, 10}:
        raise ValueError("il n'a pas dix chiffres")
    return "+33" + digits[-9:]


def made_by_hand(
    *lines: tuple[Any, ...], headings: tuple[str, ...] = COLUMNS.headings, sheet: str = "Historique d'appel"
) -> bytes:
    book = Workbook()
    active = book.active
    assert isinstance(active, Worksheet)
    active.title = sheet
    active.append(headings)
    for line in lines:
        active.append(line)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def understood(content: bytes, columns: Columns = COLUMNS) -> Understood:
    return understand(content, WORDINGS, TODAY, read_phone, read=partial(read_lines, columns=columns), columns=columns)


def exported(*rows: HistoryRow, columns: Columns = COLUMNS) -> bytes:
    out = BytesIO()
    write_workbook(out, content_of(rows, YEAR), columns)
    return out.getvalue()


def corrected(content: bytes, **cells: Any) -> bytes:
    book = load_workbook(BytesIO(content))
    for place, value in cells.items():
        book["Historique d'appel"][place] = value
    out = BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        (datetime(2025, 4, 12), date(2025, 4, 12)),  # noqa: DTZ001 - a spreadsheet's day has no zone
        (date(2025, 4, 12), date(2025, 4, 12)),
        ("12/04/2025", date(2025, 4, 12)),
        ("12/4/25", date(2025, 4, 12)),
        ("12-04-2025", date(2025, 4, 12)),
        ("12.04.2025", date(2025, 4, 12)),
        ("2025-04-12 10:00:00", date(2025, 4, 12)),
        ("samedi 12 avril 2025", date(2025, 4, 12)),
        ("1er août 2025", date(2025, 8, 1)),
        (45759.0, date(2025, 4, 12)),
    ],
)
def test_a_date_is_read_however_it_was_typed(cell: Cell, day: date) -> None:
    assert read_date(cell, TODAY) == day


@pytest.mark.parametrize(
    ("cell", "reason"),
    [(None, "manque"), ("31/02/2025", "n'est pas une date"), ("demain", "n'est pas une date"),
     ("25/11/2026", "dans le futur"), ("12/04/1925", "antérieure"), (3.5e9, "n'est pas une date"),
     (True, "n'est pas une date")],
)  # fmt: skip
def test_a_date_that_cannot_be_is_refused_with_its_reason(cell: Cell, reason: str) -> None:
    with pytest.raises(CellRefused, match=reason):
        read_date(cell, TODAY)


@pytest.mark.parametrize(
    ("seconds", "minutes", "expected"),
    [
        (490, None, 490), (490.0, None, 490), ("490", None, 490), ("08:10", None, 490), ("8:10", None, 490),
        ("8 min 10 s", None, 490), ("8'10", None, 490), ("8mn", None, 480), ("0:08:10", None, 490),
        ("1h 2min", None, 3720),
        (time(0, 8, 10), None, 490), (time(8, 10), None, 490), (timedelta(minutes=8, seconds=10), None, 490),
        (None, timedelta(hours=8, minutes=10), 490), (None, "08:10", 490), (None, 8.5, 510), (None, "8,5", 510),
        ("", None, None), (None, None, None), (0, None, 0),
    ],
)  # fmt: skip
def test_a_duration_is_read_in_seconds_or_minutes(seconds: Cell, minutes: Cell, expected: int | None) -> None:
    assert read_seconds(seconds, minutes) == expected


@pytest.mark.parametrize("cell", [-5, 90_000, "longtemps", "8:99:99:1", float("inf"), float("nan"), "99999999:00"])
def test_a_duration_that_cannot_be_is_refused(cell: Cell) -> None:
    with pytest.raises(CellRefused, match="durée"):
        read_seconds(cell)


@pytest.mark.parametrize(
    ("cell", "level"),
    [("1", "1"), (1, "1"), (2.0, "2"), ("Niveau 2", "2"), ("N1", "1"), ("1/2", "1/2"), ("niveau 1 / 2", "1/2"),
     (datetime(2025, 2, 1), "1/2"), ("", None), (None, None)],  # noqa: DTZ001 - 1/2 as a spreadsheet keeps it
)  # fmt: skip
def test_a_level_is_read_even_when_the_spreadsheet_made_a_date_of_it(cell: Cell, level: str | None) -> None:
    assert read_level(cell) == level


def test_yes_and_no_have_many_writings() -> None:
    assert [read_yes_no(c, "x") for c in ("OUI", " oui", "X", 1, True)] == [True] * 5
    assert [read_yes_no(c, "x") for c in ("Non", "n", 0, False)] == [False] * 4
    with pytest.raises(CellRefused, match="écrivez Oui ou Non"):
        read_yes_no("peut-être", "Problème résolu ?")


def test_case_accents_quotes_spaces_and_old_spellings_never_matter() -> None:
    content = made_by_hand(
        (639981234, "12/04/2025", "04:00", None, "ACCES ET  AUTHENTIFICATION", "probleme de connexion au si siao",
         "« Reinitialisation mot de passe »", None, "oui", "NON"),
        ("", datetime(2025, 5, 2), 60, None, "Assistance technique et anomalie", "Incidents techniques",  # noqa: DTZ001
         "Disfonctionnement", None, "non", "oui"),
    )  # fmt: skip
    first, second = (read.row for read in understood(content).rows)
    assert first == HistoryRow(
        "+33639981234", date(2025, 4, 12), 240, ACCESS, CONNECTION, "Réinitialisation du mot de passe", "1", True, False
    )
    assert (second.sous_motif, second.niveau, second.phone) == ("Dysfonctionnement", "2", None)


def test_every_bad_line_is_refused_with_all_its_reasons_and_its_number() -> None:
    content = made_by_hand(
        ("01 99 00 12 34", "12/04/2025", 240, None, ACCESS, CONNECTION, "Accès au compte", "1", "Oui", "Non"),
        ("abc", "demain", "longtemps", None, ACCESS, CONNECTION, "Machine à café", "3", "bof", "Non"),
        (None,) * 10,
        ("01 99 00 12 34", None, 240, None, "", "", "", "", "Oui", ""),
    )  # fmt: skip
    found = understood(content)
    assert [read.line for read in found.rows] == [2]
    assert [refused.line for refused in found.refused] == [3, 5]
    assert len(found.refused[0].reasons) == 6
    assert "la date « demain » n'est pas une date" in found.refused[0].sentence()
    assert "n'est pas dans la nomenclature" in found.refused[0].sentence()
    assert (
        found.refused[1].sentence() == "Ligne 5 : la date manque ; la thématique, le motif et le sous-motif manquent."
    )


def test_the_columns_may_stand_in_any_order_under_a_title() -> None:
    book = load_workbook(BytesIO(made_by_hand(sheet="Feuil1", headings=("Suivi 2025",))))
    sheet = book["Feuil1"]
    sheet.append(("Sous-motif", "MOTIF", "thematique", "date", "duree d'appel (en secondes)", "inconnue"))
    sheet.append(("Autre", "Autre", "Évolutions", "02/05/2025", 30, "=1+1"))
    out = BytesIO()
    book.save(out)
    (read,) = understood(out.getvalue()).rows
    assert (read.line, read.row.thematique, read.row.seconds, read.row.niveau) == (3, "Évolutions", 30, "2")


def test_a_file_that_is_no_workbook_is_one_sentence() -> None:
    good = made_by_hand()
    bomb = BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(7):
            archive.writestr(f"xl/{number}", b"\0" * 100_000_000)
    for content, sentence in (
        (b"", "vide"),
        (b"Date;Motif\n", "abîmé"),
        (good[: len(good) // 2], "abîmé"),
        (b"\0" * (31 * 1024 * 1024), "dépasse 30 Mo"),
        (bomb.getvalue(), "démesuré"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "mot de passe"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "ancien format"),
        (made_by_hand(headings=("a", "b")), "Aucune feuille"),
    ):
        with pytest.raises(WorkbookRefused, match=sentence):
            understood(content)


def test_a_workbook_is_read_in_a_process_as_it_is_read_here() -> None:
    good = exported(*GOLDEN)
    assert read_lines_in_a_process(good) == list(read_lines(good))
    with pytest.raises(WorkbookRefused, match="Aucune feuille"):
        read_lines_in_a_process(made_by_hand(headings=("a", "b")))


def test_a_cell_at_the_end_of_the_sheet_stops_its_reading_and_not_the_process_that_answers_calls() -> None:
    """Six kilobytes that make the parser ask for half a terabyte; a stray cell does it too, without any ill will."""
    book = load_workbook(BytesIO(made_by_hand()))
    book["Historique d'appel"]["XFD1048576"] = 1
    out = BytesIO()
    book.save(out)
    with pytest.raises(WorkbookRefused, match="démesuré"):
        read_lines_in_a_process(out.getvalue())


def test_bytes_damaged_anywhere_never_raise_anything_but_a_sentence() -> None:
    good, rng = exported(*GOLDEN), random.Random(3)
    for _ in range(150):
        damaged = bytearray(good)
        for _ in range(rng.randrange(1, 20)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        try:
            understood(bytes(damaged))
        except WorkbookRefused:
            continue


def test_importing_a_file_twice_adds_nothing() -> None:
    line = ("01 99 00 12 34", "12/04/2025", 240, None, ACCESS, CONNECTION, "Accès au compte", "1", "Oui", "Non")
    content = made_by_hand(line, line, (*line[:2], 250, *line[3:]))
    first = difference("75", understood(content), {})
    assert len({addition.call_id for addition in first.additions}) == 3
    ours = {a.call_id: a.row for a in first.additions}
    again = difference("75", understood(content), ours)
    assert (again.additions, again.changes, again.unchanged) == ([], [], 3)
    assert len(difference("93", understood(content), {}, frozenset(ours)).additions) == 3


GOLDEN_OURS = {
    "CAgolden1": replace(GOLDEN[0], phone="+33199001234", by_telephone=True),
    "CAgolden2": replace(GOLDEN[1], phone="+33261914567", by_telephone=True),
}


def golden_file() -> bytes:
    return exported(*GOLDEN_OURS.values())


def test_a_workbook_that_was_not_touched_changes_nothing() -> None:
    found = difference("75", understood(golden_file()), GOLDEN_OURS)
    assert found == Difference(unchanged=2)


def test_exactly_the_changed_cells_are_offered() -> None:
    content = corrected(golden_file(), I3="Oui", G2="Accès au compte")
    found = difference("75", understood(content), GOLDEN_OURS)
    assert [(c.line, c.call_id, c.heading, c.before, c.after) for c in found.changes] == [
        (2, "CAgolden1", "Sous motif", "Réinitialisation du mot de passe", "Accès au compte"),
        (3, "CAgolden2", "Problème résolu ?", "Non", "Oui"),
    ]
    assert (found.conflicts, found.additions, found.refused) == ([], [], [])
    assert found.corrected["CAgolden2"].resolved is True


def test_what_the_desk_changed_since_the_export_is_kept_without_a_word() -> None:
    """Only the desk has moved: the file's older cell is no correction."""
    now = {**GOLDEN_OURS, "CAgolden2": replace(GOLDEN_OURS["CAgolden2"], resolved=True)}
    assert difference("75", understood(golden_file()), now) == Difference(unchanged=2)


def test_a_cell_changed_on_both_sides_is_a_conflict_with_its_reason() -> None:
    content = corrected(golden_file(), G2="Accès au compte")
    now = {**GOLDEN_OURS, "CAgolden1": replace(GOLDEN_OURS["CAgolden1"], niveau="2")}
    found = difference("75", understood(content), now)
    assert found.changes == []
    assert [c.heading for c in found.conflicts] == ["Sous motif"]
    assert "modifié sur le site depuis l'export" in found.conflicts[0].sentence()


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"C2": 300}, "vient de l'opérateur"),
        ({"A2": "01 99 00 99 99"}, "vient de l'opérateur"),
        ({"J3": "Non"}, "escaladé le reste"),
        ({"E2": None, "F2": None, "G2": None, "H2": None, "I2": None, "J2": None}, "ne s'efface pas"),
    ],
)
def test_what_may_not_be_corrected_in_a_workbook_is_explained(cells: dict[str, Any], reason: str) -> None:
    found = difference("75", understood(corrected(golden_file(), **cells)), GOLDEN_OURS)
    assert found.changes == []
    assert found.conflicts
    assert all(reason in conflict.reason for conflict in found.conflicts)


def test_a_masked_number_is_never_a_change() -> None:
    content = corrected(golden_file(), A2="01 99 •• •• 34")
    assert difference("75", understood(content), GOLDEN_OURS) == Difference(unchanged=2)


def test_another_departements_call_and_an_erased_one_are_refused() -> None:
    found = difference("75", understood(golden_file()), {}, frozenset({"CAgolden1"}), frozenset({"CAgolden2"}))
    assert ["n'appartient pas" in found.refused[0].sentence(), "effacé" in found.refused[1].sentence()] == [True, True]
    assert found.additions == []


def test_a_copied_line_must_lose_its_mark() -> None:
    book = load_workbook(BytesIO(golden_file()))
    sheet = book["Historique d'appel"]
    for column in range(1, 12):
        sheet.cell(4, column).value = sheet.cell(2, column).value
    out = BytesIO()
    book.save(out)
    assert "figure déjà à la ligne 2" in understood(out.getvalue()).refused[0].sentence()


def test_an_exported_workbook_without_its_hidden_column_adds_nothing() -> None:
    content = golden_file()
    book = load_workbook(BytesIO(content))
    book["Historique d'appel"].delete_cols(11)
    out = BytesIO()
    book.save(out)
    assert difference("75", understood(out.getvalue()), GOLDEN_OURS) == Difference(unchanged=2)


def test_two_identical_lines_are_two_calls() -> None:
    row = GOLDEN[0]
    assert content_id("75", row, 0) != content_id("75", row, 1) != content_id("93", row, 1)


LATER = Column("departement", "Code du département", 10, Kind.WORDS, "dp")
LONGER = Columns((*COLUMNS.declared[:4], LATER, *COLUMNS.declared[4:]))
"""The columns of a later year: one more, in the middle."""


def as_exported_today(content: bytes) -> bytes:
    return content


def as_exported_at_first(content: bytes) -> bytes:
    """The same file with the marks that had nine prints in a row and no names."""
    book = load_workbook(BytesIO(content))
    for line, row in enumerate(GOLDEN_OURS.values(), start=2):
        cells = (
            str(row.phone), f"{row.day:%d/%m/%Y}", str(row.seconds), row.thematique, row.motif, row.sous_motif,
            row.niveau, "Oui" if row.resolved else "Non", "Oui" if row.escalated else "Non",
        )  # fmt: skip
        prints = "".join(f"{crc32(cell.encode()) & 0xFFFFFF:06x}" for cell in cells)
        book["Historique d'appel"][f"K{line}"] = f"{row.call_id}|{prints}"
    out = BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("aged", [as_exported_today, as_exported_at_first])
@pytest.mark.parametrize("columns", [COLUMNS, LONGER])
def test_a_file_exported_before_a_column_was_added_is_still_understood(
    aged: Callable[[bytes], bytes], columns: Columns
) -> None:
    """Its lines are known, and a corrected cell is one change: no call counts twice."""
    old = aged(golden_file())
    assert difference("75", understood(old, columns), GOLDEN_OURS, columns=columns) == Difference(unchanged=2)
    found = difference("75", understood(corrected(old, I3="Oui"), columns), GOLDEN_OURS, columns=columns)
    assert [(c.line, c.column, c.before, c.after) for c in found.changes] == [(3, "resolved", "Non", "Oui")]
    assert (found.unchanged, found.conflicts, found.additions, found.refused) == (1, [], [], [])
    moved = {**GOLDEN_OURS, "CAgolden2": replace(GOLDEN_OURS["CAgolden2"], resolved=True)}
    assert difference("75", understood(old, columns), moved, columns=columns) == Difference(unchanged=2)


def test_a_file_exported_with_a_column_that_we_no_longer_have_is_still_understood() -> None:
    later = exported(*GOLDEN_OURS.values(), columns=LONGER)
    assert difference("75", understood(later), GOLDEN_OURS) == Difference(unchanged=2)
    assert difference("75", understood(later, LONGER), GOLDEN_OURS, columns=LONGER) == Difference(unchanged=2)


def test_a_cell_that_differs_without_saying_what_it_was_is_left_to_decide() -> None:
    content = corrected(golden_file(), M1=LATER.heading, M2="93", M3="75")
    found = difference("75", understood(content, LONGER), GOLDEN_OURS, columns=LONGER)
    assert [(c.line, c.heading, c.ours, c.theirs) for c in found.conflicts] == [(2, LATER.heading, "75", "93")]
    assert "ne dit pas ce qu'elle contenait à l'export" in found.conflicts[0].reason
    assert (found.unchanged, found.changes, found.additions) == (1, [], [])


def test_lines_without_marks_are_known_again_after_a_column_was_added() -> None:
    book = load_workbook(BytesIO(golden_file()))
    book["Historique d'appel"].delete_cols(11)
    out = BytesIO()
    book.save(out)
    found = difference("75", understood(out.getvalue(), LONGER), GOLDEN_OURS, columns=LONGER)
    assert found == Difference(unchanged=2)


def test_a_column_that_was_taken_away_says_nothing() -> None:
    book = load_workbook(BytesIO(golden_file()))
    book["Historique d'appel"].delete_cols(8, 3)  # level, resolved, escalated
    out = BytesIO()
    book.save(out)
    assert difference("75", understood(out.getvalue()), GOLDEN_OURS) == Difference(unchanged=2)


def test_codes_and_headings_name_one_column_each() -> None:
    codes = [column.code for column in COLUMNS.compared]
    assert len(set(codes)) == len(codes)
    assert len(set(COLUMNS.headings)) == len(COLUMNS.headings)
