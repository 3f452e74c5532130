"""Several telephones that ring together, and rangs one after the other, whatever the operator does with the others."""

from __future__ import annotations

import pytest

from simulator.world.habits import Habits
from tests.calls.people import DIRECTORY, HEADER
from tests.calls.play import Variant, e164, in_every_variant, play

ADA, BEN, CLO, DAN = (f"01 99 00 69 0{last}" for last in range(1, 5))
NATIONAL = DIRECTORY.removeprefix(HEADER).splitlines()[-1]


def rhone(**rangs: tuple[str, int]) -> str:
    """A directory of the Rhône: who, at which telephone, in which rang."""
    lines = (
        f"69,SIAO du Rhône,{name},Prénom,référent,{phone},{name}@exemple.fr,{rang},24/7,oui\n"
        for name, (phone, rang) in rangs.items()
    )
    return HEADER + "".join(lines) + NATIONAL


THREE = rhone(Ada=(ADA, 1), Ben=(BEN, 1), Clo=(CLO, 1))


@in_every_variant
def test_who_refused_is_not_rung_again_and_the_third_rings_alone(variant: Variant) -> None:
    with play(THREE, variant=variant) as scene:
        scene.phone(ADA).answers(after=1).presses("2", after=1)
        scene.phone(BEN).just_rings()
        scene.phone(CLO).just_rings().answers(after=2).presses("1", after=5).talks(21)
        caller = scene.call().hears("Bonjour").presses("69").is_connected().stays_to_the_end()
        row = scene.row()
        assert scene.phone(ADA).rings == 1
    assert (row["outcome"], row["referent"], row["talk_seconds"]) == ("answered", "Prénom Clo", 21), caller.transcript()


@in_every_variant
def test_two_who_refuse_are_rung_once_each_and_the_third_takes_the_call(variant: Variant) -> None:
    with play(THREE, variant=variant) as scene:
        scene.phone(ADA).answers(after=1).presses("2", after=1)
        scene.phone(BEN).answers(after=6).presses("2", after=1).answers(after=2).presses("2", after=1)
        scene.phone(CLO).just_rings().answers(after=2).presses("1", after=5).talks(34)
        scene.call().hears("Bonjour").presses("69").is_connected().stays_to_the_end()
        row = scene.row()
        assert scene.phone(ADA).rings == 1
        assert scene.phone(BEN).rings == (1 if variant.habits.others_ring_on else 2)
    assert (row["outcome"], row["referent"]) == ("answered", "Prénom Clo")


@in_every_variant
def test_a_voicemail_box_and_a_refusal_do_not_hide_the_third(variant: Variant) -> None:
    with play(THREE, variant=variant) as scene:
        scene.phone(ADA).is_a_voicemail_box(after=2)
        scene.phone(BEN).answers(after=4).presses("3", after=2).answers(after=3).presses("3", after=1)
        scene.phone(CLO).just_rings().answers(after=2).presses("1", after=5).talks(55)
        scene.call().hears("Bonjour").presses("69").is_connected().stays_to_the_end()
        row = scene.row()
        assert scene.phone(ADA).rings == 1
    assert (row["outcome"], row["referent"]) == ("answered", "Prénom Clo")


@in_every_variant
def test_a_shared_rang_that_nobody_takes_ends_in_the_absence_message_within_75_seconds(variant: Variant) -> None:
    with play(THREE, variant=variant) as scene:
        scene.phone(ADA).answers(after=4).presses("2", after=1)
        caller = scene.call().hears("Bonjour").presses("69").hears_ringing()
        began = scene.time.now()
        caller.begins_to_hear("Votre référent n").hangs_up()
        lasted = (scene.time.now() - began).total_seconds()
        row = scene.row()
        assert scene.phone(ADA).rings == 1
    assert lasted <= 75
    assert row["outcome"] == "absence"


@in_every_variant
def test_two_people_behind_one_telephone_ring_it_once(variant: Variant) -> None:
    with play(rhone(Ada=(ADA, 1), Ben=(ADA, 1), Clo=(CLO, 2)), variant=variant) as scene:
        scene.phone(ADA).answers(after=3).presses("1", after=6).talks(31)
        scene.call().hears("Bonjour").presses("69").is_connected().stays_to_the_end()
        row = scene.row()
        assert scene.rung() == [e164(ADA)]
    assert (row["outcome"], row["referent"]) == ("answered", "Prénom Ada ou Prénom Ben")
    assert [one["result"] for one in row["attempts"]] == ["accepted"]


@in_every_variant
def test_a_telephone_that_two_share_is_not_rung_again_when_it_refused(variant: Variant) -> None:
    with play(rhone(Ada=(ADA, 1), Ben=(ADA, 1), Clo=(CLO, 1)), variant=variant) as scene:
        scene.phone(ADA).answers(after=1).presses("2", after=1)
        scene.phone(CLO).just_rings().answers(after=2).presses("1", after=5).talks(12)
        scene.call().hears("Bonjour").presses("69").is_connected().stays_to_the_end()
        row = scene.row()
        assert scene.phone(ADA).rings == 1
    assert (row["outcome"], row["referent"]) == ("answered", "Prénom Clo")


@in_every_variant
def test_four_rangs_that_are_busy_at_once_all_ring(variant: Variant) -> None:
    with play(rhone(Ada=(ADA, 1), Ben=(BEN, 2), Clo=(CLO, 3), Dan=(DAN, 4)), variant=variant) as scene:
        for phone in (ADA, BEN, CLO):
            scene.phone(phone).is_busy()
        scene.phone(DAN).answers(after=2).presses("1", after=6).talks(40)
        scene.call().hears("Bonjour").presses("69").is_connected().stays_to_the_end()
        row = scene.row()
        assert scene.rung() == [e164(phone) for phone in (ADA, BEN, CLO, DAN)]
    assert (row["outcome"], row["referent"]) == ("answered", "Prénom Dan")
    assert [one["result"] for one in row["attempts"]] == ["busy", "busy", "busy", "accepted"]


@in_every_variant
def test_a_fourth_rang_rings_after_three_quick_refusals(variant: Variant) -> None:
    with play(rhone(Ada=(ADA, 1), Ben=(BEN, 2), Clo=(CLO, 3), Dan=(DAN, 4)), variant=variant) as scene:
        for phone in (ADA, BEN, CLO):
            scene.phone(phone).answers(after=1).presses("2", after=1)
        scene.phone(DAN).answers(after=2).presses("1", after=6).talks(40)
        scene.call().hears("Bonjour").presses("69").is_connected().stays_to_the_end()
        row = scene.row()
    assert (row["outcome"], row["referent"]) == ("answered", "Prénom Dan")


@in_every_variant
def test_a_fourth_rang_rings_when_a_first_one_rang_to_its_end(variant: Variant) -> None:
    """What was said before the first ring is no part of the 43 seconds."""
    with play(rhone(Ada=(ADA, 1), Ben=(BEN, 2), Clo=(CLO, 3), Dan=(DAN, 4)), variant=variant) as scene:
        scene.phone(ADA).just_rings()
        for phone in (BEN, CLO):
            scene.phone(phone).is_busy()
        scene.phone(DAN).answers(after=2).presses("1", after=6).talks(18)
        scene.call().hears("Bonjour").presses("69").is_connected().stays_to_the_end()
        row = scene.row()
    assert (row["outcome"], row["referent"]) == ("answered", "Prénom Dan")


@pytest.mark.parametrize("others_ring_on", [True, False])
def test_where_nothing_is_remembered_everybody_is_rung_again_and_the_call_ends_well(others_ring_on: bool) -> None:
    """Another machine asked who picked up, or the disk is full: somebody may be rung twice, nobody is left out."""
    with play(THREE, variant=Variant(Habits(others_ring_on=others_ring_on))) as scene:
        scene.settings.hunts_dir.write_text("not a folder")
        scene.phone(ADA).answers(after=1).presses("2", after=1)
        scene.phone(BEN).just_rings().answers(after=2).presses("1", after=5).talks(21)
        scene.phone(CLO).just_rings()
        scene.call().hears("Bonjour").presses("69").is_connected().stays_to_the_end()
        row = scene.row()
        assert scene.phone(ADA).rings == 2
    assert (row["outcome"], row["referent"]) == ("answered", "Prénom Ben")


def test_a_talk_of_two_hours_is_not_cut() -> None:
    with play(rhone(Ada=(ADA, 1))) as scene:
        scene.phone(ADA).answers(after=2).presses("1", after=5).talks(7200)
        scene.call().hears("Bonjour").presses("69").is_connected().stays_to_the_end()
        row = scene.row()
    assert (row["outcome"], row["talk_seconds"]) == ("answered", 7200)
