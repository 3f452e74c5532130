"""From « Bonjour » to the département: every way to give it, to change it, and to fail at it."""

from __future__ import annotations

import pytest

from tests.calls.people import AGATHE, BASTIEN, COLETTE, INES, PAUL, RANIA
from tests.calls.play import Variant, e164, in_every_variant, play


@in_every_variant
def test_somebody_who_looks_for_shelter_hears_115_before_anything_else(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.call().hears("Cette ligne est réservée aux professionnels").hangs_up()
        row = scene.row()
    assert (row["outcome"], row["departement"], row["attempts"]) == ("abandoned_menu", None, [])


@in_every_variant
def test_corsica_is_asked_which_of_the_two(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.phone(BASTIEN).answers().presses("1").talks(20)
        caller = scene.call()
        caller.hears("Bonjour").presses("20").hears("Pour la Haute-Corse, tapez 2").presses("2")
        caller.hears("Haute-Corse.").is_connected().stays_to_the_end()
        row = scene.row()
    assert (row["departement"], row["referent"]) == ("2B", "Bastien Galli")


@in_every_variant
@pytest.mark.parametrize(("keys", "code"), [("201", "2A"), ("202", "2B"), ("20167", "2A"), ("20600", "2B")])
def test_corsica_by_three_keys_or_a_postal_code(variant: Variant, keys: str, code: str) -> None:
    with play(variant=variant) as scene:
        caller = scene.call().hears("Bonjour").presses(keys[:2]).begins_to_hear("Corse-du-Sud").presses(keys[2:])
        caller.hears("nous").hangs_up() if caller.heard()[-1:] == [] else caller.hears_ringing().hangs_up()
        row = scene.row()
        assert scene.rung() == [e164(COLETTE if code == "2A" else BASTIEN)]
    assert row["departement"] == code


@in_every_variant
def test_reunion_waits_for_the_third_digit(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.phone(RANIA).answers().presses("1").talks(35)
        scene.call().hears("Bonjour").presses("97").hears("troisième chiffre").presses("4").is_connected()
        row = scene.row()
    assert (row["departement"], row["referent"]) == ("974", "Rania Hoarau")


@in_every_variant
def test_nine_then_hash_is_the_ariege(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.phone(AGATHE).answers().presses("1").talks(35)
        scene.call().hears("Bonjour").presses("9#").hears("Ariège.").is_connected()
        row = scene.row()
    assert (row["departement"], row["departement_given_by"]) == ("09", "keypad")


@in_every_variant
def test_one_digit_alone_is_taken_at_the_pause(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.call().hears("tapez étoile").presses("9").hears("Ariège.").hangs_up()
        row = scene.row()
    assert (row["departement"], row["outcome"]) == ("09", "abandoned_menu")


@in_every_variant
def test_a_postal_code_does_no_harm(variant: Variant) -> None:
    """75011: what is typed after the département chooses nothing later."""
    with play(variant=variant) as scene:
        caller = scene.call().hears("Bonjour").presses("75").begins_to_hear("Paris").presses("011")
        caller.hears("Pour laisser un message").waits(3).hangs_up()
        row = scene.row()
    assert (row["departement"], row["outcome"], row["absence_reason"]) == ("75", "absence", "no_answer")


@in_every_variant
def test_a_code_that_does_not_exist_is_read_back_and_asked_again(variant: Variant) -> None:
    with play(variant=variant) as scene:
        caller = scene.call().hears("Bonjour").presses("96").hears("9, 6 ne correspond à aucun").presses("75")
        caller.hears("Paris.").hangs_up()
        row = scene.row()
    assert row["departement"] == "75"


@in_every_variant
def test_silence_three_times_leads_to_the_national_team(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.phone(INES).answers().presses("1").talks(32)
        caller = scene.call().hears("Bonjour").hears("Je n'ai pas reçu").hears("Je n'ai toujours pas reçu")
        caller.hears("pas pu identifier").is_connected().stays_to_the_end()
        row = scene.row()
    assert (row["answered_by"], row["departement"], row["outcome"]) == ("national", None, "answered")


@in_every_variant
def test_wrong_and_silent_answers_count_together(variant: Variant) -> None:
    with play(variant=variant) as scene:
        caller = scene.call().hears("Bonjour").presses("99").hears("ne correspond").hears("toujours pas reçu")
        caller.presses("00").hears("pas pu identifier").hears_ringing().hangs_up()
        assert scene.rung() == [e164(INES)]


@in_every_variant
@pytest.mark.parametrize("keys", ["*", "**", "*#"])
def test_a_star_first_is_the_national_team(variant: Variant, keys: str) -> None:
    with play(variant=variant) as scene:
        scene.phone(INES).answers().presses("1").talks(33)
        scene.call().hears("tapez étoile").presses(keys).hears("l'équipe nationale").is_connected().stays_to_the_end()
        row = scene.row()
    assert (row["answered_by"], row["talk_seconds"]) == ("national", 33)


@in_every_variant
def test_a_star_after_the_name_changes_the_departement(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.phone(AGATHE).answers().presses("1").talks(30)
        caller = scene.call().hears("Bonjour").presses("75").begins_to_hear("Pour changer").presses("*")
        caller.hears("tapez le numéro").presses("09").hears("Ariège").is_connected().stays_to_the_end()
        row = scene.row()
        assert scene.phone(PAUL).rings == 0
    assert (row["departement"], row["referent"]) == ("09", "Agathe Izard")


@in_every_variant
def test_a_departement_given_and_taken_back_is_not_counted_for_it(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.phone(INES).answers().presses("1").talks(30)
        caller = scene.call().hears("Bonjour").presses("75").begins_to_hear("Pour changer").presses("*")
        caller.hears("tapez le numéro").presses("**").is_connected().stays_to_the_end()
        row = scene.row()
    assert (row["departement"], row["answered_by"]) == (None, "national")


@in_every_variant
def test_somebody_who_types_115_is_told_where_to_call_and_goes_on(variant: Variant) -> None:
    with play(variant=variant) as scene:
        caller = scene.call().hears("Bonjour").presses("11").begins_to_hear("Pour changer").presses("5")
        caller.hears("raccrochez et composez le 115").hangs_up()
        row = scene.row()
    assert row["departement"] == "11"


@in_every_variant
def test_nine_after_97_starts_over(variant: Variant) -> None:
    with play(variant=variant) as scene:
        caller = scene.call().hears("Bonjour").presses("97").hears("troisième chiffre").presses("9")
        caller.hears("tapez le numéro de votre département").presses("75").hears("Paris").hangs_up()
        row = scene.row()
    assert row["departement"] == "75"


@in_every_variant
def test_a_departement_without_anybody_goes_to_the_national_team(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.phone(INES).answers().presses("1").talks(30)
        caller = scene.call().hears("Bonjour").presses("59").hears("Aucun référent n'est joignable")
        caller.is_connected().stays_to_the_end()
        row = scene.row()
    assert (row["departement"], row["answered_by"], row["referent"]) == ("59", "national", "Inès Roussel")


@in_every_variant
def test_words_are_understood_beside_keys(variant: Variant) -> None:
    with play(variant=variant) as scene:
        scene.phone(RANIA).answers().presses("1").talks(30)
        caller = scene.call().hears("Bonjour").says("La Réunion.", confidence=0.93)
        caller.hears("Réunion").presses("1") if "exact" in " ".join(caller.heard()) else caller.is_connected()
        caller.stays_to_the_end()
        row = scene.row()
    assert (row["departement"], row["departement_given_by"]) == ("974", "speech")
