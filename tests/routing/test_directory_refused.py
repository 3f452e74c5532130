"""referents.csv: the one report of all that is refused."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.directory.cells import MAX_BYTES, MAX_ROWS
from routing.directory.reading import COLUMNS, DirectoryRefused
from tests.routing.desks import HEADER, NATIONAL_LINE
from tests.routing.directory_files import GOOD, file_of, line, problems, read

DAMAGED = [
    ("departement", "", "manque"),
    ("departement", "20", "2A ou 2B"),
    ("departement", "#N/A", "tableur"),
    ("departement", "99", "existe pas"),
    ("siao", "", "vide"),
    ("siao", "x" * 201, "trop long"),
    ("nom", "", "vide"),
    ("nom", "x" * 81, "trop long"),
    ("nom", "Lé\x00ger", "contrôle"),
    ("nom", "Lé\u202eger", "contrôle"),
    ("nom", "Lé\u200bger", "contrôle"),
    ("nom", "Lé\nger", "contrôle"),
    ("prenom", "", "vide"),
    ("prenom", "Z\x1boé", "contrôle"),
    ("role", "", "rôle inconnu"),
    ("role", "chef", "rôle inconnu"),
    ("telephone", "", "manque"),
    ("telephone", "6.12E+08", "notation scientifique"),
    ("telephone", "0612", "court"),
    ("telephone", "0899 12 34 56", "surtaxé"),
    ("telephone", "0800 12 34 56", "spécial"),
    ("telephone", "+32 2 123 45 67", "étranger"),
    ("telephone", "+881 6 1234 5678", "satellite"),
    ("telephone", "115", "court"),
    ("telephone", "01 99 00 12 34 poste 5", "lettres"),
    ("telephone", "0 806 000 156", "ligne elle-même"),
    ("telephone", "07 00 01 23 45", "existe pas"),
    ("email", "zoe", "adresse e-mail"),
    ("email", "zoe@exemple", "adresse e-mail"),
    ("email", "zoe@@exemple.fr", "adresse e-mail"),
    ("email", "zoe @exemple.fr", "adresse e-mail"),
    ("email", "zoe@exemple.fr;a@exemple.fr", "adresse e-mail"),
    ("rang", "0", "nombre entier"),
    ("rang", "-1", "nombre entier"),
    ("rang", "1.5", "nombre entier"),
    ("rang", "100", "nombre entier"),
    ("rang", "²", "nombre entier"),
    ("rang", "premier", "nombre entier"),
    ("horaires", "lun-vun 9h-12h", "vun"),
    ("horaires", "25h", "plage"),
    ("filtrage", "peut-être", "oui ou non"),
    ("filtrage", "1", "oui ou non"),
]


@pytest.mark.parametrize(("column", "value", "reason"), DAMAGED)
def test_a_damaged_cell_is_refused_by_line_column_value_and_reason(column: str, value: str, reason: str) -> None:
    [problem] = problems(file_of(line(departement="02", nom="Autre"), line(**{column: value})))
    assert (problem.line, problem.column) == (4, column)
    assert reason in problem.reason
    assert problem.value == "".join(each if each.isprintable() else "�" for each in value)[:80] + "…" * (
        len(value) > 80
    )


def test_every_bad_cell_of_every_bad_line_stands_in_one_report() -> None:
    content = file_of(line(departement="99", rang="0"), line(nom="Autre"), line(nom="", telephone="115", horaires="?"))
    found = [(problem.line, problem.column) for problem in problems(content)]
    assert found == [(3, "departement"), (3, "rang"), (5, "nom"), (5, "telephone"), (5, "horaires")]


def test_the_report_is_french_sentences() -> None:
    with pytest.raises(DirectoryRefused) as refused:
        read(file_of(line(rang="0"), line(nom="Autre", role="")))
    assert str(refused.value).splitlines() == [
        "annuaire refusé, 2 problèmes :",
        "ligne 3, colonne rang, « 0 » : le rang est un nombre entier de 1 à 99, ou rien",
        "ligne 4, colonne role : rôle inconnu : écrivez référent, suppléant, directeur, national, contact",
    ]


def test_line_numbers_are_those_of_the_file_when_a_cell_runs_over_several_lines() -> None:
    content = f'{HEADER},note\n{NATIONAL_LINE},"trois\n\nlignes"\n{line(rang="0")},\n'
    assert [problem.line for problem in problems(content)] == [5]


def test_an_exact_repetition_names_the_first_line() -> None:
    [problem] = problems(file_of(line(), line(nom="Autre"), line()))
    assert (problem.line, problem.reason) == (5, "même contenu que la ligne 3")


def test_a_repetition_is_known_however_its_cells_are_written() -> None:
    """Else one telephone rings twice at the same rang."""
    again = line(
        telephone="+33 1 99 00 12 34", departement="Ain", role="Référente", rang="1er", horaires="lundi 9:00-12:00"
    )
    assert problems(file_of(line(), again))[0].reason == "même contenu que la ligne 3"


def test_a_repetition_counts_without_case_accents_and_spaces() -> None:
    assert problems(file_of(line(), line(nom=" LEGER ")))[0].reason == "même contenu que la ligne 3"


def test_a_line_with_more_cells_than_the_header_is_refused_with_the_others() -> None:
    content = file_of(line() + ",de trop", line(nom="Autre", rang="0"))
    assert [(problem.line, problem.column) for problem in problems(content)] == [(3, ""), (4, "rang")]


def test_a_short_line_has_empty_cells() -> None:
    assert [problem.column for problem in problems(file_of('02,"SIAO","Nom"'))] == ["prenom", "role"]


@pytest.mark.parametrize(
    "national", ["", line(departement="*", role="contact", telephone="", rang=""), line(departement="*", rang="")]
)
def test_a_directory_whose_national_team_cannot_be_rung_is_refused(national: str) -> None:
    [problem] = problems(f"{HEADER}\n{line()}\n{national}")
    assert "équipe nationale" in problem.reason


def test_a_refused_national_line_is_reported_once() -> None:
    [problem] = problems("\n".join([HEADER, line(departement="*", telephone="115")]))
    assert problem.column == "telephone"


@pytest.mark.parametrize("column", COLUMNS)
def test_a_missing_column_is_named(column: str) -> None:
    assert problems(file_of().replace(column, "autre", 1))[0].column == column


def test_a_column_that_stands_twice_is_named() -> None:
    [problem] = problems(file_of().replace("siao", "nom", 1).replace("prenom", "siao,prenom", 1))
    assert (problem.column, problem.reason) == ("nom", "colonne présente deux fois")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "absente"),
        (b"\n\n", "absente"),
        (b"\x00" * 100, "absente"),
        (HEADER.encode(), "équipe nationale"),
        (file_of(line(nom="x")).encode() + b"\x81\xff", "encodage"),
        (b"PK\x03\x04" + bytes(range(256)), "classeur"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "classeur"),
        (b"%PDF-1.7", "PDF"),
        (file_of('02,"SIAO,Nom').encode(), "jamais fermé"),
        (file_of('02,"SI"AO",Nom').encode(), "guillemets mal placés"),
    ],
)
def test_a_file_that_is_no_directory_is_refused_with_a_sentence(content: bytes, reason: str) -> None:
    assert any(any(word in problem.reason for word in reason.split("|")) for problem in problems(content))


def test_an_open_quote_is_reported_where_it_opens() -> None:
    assert problems(file_of(line(), '02,"SIAO,Nom', *["03,a,b,c"] * 50))[0].line == 4


@pytest.mark.parametrize(
    "content",
    [
        b"x" * (MAX_BYTES + 1),
        (HEADER + "\n" + "01,a\n" * (MAX_ROWS + 1)).encode(),
        (HEADER + '\n01,"' + "x" * 200_000).encode(),
        (HEADER + "\n01," + "x" * 200_000).encode(),
        (HEADER + '\n01,"' + "a\n" * 900_000).encode(),
    ],
    ids=["bytes", "rows", "open quote", "long cell", "open quote over many lines"],
)
def test_a_file_without_measure_is_refused_fast(content: bytes) -> None:
    started = time.process_time()
    assert len(problems(content)) == 1
    assert time.process_time() - started < 1


def test_numbers_of_fiction_are_refused_on_a_real_line() -> None:
    with pytest.raises(DirectoryRefused, match="fiction"):
        read(file_of(), allow_fiction=False)


CELLS = st.sampled_from(
    [*GOOD.values(), "", "*", "0", "99", "24/7", "oui", "contact", "+32 2", "=1+1", "\x07", "é" * 90]
)


@given(st.lists(st.lists(CELLS, min_size=10, max_size=10), max_size=6))
def test_a_file_is_taken_whole_or_not_at_all(rows: list[list[str]]) -> None:
    """Either every line is a person, or nothing is read and every line that is refused is named."""
    content = file_of(*(",".join(f'"{cell}"' for cell in row) for row in rows))
    filled = [place for place, row in enumerate(rows, start=3) if any(cell.strip() for cell in row)]
    try:
        people = read(content)
    except DirectoryRefused as refused:
        assert {problem.line for problem in refused.problems} <= {1, *filled}  # noqa: PT017 - one of two right ends
    else:
        assert len(people) == 1 + len(filled)


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_without_a_crash(content: bytes) -> None:
    assert problems(content)
    assert problems(HEADER.encode() + b"\n" + content)
