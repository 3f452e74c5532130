"""referents.csv: what is read from it, whatever form it comes in."""

from __future__ import annotations

import itertools

import pytest

from routing.calendar.hours import read_hours
from routing.directory.reading import COLUMNS, Person, Role, short_id
from tests.routing.desks import HEADER, NATIONAL_LINE, SECRET
from tests.routing.directory_files import GOOD, file_of, line, problems, read


def test_a_line_becomes_a_person() -> None:
    _national, person = read(file_of(line()))
    assert person == Person(
        id=short_id(SECRET, "Léger", "Zoé", "zoe@exemple.fr"),
        departement="01",
        siao="SIAO de l'Ain",
        nom="Léger",
        prenom="Zoé",
        role=Role.REFERENT,
        phone="+33199001234",
        email="zoe@exemple.fr",
        rang=1,
        hours=read_hours("lun 09:00-12:00"),
        screened=False,
    )


def test_empty_hours_and_screening_take_their_defaults() -> None:
    person = read(file_of(line(horaires="", filtrage="")))[1]
    assert (person.hours, person.screened) == (read_hours(""), True)


@pytest.mark.parametrize(
    ("typed", "role"),
    [
        ("Référente", Role.REFERENT),
        ("SUPPLEANT", Role.SUPPLEANT),
        ("directrice", Role.DIRECTEUR),
        ("national", Role.NATIONAL),
    ],
)
def test_a_role_is_read_in_either_gender_and_any_case(typed: str, role: Role) -> None:
    assert read(file_of(line(role=typed)))[1].role is role


def test_a_contact_needs_no_name_and_no_telephone() -> None:
    person = read(file_of(line(role="contact", nom="", prenom="", telephone="", rang="")))[1]
    assert (person.name, person.phone, person.is_ringable) == ("", None, False)


def test_an_empty_rang_is_never_rung() -> None:
    assert not read(file_of(line(rang="")))[1].is_ringable


def test_unknown_columns_are_left_aside_even_when_they_run_over_several_lines() -> None:
    content = f'{HEADER},note\n{NATIONAL_LINE},"une\nnote; en, trois\nlignes"\n{line()},\n'
    assert [person.nom for person in read(content)] == ["Nation", "Léger"]


def test_hostile_names_stay_text() -> None:
    person = read(file_of(line(nom="=cmd|' /C calc'!A0", prenom="<script>alert(1)</script>")))[1]
    assert person.name == "<script>alert(1)</script> =cmd|' /C calc'!A0"


def test_spaces_of_every_kind_become_plain_ones() -> None:
    assert read(file_of(line(nom="\u00a0de\u202fla  Tour ")))[1].nom == "de la Tour"


ENCODINGS = ["utf-8", "utf-8-sig", "cp1252"]
ORDERS = [COLUMNS, tuple(reversed(COLUMNS))]


@pytest.mark.parametrize(
    ("encoding", "delimiter", "end", "quoted", "columns"),
    list(itertools.product(ENCODINGS, [",", ";"], ["\n", "\r\n", "\r"], [True, False], ORDERS)),
)
def test_one_directory_in_every_form_reads_the_same(
    encoding: str, delimiter: str, end: str, quoted: bool, columns: tuple[str, ...]
) -> None:
    national = dict(zip(COLUMNS, NATIONAL_LINE.split(","), strict=True))

    def cell(value: str) -> str:
        return f'"{value}"' if quoted else value

    lines = [{column: column for column in columns}, national, GOOD]
    text = "".join(delimiter.join(cell(each[column]) for column in columns) + end for each in lines)
    assert read(text.encode(encoding)) == read(file_of(line()))


@pytest.mark.parametrize("header", ["Département", "DEPARTEMENT", " departement "])
def test_a_header_is_read_without_its_case_and_accents(header: str) -> None:
    content = file_of(line()).replace("departement", header, 1).replace("email", "E-mail", 1)
    assert len(read(content)) == 2


def test_blank_lines_are_skipped() -> None:
    assert len(read(f"\n\n{HEADER}\n\n{NATIONAL_LINE}\n,,,,,,,,,\n\n")) == 1


# ---------------------------------------------------------------- short ids


def test_a_short_id_survives_a_corrected_telephone_and_changed_accents() -> None:
    before, after = read(file_of(line()))[1], read(file_of(line(telephone="06 39 98 00 00", nom="LEGER")))[1]
    assert before.id == after.id


def test_a_short_id_is_letters_and_digits_and_depends_on_the_secret() -> None:
    first, second = short_id(b"a", "Léger", "Zoé", "zoe@exemple.fr"), short_id(b"b", "Léger", "Zoé", "zoe@exemple.fr")
    assert first != second
    assert all(len(each) == 10 and each.isalnum() and each == each.lower() for each in (first, second))


def test_nom_and_prenom_do_not_run_together() -> None:
    assert short_id(b"a", "Martin", "Paul", "") != short_id(b"a", "MartinP", "aul", "")


def test_further_lines_of_one_person_get_a_suffix_in_each_departement() -> None:
    lines = [line(), line(telephone="06 39 98 00 01"), line(telephone="06 39 98 00 02"), line(departement="02")]
    ids = [person.id for person in read(file_of(*lines))[1:]]
    assert ids == [ids[0], f"{ids[0]}b", f"{ids[0]}c", ids[0]]


def test_a_person_with_too_many_lines_is_refused() -> None:
    lines = [line(telephone=f"06 39 98 00 {each:02d}") for each in range(26)]
    assert [(problem.line, "25 lignes" in problem.reason) for problem in problems(file_of(*lines))] == [(28, True)]
