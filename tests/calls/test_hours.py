"""The right person at the right hour: opening hours, time zones, public holidays, closures, absences."""

from __future__ import annotations

import pytest

from routing.rules import Rules
from tests.calls.people import INES
from tests.calls.play import e164, play
from tests.calls.year import ALIX, AWA, GUY, HANS, JEAN, LISE, NADIA, OMER, PAULE, TEVA, YEAR, absence, closure


@pytest.mark.parametrize(
    ("code", "at", "phone"),
    [
        ("29", "2026-12-07 09:30", JEAN),
        ("29", "2026-12-07 14:00", JEAN),
        ("974", "2026-12-07 06:30", NADIA),  # 9:30 in La Réunion
        ("974", "2026-07-06 07:30", NADIA),  # Paris has summer time, La Réunion has not
        ("971", "2026-12-07 14:30", OMER),  # 9:30 in Guadeloupe
        ("987", "2026-12-07 20:30", TEVA),  # 9:30 in Tahiti
        ("976", "2026-12-07 07:30", AWA),  # 9:30 in Mayotte
        ("59", "2026-12-07 23:30", GUY),
        ("59", "2026-12-08 01:59", GUY),  # the night that began the day before
        ("67", "2026-12-28 09:30", HANS),
        ("57", "2026-12-28 09:30", PAULE),
        ("75", "2026-12-25 03:00", ALIX),  # 24/7 ignores holidays
        ("29", "2026-03-30 09:00", JEAN),  # the Monday after the clocks went forward
    ],
)
def test_the_right_telephone_rings_at_this_hour(code: str, at: str, phone: str) -> None:
    with play(YEAR, at=at) as scene:
        scene.phone(phone).answers().presses("1").talks(30)
        caller = scene.call().hears("Bonjour").presses(code[:2])
        (caller.begins_to_hear("troisième chiffre").presses(code[2:]) if code[2:] else caller).is_connected()
        caller.stays_to_the_end()
        assert scene.rung() == [e164(phone)]
        row = scene.row()
    assert (row["departement"], row["outcome"]) == (code, "answered")


@pytest.mark.parametrize(
    ("code", "at", "sentence"),
    [
        ("29", "2026-12-07 08:59", "aujourd'hui à 9 heures"),
        ("29", "2026-12-07 12:30", "aujourd'hui à 14 heures"),
        ("29", "2026-12-07 17:00", "demain à 9 heures"),
        ("29", "2026-12-04 18:00", "lundi 7 décembre à 9 heures"),
        ("974", "2026-12-07 14:30", "demain à 9 heures"),  # 17:30 there
        ("987", "2026-12-07 09:00", "demain à 9 heures"),  # the evening before, there
        ("59", "2026-12-08 02:00", "à 22 heures"),
    ],
)
def test_outside_hours_the_caller_hears_when_it_opens_again_in_local_time(code: str, at: str, sentence: str) -> None:
    with play(YEAR, at=at) as scene:
        caller = scene.call().hears("Bonjour").presses(code[:2])
        caller = caller.begins_to_hear("troisième chiffre").presses(code[2:]) if code[2:] else caller
        caller.hears("est fermée").hears(sentence).hears("Pour laisser un message").hangs_up()
        assert scene.rung() == []
        row = scene.row()
    assert (row["outcome"], row["absence_reason"], row["attempts"]) == ("absence", "closed", [])


@pytest.mark.parametrize(
    ("code", "at", "reopens"),
    [
        ("29", "2026-12-25 10:00", "lundi 28 décembre à 9 heures"),
        ("67", "2027-03-26 10:00", "mardi 30 mars à 9 heures"),  # Vendredi saint in Alsace, then Easter Monday
        ("57", "2027-03-26 10:00", "mardi 30 mars à 9 heures"),
        ("67", "2028-12-26 10:00", "demain à 9 heures"),  # Saint-Étienne
        ("974", "2027-12-20 10:00 Indian/Reunion", "demain à 9 heures"),  # abolition of slavery
        ("971", "2027-05-27 10:00 America/Guadeloupe", "demain à 9 heures"),
        ("976", "2027-04-27 10:00 Indian/Mayotte", "demain à 9 heures"),
        ("987", "2027-03-05 10:00 Pacific/Tahiti", "lundi 8 mars à 9 heures"),  # the arrival of the Gospel
        ("987", "2027-03-26 10:00 Pacific/Tahiti", "mardi 30 mars à 9 heures"),  # Vendredi saint, then Easter Monday
    ],
)
def test_a_public_holiday_of_the_departement_is_told_as_one(code: str, at: str, reopens: str) -> None:
    with play(YEAR, at=at) as scene:
        caller = scene.call().hears("Bonjour").presses(code[:2])
        caller = caller.begins_to_hear("troisième chiffre").presses(code[2:]) if code[2:] else caller
        caller.hears("jour férié").hears(reopens).hears("Pour laisser un message").hangs_up()
        row = scene.row()
    assert (row["outcome"], row["absence_reason"]) == ("absence", "holiday")


def test_a_territory_whose_own_days_are_turned_off_answers_on_them() -> None:
    with play(YEAR, at="2027-03-05 10:00 Pacific/Tahiti", rules=Rules(usage_holidays=frozenset())) as scene:
        scene.phone(TEVA).answers().presses("1").talks(30)
        caller = scene.call().hears("Bonjour").presses("98").begins_to_hear("troisième chiffre").presses("7")
        caller.is_connected().stays_to_the_end()
        assert scene.row()["referent"] == "Teva Raiarii"


def test_a_holiday_of_alsace_is_a_working_day_in_brittany() -> None:
    with play(YEAR, at="2027-03-26 10:00") as scene:
        scene.phone(JEAN).answers().presses("1").talks(30)
        scene.call().hears("Bonjour").presses("29").is_connected().stays_to_the_end()
        assert scene.row()["referent"] == "Jean Kermadec"


def test_an_exceptional_closure_wins_over_hours_and_even_over_24_7() -> None:
    rules = Rules(closures=(closure("75", "2026-12-07 08:00", "2026-12-08 08:00"),))
    with play(YEAR, at="2026-12-07 10:00", rules=rules) as scene:
        caller = scene.call().hears("Bonjour").presses("75").hears("est fermée").hears("demain à 8 heures").hangs_up()
        assert "jour férié" not in " ".join(caller.heard())
        assert scene.row()["absence_reason"] == "closed"


def test_a_national_closure_closes_every_departement_and_the_national_team() -> None:
    rules = Rules(closures=(closure(None, "2026-12-07 08:00", "2026-12-07 18:00"),))
    with play(YEAR, at="2026-12-07 10:00", rules=rules) as scene:
        scene.call().hears("Bonjour").presses("29").hears("est fermée").hangs_up()
        scene.call().hears("tapez étoile").presses("*").hears("n'est pas joignable").hears("tapez 2").hangs_up()
        assert scene.rung() == []


def test_an_absent_referent_is_not_rung_and_the_date_of_return_is_told() -> None:
    rules = Rules(absences=(absence(JEAN, "2026-12-07 00:00", "2026-12-09 00:00"),))
    with play(YEAR, at="2026-12-07 10:00", rules=rules) as scene:
        caller = scene.call().hears("Bonjour").presses("29").hears("Votre référent est absent")
        caller.hears("de retour").hears("tapez 2").hangs_up()
        assert scene.rung() == []
        row = scene.row()
    assert (row["outcome"], row["absence_reason"]) == ("absence", "away")


def test_a_named_suppleant_takes_the_absent_ones_rang() -> None:
    rules = Rules(absences=(absence(JEAN, "2026-12-07 00:00", "2026-12-09 00:00", LISE),))
    with play(YEAR, at="2026-12-07 15:00", rules=rules) as scene:
        scene.phone(LISE).answers().presses("1").talks(30)
        scene.call().hears("Bonjour").presses("29").is_connected().stays_to_the_end()
        assert scene.rung() == [e164(LISE)]
        assert scene.row()["referent"] == "Lise Le Goff"


def test_an_absence_that_is_over_changes_nothing() -> None:
    rules = Rules(absences=(absence(JEAN, "2026-12-01 00:00", "2026-12-07 10:00"),))
    with play(YEAR, at="2026-12-07 10:00", rules=rules) as scene:
        scene.phone(JEAN).answers().presses("1").talks(30)
        scene.call().hears("Bonjour").presses("29").is_connected().stays_to_the_end()
        assert scene.row()["referent"] == "Jean Kermadec"


def test_closing_time_in_the_middle_of_a_call_changes_nothing_for_it() -> None:
    """The plan is made once: a retry and the next rang follow it (decision 2)."""
    with play(YEAR, at="2026-12-07 16:59") as scene:
        scene.phone(JEAN).just_rings()
        scene.phone(LISE).answers().presses("1").talks(30)
        scene.call().hears("Bonjour").presses("29").is_connected().stays_to_the_end()
        assert scene.rung() == [e164(JEAN), e164(LISE)]


def test_a_departement_that_nobody_serves_goes_to_the_national_team_at_any_hour() -> None:
    with play(YEAR, at="2026-12-06 04:00") as scene:
        scene.phone(INES).answers().presses("1").talks(30)
        scene.call().hears("Bonjour").presses("13").hears("Aucun référent").is_connected().stays_to_the_end()
        assert scene.row()["answered_by"] == "national"
