"""The row of a call that nobody took: its reason, what was left and in which département, overflows, callbacks."""

from __future__ import annotations

import pytest

from records.facts import (
    AbsenceReason,
    AnsweredBy,
    Fact,
    FactKind,
    GivenBy,
    Outcome,
)
from tests.records.play import (
    ALICE,
    BRUNO,
    CALLER,
    CHLOE,
    absence,
    arrived,
    ended,
    fact,
    given,
    on_leg,
    recorded,
    ring_ended,
    rung,
)
from tests.records.rows import row_of


@pytest.mark.parametrize(
    ("statuses", "reason"),
    [
        (["busy", "no-answer"], AbsenceReason.NO_ANSWER),
        (["failed", "completed"], AbsenceReason.REFUSED),
        (["failed", "busy"], AbsenceReason.BUSY),
        (["failed", "failed"], AbsenceReason.FAILED),
    ],
)
def test_the_reason_is_the_first_present_in_the_order_of_decision_30(
    statuses: list[str], reason: AbsenceReason
) -> None:
    rings = [
        one
        for n, status in enumerate(statuses, start=4)
        for one in (rung(ALICE, n=n, seconds=n * 10), ring_ended(n, n * 10 + 5, status, person=ALICE))
    ]
    row = row_of(arrived(), given(), *rings, absence(5, 55, str(reason)), ended(60))
    assert (row.outcome, row.absence_reason) == (Outcome.ABSENCE, reason)


def test_a_departement_changed_after_a_hunt_leaves_the_first_hunt_out_of_the_reason() -> None:
    row = row_of(
        arrived(),
        given("75"),
        rung(ALICE),
        ring_ended(4, 36, "no-answer", person=ALICE),
        absence(4, 36, "no_answer"),
        given(None, n=6, seconds=40, by=None),
        given("29", n=7, seconds=45),
        fact(FactKind.PLANNED, 7, 45, departement="29", desk="local", rangs=[], reason="holiday", version=3),
        absence(8, 47, "holiday"),
        ended(60),
    )
    assert (row.departement, row.absence_reason, row.wait_seconds) == ("29", AbsenceReason.HOLIDAY, 2)


ELSEWHERE = {
    "and hangs up in the menu": (),
    "and chooses another": (given("69", n=8, seconds=55),),
    "and hangs up while another rings": (
        given("69", n=8, seconds=55),
        rung(BRUNO, n=9, seconds=58),
        ring_ended(9, 66, "canceled", person=BRUNO, caller_gone=True),
    ),
    "and hears that another is away": (
        given("69", n=8, seconds=55),
        fact(FactKind.PLANNED, 8, 55, departement="69", desk="local", rangs=[], reason="away", version=3),
        absence(8, 56, "away"),
    ),
}


@pytest.mark.parametrize("then", ELSEWHERE.values(), ids=ELSEWHERE.keys())
@pytest.mark.parametrize("left", ["message", "callback"])
def test_what_is_left_belongs_to_the_departement_in_which_it_was_left(then: tuple[Fact, ...], left: str) -> None:
    """With its reason and its wait, whatever the caller asks for afterwards."""
    asked = [fact(FactKind.CALLBACK_ASKED, 6, 42, number=CALLER)] if left == "callback" else recorded(1, 12)
    back = given(None, n=7, seconds=50, by=None)
    row = row_of(
        arrived(),
        given("93", by="speech"),
        rung(ALICE),
        ring_ended(4, 36, "busy", person=ALICE),
        absence(4, 36, "busy"),
        *asked,
        back,
        *then,
        ended(70),
    )
    assert (row.outcome, row.departement, row.departement_given_by) == (Outcome(left), "93", GivenBy.SPEECH)
    assert (row.absence_reason, row.wait_seconds) == (AbsenceReason.BUSY, 22)


def test_a_callback_asked_before_somebody_else_took_the_call_leaves_the_call_to_who_took_it() -> None:
    row = row_of(
        arrived(),
        given("93"),
        absence(3, 16, "closed"),
        fact(FactKind.CALLBACK_ASKED, 4, 22, number=CALLER),
        given(None, n=5, seconds=25, by=None),
        given("69", n=6, seconds=30),
        rung(CHLOE, n=7, seconds=32),
        on_leg(FactKind.LEG_ANSWERED, CHLOE, 7, 40),
        ring_ended(7, 70, "completed", person=CHLOE, bridged=True, lasted=30),
        ended(72),
    )
    assert (row.outcome, row.departement, row.wait_seconds) == (Outcome.ANSWERED, "69", 10)


def test_an_overflow_that_answers_is_an_answer_and_the_wait_runs_on() -> None:
    row = row_of(
        arrived(),
        given(),
        absence(3, 16, "closed"),
        fact(FactKind.PLANNED, 4, 25, departement="92", desk="overflow", rangs=[["chloe123"]], version=3),
        rung(CHLOE, n=5, seconds=25, desk="overflow"),
        on_leg(FactKind.LEG_ANSWERED, CHLOE, 5, 34),
        ring_ended(5, 64, "completed", person=CHLOE, bridged=True, lasted=30),
        ended(66),
    )
    assert (row.outcome, row.answered_by, row.wait_seconds) == (Outcome.ANSWERED, AnsweredBy.OVERFLOW, 20)


def test_leaving_while_an_overflow_rings_is_leaving_while_it_rings() -> None:
    row = row_of(
        arrived(),
        given(),
        absence(3, 16, "closed"),
        rung(CHLOE, n=5, seconds=25, desk="overflow"),
        ring_ended(5, 34, "canceled", person=CHLOE, caller_gone=True),
        ended(34),
    )
    assert (row.outcome, row.wait_seconds, row.absence_reason) == (Outcome.ABANDONED_RINGING, 20, None)


def test_an_overflow_that_does_not_answer_either_ends_in_its_own_absence_message() -> None:
    row = row_of(
        arrived(),
        given(),
        absence(3, 16, "closed"),
        rung(CHLOE, n=5, seconds=25, desk="overflow"),
        ring_ended(5, 45, "no-answer", person=CHLOE),
        absence(5, 45, "no_answer"),
        ended(60),
    )
    assert (row.outcome, row.wait_seconds, row.absence_reason) == (Outcome.ABSENCE, 31, AbsenceReason.NO_ANSWER)


def test_hanging_up_while_the_number_is_read_back_keeps_the_request() -> None:
    row = row_of(
        arrived(), given(), absence(3, 16, "closed"), fact(FactKind.CALLBACK_ASKED, 4, 22, number=CALLER), ended(26)
    )
    assert (row.outcome, row.callback_number, row.callback_confirmed) == (Outcome.CALLBACK, CALLER, False)


def test_a_denied_number_gives_way_to_the_one_that_is_typed() -> None:
    row = row_of(
        arrived(),
        given(),
        absence(3, 16, "closed"),
        fact(FactKind.CALLBACK_ASKED, 4, 22, number=CALLER),
        fact(FactKind.CALLBACK_DENIED, 5, 26, of=4),
        fact(FactKind.CALLBACK_TYPED, 6, 40, number="+33199000009"),
        fact(FactKind.CALLBACK_CONFIRMED, 7, 44, of=6),
        ended(50),
    )
    assert (row.callback_number, row.callback_confirmed) == ("+33199000009", True)


def test_a_denied_number_alone_is_no_request() -> None:
    row = row_of(
        arrived(),
        given(),
        absence(3, 16, "closed"),
        fact(FactKind.CALLBACK_ASKED, 4, 22, number=CALLER),
        fact(FactKind.CALLBACK_DENIED, 5, 26, of=4),
        ended(30),
    )
    assert (row.outcome, row.callback_number) == (Outcome.ABSENCE, None)


def test_a_withheld_caller_who_types_nothing_asks_for_nothing() -> None:
    row = row_of(
        arrived(None),
        given(),
        absence(3, 16, "closed"),
        fact(FactKind.CALLBACK_ASKED, 4, 22, number=None),
        ended(30, caller=None),
    )
    assert (row.outcome, row.caller) == (Outcome.ABSENCE, None)
