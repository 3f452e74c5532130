"""The list of départements, and the codes that people type."""

from __future__ import annotations

import pytest

from routing.departements import PARIS, departements, normalise_code, timezone_of


def test_the_list_has_the_107_codes_that_can_be_called() -> None:
    zones = [departement.zone for departement in departements().values()]
    assert (len(zones), zones.count("metro"), zones.count("drom"), zones.count("com")) == (107, 96, 5, 6)


def test_codes_are_unique_and_in_order() -> None:
    codes = [departement.code for departement in departements().values()]
    assert codes == list(departements())
    assert codes == sorted(codes)


def test_uninhabited_territories_are_left_out() -> None:
    assert not {"984", "989", "20", "96", "970", "979"} & set(departements())


def test_eighteen_regions_and_the_collectivites_are_named() -> None:
    metropolitan = {departement.region for departement in departements().values() if departement.zone != "com"}
    assert len(metropolitan) == 18


def test_the_overseas_territories_keep_their_own_clock() -> None:
    zones = {departement.timezone.key for departement in departements().values()}
    assert len(zones) == 12
    assert timezone_of("974").key == "Indian/Reunion"


@pytest.mark.parametrize("code", ["57", "67", "68", "971", "987"])
def test_territories_with_days_off_of_their_own_are_marked(code: str) -> None:
    assert departements()[code].holidays_subdivision


@pytest.mark.parametrize("code", [None, "*", "", "984"])
def test_paris_keeps_the_time_where_there_is_no_departement(code: str | None) -> None:
    assert timezone_of(code) == PARIS


@pytest.mark.parametrize(
    ("typed", "code"),
    [("1", "01"), ("01", "01"), (" 9 ", "09"), ("2a", "2A"), ("2B", "2B"), ("974", "974"), ("*", "*"), ("75", "75")],
)
def test_a_code_is_read_as_people_type_it(typed: str, code: str) -> None:
    assert normalise_code(typed) == code


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "manque"),
        ("20", "2A ou 2B"),
        ("#N/A", "tableur"),
        ("96", "n'existe pas"),
        ("0", "n'existe pas"),
        ("001", "n'existe pas"),
        ("979", "n'existe pas"),
        ("Ain", "n'existe pas"),
        ("1.0", "n'existe pas"),
        ("²", "n'existe pas"),
    ],
)
def test_a_code_that_does_not_exist_is_refused_with_its_reason(typed: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        normalise_code(typed)
