"""The draft: what is read of a form, every mistake at its field, the steps and what they pass over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.wording import Entry, Wording, Wordings
from support.form.draft import (
    CARRIED,
    FIELDS_OF,
    STEPS,
    Draft,
    FormMistakes,
    FormStep,
    carried,
    next_step,
    read_draft,
    settled,
    step_before,
)
from support.nomenclature.entries import first_nomenclature
from tests.support.form.senders import WRITTEN

LIST = first_nomenclature()
OTHER = LIST.entries[-1].wording


def read(**other: str) -> Draft | FormMistakes:
    return read_draft(carried(WRITTEN | other), LIST)


def mistake(**other: str) -> str:
    """The one mistake, at the one field that was changed."""
    found = read(**other)
    assert isinstance(found, FormMistakes)
    [(name, sentence)] = found.sentences.items()
    assert name in other
    return sentence


def test_a_whole_form_is_read_tidy() -> None:
    found = read(email=" Lou@Asso.Example ", departement=" 1 ", nom="  de   La  Fable ", profil="Opérateur SIAO")
    assert isinstance(found, Draft)
    assert (found.email, found.departement, found.nom) == ("lou@asso.example", "01", "de La Fable")
    assert (found.profil, found.sender, found.entry.niveau) == ("operateur-siao", "user", "1")


def test_every_missing_field_is_told_at_its_place_and_in_the_order_of_the_form() -> None:
    found = read_draft(carried({}), LIST)
    assert isinstance(found, FormMistakes)
    assert list(found.sentences) == [
        "referent", "profil", "prenom", "nom", "email", "departement", "thematique", "objet", "description",
    ]  # fmt: skip
    assert all(sentence.endswith(".") for sentence in found.sentences.values())


@pytest.mark.parametrize("name", ["nom", "prenom", "objet", "email"])
@pytest.mark.parametrize("mark", ["\r\n", "\n", "\r", "\x00", "\x0b", "\u2028", "\x85"])
def test_no_line_break_reaches_a_header(name: str, mark: str) -> None:
    typed = {name: f"{WRITTEN[name]}{mark}Bcc: victime@autre.example"}
    found = read_draft(WRITTEN | typed, LIST)
    assert isinstance(found, FormMistakes)
    assert list(found.sentences) == [name]


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"referent": "peut-être"}, "oui ou non"),
        ({"profil": "chef"}, "pas dans la liste"),
        ({"email": "lou"}, "complète"),
        ({"email": "lou@asso.example, autre@asso.example"}, "complète"),
        ({"email": f"{'a' * 300}@asso.example"}, "trop longue"),
        ({"departement": "20"}, "la Corse"),
        ({"departement": "999"}, "n'existe pas"),
        ({"departement": "*"}, "Choisissez votre département"),
        ({"nom": "n" * 81}, "81 caractères pour 80"),
        ({"objet": "o" * 201}, "201 caractères pour 200"),
        ({"description": "d" * 4001}, "4001 caractères pour 4000"),
        ({"description": " \n\t "}, "Décrivez"),
        ({"thematique": "Inventée"}, "thématique"),
        ({"motif": OTHER.motif}, "n’est pas un motif de"),
        ({"motif": ""}, "Choisissez un motif"),
        ({"sous_motif": OTHER.sous_motif}, "n’est pas un sous-motif de"),
        ({"sous_motif": ""}, "Choisissez un sous-motif"),
    ],
)
def test_a_wrong_value_is_refused_at_its_own_field(other: dict[str, str], said: str) -> None:
    assert said in mistake(**other)


@given(st.dictionaries(st.sampled_from(CARRIED), st.text(max_size=60)))
def test_whatever_is_typed_is_read_or_refused(typed: dict[str, str]) -> None:
    found = read_draft(carried(typed), LIST)
    if isinstance(found, FormMistakes):
        assert set(found.sentences) <= set(CARRIED)
        assert found.first_step() in STEPS
    else:
        assert not any(mark in found.nom + found.prenom + found.objet + found.email for mark in "\r\n\0")


def test_a_mistake_of_a_later_step_is_told_when_it_is_there() -> None:
    found = read_draft(carried({}), LIST)
    assert isinstance(found, FormMistakes)
    assert set(found.until(FormStep.WHO).sentences) == set(FIELDS_OF[FormStep.WHO])
    assert found.first_step() is FormStep.WHO
    assert found.until(FormStep.WHOLE) is found


def test_another_thematique_takes_the_motif_of_the_first_away() -> None:
    typed = settled(carried(WRITTEN | {"thematique": OTHER.thematique}), LIST)
    assert typed["motif"] != WRITTEN["motif"]
    assert typed["sous_motif"] != WRITTEN["sous_motif"]


ONE = Wordings(
    (Entry("1", Wording("T", "M", "S")), Entry("1", Wording("U", "M", "S")), Entry("2", Wording("U", "N", "R")))
)


def test_a_list_that_offers_one_thing_is_passed_both_ways() -> None:
    typed = settled(carried({"thematique": "T"}), ONE)
    assert (typed["motif"], typed["sous_motif"]) == ("M", "S")
    assert next_step(FormStep.THEMATIQUE, typed, ONE, has_answer=True) is FormStep.ANSWER
    assert next_step(FormStep.THEMATIQUE, typed, ONE, has_answer=False) is FormStep.TEXT
    assert step_before(FormStep.TEXT, typed, ONE, has_answer=False) is FormStep.THEMATIQUE
    typed = settled(carried({"thematique": "U"}), ONE)
    assert next_step(FormStep.THEMATIQUE, typed, ONE, has_answer=True) is FormStep.MOTIF


def test_the_steps_end_and_begin() -> None:
    typed = settled(carried(WRITTEN), LIST)
    assert next_step(FormStep.CHECK, typed, LIST, has_answer=True) is FormStep.CHECK
    assert step_before(FormStep.WHO, typed, LIST, has_answer=True) is FormStep.WHO
