"""Another desk is offered only where somebody has set it, and only while it rings somebody (decision 22)."""

from __future__ import annotations

from routing.directory.people import Person
from routing.planning.plan import plan
from routing.rules import Overflow, OverflowWhen
from tests.routing.desks import (
    NATION,
    A,
    C,
    moment,
    rules,
    snapshot,
)

CLOSED, NO_ANSWER = OverflowWhen.CLOSED, OverflowWhen.NO_ANSWER


def offered(people: list[Person], *overflow: Overflow, code: str = "01", at: str = "2026-11-24T09:00") -> object:
    planned = plan(snapshot([NATION, *people], rules(overflow=overflow)), code, moment(at))
    return planned.overflow_closed, planned.overflow_no_answer


def test_no_overflow_is_offered_by_default() -> None:
    assert offered([A]) == (None, None)


def test_overflow_after_nobody_answered_is_offered_while_somebody_rings() -> None:
    assert offered([A], Overflow("01", "*", NO_ANSWER)) == (None, "*")
    assert offered([A], Overflow("01", "*", NO_ANSWER), at="2026-11-24T20:00") == (None, None)


def test_overflow_outside_hours_is_offered_when_nobody_rings() -> None:
    assert offered([A], Overflow("01", "*", CLOSED), at="2026-11-24T20:00") == ("*", None)
    assert offered([A], Overflow("01", "*", CLOSED)) == (None, None)


def test_the_departements_own_overflow_wins_over_the_national_one() -> None:
    everywhere, own = Overflow(None, "*", NO_ANSWER), Overflow("01", "02", NO_ANSWER)
    assert offered([A, C], everywhere, own) == (None, "02")
    assert offered([A, C], everywhere) == (None, "*")
    assert offered([A, C], everywhere, own, code="02") == (None, "*")


def test_a_desk_that_rings_nobody_is_not_offered() -> None:
    assert offered([A, C], Overflow("01", "02", CLOSED), at="2026-11-24T20:00") == (None, None)


def test_the_setting_for_every_departement_is_not_for_the_national_team() -> None:
    assert offered([C], Overflow(None, "02", NO_ANSWER), code="*") == (None, None)
    assert offered([C], Overflow("*", "02", NO_ANSWER), code="*") == (None, "02")


def test_a_desk_is_never_offered_to_itself() -> None:
    assert offered([A], Overflow("01", "01", NO_ANSWER)) == (None, None)
    assert offered([A], Overflow(None, "*", NO_ANSWER), code="*") == (None, None)
    assert offered([A], Overflow(None, "*", NO_ANSWER), code="03") == (None, None)
