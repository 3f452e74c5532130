"""A document of ours that never reaches the operator, wherever: the apology, the national team, a true row."""

from __future__ import annotations

import pytest

from simulator.world.habits import Habits, Mischief
from tests.calls.people import ANNE, INES, PAUL
from tests.calls.play import CallerInPlay, PhoneInPlay, Scene, Variant, e164, play

LATE = pytest.mark.parametrize("late", [False, True], ids=["lost on its way", "answered too late"])
APOLOGY = "Un incident technique"


def breaking(address: str, *, late: bool) -> Variant:
    return Variant(mischief=Mischief(unreachable=address, answers_too_late=late))


def team(scene: Scene) -> PhoneInPlay:
    scene.expects_problems = True
    return scene.phone(INES)


def takes_it(scene: Scene) -> None:
    team(scene).answers(after=3).presses("1", after=6).talks(20)


def at_the_absence_menu(scene: Scene) -> CallerInPlay:
    for number in (PAUL, ANNE):
        scene.phone(number).is_busy()
    return scene.call().hears("Bonjour").presses("75").hears("Pour laisser un message")


@LATE
def test_at_the_arrival(late: bool) -> None:
    with play(variant=breaking(r"/voice(#|$)", late=late)) as scene:
        takes_it(scene)
        scene.call().hears(APOLOGY).is_connected().stays_to_the_end()
        row = scene.row()
    assert (row["outcome"], row["answered_by"], row["departement"]) == ("answered", "national", None)
    assert (row["caller"], row["referent_phone"], row["talk_seconds"]) == ("+33639981234", e164(INES), 20)


@LATE
def test_when_the_departement_was_given(late: bool) -> None:
    """Whoever would have been rung by the answer that came too late was not."""
    with play(variant=breaking(r"/voice/change", late=late)) as scene:
        takes_it(scene)
        scene.call().hears("Bonjour").presses("75").hears(APOLOGY).is_connected().stays_to_the_end()
        row = scene.row()
        assert scene.rung() == [e164(INES)]
    assert (row["outcome"], row["answered_by"], row["departement"]) == ("answered", "national", "75")
    assert [(one["phone"], one["result"]) for one in row["attempts"]] == [(e164(INES), "accepted")]
    assert row["talk_seconds"] == 20


@LATE
def test_while_it_rings(late: bool) -> None:
    with play(variant=breaking(r"/voice/ring", late=late)) as scene:
        takes_it(scene)
        scene.phone(PAUL).just_rings()
        scene.call().hears("Bonjour").presses("75").hears(APOLOGY).is_connected().stays_to_the_end()
        row = scene.row()
    assert (row["outcome"], row["answered_by"], row["departement"]) == ("answered", "national", "75")
    results = [(one["phone"], one["result"]) for one in row["attempts"]]
    assert results == [(e164(PAUL), "no_answer"), (e164(INES), "accepted")]
    assert (row["absence_reason"], row["talk_seconds"]) == (None, 20)


@LATE
def test_at_the_absence_menu_and_the_team_answers(late: bool) -> None:
    with play(variant=breaking(r"/voice/absence", late=late)) as scene:
        takes_it(scene)
        at_the_absence_menu(scene).presses("1").hears(APOLOGY).is_connected().stays_to_the_end()
        row = scene.row()
    assert (row["outcome"], row["answered_by"], row["departement"]) == ("answered", "national", "75")
    assert [one["result"] for one in row["attempts"]] == ["busy", "busy", "accepted"]


@LATE
@pytest.mark.parametrize("leaves", [False, True])
def test_at_the_absence_menu_and_nobody_answers(late: bool, leaves: bool) -> None:
    """He had heard that nobody answers: whom the apology rings changes nothing of it."""
    with play(variant=breaking(r"/voice/absence", late=late)) as scene:
        team(scene).just_rings()
        caller = at_the_absence_menu(scene).presses("1").hears(APOLOGY).hears_ringing().waits(4)
        caller.hangs_up() if leaves else caller.stays_to_the_end()
        row = scene.row()
    assert (row["outcome"], row["departement"]) == ("absence", "75")
    assert [one["result"] for one in row["attempts"]] == ["busy", "busy", "canceled" if leaves else "no_answer"]


@LATE
def test_while_a_message_is_left(late: bool) -> None:
    with play(variant=breaking(r"/voice/message", late=late)) as scene:
        team(scene).is_busy()
        caller = at_the_absence_menu(scene).presses("1").leaves_a_message(12).presses("#")
        caller.hears(APOLOGY).stays_to_the_end()
        row = scene.row()
    assert (row["outcome"], row["message_seconds"], row["departement"]) == ("message", 12, "75")
    assert row["absence_reason"] == "busy"


@LATE
def test_while_a_message_is_left_and_the_team_answers(late: bool) -> None:
    with play(variant=breaking(r"/voice/message", late=late)) as scene:
        takes_it(scene)
        caller = at_the_absence_menu(scene).presses("1").leaves_a_message(12).presses("#")
        caller.hears(APOLOGY).is_connected().stays_to_the_end()
        row = scene.row()
    assert (row["outcome"], row["answered_by"], row["message_seconds"]) == ("answered", "national", 12)


@LATE
def test_nobody_answers_after_the_apology_and_the_caller_is_told(late: bool) -> None:
    with play(variant=breaking(r"/voice/change", late=late)) as scene:
        team(scene).just_rings()
        caller = scene.call().hears("Bonjour").presses("75").hears(APOLOGY).hears("formulaire").stays_to_the_end()
        row = scene.row()
    assert "Si personne n'a pu vous répondre" in " ".join(caller.heard())
    assert (row["outcome"], row["absence_reason"], row["departement"]) == ("absence", "no_answer", "75")
    assert [one["result"] for one in row["attempts"]] == ["no_answer"]


@LATE
@pytest.mark.parametrize("told", ["canceled", "no-answer"])
def test_a_caller_who_leaves_while_the_apology_rings(late: bool, told: str) -> None:
    variant = Variant(Habits(left_while_ringing_is=told), breaking(r"/voice/change", late=late).mischief)
    with play(variant=variant) as scene:
        team(scene).just_rings()
        scene.call().hears("Bonjour").presses("75").hears(APOLOGY).hears_ringing().waits(4).hangs_up()
        row = scene.row()
    assert (row["outcome"], row["absence_reason"]) == ("abandoned_ringing", None)
    assert [one["result"] for one in row["attempts"]] == ["canceled"]


@LATE
@pytest.mark.parametrize("legs_fall_back", [True, False])
def test_on_a_referents_own_leg(late: bool, legs_fall_back: bool) -> None:
    """Where the operator asks the fallback for him too he is told why and has the caller; else the hunt goes on."""
    broken = Mischief(unreachable=r"/voice/screen\?.*p=", answers_too_late=late)
    with play(variant=Variant(Habits(legs_fall_back=legs_fall_back), broken)) as scene:
        scene.expects_problems = True
        scene.phone(PAUL).answers(after=3).talks(30)
        scene.phone(ANNE).is_busy()
        caller = scene.call().hears("Bonjour").presses("75")
        if legs_fall_back:
            caller.is_connected().stays_to_the_end()
            assert "nous empêche d'annoncer cet appel" in caller.transcript()
        else:
            caller.hears("Pour laisser un message").hangs_up()
        assert not any("13201" in problem for problem in scene.operator.log.problems)
        row = scene.row()
    outcome = "answered" if legs_fall_back else "absence"
    assert (row["outcome"], row["departement"]) == (outcome, "75")
    assert row["answered_by"] == ("local" if legs_fall_back else None)
