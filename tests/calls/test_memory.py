"""A caller who was here before, and one who redials without end: whole calls, with the clerk between them."""

from __future__ import annotations

from pathlib import Path

import pytest

from records.database import open_database, reading
from routing.rules import AbsenceMessage, Rules
from service.wiring.memory import caller_memory
from service.wiring.story import story_of_call
from tests.calls.memory import clerk_works, clerk_works_now
from tests.calls.people import LEO, MIA, PAUL
from tests.calls.play import CallerInPlay, Scene, Variant, in_both_habits_of_keys, play
from tests.voicemail.recordings import tone
from voicemail.sounds import SoundStore

OFFER = "Vous appelez pour la Seine-Saint-Denis ?"
CALLER, OTHER = "06 39 98 12 34", "06 39 98 56 78"


def story_of(scene: Scene, call_id: str) -> str:
    engine = open_database(scene.database_url)
    with reading(engine) as connection:
        story = story_of_call(connection, call_id)
    engine.dispose()
    return " ".join(sentence for _, sentence in story)


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


# ---------------------------------------------------------------- redialling


def redial(scene: Scene, times: int) -> None:
    """Somebody calls, chooses, hangs up while it rings, and calls again."""
    for _ in range(times):
        caller = scene.call(CALLER).begins_to_hear("Bonjour").presses("93")
        caller.hears("Seine-Saint-Denis.").waits(6).hangs_up()
        clerk_works(scene)


def test_who_redials_without_end_goes_straight_to_the_absence_menu_and_can_leave_a_message() -> None:
    with play() as scene:
        redial(scene, 12)
        rung = len(scene.rung())
        caller = scene.call(CALLER).begins_to_hear("Bonjour").presses("93").hears("Vous avez déjà appelé")
        caller.hears("Pour laisser un message, tapez 1").presses("1").leaves_a_message(8).presses("#")
        caller.hears("Votre message est enregistré").stays_to_the_end()
        assert len(scene.rung()) == rung
        clerk_works(scene)
        scene.phone(LEO).answers(after=2).presses("1").talks(10)
        scene.call(CALLER).begins_to_hear("Bonjour").presses("93").is_connected().stays_to_the_end()


def test_after_a_quarter_of_an_hour_the_redialler_rings_again() -> None:
    with play() as scene:
        redial(scene, 12)
        scene.time.run(seconds=16 * 60)
        scene.phone(MIA).answers(after=2).presses("1").talks(10)
        scene.call(CALLER).begins_to_hear("Bonjour").presses("93").is_connected().stays_to_the_end()


def flood(scene: Scene, calls: int, *, from_: str = CALLER, at_once: int = 1, keys: tuple[str, ...] = ("93",)) -> None:
    """So many calls, some at the same moment, each for the next département: it rings a while, nobody is served."""
    for first in range(0, calls, at_once):
        callers = [scene.call(from_) for _ in range(min(at_once, calls - first))]
        for place, caller in enumerate(callers, start=first):
            caller.begins_to_hear("Bonjour").presses(keys[place % len(keys)])
        for caller in callers:
            caller.hears("Pour changer")
        callers[0].waits(16)
        for caller in callers:
            caller.hangs_up()
        clerk_works(scene)


def rang(scene: Scene) -> list[bool]:
    """Of each call, oldest first, whether anybody's telephone rang."""
    return [bool(row["attempts"]) for row in scene.rows()]


def test_withheld_callers_of_one_desk_share_a_cap_and_are_told_of_no_call_that_they_did_not_make() -> None:
    """Eighteen of eighteen rang before there was one (decision 42)."""
    with play() as scene:
        flood(scene, 18, from_="anonymous")
        assert rang(scene) == [True] * 15 + [False] * 3
        caller = scene.call("anonymous").begins_to_hear("Bonjour").presses("93").hears("Beaucoup d'appels arrivent")
        caller.does_not_hear("Vous avez déjà appelé").hears("Pour laisser un message, tapez 1").hangs_up()
        scene.phone(PAUL).answers(after=2).presses("1").talks(10)
        scene.call("anonymous").begins_to_hear("Bonjour").presses("75").is_connected().stays_to_the_end()
        scene.phone(LEO).answers(after=2).presses("1").talks(10)
        scene.call(OTHER).begins_to_hear("Bonjour").presses("93").is_connected().stays_to_the_end()


def test_a_capped_caller_can_leave_a_message_or_a_number_and_the_call_says_why_he_was_not_rung_for() -> None:
    with play() as scene:
        flood(scene, 15, from_="anonymous")
        caller = scene.call("anonymous").begins_to_hear("Bonjour").presses("93").hears("Beaucoup d'appels").presses("2")
        caller.hears("tapez votre numéro").presses("0261911122").hears("02, 61, 91, 11, 22").presses("1")
        caller.stays_to_the_end()
        clerk_works(scene)
        row = scene.rows()[-1]
        assert (row["outcome"], row["callback_number"], row["attempts"]) == ("callback", "+33261911122", [])
        assert "Trop d’appels masqués" in story_of(scene, caller.sid)
        scene.phone(LEO).answers(after=2).presses("1").talks(10)
        scene.call("anonymous").begins_to_hear("Bonjour").presses("93").is_connected().stays_to_the_end()


def test_overlapping_calls_of_one_number_count_like_any_others() -> None:
    """Twenty-eight of twenty-eight rang before (decision 42)."""
    with play() as scene:
        flood(scene, 28, at_once=4)
        assert rang(scene) == [True] * 12 + [False] * 16


def test_three_departements_in_turn_count_like_one() -> None:
    with play() as scene:
        flood(scene, 15, keys=("93", "75", "09"))
        assert rang(scene) == [True] * 12 + [False] * 3


def test_colleagues_behind_one_number_are_never_capped_while_some_are_served() -> None:
    with play() as scene:
        for _ in range(8):
            scene.phone(LEO).answers(after=1).presses("1", after=1).talks(300)
            flood(scene, 4, at_once=4)
        assert rang(scene) == [True] * 32


def test_a_desk_rings_for_so_many_at_once_and_the_next_one_as_soon_as_one_has_left() -> None:
    with play(hunts_at_once=3) as scene:
        ringing = [scene.call(f"06 39 98 00 0{place}").begins_to_hear("Bonjour").presses("93") for place in range(3)]
        for caller in ringing:
            caller.hears_ringing()
        clerk_works_now(scene)
        capped = scene.call(OTHER).begins_to_hear("Bonjour").presses("93").hears("Beaucoup d'appels arrivent")
        ringing[0].hangs_up()
        clerk_works_now(scene)
        capped.presses("1").leaves_a_message(8).presses("#").hears("Votre message est enregistré").stays_to_the_end()
        scene.call(CALLER).begins_to_hear("Bonjour").presses("93").hears_ringing().hangs_up()
        clerk_works(scene)
        assert "Trop d’appels sonnaient déjà" in story_of(scene, capped.sid)


# ---------------------------------------------------------------- the SIAO's own recording


def played(caller: CallerInPlay) -> list[str]:
    return [one.data["url"].rpartition("/")[2] for one in caller._happenings("plays")]


def closed_with(sound: str) -> Rules:
    return Rules(messages=(AbsenceMessage("75", None, None, sound),))


@pytest.mark.parametrize("is_kept", [True, False], ids=["kept", "gone"])
def test_the_siaos_own_recording_is_played_and_the_menu_follows(tmp_path: Path, is_kept: bool) -> None:
    """Even when the file is gone: an error there would cut the call before the menu."""
    recording = tone(4, rate=16_000)
    name = SoundStore(tmp_path).take(recording)
    with play(rules=closed_with(name)) as scene:
        if is_kept:
            SoundStore(scene.settings.sounds_dir).take(recording)
        caller = scene.call().hears("tapez son numéro").presses("75").hears("Pour laisser un message, tapez 1")
        caller.does_not_hear("Votre référent n'a pas pu répondre")
        caller.hangs_up()
        assert played(caller) == [name]
        assert scene.row()["absence_reason"] == "no_answer"
