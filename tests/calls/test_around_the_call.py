"""Overflow, speech, notices, absence messages, loops: everything else that a caller meets."""

from __future__ import annotations

import pytest

from routing.rules import AbsenceMessage, Notice, Overflow, OverflowWhen, Rules
from tests.calls.people import ANNE, INES, PAUL, RANIA, ZOE
from tests.calls.play import DIALLED, e164, moment, play
from tests.calls.year import ALIX, JEAN, YEAR


def test_without_a_setting_nothing_else_is_offered() -> None:
    with play(at="2026-12-07 10:00") as scene:
        scene.phone(PAUL).is_busy()
        scene.phone(ANNE).is_busy()
        caller = scene.call().hears("Bonjour").presses("75").hears("Pour laisser un message").hangs_up()
        caller.does_not_hear("tapez 3")


def test_the_national_team_is_offered_after_nobody_answered_where_it_is_set() -> None:
    rules = Rules(overflows=(Overflow("75", "*", OverflowWhen.NO_ANSWER),))
    with play(rules=rules) as scene:
        scene.phone(PAUL).is_busy()
        scene.phone(ANNE).is_busy()
        scene.phone(INES).answers().presses("1").talks(30)
        caller = scene.call().hears("Bonjour").presses("75").hears("Pour joindre l'équipe nationale, tapez 3")
        caller.presses("3").hears("l'équipe nationale").is_connected().stays_to_the_end()
        row = scene.row()
    assert (row["departement"], row["answered_by"], row["referent"]) == ("75", "national", "Inès Roussel")
    assert [one["result"] for one in row["attempts"]] == ["busy", "busy", "accepted"]


def test_another_siao_is_offered_outside_hours_where_it_is_set() -> None:
    rules = Rules(overflows=(Overflow("29", "75", OverflowWhen.CLOSED),))
    with play(YEAR, at="2026-12-05 10:00", rules=rules) as scene:
        scene.phone(ALIX).answers().presses("1").talks(30)
        caller = scene.call().hears("Bonjour").presses("29").hears("est fermée")
        caller.hears("Pour joindre le SIAO de Paris, tapez 3").presses("3").is_connected().stays_to_the_end()
        row = scene.row()
    assert (row["departement"], row["answered_by"]) == ("29", "overflow")


def test_an_overflow_that_does_not_answer_either_offers_message_and_callback_only() -> None:
    rules = Rules(overflows=(Overflow("29", "75", OverflowWhen.CLOSED),))
    with play(YEAR, at="2026-12-05 10:00", rules=rules) as scene:
        scene.phone(ALIX).is_busy()
        caller = scene.call().hears("Bonjour").presses("29").hears("tapez 3").presses("3").hears("tapez 2")
        caller.does_not_hear("L'équipe nationale n'a pas pu répondre")
        before = len(caller.heard())
        caller.presses("2").hears("06, 39").presses("1").stays_to_the_end()
        row = scene.row()
    assert "tapez 3" not in " ".join(caller.heard()[before - 1 :])
    assert (row["outcome"], row["departement"]) == ("callback", "29")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("neuf cent soixante-quatorze", "974"),
        ("974", "974"),
        ("Seine-Saint-Denis.", "93"),
        ("le neuf trois", "93"),
        ("quatre-vingt-treize", "93"),
        ("deux A", "2A"),
        ("Corse du Sud", "2A"),
        ("l'Ariège", "09"),
        ("zéro neuf", "09"),
        ("soixante-quinze", "75"),
        ("septante-cinq", "75"),
        ("Euh, je voudrais Paris s'il vous plaît", "75"),
        ("75011", "75"),
    ],
)
def test_what_callers_say_is_understood_and_confirmed_when_it_could_be_another(words: str, code: str) -> None:
    with play() as scene:
        caller = scene.call().hears("dites ou tapez").says(words, confidence=0.92).waits(12)
        if "J'ai compris" in " ".join(caller.heard()):
            caller.says("oui", confidence=0.9).waits(6)
        caller.waits(4).hangs_up()
        row = scene.row()
    assert (row["departement"], row["departement_given_by"]) == (code, "speech")


def test_a_confusable_number_is_read_back_and_taken_only_with_a_yes() -> None:
    with play() as scene:
        caller = scene.call().hears("dites ou tapez").says("soixante-seize", confidence=0.95)
        caller.hears("J'ai compris : département 76, Seine-Maritime").says("non").hears("tapez le numéro")
        caller.presses("75").hears("Paris").hangs_up()
        row = scene.row()
        assert scene.rung() == []
    assert (row["departement"], row["departement_given_by"]) == ("75", "keypad")


def test_a_doubtful_recogniser_is_never_dialled_without_a_confirmation() -> None:
    with play() as scene:
        caller = scene.call().hears("dites ou tapez").says("La Réunion", confidence=0.41)
        caller.hears("Si c'est exact, dites oui ou tapez 1").presses("1").hears_ringing().hangs_up()
        assert scene.rung() == [e164(RANIA)]


def test_corsica_without_more_becomes_a_short_menu() -> None:
    with play() as scene:
        caller = scene.call().hears("dites ou tapez").says("la Corse", confidence=0.95)
        caller.hears("Pour Haute-Corse, tapez 2").presses("2").hears("Haute-Corse.").hangs_up()
        assert scene.row()["departement"] == "2B"


def test_nonsense_is_asked_again_and_never_dialled() -> None:
    with play() as scene:
        caller = scene.call().hears("dites ou tapez").says("il fait beau aujourd'hui", confidence=0.9)
        caller.hears("Je n'ai pas compris").says("patate", confidence=0.9).hears("Je n'ai pas compris").hangs_up()
        row = scene.row()
        assert scene.rung() == []
    assert row["departement"] is None


def test_the_national_team_can_be_asked_for_aloud() -> None:
    with play() as scene:
        scene.phone(INES).answers().presses("1").talks(30)
        scene.call().hears("dites ou tapez").says("l'équipe nationale", confidence=0.9).is_connected()
        assert scene.row()["answered_by"] == "national"


def test_a_line_that_does_not_listen_never_asks_to_speak() -> None:
    with play(speech=False) as scene:
        caller = scene.call().hears("tapez son numéro").presses("75").hears("Paris").hangs_up()
        caller.does_not_hear("dites")


def test_a_service_notice_is_heard_before_the_menu_until_it_ends() -> None:
    incident = "Le SI SIAO rencontre actuellement un incident. Nos équipes travaillent à son rétablissement."
    notice = Notice(1, incident, moment("2026-12-07 09:00"), moment("2026-12-07 11:00"))
    for at, is_heard in (("2026-12-07 08:59", False), ("2026-12-07 10:00", True), ("2026-12-07 11:00", False)):
        with play(at=at, rules=Rules(notices=(notice,))) as scene:
            caller = scene.call().hears("Bonjour").hears("dites ou tapez").hangs_up()
            heard = " ".join(caller.heard())
        assert (incident in heard) is is_heard
        assert not is_heard or heard.index(incident) < heard.index("dites ou tapez")


def test_the_siaos_own_words_replace_the_message_of_that_reason() -> None:
    own = AbsenceMessage("75", "busy", "Bonjour, l'équipe de Paris est en ligne, rappelez dans dix minutes.")
    with play(rules=Rules(messages=(own,))) as scene:
        scene.phone(PAUL).is_busy()
        scene.phone(ANNE).is_busy()
        caller = scene.call().hears("Bonjour, et").presses("75").hears("l'équipe de Paris est en ligne")
        caller.hears("Pour laisser un message").hangs_up()
        caller.does_not_hear("Votre référent est déjà en ligne")


def test_hostile_words_of_a_message_or_a_notice_are_only_words() -> None:
    evil = "</Say><Dial>+33199000000</Dial><Say> & \x08 \ufffe"
    rules = Rules(
        notices=(Notice(1, evil, moment("2026-12-07 09:00"), moment("2026-12-07 11:00")),),
        messages=(AbsenceMessage("75", None, evil),),
    )
    with play(rules=rules) as scene:
        caller = scene.call().hears("</Say><Dial>").presses("75").hears("tapez 2").hangs_up()
        assert scene.rung() == [e164(PAUL), e164(ANNE)]
        assert sum("</Say><Dial>" in one for one in caller.heard()) == 2


def test_a_referents_telephone_that_is_forwarded_to_us_ends_in_a_polite_sentence() -> None:
    with play() as scene:
        scene.phone(PAUL).is_forwarded_to(DIALLED)
        scene.phone(ANNE).answers().presses("1").talks(30)
        scene.call().hears("Bonjour").presses("75").is_connected().stays_to_the_end()
        rows = scene.rows()
    assert any(row["outcome"] == "answered" and row["referent"] == "Anne Berthier" for row in rows)
    assert len(scene.rung()) <= 3


def test_a_call_that_says_it_was_forwarded_by_a_referent_is_led_to_its_end() -> None:
    with play() as scene:
        caller = scene.call(forwarded_from=e164(PAUL)).hears("tourne en boucle").stays_to_the_end()
        caller.does_not_hear("dites ou tapez")
        assert scene.rung() == []


def test_a_call_forwarded_from_the_public_number_is_the_ordinary_case() -> None:
    with play() as scene:
        scene.call(forwarded_from="+33806000156").hears("dites ou tapez").presses("75").hears("Paris").hangs_up()
        assert scene.row()["departement"] == "75"


def test_a_call_never_asks_for_more_than_forty_documents() -> None:
    """A caller, or a machine, that presses for ever."""
    with play() as scene:
        caller = scene.call().hears("Bonjour")
        for _ in range(60):
            if "joindre l'équipe" in " ".join(caller.heard()[-1:]) or len(scene.rung()) > 3:
                break
            caller.presses("9").waits(2)
        caller.waits(200)
        assert len(caller.heard()) < 120


def test_silence_in_the_absence_menu_is_asked_once_more_and_then_thanked() -> None:
    with play(YEAR, at="2026-12-05 10:00") as scene:
        caller = scene.call().hears("Bonjour").presses("29").hears("Pour laisser un message").stays_to_the_end()
        asked = sum("Pour laisser un message" in one for one in caller.heard())
        assert asked == 2
        assert "formulaire d'assistance" in " ".join(caller.heard())
        assert scene.phone(JEAN).rings == 0


def test_a_closed_siao_still_takes_a_message() -> None:
    with play(YEAR, at="2026-12-05 10:00") as scene:
        caller = scene.call().hears("Bonjour").presses("29").hears("Pour laisser un message").presses("1")
        caller.leaves_a_message(12).presses("#").hears("enregistré").stays_to_the_end()
        row = scene.row()
    assert (row["outcome"], row["absence_reason"], row["message_seconds"]) == ("message", "closed", 12)


def test_a_person_without_screening_is_connected_at_pick_up() -> None:
    with play() as scene:
        for number in ("01 99 00 93 01", "01 99 00 93 02"):
            scene.phone(number).is_busy()
        scene.phone(ZOE).answers(after=2).hangs_up(after=40)
        caller = scene.call().hears("Bonjour").presses("93").is_connected().stays_to_the_end()
        caller.does_not_hear("Pour prendre l'appel")
        assert scene.row()["talk_seconds"] == 40
