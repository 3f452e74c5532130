"""Wordings are compared by one rule, whoever reads them: the desk, an import, the survey."""

from __future__ import annotations

import pytest

from records.wording import Entry, Wording, Wordings, fold_words, plain
from support.nomenclature.entries import Nomenclature, first_nomenclature

HEART = Entry("1", Wording("Côte-d’Or", "Cœur", "Autre"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Cœur", "coeur"),
        ("Côte-d’Or", "Côte d'Or"),
        ("Côte-d’Or", "cote d or"),
        ("« Accès »", "ACCES"),
        ("ex æquo", "EX AEQUO"),
        ("Insertion / hébergement", "insertion/hébergement"),
        ("non\u2011reçu", "Non reçu"),  # a hyphen that does not break
        ("  Problème   de\u00a0connexion ", "problème de connexion"),
        ("Problème résolu ?", "probleme resolu"),
        ("Autre (à préciser)…", "autre, à préciser"),
        ("Straße", "STRASSE"),
    ],
)
def test_two_spellings_of_one_wording_fold_alike(one: str, other: str) -> None:
    assert fold_words(one) == fold_words(other)


@pytest.mark.parametrize(("one", "other"), [("Délai < 5 jours", "Délai > 5 jours"), ("Lot 1", "Lot 2"), ("a", "à b")])
def test_what_tells_two_wordings_apart_is_kept(one: str, other: str) -> None:
    assert fold_words(one) != fold_words(other)


def test_folding_twice_changes_nothing_and_plain_text_keeps_its_marks() -> None:
    assert fold_words(fold_words("Côte-d’Or / Cœur")) == "cote d or coeur"
    assert plain(" Le  12/04 à 8,5 ") == "le 12/04 a 8,5"


def test_no_two_entries_of_the_list_as_delivered_fold_alike() -> None:
    entries = first_nomenclature().entries
    assert len({entry.wording.folded for entry in entries}) == len(entries)


@pytest.mark.parametrize("wordings", [Wordings((HEART,)), Nomenclature((HEART,))])
def test_the_desk_and_an_import_find_the_same_entry(wordings: Wordings) -> None:
    assert wordings.find("cote d'or", "COEUR", "autre") == HEART
    assert wordings.find("", "", "« autre »") == HEART
    assert wordings.find("Côte-d’Or", "Cœur", "") is None
    assert wordings.find("Côte d’Armor", "", "Autre") is None
