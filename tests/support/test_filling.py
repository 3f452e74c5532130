"""The fields of ready texts: filled however they are spelt, and named where they are not."""

from __future__ import annotations

import pytest

from records.refusals import ChangeRefused
from support.answers.filling import check_filled, fill, unfilled

KNOWN = {"prénom": "Lou", "numéro de la demande": "12", "SIAO": "SIAO 75", "référent": ""}


def test_a_field_is_filled_however_it_is_spelt() -> None:
    text = "Bonjour {Prenom}, votre demande n° {numéro de la  demande} ({ siao })."
    assert fill(text, KNOWN) == "Bonjour Lou, votre demande n° 12 (SIAO 75)."


def test_what_is_not_known_stays_and_is_named_once() -> None:
    text = fill("{référent} le {date}, {date}, {prénom}", KNOWN)
    assert (text, unfilled(text)) == ("{référent} le {date}, {date}, Lou", ["{référent}", "{date}"])
    with pytest.raises(ChangeRefused, match=r"« \{référent\} », « \{date\} »"):
        check_filled(text, "texte")


@pytest.mark.parametrize("text", ["{}", "{{ 7 * 7 }}", '{"a": 1}', "{" + "a" * 61 + "}", "{deux\nlignes}", "a {1} b"])
def test_other_braces_are_no_fields(text: str) -> None:
    assert unfilled(text) == []
    assert check_filled(text, "texte") == text


def test_what_fills_a_field_is_not_filled_again() -> None:
    assert fill("{prénom}", {"prénom": "{nom}", "nom": "x"}) == "{nom}"
