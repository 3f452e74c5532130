"""Whether somebody of a département is there to answer what is written before the promise is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from routing.requests.covered import is_covered
from routing.rules import Closure
from routing.snapshot import Snapshot
from tests.routing.desks import absence, moment, person, rules, snapshot

MONDAY, TUESDAY = moment("2026-11-23T10:00"), moment("2026-11-24T10:00")
ALIX, JO = person("Alix"), person("Jo")


def covered(
    shot: Snapshot, since: datetime = MONDAY, until: datetime = TUESDAY, *, code: str = "01", accounts: str = ""
) -> bool:
    """Asked for people who all have an account, or for those named."""
    named = accounts.split() or [str(line.email) for line in shot.people if line.departement == code]
    return is_covered(shot, code, since, until, set(named))


def test_a_referent_at_work_covers() -> None:
    assert covered(snapshot([ALIX]))


def test_a_departement_without_referent_is_not_covered() -> None:
    assert not covered(snapshot([ALIX]), code="02", accounts="alix@exemple.fr")


def test_a_desk_where_nobody_has_an_account_is_not_covered() -> None:
    assert not is_covered(snapshot([ALIX]), "01", MONDAY, TUESDAY, ())


def test_whoever_cannot_be_written_to_does_not_cover() -> None:
    assert not covered(snapshot([replace(ALIX, email=None)]), accounts="autre@exemple.fr")
    assert not covered(snapshot([replace(ALIX, rang=None)]), accounts="autre@exemple.fr")


@pytest.mark.parametrize(
    ("end", "is_there"),
    [("2026-11-24T09:00", True), ("2026-11-24T09:59", True), ("2026-11-24T10:00", False), ("2026-11-30T08:00", False)],
)
def test_an_absence_counts_when_it_lasts_beyond_the_promise(end: str, is_there: bool) -> None:
    away = rules(away=(absence(ALIX, "2026-11-20T08:00", end),))
    assert covered(snapshot([ALIX], away)) is is_there


def test_one_colleague_who_is_there_is_enough() -> None:
    away = rules(away=(absence(ALIX, "2026-11-20T08:00", "2026-12-20T08:00"),))
    assert covered(snapshot([ALIX, JO], away))


def test_a_colleague_without_account_does_not_cover_for_the_one_who_is_away() -> None:
    away = rules(away=(absence(ALIX, "2026-11-20T08:00", "2026-12-20T08:00"),))
    assert not covered(snapshot([ALIX, JO], away), accounts="alix@exemple.fr")


def test_an_account_that_several_share_is_that_of_whoever_is_there() -> None:
    away = rules(away=(absence(ALIX, "2026-11-20T08:00", "2026-12-20T08:00"),))
    assert covered(snapshot([ALIX, JO], away), accounts="alix@exemple.fr siao01@exemple.fr")


def test_who_stands_in_from_another_departement_does_not_cover() -> None:
    other = person("Ailleurs", "02")
    away = rules(away=(absence(ALIX, "2026-11-20T08:00", "2026-12-20T08:00", by=other),))
    assert not covered(snapshot([ALIX, other], away), accounts="alix@exemple.fr ailleurs@exemple.fr")


def test_hours_count_a_desk_that_opens_on_thursdays_is_not_there_on_monday() -> None:
    assert not covered(snapshot([person("Alix", hours="jeu 09:00-17:00")]))
    assert covered(snapshot([person("Alix", hours="jeu 09:00-17:00")]), until=moment("2026-11-26T09:00"))


@pytest.mark.parametrize(("end", "is_there"), [("2026-11-24T09:00", True), ("2026-11-24T12:00", False)])
def test_an_exceptional_closure_counts(end: str, is_there: bool) -> None:
    closed = rules(closed=(Closure(1, "01", moment("2026-11-23T00:00"), moment(end)),))
    assert covered(snapshot([ALIX], closed)) is is_there


def test_a_public_holiday_of_an_overseas_departement_counts() -> None:
    """20 December, the day slavery ended in La Réunion: nobody is there, whatever day it is in Paris."""
    shot = snapshot([person("Alix", "974")])
    sunday_evening, monday_evening = moment("2027-12-19T17:00"), moment("2027-12-20T17:00")
    assert not covered(shot, sunday_evening, monday_evening, code="974")
    assert covered(shot, sunday_evening, moment("2027-12-21T06:00"), code="974")


def test_hours_are_those_of_the_departement() -> None:
    """Saint-Pierre-et-Miquelon opens at noon (UTC), Mayotte at six."""
    early, late = moment("2026-11-23T05:00"), moment("2026-11-23T11:00")
    assert covered(snapshot([person("Alix", "976")]), early, late, code="976")
    assert not covered(snapshot([person("Alix", "975")]), early, late, code="975")
