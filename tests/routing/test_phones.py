"""Telephone numbers as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.phones import (
    PhoneRefused,
    is_fiction,
    mask_phone,
    read_past_number,
    read_phone,
    show_phone,
    speak_phone,
    why_not_callable,
)

OWN = frozenset({"+33806000156", "+33199009999"})

ACCEPTED = [
    # fiction, as people type it
    ("01 99 00 12 34", "+33199001234"),
    ("01.99.00.12.34", "+33199001234"),
    ("01-99-00-12-34", "+33199001234"),
    ("01/99/00/12/34", "+33199001234"),
    ("0199001234", "+33199001234"),
    ("  01 99 00 12 34  ", "+33199001234"),
    ("01\u00a099\u00a000\u202f12\u202f34", "+33199001234"),
    ("01‑99‑00‑12‑34", "+33199001234"),
    ("+33 1 99 00 12 34", "+33199001234"),
    ("+33(0)1 99 00 12 34", "+33199001234"),
    ("+33 (0) 1 99 00 12 34", "+33199001234"),
    ("+330199001234", "+33199001234"),
    ("0033 1 99 00 12 34", "+33199001234"),
    ("00 33 (0)1 99 00 12 34", "+33199001234"),
    ("33199001234", "+33199001234"),
    ("199001234", "+33199001234"),
    ("'0199001234", "+33199001234"),
    ("０１ ９９ ００ １２ ３４", "+33199001234"),
    ("02 61 91 00 00", "+33261910000"),
    ("03 53 01 99 99", "+33353019999"),
    ("04 65 71 43 21", "+33465714321"),
    ("05 36 49 00 01", "+33536490001"),
    ("06 39 98 12 34", "+33639981234"),
    ("639981234", "+33639981234"),
    ("+33 6 39 98 12 34", "+33639981234"),
    # overseas, mapped before libphonenumber takes them for metropolitan ones
    ("0262 12 34 56", "+262262123456"),
    ("0263 12 34 56", "+262263123456"),
    ("0269 61 23 45", "+262269612345"),
    ("0639 69 12 34", "+262639691234"),
    ("0692 12 34 56", "+262692123456"),
    ("06 93 00 12 34", "+262693001234"),
    ("0590 81 12 34", "+590590811234"),
    ("0690 12 34 56", "+590690123456"),
    ("0691 22 34 56", "+590691223456"),
    ("0594 30 12 34", "+594594301234"),
    ("0694 20 12 34", "+594694201234"),
    ("0596 30 12 34", "+596596301234"),
    ("0696 12 34 56", "+596696123456"),
    ("0697 12 34 56", "+596697123456"),
    ("0709 00 12 34", "+590709001234"),
    ("0709 10 12 34", "+596709101234"),
    ("0709 20 12 34", "+262709201234"),
    ("0709 30 12 34", "+594709301234"),
    ("0709 36 12 34", "+262709361234"),
    ("0695 12 34 56", "+33695123456"),
    ("09 76 12 34 56", "+33976123456"),
    ("+262 692 12 34 56", "+262692123456"),
    ("+262 (0)692 12 34 56", "+262692123456"),
    ("+33 590 81 12 34", "+590590811234"),
    ("+33 6 92 12 34 56", "+262692123456"),
    ("262692123456", "+262692123456"),
    ("+508 41 12 34", "+508411234"),
    ("+681 72 12 34", "+681721234"),
    ("+687 26 12 34", "+687261234"),
    ("+689 40 41 23 45", "+68940412345"),
]

REFUSED = [
    ("", "manque"),
    ("   ", "manque"),
    ("6.12E+08", "notation scientifique"),
    ("6,12E+08", "notation scientifique"),
    ("3.36123E+10", "notation scientifique"),
    ("6E8", "notation scientifique"),
    ("115", "court"),
    ("15", "court"),
    ("112", "court"),
    ("3919", "court"),
    ("118218", "court"),
    ("0810 12 34 56", "surtaxé"),
    ("0820 12 34 56", "surtaxé"),
    ("0825123456", "surtaxé"),
    ("0892 12 34 56", "surtaxé"),
    ("08 99 12 34 56", "surtaxé"),
    ("+33 899 12 34 56", "surtaxé"),
    ("+262 891 23 45 67", "surtaxé"),
    ("0800 12 34 56", "spécial"),
    ("0805 12 34 56", "spécial"),
    ("0809 12 34 56", "spécial"),
    ("+881 6 1234 5678", "satellite"),
    ("+870 773 12 34 56", "satellite"),
    ("+882 16 1234 5678", "satellite"),
    ("00 883 1234 5678", "satellite"),
    ("+32 2 123 45 67", r"étranger \(\+32\)"),
    ("+377 93 12 34 56", r"étranger \(\+377\)"),
    ("+1 202 555 0123", r"étranger \(\+1\)"),
    ("0041 22 123 45 67", r"étranger \(\+41\)"),
    ("06 39 98 12 34 poste 12", "lettres"),
    ("O6 39 98 12 34", "lettres"),
    ("06 39 98 12 34 / 01 99 00 12 34", "au lieu de 10"),
    ("01 99 00 12", "au lieu de 10"),
    ("01 99 00 12 34 5", "au lieu de 10"),
    ("+33 1 99 00 12 34 5", "trop long"),
    ("00 00 00 00 00", "existe pas"),
    ("07 00 01 23 45", "existe pas"),
    ("+33 0", "existe pas"),
    ("+687 12", "existe pas"),
    ("+999 12 34 56 78", "existe pas|étranger"),
    ("+", "pas un numéro"),
    ("#N/A", "lettres"),
    ("01 99 00 12 34 ?", "pas un numéro"),
    ("01 99 00\x0012 34", "pas un numéro"),
    ("٠١٩٩٠٠١٢٣٤", "pas un numéro"),
    ("1" * 41, "trop long"),
    ("0 806 000 156", "ligne elle-même"),
    ("+33 806 000 156", "ligne elle-même"),
    ("01 99 00 99 99", "ligne elle-même"),
]


@pytest.mark.parametrize(("typed", "e164"), ACCEPTED)
def test_a_number_is_read_as_people_type_it(typed: str, e164: str) -> None:
    assert read_phone(typed, own_numbers=OWN, allow_fiction=True) == e164


@pytest.mark.parametrize(("typed", "reason"), REFUSED)
def test_a_number_that_cannot_be_rung_is_refused_with_its_reason(typed: str, reason: str) -> None:
    with pytest.raises(PhoneRefused, match=reason):
        read_phone(typed, own_numbers=OWN, allow_fiction=True)


@pytest.mark.parametrize(
    "typed",
    ["01 99 00 12 34", "02 61 91 12 34", "03 53 01 12 34", "04 65 71 12 34", "05 36 49 12 34", "06 39 98 12 34"],
)
def test_numbers_of_fiction_are_refused_outside_the_demonstration(typed: str) -> None:
    with pytest.raises(PhoneRefused, match="fiction"):
        read_phone(typed, allow_fiction=False)


def test_a_real_looking_number_is_read_outside_the_demonstration() -> None:
    assert read_phone("0262 12 34 56", allow_fiction=False) == "+262262123456"


def test_only_the_reserved_ranges_are_fiction() -> None:
    assert is_fiction("+33639981234")
    assert not is_fiction("+262639981234")
    assert not is_fiction("+262639691234")


@given(st.text(max_size=50))
def test_any_text_is_either_a_number_or_a_french_refusal(typed: str) -> None:
    try:
        e164 = read_phone(typed, allow_fiction=True)
    except PhoneRefused as refused:
        assert str(refused)  # noqa: PT017 - either way is right; what matters is that it is one of the two
    else:
        assert e164.startswith("+")
        assert read_phone(e164, allow_fiction=True) == e164


@pytest.mark.parametrize(("typed", "e164"), ACCEPTED)
def test_a_number_that_is_shown_reads_back_as_itself(typed: str, e164: str) -> None:  # noqa: ARG001
    assert read_phone(show_phone(e164), allow_fiction=True) == e164


@pytest.mark.parametrize(
    ("e164", "shown", "masked", "spoken"),
    [
        ("+33199001234", "01 99 00 12 34", "01 99 •• •• 34", "01, 99, zéro zéro, 12, 34"),
        ("+33639981234", "06 39 98 12 34", "06 39 •• •• 34", "06, 39, 98, 12, 34"),
        ("+262692123456", "0692 12 34 56", "0692 •• •• 56", "06, 92, 12, 34, 56"),
        ("+33806000156", "0 806 000 156", "0 ••• ••• 156", "08, 06, zéro zéro, 01, 56"),
        ("+687261234", "+687 26 12 34", "+687 •• •• 34", "plus, 687, 26, 12, 34"),
        ("+3221234567", "+3221234567", "+••••••••67", "plus, 32, 21, 23, 45, 67"),
    ],
)
def test_a_number_is_shown_masked_and_spoken(e164: str, shown: str, masked: str, spoken: str) -> None:
    assert (show_phone(e164), mask_phone(e164), speak_phone(e164)) == (shown, masked, spoken)


@pytest.mark.parametrize(
    ("e164", "spoken"),
    [
        ("+493023125042", "plus, 49, 30, 23, 12, 50, 42"),
        ("+49302312504", "plus, 49, 3, 02, 31, 25, 04"),
        ("+12125550100", "plus, 1, 21, 25, 55, 01, zéro zéro"),
        ("+442079460958", "plus, 44, 20, 79, 46, 09, 58"),
        ("+687261234", "plus, 687, 26, 12, 34"),
        ("+262692001234", "06, 92, zéro zéro, 12, 34"),
        ("+999123456", "plus, 9, 99, 12, 34, 56"),
    ],
)
def test_a_number_from_abroad_is_spoken_with_its_country(e164: str, spoken: str) -> None:
    """« plus quarante-neuf »: without it, its first digits would be heard as the beginning of a French number."""
    assert speak_phone(e164) == spoken


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("+262692001234", None),
        ("+33899123456", "numéro surtaxé"),
        ("+33806000156", "c'est un numéro de la ligne elle-même"),
        ("+33805123456", "numéro spécial en 08"),
        ("+881612345678", "numéro satellite"),
        ("+447700900123", "numéro étranger (+44)"),
        ("3115", "numéro court"),
        ("+33199", "ce numéro n'existe pas"),
        ("+33639981234", "numéro réservé à la fiction"),
        ("", "le numéro manque"),
    ],
)
def test_why_a_number_should_not_be_called_back_is_told_without_advice(number: str, why: str | None) -> None:
    assert why_not_callable(number, own_numbers=frozenset({"+33806000156"})) == why


def test_a_number_of_fiction_may_be_called_back_in_the_demonstration() -> None:
    assert why_not_callable("+33639981234", allow_fiction=True) is None


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("+41 22 123 45 67", "+41221234567"), ("0899 12 34 56", "+33899123456"), ("0 806 000 156", "+33806000156"),
        ("3115", "3115"), ("115", "115"), ("118 218", "118218"), ("+881 6 1234 5678", "+881612345678"),
        ("01 99 00 12 34", "+33199001234"), ("0639 98 12 34", "+33639981234"), ("0692 00 12 34", "+262692001234"),
    ],
)  # fmt: skip
def test_who_called_need_not_be_dialable(typed: str, kept: str) -> None:
    assert read_past_number(typed) == kept
    assert read_past_number(show_phone(kept)) == kept


@pytest.mark.parametrize(
    "typed", ["", "mail", "4512", "0", "12", "01 99 00 12", "+33199", "+99912345678", "1,99E+08", "+"]
)
def test_what_is_no_number_is_nobody_s(typed: str) -> None:
    with pytest.raises(PhoneRefused):
        read_past_number(typed)


@given(st.sampled_from(("33", "262", "590", "687", "41", "32", "44", "1", "49", "212", "881")), st.integers(1, 10**11))
def test_a_number_that_was_kept_is_kept_the_same_once_it_was_shown(country: str, digits: int) -> None:
    """Export and import: what a reader sees of a caller leads back to him."""
    try:
        kept = read_past_number(f"+{country}{digits}")
    except PhoneRefused:
        return
    assert read_past_number(kept) == kept
    assert read_past_number(show_phone(kept)) == kept
    mask_phone(kept)
