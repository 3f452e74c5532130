"""A recording in which nobody spoke: the operator asks for nothing and goes on, and the caller is told."""

from __future__ import annotations

import pytest

from simulator.world.habits import Habits, Mischief
from tests.calls.people import ANNE, PAUL
from tests.calls.play import CallerInPlay, Scene, Variant, play

HABITS = {
    "silence is empty": Variant(Habits()),
    "silence is empty, audio absent": Variant(Habits(silent_recording_is="absent")),
    "every request twice, and again later": Variant(
        mischief=Mischief(repeats=(0.0, 60.0), moment_in_address=r"\bt=\d+")
    ),
}

whatever_silence_is = pytest.mark.parametrize("variant", HABITS.values(), ids=HABITS.keys())


def at_the_beep(scene: Scene) -> CallerInPlay:
    for number in (PAUL, ANNE):
        scene.phone(number).is_busy()
    caller = scene.call().hears("Bonjour").presses("75").hears("Pour laisser un message").presses("1")
    return caller.hears_the_beep()


@whatever_silence_is
def test_who_says_nothing_hears_so_and_leaves_his_message_the_second_time(variant: Variant) -> None:
    with play(variant=variant) as scene:
        caller = at_the_beep(scene).hears("Nous n'avons rien entendu").hears("Pour laisser un message").presses("1")
        caller.leaves_a_message(14).presses("#").hears("Votre message est enregistré").stays_to_the_end()
        row = scene.row()
    assert (row["outcome"], row["message_seconds"], row["absence_reason"]) == ("message", 14, "busy")


@whatever_silence_is
@pytest.mark.parametrize("key", ["#", "*"])
def test_a_key_at_once_is_silence_too(variant: Variant, key: str) -> None:
    """`#` ends the recording, `*` does not: whoever pressed it hears that nothing was heard."""
    with play(variant=variant) as scene:
        caller = at_the_beep(scene).presses(key).hears("Nous n'avons rien entendu").hears("Pour être rappelé")
        caller.presses("2").hears("06, 39, 98, 12, 34").presses("1").hears("C'est noté").stays_to_the_end()
        row = scene.row()
    assert (row["outcome"], row["callback_number"], row["message_seconds"]) == ("callback", "+33639981234", None)


@whatever_silence_is
def test_who_says_nothing_at_all_hears_the_choices_once_more_and_the_goodbye(variant: Variant) -> None:
    with play(variant=variant) as scene:
        caller = at_the_beep(scene).hears("Nous n'avons rien entendu").hears("Merci de votre appel").stays_to_the_end()
        row = scene.row()
    assert sum("Pour laisser un message" in one for one in caller.heard()) == 2
    assert (row["outcome"], row["message_seconds"], row["absence_reason"]) == ("absence", None, "busy")


@pytest.mark.parametrize("audio", ["completed", "absent"])
def test_a_key_at_once_is_told_as_an_empty_message_where_the_operator_tells_of_it(audio: str) -> None:
    """What counts as an empty recording is not documented: its action may be asked for all the same."""
    with play(variant=Variant(Habits(silence_is_empty=False, silent_recording_is=audio))) as scene:
        caller = at_the_beep(scene).presses("#").hears("Nous n'avons rien entendu").hears("Merci de votre appel")
        caller.stays_to_the_end()
        row = scene.row()
    assert (row["outcome"], row["message_seconds"]) == ("absence", None)


@whatever_silence_is
def test_who_hangs_up_after_the_beep_left_nothing(variant: Variant) -> None:
    with play(variant=variant) as scene:
        at_the_beep(scene).waits(4).hangs_up()
        row = scene.row()
    assert (row["outcome"], row["message_seconds"]) == ("absence", None)
