"""A file that is huge or all wrong is answered like any other: some lines in full, the others counted, nothing slow.

How long it takes is told by what is done, not by a clock.
"""

from __future__ import annotations

from datetime import date

import pytest

from routing.directory.cells import MAX_CELLS, MAX_LINES
from routing.directory.reading import LINES_TOLD, DirectoryRefused, read_directory
from support.knowledge.csv_file import ArticlesRefused, read_articles
from support.nomenclature.entries import first_nomenclature

HEADER = "departement,siao,nom,prenom,role,telephone,email,rang,horaires,filtrage\n"


def refusal(text: str) -> DirectoryRefused:
    with pytest.raises(DirectoryRefused) as refused:
        read_directory(text.encode(), secret=b"made-up", allow_fiction=True)
    return refused.value


@pytest.mark.parametrize(
    "line", ["zz,,,,zz,zz,zz,zz,zz,zz\n", "x\n", "75,S,N,P,référent,12,a@siao.example,1,24/7,oui\n"]
)
def test_of_5000_bad_lines_a_thousand_are_told_and_the_others_counted(line: str) -> None:
    told = refusal(HEADER + line * 4_999)
    lines = {problem.line for problem in told.problems}
    assert len(lines) == LINES_TOLD
    assert told.more in {4_999 - LINES_TOLD, 5_000 - LINES_TOLD}, "the last is the national team, who is nowhere"
    assert str(told).endswith(f"… autres lignes fautives : {told.more}")


def test_a_bad_line_after_the_thousandth_is_looked_at_no_further_than_its_first_problem(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from routing.directory import reading  # noqa: PLC0415 - the function that is counted

    asked: list[str] = []

    def counted(typed: str) -> str:
        asked.append(typed)
        raise ValueError("non")

    monkeypatch.setattr(reading, "read_departement", counted)
    monkeypatch.setattr(reading, "read_hours", asked.append)
    refusal(HEADER + "75,S,N,P,référent,12,a@siao.example,1,24/7,oui\n" * 3_000)
    assert asked.count("24/7") == LINES_TOLD
    assert asked.count("75") == 3_000


def test_a_file_with_a_thousand_bad_lines_is_told_whole() -> None:
    told = refusal(HEADER + "x\n" * (LINES_TOLD - 1))
    assert (told.more, len({problem.line for problem in told.problems})) == (0, LINES_TOLD)
    assert "autres lignes" not in str(told)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a," * 900_000 + "\n", f"trop de colonnes sur cette ligne : {MAX_CELLS} au plus"),
        (HEADER + "75," + "a," * 800_000 + "\n", f"trop de colonnes sur cette ligne : {MAX_CELLS} au plus"),
        (HEADER + "\n" * 1_800_000, f"trop de lignes vides : {MAX_LINES} lignes au plus en tout"),
        (HEADER + ",,,,,,,,,\n" * 180_000, f"trop de lignes vides : {MAX_LINES} lignes au plus en tout"),
        (HEADER + "75," + "a" * 1_800_000 + ",x,y,référent,,,,,\n", "une cellule"),
    ],
    ids=["a header of a million cells", "a line of a million cells", "empty lines", "lines of commas", "one huge cell"],
)
def test_a_huge_line_is_refused_at_once(text: str, reason: str) -> None:
    [problem] = refusal(text).problems
    assert reason in problem.reason or "guillemet" in problem.reason


@pytest.mark.parametrize("column", ["departement", "role", "telephone", "email", "rang", "horaires", "filtrage"])
def test_a_cell_longer_than_anybody_types_is_refused_before_it_is_read(column: str) -> None:
    cells = dict.fromkeys(HEADER.strip().split(","), "") | {column: ",1" * 900}
    line = ",".join(f'"{cell}"' for cell in cells.values())
    assert next(
        one.reason for one in refusal(f"{HEADER}{line}\n").problems if (one.line, one.column) == (2, column)
    ).startswith("trop long")


def test_articles_are_counted_alike() -> None:
    text = "titre;adresse\n" + "".join(f"Article {number};nulle part\n" for number in range(4_999))
    with pytest.raises(ArticlesRefused) as refused:
        read_articles(text.encode(), first_nomenclature(), date(2026, 11, 24))
    assert (len(refused.value.problems), refused.value.more) == (1_000, 3_999)
    assert str(refused.value).endswith("… autres lignes fautives : 3999")
