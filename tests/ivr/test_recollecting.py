"""What a caller's past calls tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ivr.memory.recollecting import (
    PastCall,
    RedialLimits,
    desk_called,
    desk_hunted,
    flagged_until,
    full_desks,
    usual_departement,
)
from records.facts import Attempt, AttemptResult, CallRow, Outcome, Source

NOON = 1_796_000_000
LIMITS = RedialLimits(calls=12, window=timedelta(minutes=10), pause=timedelta(minutes=15))


def called(ended: int, departement: str | None = "93", *, lasted: int = 30, is_served: bool = False) -> PastCall:
    return PastCall(f"call-{ended}-{lasted}", ended - lasted, ended, departement, is_served)


def redialled(times: int, *, every: int = 45, departement: str | None = "93") -> list[PastCall]:
    return [called(NOON - every * place, departement) for place in range(times)]


def test_the_last_departement_is_offered() -> None:
    assert usual_departement([called(NOON, "75"), called(NOON - 500, "93")], since=0) == "75"


def test_the_order_in_which_calls_are_told_does_not_matter() -> None:
    assert usual_departement([called(NOON - 500, "93"), called(NOON, "75")], since=0) == "75"


def test_a_call_without_a_departement_does_not_hide_the_one_before() -> None:
    assert usual_departement([called(NOON, None), called(NOON - 500, "93")], since=0) == "93"


def test_a_number_that_named_three_departements_in_five_calls_is_offered_nothing() -> None:
    calls = [called(NOON - 60 * place, code) for place, code in enumerate(["75", "93", "75", "75", "94"])]
    assert usual_departement(calls, since=0) is None


def test_what_came_before_the_last_five_calls_is_past() -> None:
    calls = [called(NOON - 60 * place, code) for place, code in enumerate(["75", "75", "93", "75", "75", "94"])]
    assert usual_departement(calls, since=0) == "75"


def test_what_is_older_than_its_retention_is_not_offered() -> None:
    assert usual_departement([called(NOON - 1)], since=NOON) is None


def is_capped(calls: list[PastCall], *, before: int = 0) -> bool:
    return flagged_until(calls, LIMITS.calls, NOON, LIMITS, before) > NOON


def test_twelve_calls_of_one_person_in_ten_minutes_are_a_redial_without_end() -> None:
    assert is_capped(redialled(12))
    assert not is_capped(redialled(11))


def test_the_cap_holds_for_the_pause_and_begins_anew_with_each_call_too_many() -> None:
    assert flagged_until(redialled(12), 12, NOON, LIMITS, NOON + 5) == NOON + 15 * 60
    assert flagged_until(redialled(3), 12, NOON, LIMITS, NOON + 5) == NOON + 5


def test_calls_that_left_the_window_do_not_count() -> None:
    assert not is_capped(redialled(12, every=60))


def test_a_served_call_begins_the_count_anew_and_lifts_the_cap() -> None:
    assert not is_capped([*redialled(14), called(NOON - 5, is_served=True)], before=NOON + 300)
    assert not is_capped([called(NOON - 40 * place, is_served=place % 10 == 9) for place in range(15)], before=NOON + 9)


def test_one_served_call_does_not_buy_any_number_of_others() -> None:
    assert is_capped([*redialled(12, every=40), called(NOON - 490, is_served=True)])


def test_three_departements_in_turn_do_not_make_a_flood_ordinary() -> None:
    assert is_capped([called(NOON - 40 * place, code) for place, code in enumerate(["75", "93", "94"] * 5)])


def test_calls_that_overlap_do_not_make_a_flood_ordinary() -> None:
    assert is_capped([called(NOON - 9 * place, lasted=50) for place in range(28)])


# ---------------------------------------------------------------- hunts at once


def row(departement: str | None = "93", *rung: tuple[str, AttemptResult | None], **more: Any) -> CallRow:
    """A call that goes on; `rung` are the people tried, with how that ended (None: it rings)."""
    attempts = tuple(Attempt(person, person, "+33199000000", result) for person, result in rung)
    at = datetime.fromtimestamp(NOON, UTC)
    going_on = CallRow(
        call_id="CA1", caller=None, dialled=None, departement=departement, departement_given_by=None,
        outcome=Outcome.IN_PROGRESS, absence_reason=None, answered_by=None, referent=None, referent_id=None,
        referent_phone=None, started_at=at, ended_at=None, wait_seconds=None, talk_seconds=None, total_seconds=None,
        attempts=attempts, message_seconds=None, recording=None, callback_number=None, callback_confirmed=False,
        source=Source.WEBHOOK,
    )  # fmt: skip
    return replace(going_on, **more)


def of_ids(departement: str, person: str) -> str | None:
    """The desk stands in the ids of these tests; one person works for two desks."""
    return departement if person == "both" else {"leo93": "93", "nat": "*"}.get(person)


RINGS, BUSY = None, AttemptResult.BUSY


@pytest.mark.parametrize(
    ("call", "desk"),
    [
        (row("93"), "93"),
        (row("93", ("leo93", RINGS)), "93"),
        (row("93", ("nat", RINGS)), "*"),
        (row("93", ("both", RINGS)), "93"),
        (row(None, ("nat", RINGS)), "*"),
        (row("75", ("leo93", BUSY)), "75"),
        (row("75", ("unknown", RINGS)), "75"),
        (row(None), None),
        (row(None, ("nat", BUSY)), None),
        (row("93", ("leo93", RINGS), wait_seconds=9), None),
        (row("93", ("leo93", AttemptResult.ACCEPTED), outcome=Outcome.ANSWERED), None),
        (row("93", ("leo93", BUSY), ended_at=datetime.fromtimestamp(NOON, UTC)), None),
    ],
)
def test_a_hunt_is_counted_for_the_desk_whose_people_ring(call: CallRow, desk: str | None) -> None:
    """From the département given until somebody accepts, the absence is told, or the caller leaves."""
    assert desk_hunted(call, of_ids) == desk


def test_an_ended_call_is_counted_for_the_desk_rung_last_and_else_for_the_one_asked_for() -> None:
    assert desk_called(row("75", ("leo93", BUSY)), of_ids) == "93"
    assert desk_called(row("75"), of_ids) == "75"
    assert desk_called(row(None, ("unknown", BUSY)), of_ids) == "*"
    assert desk_called(row(None), of_ids) is None


def test_a_desk_is_full_with_as_many_hunts_as_it_takes_and_no_more_when_one_is_over() -> None:
    limits = RedialLimits(at_once=3)
    hunts = [("93", NOON + 90), ("93", NOON + 80), ("93", NOON + 5), ("75", NOON + 90), ("*", NOON)]
    assert full_desks(hunts, NOON, limits) == {"93"}
    assert full_desks(hunts, NOON + 5, limits) == frozenset()
