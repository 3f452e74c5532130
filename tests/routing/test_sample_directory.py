"""The repository's own referents.csv: a complete invented example that the demonstration serves."""

from __future__ import annotations

from pathlib import Path

import pytest

from routing.departements import departements
from routing.directory.reading import DirectoryRefused, Person, Role, read_directory
from tests.routing.desks import SECRET

CONTENT = (Path(__file__).parents[2] / "referents.csv").read_bytes()


@pytest.fixture(scope="module")
def sample() -> tuple[Person, ...]:
    """The repository's own referents.csv."""
    return read_directory(CONTENT, secret=SECRET, allow_fiction=True)


def ringable(people: tuple[Person, ...], code: str) -> list[Person]:
    return [person for person in people if person.departement == code and person.is_ringable]


def test_the_sample_names_every_departement_and_the_national_team(sample: tuple[Person, ...]) -> None:
    assert {person.departement for person in sample} == {"*", *departements()}


def test_the_sample_has_desks_of_every_kind(sample: tuple[Person, ...]) -> None:
    rangs = {code: [person.rang for person in ringable(sample, code)] for code in departements()}
    assert sum(len(set(each)) >= 2 for each in rangs.values()) >= 20
    assert sum(len(set(each)) < len(each) for each in rangs.values()) >= 5
    assert [code for code, each in rangs.items() if not each] == ["48"]
    assert all(
        person.hours.always for code in ("75", "93", "59", "13", "974", "*") for person in ringable(sample, code)
    )
    assert {person.role for person in sample} == set(Role)


def test_one_siao_of_the_sample_serves_two_departements(sample: tuple[Person, ...]) -> None:
    assert {person.siao for person in sample if person.departement in {"77", "78"}} == {
        "SIAO de Seine-et-Marne et des Yvelines"
    }


def test_each_number_of_the_sample_belongs_to_one_person(sample: tuple[Person, ...]) -> None:
    owners: dict[str, set[tuple[str, str, str]]] = {}
    for person in sample:
        if person.phone:
            owners.setdefault(person.phone, set()).add(person.identity)
    assert all(len(people) == 1 for people in owners.values())


def test_the_sample_is_refused_on_a_real_line(sample: tuple[Person, ...]) -> None:
    with pytest.raises(DirectoryRefused) as refused:
        read_directory(CONTENT, secret=SECRET, allow_fiction=False)
    assert len(refused.value.problems) == sum(1 for person in sample if person.phone)
