"""docs/security.md misses no point of the standard's levels 1 and 2, and names tests that exist."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/security.md"

UP_TO = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2,
    "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1,
    "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2,
    "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
    "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
    "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
    "9.1": 3, "9.2": 4,
    "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3,
    "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 3, "11.5": 1, "11.6": 1,
    "12.1": 3, "12.2": 2, "12.3": 4,
    "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5,
    "14.1": 2, "14.2": 4, "14.3": 3,
    "15.1": 3, "15.2": 3, "15.3": 7,
    "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3,
}  # fmt: skip
"""OWASP ASVS 5.0.0: in each section the points of levels 1 and 2 come first, and this is the number of the last."""

ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if re.match(r"\| \d", line)
]
NAMED = sorted({one for row in ROWS for one in re.findall(r"`([^`]+::[^`]+)`", row[-1])})


def test_every_point_of_levels_1_and_2_stands_once_in_the_page() -> None:
    expected = [f"{section}.{number}" for section, last in UP_TO.items() for number in range(1, last + 1)]
    said = [point for row in ROWS for point in row[0].split(", ")]
    assert sorted(said) == sorted(expected)


def test_each_row_says_how_and_by_what() -> None:
    assert [row for row in ROWS if len(row) != 3 or not all(row)] == []


@pytest.mark.parametrize("named", NAMED)
def test_a_test_that_the_page_names_exists(named: str) -> None:
    file, name = named.split("::")
    assert name.startswith("test_")
    assert name in _functions(file)


@pytest.mark.parametrize("named", NAMED)
def test_a_test_that_the_page_names_asserts_something_and_is_not_left_out(named: str) -> None:
    """By itself or by what it calls in its file; left out only where a program that it needs is not installed."""
    file, name = named.split("::")
    functions = _functions(file)
    marks = " ".join(ast.unparse(one) for one in functions[name].decorator_list)
    assert not re.search(r"mark\.(skip\b|xfail)", marks), named
    called = {one.id for one in ast.walk(functions[name]) if isinstance(one, ast.Name)} & functions.keys()
    bodies = [functions[name], *(functions[one] for one in called)]
    assert any(_asserts(node) for body in bodies for node in ast.walk(body)), named


def test_a_row_without_a_test_says_why() -> None:
    """Nothing of the kind is there, and which; or where to look."""
    without = [row for row in ROWS if "::" not in row[-1]]
    is_said = [
        row[1].startswith("none: ") if row[-1] == "none" else re.match(r"by hand: .", row[-1]) for row in without
    ]
    assert [row for row, said in zip(without, is_said, strict=True) if not said] == []


def test_a_row_with_a_test_holds_nothing_else_in_its_place() -> None:
    odd = [row for row in ROWS if "::" in row[-1] and not re.fullmatch(r"`[^`]+::\w+`(, `[^`]+::\w+`)*", row[-1])]
    assert odd == []


@pytest.mark.parametrize(
    "named", sorted(set(re.findall(r"(?:docs|service|ivr|support)/[\w/]+(?:\.md|\.py)?", PAGE.read_text("utf-8"))))
)
def test_what_the_page_points_to_is_there(named: str) -> None:
    assert (ROOT / named).exists() or (ROOT / "tests" / named).exists()


def _asserts(node: ast.AST) -> bool:
    return isinstance(node, ast.Assert) or (isinstance(node, ast.Attribute) and node.attr == "raises")


@cache
def _functions(file: str) -> dict[str, ast.FunctionDef]:
    """The functions of a file of tests."""
    tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
    return {one.name: one for one in tree.body if isinstance(one, ast.FunctionDef)}
