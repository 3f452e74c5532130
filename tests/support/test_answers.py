"""The ready answers, as delivered."""

from __future__ import annotations

import pytest

from support.answers.ready import LONGEST_ANSWER, AnswerRefused, check_answer, first_answers
from support.nomenclature.entries import first_nomenclature
from support.personal_data import personal_data


def test_every_sous_motif_has_a_ready_answer_that_says_it_is_a_proposal() -> None:
    answers = first_answers()
    assert set(answers) == {entry.wording for entry in first_nomenclature().entries}
    assert {answer.mention for answer in answers.values()} == {"proposition à valider"}


def test_answers_are_short_enough_to_be_read_aloud_and_name_nobody() -> None:
    """Sixty words are read in half a minute."""
    for answer in first_answers().values():
        assert 10 <= len(answer.aloud.split()) <= 60, answer.wording
        assert personal_data(answer.aloud) == []


@pytest.mark.parametrize(("aloud", "written"), [("", "x"), ("x", "  "), ("x", "y" * (LONGEST_ANSWER + 1))])
def test_an_answer_without_one_of_its_forms_is_refused(aloud: str, written: str) -> None:
    with pytest.raises(AnswerRefused, match="Le texte"):
        check_answer(aloud, written)
