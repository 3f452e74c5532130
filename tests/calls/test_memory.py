"""A caller who was here before: whole calls, with the clerk between them."""

from __future__ import annotations

import pytest

from service.wiring.memory import caller_memory
from tests.calls.memory import clerk_works
from tests.calls.people import LEO, PAUL
from tests.calls.play import CallerInPlay, Scene, Variant, in_both_habits_of_keys, play

OFFER = "Vous appelez pour la Seine-Saint-Denis ?"
CALLER, OTHER = "06 39 98 12 34", "06 39 98 56 78"


def called_before(scene: Scene, keys: str = "93", from_: str = CALLER) -> None:
    scene.call(from_).hears("tapez son numéro").presses(keys).hears("Pour changer").hangs_up()
    clerk_works(scene)


def known_caller(scene: Scene) -> CallerInPlay:
    called_before(scene)
    return scene.call(CALLER)


@pytest.mark.parametrize("keys", ["1", "1#"])
def test_a_regular_caller_presses_one_key(keys: str) -> None:
    with play() as scene:
        caller = known_caller(scene).hears(OFFER).presses(keys)
        scene.phone(LEO).answers(after=2).presses("1").talks(30)
        caller.hears("Ça sonne").stays_to_the_end()
        row = scene.rows()[-1]
    assert (row["departement"], row["departement_given_by"], row["outcome"]) == ("93", "memory", "answered")


def test_another_code_works_at_once() -> None:
    with play() as scene:
        scene.phone(PAUL).answers(after=2).presses("1").talks(30)
        known_caller(scene).begins_to_hear(OFFER).presses("75").hears("Paris.").stays_to_the_end()
        row = scene.rows()[-1]
    assert (row["departement"], row["departement_given_by"]) == ("75", "keypad")


def test_zero_one_is_the_ain_and_not_a_yes() -> None:
    with play() as scene:
        known_caller(scene).hears(OFFER).presses("01").hears("Ain.").hangs_up()


def test_silence_leads_to_the_ordinary_question_and_counts_no_failure() -> None:
    with play() as scene:
        caller = known_caller(scene).hears(OFFER).hears("tapez le numéro de votre département")
        caller.does_not_hear("Je n'ai pas reçu votre réponse")
        caller.presses("75").hears("Paris").hangs_up()


@in_both_habits_of_keys
@pytest.mark.parametrize("answer", ["2", "non merci", "un autre"])
def test_a_no_is_an_answer_and_two_silences_later_the_line_still_asks(variant: Variant, answer: str) -> None:
    with play(variant=variant) as scene:
        caller = known_caller(scene).hears(OFFER)
        caller = caller.presses(answer) if answer == "2" else caller.says(answer)
        caller.hears("numéro de votre département").does_not_hear("pas compris").does_not_hear("ne correspond")
        caller.hears("Je n'ai pas reçu").hears("Je n'ai toujours pas reçu").presses("75").hears("Paris").hangs_up()
        row = scene.rows()[-1]
    assert (row["departement"], row["departement_given_by"]) == ("75", "keypad")


@in_both_habits_of_keys
@pytest.mark.parametrize("words", ["oui, c'est ça", "toujours pareil"])
def test_a_yes_in_its_usual_forms_takes_the_offered_departement(variant: Variant, words: str) -> None:
    with play(variant=variant) as scene:
        caller = known_caller(scene).hears(OFFER).says(words, confidence=None)
        scene.phone(LEO).answers(after=2).presses("1").talks(30)
        caller.hears("Ça sonne").stays_to_the_end()
        row = scene.rows()[-1]
    assert (row["departement"], row["departement_given_by"], row["outcome"]) == ("93", "memory", "answered")


@in_both_habits_of_keys
def test_a_yes_that_goes_on_to_another_departement_does_not_take_the_offered_one(variant: Variant) -> None:
    with play(variant=variant) as scene:
        caller = known_caller(scene).hears(OFFER).says("oui, enfin non, le 38")
        caller.hears("J'ai compris : département 38, Isère").presses("1").hears("Aucun référent").hangs_up()
        row = scene.rows()[-1]
    assert (row["departement"], row["departement_given_by"]) == ("38", "speech")


@in_both_habits_of_keys
@pytest.mark.parametrize("keys", ["38", "02", "20"])
def test_a_code_typed_at_the_offer_is_that_code(variant: Variant, keys: str) -> None:
    names = {"38": "Isère.", "02": "Aisne.", "20": "Pour la Corse-du-Sud"}
    with play(variant=variant) as scene:
        known_caller(scene).begins_to_hear(OFFER).presses(keys).hears(names[keys]).hangs_up()


@in_both_habits_of_keys
@pytest.mark.parametrize("pause", [1.5, 3.0, 5.0])
def test_a_code_typed_slowly_at_the_offer_is_still_that_code(variant: Variant, pause: float) -> None:
    """The 3 taken alone would ring the Allier."""
    with play(variant=variant) as scene:
        known_caller(scene).hears(OFFER).presses("3").waits(pause).presses("8").hears("Isère.").hangs_up()
        row = scene.rows()[-1]
    assert row["departement"] == "38"


@in_both_habits_of_keys
def test_a_one_that_is_slow_to_come_is_the_yes_to_the_offer(variant: Variant) -> None:
    """Asked for the département meanwhile, it would be the Ain."""
    with play(variant=variant) as scene:
        known_caller(scene).hears(OFFER).waits(4).presses("1").hears("Ça sonne").hangs_up()
        row = scene.rows()[-1]
    assert (row["departement"], row["departement_given_by"]) == ("93", "memory")


@in_both_habits_of_keys
def test_who_greets_over_the_welcome_is_told_again_and_offered_again(variant: Variant) -> None:
    with play(variant=variant) as scene:
        called_before(scene)
        caller = scene.call(CALLER).begins_to_hear("Bonjour").says("oui bonjour")
        caller.hears("n'est pas enregistrée").hears(OFFER).presses("1").hears("Ça sonne").hangs_up()
        row = scene.rows()[-1]
    assert (row["departement"], row["departement_given_by"]) == ("93", "memory")


def test_the_offered_departement_can_still_be_changed_by_star() -> None:
    with play() as scene:
        caller = known_caller(scene).hears(OFFER).presses("1").hears("Seine-Saint-Denis").presses("*")
        caller.hears("le numéro de votre département").presses("75").hears("Paris").hangs_up()
        assert scene.rung() == []
        row = scene.rows()[-1]
    assert (row["departement"], row["departement_given_by"]) == ("75", "keypad")


def test_the_last_departement_is_the_one_that_is_offered() -> None:
    with play() as scene:
        called_before(scene, "93")
        called_before_again = scene.call(CALLER)
        called_before_again.hears(OFFER).presses("75").hears("Paris").hangs_up()
        clerk_works(scene)
        scene.call(CALLER).hears("Vous appelez pour Paris ?").hangs_up()


def test_nobody_else_is_offered_it_and_a_withheld_number_never_is() -> None:
    with play() as scene:
        called_before(scene)
        called_before(scene, from_="anonymous")
        for number in (OTHER, "anonymous"):
            scene.call(number).hears("tapez son numéro").does_not_hear("Vous appelez pour").hangs_up()


def test_a_switchboard_that_serves_three_departements_is_offered_nothing() -> None:
    with play() as scene:
        called_before(scene, "93")
        for keys in ("75", "09"):
            scene.call(CALLER).hears("Oui, tapez 1").presses(keys).hears("Pour changer").hangs_up()
            clerk_works(scene)
        scene.call(CALLER).hears("tapez son numéro").does_not_hear("Vous appelez pour").hangs_up()


def test_an_erased_number_is_no_longer_known() -> None:
    with play() as scene:
        called_before(scene)
        caller_memory(scene.settings).forget("+33639981234")
        scene.call(CALLER).hears("tapez son numéro").does_not_hear("Vous appelez pour").hangs_up()
