"""Callers as they speak and type: over the welcome, a code instead of a 1, slowly, with a `#` at the end."""

from __future__ import annotations

import pytest

from routing.departements import departements
from tests.calls.people import AGATHE, ANNE, BASTIEN, INES, LEO, MIA, PAUL, RANIA
from tests.calls.play import CallerInPlay, Scene, Variant, e164, in_both_habits_of_keys, in_every_variant, play

NOTICE_115 = "Si vous cherchez un hébergement d'urgence, raccrochez et composez le 115."
NOTICE_DATA = "Votre conversation n'est pas enregistrée"


def spoken_to(scene: Scene, words: str) -> CallerInPlay:
    """Somebody who has heard the whole question and says this."""
    return scene.call().hears("tapez étoile").says(words)


# ---------------------------------------------------------------- a code typed instead of a choice


@in_every_variant
def test_a_code_typed_at_a_confirmation_is_rung_and_the_misheard_one_is_not(variant: Variant) -> None:
    """« Lyon » heard as the Ardennes, then 38: nobody of the Isère is listed, so the national team takes the call."""
    with play(variant=variant) as scene:
        scene.phone(INES).answers().presses("1").talks(30)
        caller = spoken_to(scene, "les Ardennes").begins_to_hear("J'ai compris : département 08").presses("38")
        caller.hears("Isère.").is_connected().stays_to_the_end()
        row = scene.row()
    assert (row["departement"], row["departement_given_by"], row["answered_by"]) == ("38", "keypad", "national")


@in_both_habits_of_keys
@pytest.mark.parametrize("pause", [1.5, 3.0])
def test_a_code_typed_slowly_at_a_confirmation_is_still_that_code(variant: Variant, pause: float) -> None:
    """The second key comes after the pause that ends an entry: alone it would be the Ardennes."""
    with play(variant=variant) as scene:
        caller = spoken_to(scene, "les Ardennes").hears("J'ai compris").presses("3").waits(pause).presses("8")
        caller.hears("Isère.").hangs_up()
        row = scene.row()
    assert row["departement"] == "38"


@in_both_habits_of_keys
@pytest.mark.parametrize("keys", ["1", "1#"])
def test_one_key_confirms_and_rings(variant: Variant, keys: str) -> None:
    with play(variant=variant) as scene:
        scene.phone(LEO).answers().presses("1").talks(30)
        caller = spoken_to(scene, "le neuf trois").hears("J'ai compris : département 93").presses(keys)
        caller.hears("Seine-Saint-Denis").is_connected().stays_to_the_end()
        row = scene.row()
    assert (row["departement"], row["departement_given_by"], row["referent"]) == ("93", "speech", "Léo Caron")


@in_both_habits_of_keys
def test_a_code_typed_where_several_departements_are_offered_is_that_code(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.phone(AGATHE).answers().presses("1").talks(30)
        caller = spoken_to(scene, "la Corse").begins_to_hear("Pour Haute-Corse, tapez 2").presses("09")
        caller.hears("Ariège.").is_connected().stays_to_the_end()
        row = scene.row()
    assert (row["departement"], row["referent"]) == ("09", "Agathe Izard")


@in_both_habits_of_keys
@pytest.mark.parametrize(
    ("first", "question", "keys", "code"),
    [
        ("20", "Corse-du-Sud", "38", "38"),
        ("20", "Corse-du-Sud", "13", "13"),
        ("97", "troisième chiffre", "974", "974"),
        ("97", "troisième chiffre", "75", "75"),
    ],
)
def test_a_code_typed_at_the_question_about_corsica_or_overseas_is_that_code(
    variant: Variant, first: str, question: str, keys: str, code: str
) -> None:
    with play(variant=variant) as scene:
        caller = scene.call().hears("Bonjour").presses(first).begins_to_hear(question).presses(keys)
        caller.hears(f"{departements()[code].name}.").hangs_up()
        row = scene.row()
    assert row["departement"] == code


@in_both_habits_of_keys
@pytest.mark.parametrize(("keys", "code"), [("20167", "2A"), ("20200", "2B"), ("97400", "974")])
def test_a_postal_code_typed_in_one_go_is_its_departement_or_asks_for_it(
    variant: Variant, keys: str, code: str
) -> None:
    """Kept keys answer the next question; lost ones leave it to be answered."""
    with play(variant=variant) as scene:
        caller = scene.call().begins_to_hear("Bonjour").presses(keys)
        caller.hears(f"{departements()[code].name}.").hangs_up()
        row = scene.row()
    assert row["departement"] == code


@in_both_habits_of_keys
def test_one_key_still_chooses_between_the_two_departements_of_corsica(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.phone(BASTIEN).answers().presses("1").talks(20)
        caller = scene.call().hears("Bonjour").presses("20").begins_to_hear("Corse-du-Sud").presses("2")
        caller.hears("Haute-Corse.").is_connected().stays_to_the_end()
        row = scene.row()
    assert (row["departement"], row["referent"]) == ("2B", "Bastien Galli")


# ---------------------------------------------------------------- over the welcome


@in_every_variant
@pytest.mark.parametrize("words", ["allô ?", "oui bonjour madame"])
def test_a_greeting_over_the_welcome_brings_the_notices_back_and_costs_nothing(variant: Variant, words: str) -> None:
    """Two silences later the line still asks: the greeting was no failure."""
    with play(variant=variant) as scene:
        scene.phone(PAUL).answers().presses("1").talks(30)
        caller = scene.call().begins_to_hear("Bonjour").says(words)
        caller.hears(NOTICE_115).hears(NOTICE_DATA).hears("dites ou tapez le numéro").does_not_hear("pas compris")
        caller.hears("Je n'ai pas reçu").hears("Je n'ai toujours pas reçu").presses("75").is_connected()
        caller.stays_to_the_end()
        row = scene.row()
        said = caller.heard()
    assert (row["departement"], row["outcome"]) == ("75", "answered")
    assert [said.count(NOTICE_115), sum(NOTICE_DATA in one for one in said)] == [1, 1], "once"


@in_both_habits_of_keys
def test_noise_over_the_welcome_brings_the_notices_back(variant: Variant) -> None:
    with play(variant=variant) as scene:
        caller = scene.call().begins_to_hear("Bonjour").says("passe-moi le sel", confidence=0.4)
        caller.hears(NOTICE_115).hears(NOTICE_DATA).hears("Je n'ai pas compris").presses("75").hears("Paris").hangs_up()
        row = scene.row()
    assert row["departement"] == "75"


@in_both_habits_of_keys
def test_a_need_told_with_a_departement_hears_about_the_115_first(variant: Variant) -> None:
    with play(variant=variant) as scene:
        caller = spoken_to(scene, "je dors dehors, à Lyon").hears(NOTICE_115)
        caller.hears("J'ai compris : département 69, Rhône").says("oui").hears("Aucun référent").hangs_up()
        row = scene.row()
    assert (row["departement"], row["departement_given_by"]) == ("69", "speech")


@in_both_habits_of_keys
def test_the_nine_cube_is_the_seine_saint_denis(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.phone(MIA).answers().presses("1").talks(30)
        caller = spoken_to(scene, "le neuf cube").hears("département 93, Seine-Saint-Denis").says("oui c'est ça")
        caller.is_connected().stays_to_the_end()
        row = scene.row()
    assert (row["departement"], row["referent"]) == ("93", "Mia Diallo")


def test_two_hundred_is_not_corsica() -> None:
    with play() as scene:
        caller = scene.call().hears("tapez étoile").hears("Je n'ai pas reçu").says("deux cents")
        caller.hears("Je n'ai pas compris").does_not_hear("Corse-du-Sud").hangs_up()
        row = scene.row()
    assert (row["departement"], row["outcome"]) == (None, "abandoned_menu")


# ---------------------------------------------------------------- a number to call back


@in_both_habits_of_keys
@pytest.mark.parametrize("keys", ["0261911122#", "0261911122", "0033261911122#"])
def test_the_key_that_ends_a_number_does_not_cut_its_read_back_off(variant: Variant, keys: str) -> None:
    with play(variant=variant) as scene:
        for number in (PAUL, ANNE):
            scene.phone(number).is_busy()
        caller = scene.call("anonymous").hears("Bonjour").presses("75").hears("tapez 2").presses("2")
        caller.hears("dix chiffres, puis dièse").presses(keys).hears("02, 61, 91, 11, 22").waits(1).presses("1")
        caller.hears("C'est noté").does_not_hear("Si ce numéro est exact, tapez 1").stays_to_the_end()
        row = scene.row()
    assert (row["outcome"], row["callback_number"]) == ("callback", "+33261911122")


@in_both_habits_of_keys
def test_an_overseas_number_typed_with_its_hash_is_read_back_whole(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.phone(RANIA).is_busy()
        caller = scene.call("anonymous").hears("Bonjour").presses("97").hears("troisième chiffre").presses("4")
        caller.hears("tapez 2").presses("2").hears("puis dièse").presses("0262911122#")
        caller.hears("02, 62, 91, 11, 22").presses("1").hears("C'est noté").stays_to_the_end()
        row = scene.row()
        assert scene.rung() == [e164(RANIA)]
    assert row["outcome"] == "callback"
