"""What may be written about a call."""

from __future__ import annotations

import itertools

import pytest

from records.desks.statut import Solved, Statut, show_statut
from support.calls.rules import CHOSEN, QualificationRefused, can_choose, check_comment, check_entry, check_statut
from support.personal_data import personal_data


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("Résolu", Solved(True, False)), ("En cours", Solved(False, False)), ("Escaladé", Solved(False, True))],
)
def test_each_statut_is_stored_as_two_truths_and_shown_again(typed: str, stored: Solved) -> None:
    assert check_statut(typed, None, level_2_closed=False) == stored
    assert show_statut(stored, level_2_closed=False) == typed


def test_an_escalated_call_stays_so_until_level_2_closes() -> None:
    escalated = Solved(False, True)
    with pytest.raises(QualificationRefused, match="escaladé"):
        check_statut("Résolu", escalated, level_2_closed=False)
    assert check_statut("Escaladé", escalated, level_2_closed=False) == escalated
    closed = check_statut("Résolu", escalated, level_2_closed=True)
    assert closed == Solved(True, True)
    assert show_statut(closed, level_2_closed=True) is Statut.RESOLU


def test_no_sequence_of_choices_takes_an_escalation_back() -> None:
    """Every sequence of three statuts, with level 2 open or closed at each step."""
    for steps in itertools.product(itertools.product(CHOSEN, (False, True)), repeat=3):
        solved: Solved | None = None
        for statut, closed in steps:
            before = solved
            if can_choose(statut, before, level_2_closed=closed):
                solved = check_statut(statut, before, level_2_closed=closed)
            assert not (before and before.escalated) or (solved and solved.escalated)


@pytest.mark.parametrize("typed", ["", "résolu", "Clos", "\x00", Statut.INCONNU])
def test_an_unknown_statut_is_refused(typed: str) -> None:
    with pytest.raises(QualificationRefused) as refused:
        check_statut(typed, None, level_2_closed=False)
    assert refused.value.field == "statut"


def test_three_names_outside_the_list_are_refused() -> None:
    with pytest.raises(QualificationRefused, match="de la liste"):
        check_entry(None)


def test_a_comment_loses_control_characters_and_is_refused_when_too_long() -> None:
    assert check_comment(" a\x00b\r\nc\x1b ") == "ab\nc"
    assert check_comment("cliquer sur «\u00a0Valider\u202f»\u2009!") == "cliquer sur « Valider » !"
    with pytest.raises(QualificationRefused, match="2000"):
        check_comment("x" * 2001)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("écrire à jean.dupont@exemple.fr", ["adresse électronique"]),
        ("rappeler au 06 39 98 12 34", ["numéro de téléphone"]),
        ("0199001234", ["numéro de téléphone"]),
        ("+33 1 99 00 12 34 ou 0033199001234", ["numéro de téléphone"] * 2),
        ("NIR 1 85 05 78 006 084 36", ["numéro de sécurité sociale"]),
        ("né en Corse, 2850 52A 006 084 36", ["numéro de sécurité sociale"]),
        ("demande 123456, ménage 98765, le 12/04/2025 à 10 h 30", ["numéro de dossier"] * 2),
        ("durée 240 s, 12 places, 75001 Paris", []),
    ],
)
def test_personal_data_are_seen_and_plain_figures_are_not(text: str, kinds: list[str]) -> None:
    assert [found.kind for found in personal_data(text)] == kinds
