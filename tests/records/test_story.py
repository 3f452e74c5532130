"""What `svi explain` tells of a call."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, settings
from hypothesis import given as when
from hypothesis import strategies as st

from records.calls.fold import fold
from records.calls.story import DESKS, OUTCOMES, REASONS, StoryLine, tell
from records.facts import AbsenceReason, AnsweredBy, Fact, FactKind, Outcome
from tests.records import play
from tests.records.play import BRUNO, CALL, STORIES, fact
from tests.records.test_fold_of_anything import any_fact

PROMPTS = {"ACCUEIL": "Bonjour.", "MERCI": "Merci."}


def masked(phone: str) -> str:
    return f"…{phone[-2:]}"


def story(*facts: Fact) -> list[StoryLine]:
    row = fold(CALL, facts)
    assert row is not None
    return tell(row, facts, say=lambda prompt: PROMPTS.get(prompt, prompt), mask=masked)


def sentences(*facts: Fact) -> list[str]:
    return [line.sentence for line in story(*facts)]


def test_a_call_is_told_from_its_first_ring_to_what_came_of_it() -> None:
    planned = fact(
        FactKind.PLANNED, 2, 14, departement="75", desk="local", rangs=[["alice123"]], reason=None, version=3,
        because=["Alice Exemple est dans ses horaires (lun-ven 09:00-17:00)."],
    )  # fmt: skip
    heard = fact(FactKind.SAID, 1, 0, step="arrival", prompts=["ACCUEIL"])
    told = sentences(*play.second_rang(), planned, heard)
    for line in (
        "Appel du …34. Annuaire : version 3.",
        "L’appelant entend : « Bonjour. »",
        "Département 75, tapé au clavier.",
        "Plan d’appel, annuaire version 3 : c’est le SIAO du département qui sonne.",
        "Règle : Alice Exemple est dans ses horaires (lun-ven 09:00-17:00).",
        "On fait sonner Alice Exemple (…01).",
        "L’appel vers Alice Exemple n’a pas répondu.",
        "On fait sonner Bruno Exemple (…02).",
        "Bruno Exemple tape 1 et prend l’appel.",
        "Le référent a pris l’appel.",
        "Durées : attente 36 s, conversation 90 s, en tout 146 s.",
    ):
        assert line in told
    assert told.index("On fait sonner Alice Exemple (…01).") < told.index("On fait sonner Bruno Exemple (…02).")


def test_a_closed_desk_says_which_reason_and_what_was_left() -> None:
    told = sentences(*play.message())
    assert "Plan d’appel, annuaire version 3 : personne ne sonne (hors des horaires, ou fermeture)." in told
    assert "L’appelant laisse un message (17 s)." in told
    assert told[-3:] == [
        "L’appelant a laissé un message.",
        "Motif : hors des horaires, ou fermeture.",
        "Durées : attente 2 s, en tout 70 s.",
    ]


def test_moments_follow_one_another_whatever_the_order_of_arrival() -> None:
    told = story(*reversed(play.second_rang()))
    assert [line.at for line in told] == sorted(line.at for line in told)
    assert told == story(*play.second_rang())


def test_what_happens_within_a_second_is_told_as_it_follows() -> None:
    """The operator tells its moments by the second: what it says comes after what we asked for, and the end last."""
    second = {"timestamp": play.at(20).isoformat()}
    told = sentences(
        play.arrived(),
        fact(FactKind.DEPARTEMENT_GIVEN, 2, 20.5, departement="75", by="keypad"),
        fact(FactKind.PRESSED, 2, 20.5, step="menu", keys="75"),
        play.rung(play.ALICE, n=3, seconds=20.6),
        play.on_leg(FactKind.LEG_RINGING, play.ALICE, 3, 20.9, **second),
        fact(FactKind.ENDED, 0, 20.95, status="completed", seconds=20, **second),
    )
    expected = (
        "L’appelant tape 75.",
        "Département 75, tapé au clavier.",
        "On fait sonner Alice Exemple (…01).",
        "Le téléphone sonne chez Alice Exemple.",
        "Fin de l’appel chez l’opérateur (20 s).",
    )
    assert [sentence for sentence in told if sentence in expected] == list(expected)


def test_no_number_is_told_in_full() -> None:
    numbers = {play.CALLER, str(BRUNO["phone"]), str(play.ALICE["phone"])}
    for facts in STORIES.values():
        assert not any(number in line for line in sentences(*facts()) for number in numbers)


@pytest.mark.parametrize("kind", list(FactKind))
def test_every_kind_of_fact_can_be_told_with_nothing_in_it(kind: FactKind) -> None:
    empty: Any = fact(kind, 9, 3)
    assert len(story(play.arrived(), empty)) >= 2


def test_every_word_of_the_closed_lists_has_its_sentence() -> None:
    assert (set(OUTCOMES), set(REASONS), set(DESKS)) == (set(Outcome), set(AbsenceReason), set(AnsweredBy))


def test_a_call_rebuilt_from_the_log_says_so() -> None:
    row = fold(CALL, [play.ended(10)])
    assert row is not None
    log = fact(FactKind.LOGGED, 0, 900, status="completed", seconds=10)
    assert "Reconstitué d’après le journal de l’opérateur." in sentences(replace(log))


@settings(max_examples=150)
@when(st.lists(any_fact(), max_size=10))
@example([fact(FactKind.RECORDING_READY, 5, 20, status=[], recording={})])
def test_no_fact_however_strange_stops_the_story(facts: list[Fact]) -> None:
    told = story(play.arrived(), *facts)
    assert [line.at for line in told] == sorted(line.at for line in told)


def test_a_talk_lasts_as_the_row_says_without_the_whisper() -> None:
    """The operator's seventeen seconds are those of the leg: eight of them were heard before 1 was pressed."""
    told = sentences(
        play.arrived(),
        play.given(),
        play.rung(BRUNO),
        play.on_leg(FactKind.PICKED_UP, BRUNO, 4, 20),
        play.on_leg(FactKind.ACCEPTED, BRUNO, 4, 28),
        play.leg_ended(BRUNO, 4, 37, "completed", 17),
        play.ring_ended(4, 37, "completed", person=BRUNO, bridged=True, lasted=17),
        play.ended(40),
    )
    assert "Conversation terminée (9 s)." in told
    assert "Durées : attente 14 s, conversation 9 s, en tout 40 s." in told


@pytest.mark.parametrize("caller_gone", [False, True])
def test_a_talk_that_the_operator_does_not_call_a_bridge_is_told_as_the_row_has_it(caller_gone: bool) -> None:
    told = sentences(
        play.arrived(),
        play.given(),
        play.rung(BRUNO),
        play.on_leg(FactKind.ACCEPTED, BRUNO, 4, 28),
        play.leg_ended(BRUNO, 4, 37, "completed", 12),
        play.ring_ended(4, 37, "completed", person=BRUNO, bridged=None, lasted=12, caller_gone=caller_gone),
        play.ended(40),
    )
    assert "Conversation terminée (9 s)." in told
    assert "Personne n’a pris l’appel." not in told
    assert "Durées : attente 14 s, conversation 9 s, en tout 40 s." in told


def test_a_bridge_that_nobody_took_tells_no_duration() -> None:
    told = sentences(
        play.arrived(),
        play.given(),
        play.rung(BRUNO),
        play.on_leg(FactKind.REFUSED, BRUNO, 4, 28, keys=""),
        play.ring_ended(4, 37, "completed", person=BRUNO, bridged=True, lasted=17),
        play.ended(40),
    )
    assert "Conversation terminée." in told


def test_a_recording_in_which_nothing_is_heard_is_told() -> None:
    silent = fact(FactKind.RECORDING_SILENT, 0, 90, "RE01")
    assert "L’enregistrement ne contient aucun son." in sentences(*play.message(), silent)
