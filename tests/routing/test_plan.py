"""What people set, in the plan: closures, absences, suppléants; and the national team."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from routing.directory.people import Person
from routing.planning.desk import desk_at
from routing.planning.plan import plan
from routing.rules import Rules
from routing.snapshot import Snapshot
from tests.routing.desks import (
    DAY,
    NATION,
    NIGHT,
    OPEN,
    A,
    B,
    C,
    absence,
    closure,
    moment,
    names,
    person,
    rules,
    snapshot,
)

CHRISTMAS = moment("2026-12-25T09:00")


def rings(people: list[Person], set_rules: Rules, code: str = "01", at: str = "2026-11-24T09:00") -> str:
    shot = snapshot([NATION, *people], set_rules)
    return names(shot, plan(shot, code, moment(at)))


# ---------------------------------------------------------------- absences and suppléants


def test_an_absent_person_is_not_rung() -> None:
    assert rings([A, B], rules(away=(absence(A, *DAY),))) == "B"


def test_an_absence_holds_its_first_second_and_not_its_last() -> None:
    away = rules(away=(absence(A, "2026-11-24T09:00", "2026-11-24T10:00"),))
    found = [rings([A, B], away, at=f"2026-11-24T{each}") for each in ("08:59:59", "09:00:00", "09:59:59", "10:00:00")]
    assert found == ["A, B", "B", "B", "A, B"]


def test_a_suppleant_takes_the_absent_persons_rang_whatever_his_own() -> None:
    first, second, third = person("A"), person("B", rang=2), person("D", rang=9)
    assert rings([first, second, third], rules(away=(absence(first, *DAY, by=third),))) == "D, B"


def test_a_suppleant_rings_with_the_others_of_the_absent_persons_rang() -> None:
    assert rings([A, person("E"), B], rules(away=(absence(A, *DAY, by=B),))) == "B+E"


def test_a_suppleant_may_have_his_line_elsewhere() -> None:
    assert rings([A, C], rules(away=(absence(A, *DAY, by=C),))) == "C"


def test_a_suppleants_own_line_in_the_departement_counts_first() -> None:
    here, there = person("C", "01", rang=5, id_="cccccccccc"), person("C", "02", hours="dim 9h-10h", id_="cccccccccc")
    assert rings([there, A, here], rules(away=(absence(A, *DAY, by=there),))) == "C"


def test_a_suppleant_of_overseas_keeps_his_own_hours() -> None:
    far = person("Loin", "974")
    away = rules(away=(absence(A, *DAY, by=far),))
    assert rings([A, far], away, at="2026-11-24T06:00") == "Loin"
    assert rings([A, far], away, at="2026-11-24T14:00") == "AWAY"


@pytest.mark.parametrize("unfit", [replace(C, rang=None), replace(C, phone=None), replace(C, departement="97")])
def test_a_suppleant_who_cannot_be_rung_replaces_nobody(unfit: Person) -> None:
    people = [A, unfit] if unfit.departement == "02" else [A]
    assert rings(people, rules(away=(absence(A, *DAY, by=unfit),))) == "AWAY"


def test_a_suppleant_who_is_away_himself_replaces_nobody() -> None:
    assert rings([A, C], rules(away=(absence(A, *DAY, by=C), absence(C, *DAY)))) == "AWAY"


def test_a_suppleant_whose_own_departement_is_closed_replaces_nobody() -> None:
    set_rules = rules(away=(absence(A, *DAY, by=C),), closed=(closure("02", *DAY),))
    assert rings([A, C], set_rules) == "AWAY"


def test_a_suppleant_has_his_own_departements_days_off() -> None:
    alsace = person("Alsace", "67")
    away = rules(away=(absence(A, "2026-04-03T00:00", "2026-04-04T00:00", by=alsace),))
    assert rings([A, alsace], away, at="2026-04-03T08:00") == "AWAY"


def test_two_people_who_replace_each_other_ring_nobody() -> None:
    assert rings([A, B], rules(away=(absence(A, *DAY, by=B), absence(B, *DAY, by=A)))) == "AWAY"


def test_one_suppleant_for_two_people_is_rung_once() -> None:
    third = person("D", rang=3)
    assert rings([A, B, third], rules(away=(absence(A, *DAY, by=third), absence(B, *DAY, by=third)))) == "D"


def test_of_two_absences_the_longer_one_counts() -> None:
    short, long = absence(A, *DAY), absence(A, "2026-11-24T00:00", "2026-11-27T00:00", by=C)
    assert rings([A, C], rules(away=(short, long))) == "C"
    assert rings([A, C], rules(away=(long, short))) == "C"


def test_everybody_away_is_away_even_at_night() -> None:
    """The message gives the date of return rather than tomorrow's opening."""
    shot = snapshot([NATION, A], rules(away=(absence(A, "2026-11-24T00:00", "2026-11-30T00:00"),)))
    planned = plan(shot, "01", NIGHT)
    assert (planned.reason, planned.reopens) == ("away", moment("2026-11-30T08:00"))


def test_an_absence_that_changes_nothing_now_is_not_the_reason() -> None:
    assert rings([A, B], rules(away=(absence(A, *DAY),)), at="2026-11-24T20:00") == "CLOSED"


def test_a_suppleant_opens_again_before_the_absent_person_returns() -> None:
    evening = person("Soir", "02", hours="mar-jeu 18:00-20:00")
    shot = snapshot([NATION, A, evening], rules(away=(absence(A, "2026-11-25T00:00", "2026-12-25T00:00", by=evening),)))
    assert plan(shot, "01", NIGHT).reopens == moment("2026-11-25T17:00")


# ---------------------------------------------------------------- closures and the order of reasons


def test_a_closure_closes_even_24_7() -> None:
    always = person("Veille", hours="24/7")
    assert rings([always], rules(closed=(closure("01", *DAY),))) == "CLOSED"


def test_a_closure_of_one_departement_leaves_the_others_open() -> None:
    assert rings([A, C], rules(closed=(closure("01", *DAY),)), code="02") == "C"


def test_a_closure_of_all_closes_the_national_team_too() -> None:
    assert rings([A], rules(closed=(closure(None, *DAY),)), code="*") == "CLOSED"


def test_a_closure_ends_when_it_says() -> None:
    shot = snapshot([NATION, A], rules(closed=(closure("01", "2026-11-24T08:30", "2026-11-24T14:30"),)))
    planned = plan(shot, "01", OPEN)
    assert (planned.reason, planned.reopens) == ("closed", moment("2026-11-24T14:30"))


@pytest.mark.parametrize(
    ("closed", "at", "away", "reason"),
    [
        (True, CHRISTMAS, True, "closed"),
        (False, CHRISTMAS, True, "holiday"),
        (False, OPEN, True, "away"),
        (False, NIGHT, False, "closed"),
        (True, OPEN, False, "closed"),
    ],
)
def test_the_reasons_come_in_their_order(closed: bool, at: object, away: bool, reason: str) -> None:
    """Closure, holiday, absence, hours (decision 20)."""
    period = ("2026-11-01T00:00", "2027-01-10T00:00")
    set_rules = rules(
        closed=(closure("01", *period, "inventaire"),) if closed else (), away=(absence(A, *period),) if away else ()
    )
    shot = snapshot([NATION, A], set_rules)
    planned = plan(shot, "01", at)  # type: ignore[arg-type]
    assert planned.reason == reason
    assert any(because.rule == "closure" for because in planned.because) is closed


def test_a_day_off_by_usage_closes_where_it_is_turned_on() -> None:
    here = person("Ici", "971")
    at = "2026-07-21T13:00"
    assert rings([here], rules(), code="971", at=at) == "Ici"
    assert rings([here], rules(usage=frozenset({"971"})), code="971", at=at) == "HOLIDAY"


def test_nobody_within_sixty_days_has_no_reopening() -> None:
    shot = snapshot([NATION, A], rules(closed=(closure("01", "2026-11-24T00:00", "2027-02-01T00:00"),)))
    assert plan(shot, "01", OPEN).reopens is None


# ---------------------------------------------------------------- the national team


def test_a_departement_with_nobody_to_ring_goes_to_the_national_team() -> None:
    shot = snapshot([NATION, replace(A, rang=None)])
    planned = plan(shot, "01", OPEN)
    assert (planned.asked, planned.desk, planned.served_by, planned.reason) == ("01", "national", "*", None)
    assert planned.rangs == (("nation0000",),)


def test_a_departement_whose_people_are_away_stays_local() -> None:
    shot = snapshot([NATION, A], rules(away=(absence(A, *DAY),)))
    planned = plan(shot, "01", OPEN)
    assert (planned.desk, planned.served_by, planned.reason) == ("local", "01", "away")


OFFICE_NATION = person("Bureau", "*")


def test_without_a_national_team_at_that_hour_there_is_no_referent() -> None:
    planned = plan(snapshot([OFFICE_NATION]), "01", NIGHT)
    assert (planned.desk, planned.reason, planned.reopens) == ("national", "no_referent", moment("2026-11-25T08:00"))


def test_the_national_team_asked_by_star_does_not_fall_back_on_itself() -> None:
    assert [because.rule for because in plan(snapshot([]), "*", OPEN).because] == ["local_time"]


def test_the_national_team_asked_by_star_gives_its_own_reason() -> None:
    planned = plan(snapshot([OFFICE_NATION]), "*", NIGHT)
    assert (planned.desk, planned.served_by, planned.reason) == ("national", "*", "closed")


@pytest.mark.parametrize("code", ["01", "*"])
def test_an_empty_directory_has_no_referent_and_never_reopens(code: str) -> None:
    planned = plan(snapshot([]), code, OPEN)
    assert (planned.rangs, planned.reason, planned.reopens) == ((), "no_referent", None)


# ---------------------------------------------------------------- speed


def test_a_search_that_finds_nothing_stays_short() -> None:
    """The longest search of a call: four people, all away for three months."""
    people = [person(name, "69", rang=rang) for rang, name in enumerate("EFGH", start=1)]
    away = tuple(absence(each, "2026-11-01T00:00", "2027-03-01T00:00") for each in people)
    shot: Snapshot = snapshot([NATION, *people], rules(away=away))
    desk_at(shot, "69", NIGHT)
    started = time.process_time()
    assert plan(shot, "69", NIGHT).reopens is None
    assert time.process_time() - started < 0.1
