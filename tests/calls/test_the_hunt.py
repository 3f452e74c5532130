"""Who rings, in which order, and what counts as an answer."""

from __future__ import annotations

from records.database import open_database, reading
from service.wiring.story import story_of_call
from tests.calls.people import ANNE, DIRECTORY, HEADER, INES, LEO, MIA, PAUL, ZOE
from tests.calls.play import Variant, e164, in_every_variant, play


@in_every_variant
def test_the_referent_hears_the_line_and_the_departement_before_he_takes_the_call(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.phone(PAUL).answers(after=2).presses("1", after=6).talks(100)
        caller = scene.call().hears("Bonjour").presses("75").is_connected().stays_to_the_end()
        row = scene.row()
        said = caller.transcript()
    assert "Assistance SI SIAO. Appel du département 75." in said
    assert "Merci de votre appel" in said
    assert (row["talk_seconds"], row["answered_by"], row["referent_phone"]) == (100, "local", e164(PAUL))
    assert row["total_seconds"] > row["wait_seconds"] + row["talk_seconds"]


@in_every_variant
def test_the_second_rang_rings_when_the_first_does_not_answer(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.phone(PAUL).just_rings()
        scene.phone(ANNE).answers().presses("1").talks(70)
        scene.call().hears("Bonjour").presses("75").hears("Nous recherchons votre référent").is_connected()
        row = scene.row()
        assert scene.rung() == [e164(PAUL), e164(ANNE)]
    assert [one["result"] for one in row["attempts"]] == ["no_answer", "accepted"]
    assert row["absence_reason"] is None


@in_every_variant
def test_two_of_one_rang_ring_together_and_the_other_one_stops_when_one_takes_it(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.phone(LEO).answers(after=5).presses("1").talks(44)
        scene.phone(MIA).just_rings()
        scene.call().hears("Bonjour").presses("93").is_connected().stays_to_the_end()
        row = scene.row()
        assert scene.rung()[:2] == [e164(LEO), e164(MIA)]
    results = {one["referent"]: one["result"] for one in row["attempts"]}
    assert results == {"Léo Caron": "accepted", "Mia Diallo": "canceled"}


@in_every_variant
def test_everybody_is_busy(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.phone(PAUL).is_busy()
        scene.phone(ANNE).is_busy()
        scene.call().hears("Bonjour").presses("75").hears("déjà en ligne").hears("tapez 2").hangs_up()
        row = scene.row()
    assert (row["outcome"], row["absence_reason"]) == ("absence", "busy")


@in_every_variant
def test_a_number_that_does_not_exist_does_not_stop_the_hunt(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.phone(PAUL).does_not_exist()
        scene.phone(ANNE).answers().presses("1").talks(29)
        scene.call().hears("Bonjour").presses("75").is_connected().stays_to_the_end()
        row = scene.row()
    assert [one["result"] for one in row["attempts"]] == ["failed", "accepted"]


@in_every_variant
def test_nobody_answers_and_the_caller_leaves_after_the_absence_message(variant: Variant) -> None:
    with play(variant=variant) as scene:
        caller = scene.call().hears("Bonjour").presses("75").hears("pas pu répondre").hears("Pour laisser un message")
        caller.stays_to_the_end()
        row = scene.row()
    assert "Merci de votre appel" in " ".join(caller.heard())
    assert (row["outcome"], row["absence_reason"]) == ("absence", "no_answer")
    assert [one["result"] for one in row["attempts"]] == ["no_answer", "no_answer"]


@in_every_variant
def test_a_refusal_by_key_or_silence_after_picking_up_is_not_an_answer(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.phone(PAUL).answers().presses("2")
        scene.phone(ANNE).is_a_voicemail_box()
        scene.call().hears("Bonjour").presses("75").hears("Pour laisser un message").hangs_up()
        row = scene.row()
    assert (row["outcome"], row["absence_reason"], row["referent"]) == ("absence", "refused", None)
    assert [one["result"] for one in row["attempts"]] == ["refused", "refused"]


@in_every_variant
def test_the_reason_is_the_first_of_no_answer_refused_busy_failed(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.phone(PAUL).is_busy()
        scene.phone(ANNE).just_rings()
        scene.call().hears("Bonjour").presses("75").hears("pas pu répondre").hangs_up()
        row = scene.row()
    assert row["absence_reason"] == "no_answer"


@in_every_variant
def test_a_shared_rang_that_was_picked_up_and_refused_is_rung_again_one_by_one(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.phone(LEO).answers(after=1).presses("2", after=1).just_rings()
        scene.phone(MIA).just_rings().answers(after=2).presses("1").talks(21)
        scene.phone(ZOE).just_rings()
        scene.call().hears("Bonjour").presses("93").waits(120)
        row = scene.row()
    if not variant.habits.others_ring_on:
        assert (row["outcome"], row["referent"]) == ("answered", "Mia Diallo")
    assert row["outcome"] in {"answered", "absence", "abandoned_ringing"}


@in_every_variant
def test_the_whole_hunt_lasts_75_seconds_at_most(variant: Variant) -> None:
    """Five rangs that never answer: no rang starts later than 43 seconds after the first."""
    lines = "".join(
        f"69,SIAO du Rhône,Nom{rang},Prénom,référent,01 99 00 69 0{rang},,{rang},24/7,oui\n" for rang in range(1, 6)
    )
    national = DIRECTORY.removeprefix(HEADER).splitlines()[-1]
    with play(HEADER + lines + national, variant=variant) as scene:
        for rang in range(1, 6):
            scene.phone(f"01 99 00 69 0{rang}").is_a_voicemail_box(after=18)
        caller = scene.call().hears("Bonjour").presses("69").hears_ringing()
        began = scene.time.now()
        caller.hears("Pour laisser un message")
        lasted = (scene.time.now() - began).total_seconds()
        caller.hangs_up()
        rung = scene.rung()
    assert 2 <= len(rung) <= 3
    assert lasted <= 75 + 12  # the hunt, and the absence message that is heard to its end


@in_every_variant
def test_the_national_team_that_does_not_answer_ends_in_its_absence_message(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.phone(INES).is_busy()
        caller = scene.call().hears("tapez étoile").presses("*").hears("L'équipe nationale n'a pas pu répondre")
        caller.hears("Pour laisser un message").hangs_up()
        row = scene.row()
    assert (row["outcome"], row["departement"], row["absence_reason"]) == ("absence", None, "busy")


@in_every_variant
def test_the_referents_telephone_shows_our_own_number(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.phone(PAUL).answers().presses("1").talks(5)
        scene.call("06 39 98 55 66").hears("Bonjour").presses("75").is_connected().stays_to_the_end()
        legs = [call for call in scene.operator.log.snapshot() if call.direction == "outbound-dial"]
    assert {leg.from_ for leg in legs} == {scene.settings.caller_id}


@in_every_variant
def test_the_story_of_a_call_tells_the_talk_of_its_row(variant: Variant) -> None:
    """The operator counts the whisper into the leg; a reader of `svi explain` does not."""
    with play(variant=variant) as scene:
        scene.phone(PAUL).answers(after=2).presses("1", after=6).talks(29)
        caller = scene.call().hears("Bonjour").presses("75").is_connected().stays_to_the_end()
        row = scene.row()
        engine = open_database(scene.database_url)
        with reading(engine) as connection:
            told = [sentence for _, sentence in story_of_call(connection, caller.sid)]
        engine.dispose()
    assert row["talk_seconds"] == 29
    assert "Conversation terminée (29 s)." in told
