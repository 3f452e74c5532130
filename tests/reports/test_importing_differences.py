"""What an imported workbook would change: exactly the changed cells, conflicts explained, nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any
from zlib import crc32

import pytest
from openpyxl import load_workbook

from reports.importing.deciding.difference import Difference, difference
from reports.workbook.columns import COLUMNS, Column, Columns, Kind, content_id
from tests.reports.counting import ACCESS, GOLDEN
from tests.reports.workbooks import (
    CONNECTION,
    corrected,
    exported,
    made_by_hand,
    understood,
)


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
    assert [(c.place.line, c.call_id, c.heading, c.before, c.after) for c in found.changes] == [
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


def with_a_copy(line: int, **changed: object) -> bytes:
    """The golden file with its first call copied by hand, mark and all, then changed."""
    book = load_workbook(BytesIO(golden_file()))
    sheet = book["Historique d'appel"]
    sheet.insert_rows(line)
    first = 3 if line == 2 else 2
    for column in range(1, 12):
        sheet.cell(line, column).value = sheet.cell(first, column).value
    for place, value in changed.items():
        sheet[f"{place}{line}"] = value
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_line_copied_as_it_is_must_lose_its_mark() -> None:
    assert "figure déjà (Ligne 2)" in understood(with_a_copy(4)).refused[0].sentence()
    assert "figure déjà (Ligne 2)" in understood(with_a_copy(4, I="Non")).refused[0].sentence()


@pytest.mark.parametrize("line", [2, 4])
def test_a_line_copied_to_write_the_next_call_is_a_call_added(line: int) -> None:
    found = understood(with_a_copy(line, A="01 99 00 99 99", C=61))
    assert found.refused == []
    (added,) = difference("75", found, GOLDEN_OURS).additions
    assert (added.place.line, added.row.phone, added.row.seconds) == (line, "+33199009999", 61)
    (note,) = (note for read in found.rows for note in read.notes)
    assert note.startswith("Ligne copiée de celle de l’appel exporté")


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
    assert [(c.place.line, c.column, c.before, c.after) for c in found.changes] == [(3, "resolved", "Non", "Oui")]
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
    assert [(c.place.line, c.heading, c.ours, c.theirs) for c in found.conflicts] == [(2, LATER.heading, "75", "93")]
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
