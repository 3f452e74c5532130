"""The first calls, told from the first ring to the row: they also prove the stage itself."""

from __future__ import annotations

import pytest

from tests.calls.people import ANNE, INES, LEO, MIA, PAUL, ZOE
from tests.calls.play import Variant, e164, in_every_variant, play


@in_every_variant
def test_paris_is_answered_at_the_first_ring(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.phone(PAUL).answers(after=4).presses("1", after=5).talks(184)
        caller = scene.call("06 39 98 12 34")
        caller.hears("Bonjour").presses("75").hears("Paris").is_connected().stays_to_the_end()
        row = scene.row()
        assert scene.rung() == [e164(PAUL)]
    assert (row["outcome"], row["departement"], row["referent"]) == ("answered", "75", "Paul Aubry")
    assert row["talk_seconds"] == 184
    assert row["caller"] == "+33639981234"


@in_every_variant
def test_the_second_rang_takes_what_a_voicemail_box_picked_up(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.phone(PAUL).is_a_voicemail_box()
        scene.phone(ANNE).answers().presses("1").talks(60)
        scene.call().hears("Bonjour").presses("75").is_connected().stays_to_the_end()
        row = scene.row()
    assert [(one["referent"], one["result"]) for one in row["attempts"]] == [
        ("Paul Aubry", "refused"),
        ("Anne Berthier", "accepted"),
    ]
    assert row["talk_seconds"] == 60


@in_every_variant
def test_two_who_ring_together_and_the_one_who_refuses_does_not_stop_the_other(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.phone(LEO).answers(after=2).presses("2")
        scene.phone(MIA).answers(after=9).presses("1").talks(30)
        scene.call().hears("Bonjour").presses("93").is_connected().stays_to_the_end()
        row = scene.row()
    assert (row["outcome"], row["referent"]) == ("answered", "Mia Diallo")


@in_every_variant
def test_nobody_answers_and_a_message_is_left(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.phone(PAUL).is_busy()
        scene.phone(ANNE).just_rings()
        caller = scene.call()
        caller.hears("Bonjour").presses("75").hears("Pour laisser un message").presses("1")
        caller.leaves_a_message(17).presses("#").hears("enregistré").stays_to_the_end()
        row = scene.row()
    assert (row["outcome"], row["absence_reason"], row["message_seconds"]) == ("message", "no_answer", 17)
    assert [one["result"] for one in row["attempts"]] == ["busy", "no_answer"]


@in_every_variant
def test_a_caller_who_leaves_while_it_rings_is_not_an_absence(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.call().hears("Bonjour").presses("75").hears_ringing().waits(6).hangs_up()
        row = scene.row()
        assert scene.phone(ANNE).rings == 0
    assert (row["outcome"], row["absence_reason"]) == ("abandoned_ringing", None)


@in_every_variant
def test_three_failures_lead_to_the_national_team(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.phone(INES).answers().presses("1").talks(40)
        caller = scene.call()
        caller.hears("Bonjour").presses("99").hears("9, 9").presses("00").hears("0, 0").presses("96")
        caller.hears("équipe nationale").is_connected().stays_to_the_end()
        row = scene.row()
    assert (row["outcome"], row["answered_by"], row["departement"]) == ("answered", "national", None)


@in_every_variant
def test_without_screening_the_first_to_pick_up_talks(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.phone(LEO).does_not_exist()
        scene.phone(MIA).is_busy()
        scene.phone(ZOE).answers(after=3).hangs_up(after=50)
        scene.call().hears("Bonjour").presses("93").is_connected().stays_to_the_end()
        row = scene.row()
    assert (row["referent"], row["talk_seconds"]) == ("Zoé Evrard", 50)


def test_what_is_never_said_fails_with_the_whole_transcript() -> None:
    """A stage on which nothing can fail would prove nothing."""
    with play() as scene:
        caller = scene.call()
        with pytest.raises(AssertionError, match="the caller never hears « Cornemuse »"):
            caller.hears("Cornemuse")
