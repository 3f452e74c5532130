"""A spoken département is understood, or asked again; never rung by mistake without a question."""

from __future__ import annotations

import math
from random import Random
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.understanding.hearing import Heard, hear, hear_yes_no, hears_115
from routing.departements import departements
from tests.ivr.corpus import NONSENSE, Form, by_hand, generated, misheard
from tests.load.hearing import SELF_ASSURED, is_right, is_wrong_and_certain, measure

KNOWN = departements()


def heard(text: str, confidence: float | None = SELF_ASSURED) -> Heard:
    return hear(text, confidence, KNOWN)


# ---------------------------------------------------------------- the target


def test_at_least_99_in_100_forms_are_understood_and_none_is_wrong_without_a_question() -> None:
    right, total, wrong_certain, _ = measure()
    assert total >= 600
    assert right / total >= 0.99
    assert wrong_certain == 0


def test_the_corpus_asks_for_every_departement_by_number_and_by_name() -> None:
    """Without this, a corpus that shrinks would still reach its target."""
    ways = {(form.codes[0], form.how) for form in generated()}
    usual = ("number", "number in a sentence", "number in pieces", "name", "name in a sentence")
    assert {(code, how) for code in KNOWN for how in usual} <= ways
    assert len(by_hand()) >= 80


def test_most_departements_can_be_said_in_a_way_that_needs_no_confirmation() -> None:
    """Always confirming would reach the target too."""
    certain = {form.codes[0] for form in generated() if heard(form.text).certain}
    assert len(certain) >= 70


@pytest.mark.parametrize("form", by_hand(), ids=lambda form: form.text)
def test_a_recognisers_own_spelling_is_understood(form: Form) -> None:
    assert is_right(form), heard(form.text)


@pytest.mark.parametrize("text", NONSENSE, ids=repr)
def test_nonsense_names_no_departement(text: str) -> None:
    assert heard(text).candidates == ()


def test_a_neighbour_that_sounds_alike_is_never_taken_without_a_question() -> None:
    assert not [form for form in misheard() if heard(form.text).certain]


@pytest.mark.parametrize("kept", [slice(1, None), slice(None, -1)], ids=["beginning", "end"])
def test_an_answer_that_is_cut_is_never_taken_for_another_departement(kept: slice) -> None:
    """The prompt covers the first word, or the recogniser stops at the first pause."""
    whole = [form for form in generated() if form.how != "name with a letter wrong"]
    cut = [Form(" ".join(one.text.replace("-", " ").split()[kept]), one.codes, one.how) for one in whole]
    assert not [form for form in cut if is_wrong_and_certain(form)]


def test_a_word_or_a_letter_lost_is_never_taken_for_another_departement() -> None:
    chance = Random(11)
    damaged = []
    for form in generated():
        words = form.text.replace("-", " ").split()
        word, letter = chance.randrange(len(words)), chance.randrange(len(form.text))
        damaged.append(Form(" ".join(words[:word] + words[word + 1 :]), form.codes, "word lost"))
        damaged.append(Form(form.text[:letter] + form.text[letter + 1 :], form.codes, "letter lost"))
    assert not [form for form in damaged if is_wrong_and_certain(form)]


# ---------------------------------------------------------------- when a confirmation is needed


@pytest.mark.parametrize(
    "text", ["Dordogne", "la Martinique", "le 35", "neuf cent soixante et onze", "deux A", "le 89"]
)
def test_a_plain_answer_that_resembles_no_other_is_certain(text: str) -> None:
    assert heard(text).certain


@pytest.mark.parametrize("confidence", [None, 0.0, 0.69, -1.0, 1.5, math.nan, math.inf])
def test_a_recogniser_that_doubts_or_does_not_say_is_never_certain(confidence: float | None) -> None:
    assert heard("Dordogne", confidence) == Heard(("24",))


def test_the_confidence_of_a_certain_answer_starts_at_70_in_100() -> None:
    assert heard("Dordogne", 0.7).certain


@pytest.mark.parametrize(
    "text",
    ["Corèze", "Lille", "neuf", "60 15", "hein", "Côtes-d'Armor", "je suis au SIAO de Dordogne depuis hier matin"],
)
def test_what_is_near_short_split_or_told_in_a_story_is_confirmed(text: str) -> None:
    understood = heard(text)
    assert len(understood.candidates) == 1
    assert not understood.certain


def test_number_and_name_that_agree_vouch_for_each_other() -> None:
    assert heard("93, Seine-Saint-Denis").certain
    assert heard("la Corse, 2A") == Heard(("2A",), certain=True)


def test_number_and_name_that_disagree_are_offered_as_a_choice() -> None:
    assert heard("Paris 93") == Heard(("75", "93"))


def test_corsica_is_a_choice_of_two() -> None:
    assert heard("vingt") == heard("la Corse") == Heard(("2A", "2B"))


def test_a_correction_wins_over_what_was_said_before() -> None:
    assert heard("le 75, non, le 77") == Heard(("77",))


def test_more_than_three_departements_are_a_story_and_not_an_answer() -> None:
    assert heard("le 24, le 35, le 19 et le 89").candidates == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("la Vilaine n'est pas l'Ain", "35"),
        ("Haute-Loire", "43"),
        ("Saône-et-Loire", "71"),
        ("Val-de-Marne", "94"),
        ("Bouches-du-Rhône", "13"),
        ("Deux-Sèvres", "79"),
    ],
)
def test_the_longest_name_wins_and_only_whole_words_count(text: str, code: str) -> None:
    assert heard(text).candidates[0] == code


def test_digits_that_french_adds_up_are_not_a_postal_code() -> None:
    """« quatre-vingt-treize » written 4 20 13 once read as 42013, in the Loire."""
    assert heard("4 20 13") == Heard(("93",))


def test_a_bidirectional_mark_does_not_hide_a_number() -> None:
    assert heard("\u202e93\u202c").candidates == ("93",)


@pytest.mark.parametrize("text", ["deux cents", "200", "deux cent deux", "le 206"])
def test_corsica_is_not_the_number_that_its_postal_codes_begin_with(text: str) -> None:
    assert heard(text).candidates == ()
    assert heard(f"{text.removeprefix('le ')} {'00'}").candidates == ()


@pytest.mark.parametrize(("text", "code"), [("20000", "2A"), ("20 167", "2A"), ("20200", "2B"), ("20 6 00", "2B")])
def test_a_whole_postal_code_of_corsica_tells_which_half(text: str, code: str) -> None:
    assert heard(text).candidates == (code,)


# ---------------------------------------------------------------- national team, shelter


@pytest.mark.parametrize(
    "text", ["équipe nationale", "l'équipe nationale s'il vous plaît", "National.", "étoile", "le support national"]
)
def test_the_national_team_is_asked_for_by_name(text: str) -> None:
    assert heard(text) == Heard(wants_national=True)


@pytest.mark.parametrize(
    "text", ["je ne veux pas l'équipe nationale", "la fête nationale", "gare nationale de Lyon", "non"]
)
def test_the_word_national_inside_something_else_asks_for_nobody(text: str) -> None:
    assert not heard(text).wants_national


@pytest.mark.parametrize(
    "text",
    [
        "cent quinze",
        "115",
        "le 115 s'il vous plaît",
        "onze cinq",
        "un un cinq",
        "hébergement d'urgence",
        "je cherche un hébergement d'urgence",
        "je cherche un logement pour ce soir",
        "j'ai besoin d'un toit pour la nuit",
        "je suis à la rue",
        "je dors dehors avec mes enfants",
        "on ne sait pas où dormir",
        "le samu social",
        "je suis dans la rue",
        "je dors dans ma voiture",
        "j'ai été expulsée de chez moi",
        "mon mari m'a mise dehors",
        "je n'ai plus de logement",
        "je n'ai nulle part où aller",
        "où est-ce que je peux dormir ce soir ?",
        "je cherche une place pour ce soir",
        "bonjour, j'appelle pour avoir un hébergement",
    ],
)
def test_somebody_who_looks_for_shelter_is_told_about_the_115(text: str) -> None:
    assert hears_115(text)
    assert heard(text) == Heard(seeks_shelter=True)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("je dors dehors, à Lyon", "69"),
        ("bonjour, je suis à la rue dans le 35", "35"),
        ("je cherche un hébergement à Marseille", "13"),
        ("on ne sait pas où dormir, on est en Dordogne", "24"),
        ("sans-abri à Caen", "14"),
        ("je voudrais le 115 de Paris", "75"),
    ],
)
def test_a_need_is_heard_beside_the_departement_that_is_named_with_it(text: str, code: str) -> None:
    assert (heard(text).candidates, heard(text).seeks_shelter) == ((code,), True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "le 15",
        "le 11",
        "je travaille au 115",
        "je suis travailleuse sociale dans un centre d'hébergement d'urgence",
        "je cherche mon référent",
        "l'association d'hébergement d'urgence des Vosges",
        "je cherche le logiciel SI SIAO",
        "une demande d'hébergement d'urgence",
        "je voudrais la Dordogne",
        "je travaille au 115 de Lyon",
        "le 115 ne répond pas",
        "j'appelle pour un problème d'hébergement dans le logiciel",
        "j'appelle pour un problème d'hébergement",
        "je voudrais joindre le référent du 115",
        "un ménage sans abri",
        "l'éducatrice d'un foyer de Lyon, je cherche un hébergement",
    ],
)
def test_a_professional_is_not_sent_to_the_115(text: str) -> None:
    assert not hears_115(text)


# ---------------------------------------------------------------- any text at all

_WORDS = st.sampled_from(
    [
        "le",
        "la",
        "un",
        "et",
        "deux",
        "quatre",
        "vingt",
        "cent",
        "mille",
        "milliard",
        "soixante",
        "zéro",
        "4",
        "20",
        "100",
        "2a",
        "9",
        "97",
        "non",
        "pardon",
        "loire",
        "haute",
        "seine",
        "ain",
        "de",
        "euh",
        "heures",
        "corse",
        "national",
        "urgence",
        "\x00",
        "é",
        "½",
        "²",
        "٣",
        "Ⅻ",
    ]
)
_TEXTS = st.one_of(st.text(max_size=300), st.lists(_WORDS, max_size=60).map(" ".join))


@given(_TEXTS, st.one_of(st.none(), st.floats()))
def test_any_text_is_answered_with_known_codes_only(text: str, confidence: float | None) -> None:
    understood = heard(text, confidence)
    assert len(understood.candidates) <= 3
    assert set(understood.candidates) <= set(KNOWN)
    assert not understood.certain or len(understood.candidates) == 1
    assert not (understood.candidates and understood.wants_national)
    assert hear_yes_no(text) in {True, False, None}


@given(_TEXTS)
def test_case_and_accents_written_apart_change_nothing(text: str) -> None:
    """Only for letters whose upper case is one letter; « ß » becomes two."""
    plain = "".join(one for one in text if len(one.upper()) == 1 and one.upper().lower() == one.lower())
    assert heard(plain.upper()) == heard(plain.lower())


@given(st.sampled_from(sorted(KNOWN)), st.sampled_from(["euh {}", "{} merci", "bonjour, {}", "  {} . "]))
def test_politeness_changes_nothing(code: str, sentence: str) -> None:
    assert heard(sentence.format(KNOWN[code].name)) == heard(KNOWN[code].name)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10_000,
        "9" * 10_000,
        "quatre vingt " * 800,
        "9 " * 5_000,
        "loire de la " * 900,
        "2 a comme " * 1_000,
        "\x00" * 10_000,
        "😀" * 10_000,
        "ﷺ" * 10_000,
        "je cherche " * 1_000,
        "morbiham marone guyanne " * 400,
        "neuf cent quatre vingt dix neuf mille milliards " * 200,
        "non " * 2_500,
    ],
    ids=lambda text: text[:12],
)
def test_a_very_long_text_is_answered_at_once_and_never_certain(text: str) -> None:
    heard("")
    started = process_time()
    understood = heard(text)
    hear_yes_no(text)
    assert process_time() - started < 0.5
    assert not understood.certain


def test_an_answer_longer_than_what_is_read_is_never_certain() -> None:
    assert heard("euh " * 100 + "Dordogne").certain
    assert not heard("Dordogne " + "euh " * 200).certain


def test_a_surrogate_that_no_encoding_knows_is_let_by() -> None:
    assert heard("\ud800 Dordogne").candidates == ("24",)


def test_a_smaller_list_of_departements_is_heard_without_the_others() -> None:
    few = {code: KNOWN[code] for code in ("24", "2A")}
    assert hear("Dordogne", SELF_ASSURED, few).candidates == ("24",)
    assert hear("la Corse", SELF_ASSURED, few).candidates == ("2A",)
    assert hear("Paris", SELF_ASSURED, few).candidates == ()
    assert hear("Dordogne", SELF_ASSURED, {}).candidates == ()
