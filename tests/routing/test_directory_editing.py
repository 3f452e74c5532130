"""One person edited: the file is the same to the byte, but for that line."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.directory.editing import DirectoryText
from routing.directory.reading import COLUMNS
from tests.routing.desks import HEADER, NATIONAL_LINE
from tests.routing.directory_files import GOOD, file_of, line, problems, read

LINES = [line(), line(nom="Autre", email="autre@exemple.fr"), line(nom="Tiers", email="tiers@exemple.fr")]


def test_a_change_touches_its_own_line_and_no_other_byte() -> None:
    text = file_of(*LINES).replace("\n", "\r\n") + "\r\n\r\n"
    edited = DirectoryText(text).changed(2, {"telephone": "01 99 00 77 77"})
    before, after = text.split("\r\n"), edited.text.split("\r\n")
    assert [number for number, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]] == [3]
    assert edited.line == 4
    assert read(edited.text)[2].phone == "+33199007777"
    assert read(edited.text)[1] == read(text)[1]


def test_columns_that_we_do_not_know_keep_what_they_say() -> None:
    text = f'{HEADER},note\n{NATIONAL_LINE},"deux\nlignes"\n{line()},"à, garder"\n'
    edited = DirectoryText(text).changed(1, {"rang": "7"})
    assert '"à, garder"' in edited.text
    assert '"deux\nlignes"' in edited.text
    assert edited.line == 4
    assert read(edited.text)[1].rang == 7


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_line_is_added_at_the_end_whether_the_file_ends_its_last_line_or_not(end: str) -> None:
    text = file_of(*LINES) + end
    edited = DirectoryText(text).added(GOOD | {"nom": "Nouveau", "email": "nouveau@exemple.fr"})
    assert edited.text.startswith(text)
    assert [person.nom for person in read(edited.text)][-2:] == ["Tiers", "Nouveau"]
    assert edited.text.splitlines()[edited.line - 1].startswith("01,")


def test_a_line_is_taken_out_and_the_others_stay() -> None:
    text = file_of(*LINES)
    edited = DirectoryText(text).removed(2)
    assert edited.text == text.replace(f"{LINES[1]}\n", "")
    assert [person.nom for person in read(edited.text)] == ["Nation", "Léger", "Tiers"]


def test_the_file_parts_its_cells_as_before() -> None:
    text = "\n".join(row.replace(",", ";") for row in file_of(*LINES).splitlines())
    edited = DirectoryText(text).changed(1, {"horaires": "lun 9h-12h; mar 14h-15h"})
    assert read(edited.text)[1].hours.show() == read(file_of(line(horaires="lun 9h-12h | mar 14h-15h")))[1].hours.show()


def test_what_is_wrong_with_the_new_line_is_told_with_its_number() -> None:
    edited = DirectoryText(file_of(*LINES)).changed(1, {"telephone": "0899 12 34 56"})
    (found,) = problems(edited.text)
    assert (found.line, found.column) == (edited.line, "telephone")


@given(st.dictionaries(st.sampled_from(COLUMNS), st.text(max_size=12).filter(lambda t: "\x00" not in t)))
def test_whatever_is_typed_stays_in_its_cell(typed: dict[str, str]) -> None:
    """A separator, a quote or a line break typed into a field makes no second line and no second cell."""
    text = file_of(*LINES)
    edited = DirectoryText(text).changed(1, typed)
    rows = list(csv.reader(io.StringIO(edited.text, newline="")))
    assert rows[0] + rows[1] == f"{HEADER},{NATIONAL_LINE}".split(",")
    assert rows[2] == list((GOOD | typed).values())
    assert rows[3:] == list(csv.reader(LINES[1:]))
