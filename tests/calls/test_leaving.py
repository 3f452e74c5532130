"""What is left behind: a message, a number to call back, or a call that was given up."""

from __future__ import annotations

from typing import Any

import pytest

from tests.calls.people import ANNE, PAUL
from tests.calls.play import Scene, Variant, in_every_variant, play


def nobody(scene: Scene) -> None:
    for number in (PAUL, ANNE):
        scene.phone(number).is_busy()


@in_every_variant
def test_an_empty_message_is_not_a_message(variant: Variant) -> None:
    with play(variant=variant) as scene:
        nobody(scene)
        caller = scene.call().hears("Bonjour").presses("75").hears("Pour laisser un message").presses("1")
        caller.hears_the_beep().presses("#").hears("Nous n'avons rien entendu").hears("tapez 2").hangs_up()
        row = scene.row()
    assert (row["outcome"], row["message_seconds"]) == ("absence", None)


@in_every_variant
def test_a_message_left_by_hanging_up_is_kept(variant: Variant) -> None:
    with play(variant=variant) as scene:
        nobody(scene)
        caller = scene.call().hears("Bonjour").presses("75").hears("Pour laisser un message").presses("1")
        caller.leaves_a_message(20).hangs_up()
        row = scene.row()
    assert row["outcome"] == "message"
    assert 18 <= row["message_seconds"] <= 21
    assert row["absence_reason"] == "busy"


@in_every_variant
def test_a_caller_who_hangs_up_before_the_beep_left_no_message(variant: Variant) -> None:
    with play(variant=variant) as scene:
        nobody(scene)
        caller = scene.call().hears("Bonjour").presses("75").hears("Pour laisser un message").presses("1")
        caller.begins_to_hear("Après le signal sonore").hangs_up()
        row = scene.row()
    assert (row["outcome"], row["message_seconds"]) == ("absence", None)


@in_every_variant
def test_a_callback_at_the_callers_own_number(variant: Variant) -> None:
    with play(variant=variant) as scene:
        nobody(scene)
        caller = scene.call("06 39 98 12 34").hears("Bonjour").presses("75").hears("tapez 2").presses("2")
        caller.hears("06, 39, 98, 12, 34").presses("1").hears("C'est noté").stays_to_the_end()
        row = scene.row()
    assert (row["outcome"], row["callback_number"], row["absence_reason"]) == ("callback", "+33639981234", "busy")


@in_every_variant
def test_a_withheld_caller_types_the_number(variant: Variant) -> None:
    with play(variant=variant) as scene:
        nobody(scene)
        caller = scene.call("anonymous").hears("Bonjour").presses("75").hears("tapez 2").presses("2")
        caller.hears("tapez votre numéro").presses("0261911122").hears("02, 61, 91, 11, 22").presses("1")
        caller.hears("C'est noté").stays_to_the_end()
        row = scene.row()
    assert (row["caller"], row["outcome"], row["callback_number"]) == (None, "callback", "+33261911122")


REFUSED = {"surcharged": "+33899123456", "foreign": "+447700900123", "satellite": "+881612345678"}


@pytest.mark.parametrize("caller_id", REFUSED.values(), ids=REFUSED.keys())
def test_a_caller_whose_number_is_refused_types_another_one(caller_id: str) -> None:
    """Nobody calls back a surcharged number because it was shown by a caller."""
    with play() as scene:
        nobody(scene)
        caller = scene.call(caller_id).hears("Bonjour").presses("75").hears("tapez 2").presses("2")
        caller.hears("Nous ne pouvons pas rappeler le numéro d'où vous appelez").hears("tapez votre numéro")
        caller.presses("0261911122").hears("02, 61, 91, 11, 22").presses("1").stays_to_the_end()
        row = scene.row()
    assert (row["caller"], row["outcome"], row["callback_number"]) == (caller_id, "callback", "+33261911122")


def test_a_caller_whose_number_is_refused_and_who_leaves_asked_for_nothing() -> None:
    """As for a withheld number: he heard the absence message."""
    with play() as scene:
        nobody(scene)
        caller = scene.call("+33899123456").hears("Bonjour").presses("75").hears("tapez 2").presses("2")
        caller.begins_to_hear("Nous ne pouvons pas rappeler").hangs_up()
        row = scene.row()
    assert (row["outcome"], row["callback_number"], row["absence_reason"]) == ("absence", None, "busy")


@in_every_variant
def test_another_number_is_typed_and_a_surcharged_one_refused(variant: Variant) -> None:
    with play(variant=variant) as scene:
        nobody(scene)
        caller = scene.call().hears("Bonjour").presses("75").hears("tapez 2").presses("2").hears("06, 39").presses("2")
        caller.hears("tapez votre numéro").presses("0899123456").hears("ne pouvons pas rappeler").hears("dix chiffres")
        caller.presses("0353011122").hears("03, 53, 01, 11, 22").presses("1").stays_to_the_end()
        row = scene.row()
    assert row["callback_number"] == "+33353011122"


@in_every_variant
def test_a_caller_who_leaves_while_the_number_is_read_back_is_called_back_all_the_same(variant: Variant) -> None:
    with play(variant=variant) as scene:
        nobody(scene)
        caller = scene.call().hears("Bonjour").presses("75").hears("tapez 2").presses("2")
        caller.begins_to_hear("Nous vous rappellerons").hangs_up()
        row = scene.row()
    assert (row["outcome"], row["callback_number"]) == ("callback", "+33639981234")


@in_every_variant
def test_a_number_that_is_never_typed_leads_back_to_the_message(variant: Variant) -> None:
    with play(variant=variant) as scene:
        nobody(scene)
        caller = scene.call("anonymous").hears("Bonjour").presses("75").hears("tapez 2").presses("2")
        caller.hears("n'avons pas pu noter").presses("1").leaves_a_message(9).presses("#").stays_to_the_end()
        row = scene.row()
    assert (row["outcome"], row["callback_number"]) == ("message", None)


@pytest.mark.parametrize("withheld", ["anonymous", "Restricted", "unknown", "", "sip:anonymous@anonymous.invalid"])
def test_every_way_to_withhold_a_number_is_a_caller_without_one(withheld: str) -> None:
    with play() as scene:
        scene.phone(PAUL).answers().presses("1").talks(8)
        scene.call(withheld).hears("Bonjour").presses("75").is_connected().stays_to_the_end()
        row = scene.row()
    assert (row["caller"], row["outcome"]) == (None, "answered")


@in_every_variant
def test_a_caller_who_leaves_in_the_menu(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.call().begins_to_hear("Bonjour").waits(2).hangs_up()
        row = scene.row()
    assert (row["outcome"], row["wait_seconds"], row["talk_seconds"]) == ("abandoned_menu", None, None)


@in_every_variant
def test_a_caller_who_leaves_while_the_referent_is_being_asked(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.phone(PAUL).answers(after=2).presses("1", after=9)
        scene.call().hears("Bonjour").presses("75").hears_ringing().waits(5).hangs_up()
        row = scene.row()
        assert scene.phone(ANNE).rings == 0
    assert (row["outcome"], row["referent"], row["talk_seconds"]) == ("abandoned_ringing", None, None)


@in_every_variant
def test_the_caller_hangs_up_first_after_talking(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.phone(PAUL).answers(after=3).presses("1", after=4).talks(500)
        scene.call().hears("Bonjour").presses("75").is_connected().waits(61).hangs_up()
        row = scene.row()
    assert (row["outcome"], row["talk_seconds"]) == ("answered", 61)


@in_every_variant
def test_a_star_in_the_absence_menu_leads_to_another_departement(variant: Variant) -> None:
    with play(variant=variant) as scene:
        nobody(scene)
        caller = scene.call().hears("Bonjour").presses("75").hears("tapez 2").presses("*")
        caller.hears("tapez le numéro").presses("09").hears("Ariège").hears_ringing().hangs_up()
        row = scene.row()
    assert (row["departement"], row["outcome"]) == ("09", "abandoned_ringing")


AFTERWARDS = {
    "in the menu": lambda caller: caller.hears("tapez le numéro"),
    "while another rings": lambda caller: caller.hears("tapez le numéro").presses("09").hears_ringing(),
}


@in_every_variant
@pytest.mark.parametrize("until", AFTERWARDS.values(), ids=AFTERWARDS.keys())
def test_a_callback_stays_with_the_departement_in_which_it_was_asked(variant: Variant, until: Any) -> None:
    with play(variant=variant) as scene:
        nobody(scene)
        caller = scene.call().hears("Bonjour").presses("75").hears("tapez 2").presses("2").hears("06, 39").presses("*")
        until(caller).hangs_up()
        row = scene.row()
    assert (row["departement"], row["outcome"], row["absence_reason"]) == ("75", "callback", "busy")
    assert row["callback_number"] == "+33639981234"
