"""Directory files that the tests write line by line."""

from __future__ import annotations

import pytest

from routing.directory.reading import COLUMNS, DirectoryRefused, Person, Problem, read_directory
from tests.routing.desks import HEADER, NATIONAL_LINE, SECRET

OWN = frozenset({"+33806000156"})
GOOD = dict(
    zip(
        COLUMNS,
        [
            "01",
            "SIAO de l'Ain",
            "Léger",
            "Zoé",
            "référent",
            "01 99 00 12 34",
            "zoe@exemple.fr",
            "1",
            "lun 9h-12h",
            "non",
        ],
        strict=True,
    )
)


def read(content: bytes | str, *, allow_fiction: bool = True) -> tuple[Person, ...]:
    raw = content.encode() if isinstance(content, str) else content
    return read_directory(raw, secret=SECRET, own_numbers=OWN, allow_fiction=allow_fiction)


def problems(content: bytes | str) -> list[Problem]:
    with pytest.raises(DirectoryRefused) as refused:
        read(content)
    return list(refused.value.problems)


def line(**cells: str) -> str:
    """A good line with some cells replaced."""
    return ",".join(f'"{value}"' for value in (GOOD | cells).values())


def file_of(*lines: str) -> str:
    return "\n".join([HEADER, NATIONAL_LINE, *lines])
