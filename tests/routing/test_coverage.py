"""Who covers the half-hours to come, and the holes that an absence opens."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.directory.people import Person
from routing.planning.coverage import SLOT, Cover, Covered, coverage, holes_opened_by
from routing.planning.plan import plan
from routing.rules import Overflow, OverflowWhen, Rules
from routing.snapshot import Snapshot
from tests.routing.desks import DAY, NATION, NIGHT, OPEN, A, B, absence, moment, person, rules, snapshot
from tests.routing.test_plan_oracle import CODES, MOMENTS
from tests.routing.test_plan_oracle import people as any_people
from tests.routing.test_plan_oracle import rules as any_rules

MIDNIGHT = moment("2026-11-23T23:00")


def day_of(shot: Snapshot, code: str = "01", days: int = 1) -> list[tuple[str, str, Cover]]:
    """The ranges of a day in Paris, by UTC hour."""
    found = coverage(shot, MIDNIGHT, MIDNIGHT + timedelta(days=days), [code])
    return [(f"{each.start:%H:%M}", f"{each.end:%H:%M}", each.cover) for each in found]


def test_a_day_is_told_in_ranges() -> None:
    assert day_of(snapshot([NATION, A])) == [
        ("23:00", "08:00", Cover.CLOSED),
        ("08:00", "11:00", Cover.LOCAL),
        ("11:00", "13:00", Cover.CLOSED),
        ("13:00", "16:00", Cover.LOCAL),
        ("16:00", "23:00", Cover.CLOSED),
    ]


def test_an_absence_leaves_holes_only_where_somebody_was_expected() -> None:
    shot = snapshot([NATION, A], rules(away=(absence(A, *DAY),)))
    assert [each for each in day_of(shot) if each[2] is Cover.HOLE] == [
        ("08:00", "11:00", Cover.HOLE),
        ("13:00", "16:00", Cover.HOLE),
    ]


def test_a_departement_without_anybody_is_covered_by_the_national_team() -> None:
    assert day_of(snapshot([NATION])) == [("23:00", "23:00", Cover.NATIONAL)]


def test_nobody_at_all_is_a_hole() -> None:
    assert day_of(snapshot([])) == [("23:00", "23:00", Cover.HOLE)]


def test_overflow_covers_what_would_be_closed() -> None:
    shot = snapshot([NATION, A], rules(overflow=(Overflow("01", "*", OverflowWhen.CLOSED),)))
    assert [each[2] for each in day_of(shot)] == [
        Cover.OVERFLOW,
        Cover.LOCAL,
        Cover.OVERFLOW,
        Cover.LOCAL,
        Cover.OVERFLOW,
    ]


def test_overflow_to_another_departement_covers_its_hours_only() -> None:
    early = person("Tot", "02", hours="mar 07:00-08:00")
    shot = snapshot([NATION, A, early], rules(overflow=(Overflow("01", "02", OverflowWhen.CLOSED),)))
    assert day_of(shot)[:3] == [
        ("23:00", "06:00", Cover.CLOSED),
        ("06:00", "07:00", Cover.OVERFLOW),
        ("07:00", "08:00", Cover.CLOSED),
    ]


def test_coverage_names_the_people_in_their_order() -> None:
    [found] = coverage(snapshot([NATION, A, B]), OPEN, OPEN + SLOT, ["01"])
    assert (found.by, found.reason, found.overflow) == (((A.id,), (B.id,)), None, None)


def test_all_departements_are_covered_by_default() -> None:
    found = coverage(snapshot([NATION]), OPEN, OPEN + SLOT)
    assert len({each.departement for each in found}) == 107


@settings(max_examples=25)
@given(any_people(), any_rules(), st.sampled_from(CODES), MOMENTS)
def test_each_half_hour_is_what_the_plan_says(
    lines: list[Person], set_rules: Rules, code: str, start: datetime
) -> None:
    shot = snapshot(lines, set_rules)
    found = coverage(shot, start, start + timedelta(days=9), [code])
    slots = [each.start + number * SLOT for each in found for number in range((each.end - each.start) // SLOT)]
    assert slots == [slots[0] + number * SLOT for number in range(len(slots))]
    assert slots[0] <= start
    assert found[-1].end >= start + timedelta(days=9)
    for each in found:
        at = each.start
        while at < each.end:
            assert plan(shot, code, at).rangs == each.by
            at += SLOT


# ---------------------------------------------------------------- before an absence is saved


def told(holes: tuple[Covered, ...]) -> list[tuple[str, datetime, datetime]]:
    return [(each.departement, each.start, each.end) for each in holes]


def test_an_absence_shows_the_holes_it_opens() -> None:
    shot = snapshot([NATION, A])
    assert told(holes_opened_by(shot, absence(A, "2026-11-24T10:10", "2026-11-25T08:30"))) == [
        ("01", moment("2026-11-24T10:00"), moment("2026-11-24T11:00")),
        ("01", moment("2026-11-24T13:00"), moment("2026-11-24T16:00")),
        ("01", moment("2026-11-25T08:00"), moment("2026-11-25T08:30")),
    ]


def test_an_absence_covered_by_others_opens_no_hole() -> None:
    assert holes_opened_by(snapshot([NATION, A, B]), absence(A, *DAY)) == ()


def test_an_absence_with_a_suppleant_who_is_there_opens_no_hole() -> None:
    elsewhere = person("C", "02")
    assert holes_opened_by(snapshot([NATION, A, elsewhere]), absence(A, *DAY, by=elsewhere)) == ()


def test_the_absence_of_a_suppleant_opens_holes_where_he_replaces_somebody() -> None:
    elsewhere = person("C", "02")
    shot = snapshot([NATION, A, elsewhere], rules(away=(absence(A, *DAY, by=elsewhere),)))
    assert {each.departement for each in holes_opened_by(shot, absence(elsewhere, *DAY))} == {"01", "02"}


def test_an_absence_at_night_or_covered_by_overflow_opens_no_hole() -> None:
    night = absence(A, "2026-11-24T17:00", "2026-11-25T07:00")
    assert holes_opened_by(snapshot([NATION, A]), night) == ()
    spill = rules(overflow=(Overflow(None, "*", OverflowWhen.CLOSED),))
    assert holes_opened_by(snapshot([NATION, A], spill), absence(A, *DAY)) == ()


def test_an_endless_absence_is_looked_at_for_sixty_days() -> None:
    endless = replace(absence(A, *DAY), end=NIGHT + timedelta(days=4000))
    assert max(each.end for each in holes_opened_by(snapshot([NATION, A]), endless)) <= OPEN + timedelta(days=61)
