"""A number is found and taken out however somebody wrote it; its neighbours stay."""

from __future__ import annotations

import pytest

from records.privacy.written import GONE, written

CALLER = "+33639981234"


@pytest.mark.parametrize("way", [
    "06 39 98 12 34", "+33639981234", "0639981234", "06.39.98.12.34", "06-39-98-12-34", "06/39/98/12/34",
    "+33 6.39.98.12.34", "0033 6 39 98 12 34", "00 33 6 39 98 12 34", "+33 (0)6 39 98 12 34", "+33 (0) 6 39 98 12 34",
    "06\u00a039\u00a098\u00a012\u00a034", "06\u202f39\u202f98\u202f12\u202f34", "(06) 39 98 12 34", "O6 39 98 12 34",
    "o6.39.98.12.34", "06, 39, 98, 12, 34", "639981234", "33639981234",
    "06 – 39 – 98 – 12 – 34", "０６ ３９ ９８ １２ ３４",
    "06\u200b39981234", "0 639 981 234", "０６３９９８１２３４",
    "＋３３（０）６．３９．９８．１２．３４", "0\u00ad6\u00ad39\u00ad981234",
    "06\u2007 39\u2060\u00a098\u3000\u202f12\u200334",
    "\u0660\u0666 \u0663\u0669 \u0669\u0668 \u0661\u0662 \u0663\u0664",
    "०६३९९८१२३४", "⁰⁶ ³⁹ ⁹⁸ ¹² ³⁴", "₀₆₃₉₉₈₁₂₃₄", "⓪⑥③⑨⑨⑧①②③④", "𝟎𝟔𝟑𝟗𝟗𝟖𝟏𝟐𝟑𝟒",
    "０6 3９ 98 १2 3④", "Ｏ６ ３９ ９８ １２ ３４",
    "".join(f"{one}\ufe0f\u20e3" for one in "0639981234"), "06\u3164399\u180e8\u206412\u034f34",
])  # fmt: skip
def test_a_number_is_taken_out_in_every_usual_writing(way: str) -> None:
    assert written(CALLER).out_of(f"Rappeler au {way}, avant 17 h") == f"Rappeler au {GONE}, avant 17 h"


def test_all_that_stands_around_a_number_stays_as_it_was_written() -> None:
    around = "½ journée, 25 m² « l’été », œuvre\u0301 ﬁxe 👩‍👩‍👧 №3 ; {} ou {}, ＮＢ : ５ km … ①"
    typed = around.format("０６ ３９\u00ad ９８ १२ ３４", "06 39 98 12 34")
    assert written(CALLER).out_of(typed) == around.format(GONE, GONE)


def test_a_note_behind_a_number_or_a_square_metre_before_it_hides_it_not() -> None:
    assert written(CALLER).out_of("m²06 39 98 12 34¹, puis") == f"m²{GONE}¹, puis"


@pytest.mark.parametrize("other", [
    "06 39 98 12 35", "dossier 90639981234", "06399812345", "siret 63998123400012", "07 39 98 12 34, poste 12",
    "０６ ３９ ９８ １２ ３５", "９０６３９９８１２３４", "०६३९९८१२३४५",
])  # fmt: skip
def test_other_digits_stay(other: str) -> None:
    assert written(CALLER).out_of(other) == other


@pytest.mark.parametrize(("number", "way"), [
    ("+262692001234", "0692 00 12 34"), ("+262692001234", "+262 692 00 12 34"), ("+262692001234", "+33 692 00 12 34"),
    ("+687261234", "+687 26 12 34"), ("+687261234", "00687261234"), ("+41223344556", "+41 22 334 45 56"),
    ("+41223344556", "0041 22 334 45 56"), ("+33199001234", "O1 99 OO 12 34"),
])  # fmt: skip
def test_numbers_of_overseas_and_of_other_countries_too(number: str, way: str) -> None:
    assert written(number).out_of(f"le {way}.") == f"le {GONE}."


def test_six_digits_of_a_small_country_alone_are_no_number() -> None:
    assert written("+687261234").out_of("dossier 261234") == "dossier 261234"
