"""What keys mean at the menu (decision 7)."""

from __future__ import annotations

from functools import partial
from itertools import product

import pytest

from ivr.understanding.keypad import (
    Begun,
    Corsica,
    Named,
    National,
    Restart,
    Unfinished,
    Unknown,
    read_code,
    read_corsica,
    read_menu,
    read_third,
)
from routing.departements import departements


@pytest.mark.parametrize("code", [c for c in departements() if len(c) == 2 and c.isdigit()])
def test_two_digits_name_their_departement(code: str) -> None:
    """Every code of two digits is answered at once."""
    assert read_menu(code) == Named(code)


@pytest.mark.parametrize("code", [c for c in departements() if len(c) == 3])
def test_three_digits_name_their_overseas_code(code: str) -> None:
    """`97` and `98` wait for the third digit."""
    assert read_menu(code[:2]) == Unfinished(code[:2])
    assert read_third(code[:2], code[2]) == Named(code)


@pytest.mark.parametrize(
    ("keys", "meaning"),
    [
        ("9", Named("09")),
        ("0", Unknown("00")),
        ("20", Corsica()),
        ("99", Unknown("99")),
        ("96", Unknown("96")),
        ("*", National()),
        ("**", National()),
        ("*7", National()),
        ("7*", Restart()),
    ],
)
def test_the_other_keys_of_the_menu(keys: str, meaning: object) -> None:
    """One digit is `0x`; a star first is the national team, a star later starts over."""
    assert read_menu(keys) == meaning


def test_corsica_is_chosen_by_one_or_two_and_by_postal_codes() -> None:
    """20 then 0 or 1 is Corse-du-Sud, 2 or 6 Haute-Corse: 200, 201, 202 and 206 are postal codes."""
    assert [read_corsica(key) for key in "1026*"] == [Named("2A"), Named("2A"), Named("2B"), Named("2B"), Restart()]
    assert [read_corsica(keys) for keys in ("167", "000", "200", "620")] == [
        Named("2A"),
        Named("2A"),
        Named("2B"),
        Named("2B"),
    ]
    assert read_corsica("567") == Unknown("20567")


def test_a_code_typed_instead_of_a_choice_is_the_code() -> None:
    """Two keys, or three of an overseas code; one key that is no choice waits for its second."""
    assert [
        read(keys) for read in (read_code, read_corsica, partial(read_third, "97")) for keys in ("38", "97", "20")
    ] == [
        *(Named("38"), Unfinished("97"), Corsica()),
    ] * 3
    assert read_corsica("974") == read_third("97", "974") == read_third("98", "974") == Named("974")
    assert read_code("3") == read_corsica("3") == Begun("3")
    assert read_code("99") == Unknown("99")
    assert read_corsica("1*") == read_third("97", "4*") == Restart()


def test_what_a_postal_code_leaves_after_97_or_98_is_let_by() -> None:
    """97 400 is La Réunion, 98 800 the Nouvelle-Calédonie."""
    assert (read_third("97", "400"), read_third("98", "800")) == (Named("974"), Named("988"))


def test_nine_after_97_or_98_starts_over() -> None:
    """979 and 989 do not exist."""
    assert read_third("97", "9") == read_third("98", "9") == Restart()
    assert read_third("98", "1") == Unknown("981")


def test_no_two_keys_are_left_without_a_meaning() -> None:
    """Every pair of keys is read as something."""
    for first, second in product("0123456789*", repeat=2):
        assert read_menu(first + second) is not None
