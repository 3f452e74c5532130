"""The row of a call, from its facts: the ten stories, each outcome, and what is lost, late or doubled."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import islice, permutations
from typing import Any

import pytest

from records.calls.fold import fold
from records.facts import (
    AbsenceReason,
    AnsweredBy,
    AttemptResult,
    CallRow,
    Fact,
    FactKind,
    GivenBy,
    LegStatus,
    Outcome,
    Source,
)
from tests.records import play
from tests.records.play import (
    ALICE,
    BRUNO,
    CALL,
    CALLER,
    CHLOE,
    STORIES,
    absence,
    arrived,
    at,
    ended,
    fact,
    given,
    leg_ended,
    on_leg,
    recorded,
    ring_ended,
    rung,
)
from tests.records.rows import results, row_of

LONGEST_TRIED_WHOLE = 7


# ---------------------------------------------------------------- the ten stories


def test_s1_three_durations_are_three_figures() -> None:
    row = row_of(*play.happy_path())
    assert row.outcome is Outcome.ANSWERED
    assert (row.wait_seconds, row.talk_seconds, row.total_seconds) == (17, 184, 221)
    assert (row.referent, row.referent_id, row.referent_phone) == ("Alice Exemple", "alice123", "+33639980101")
    assert (row.departement, row.departement_given_by) == ("75", GivenBy.KEYPAD)
    assert row.answered_by is AnsweredBy.LOCAL
    assert (row.started_at, row.ended_at) == (at(0), at(221))
    assert results(row) == [("alice123", AttemptResult.ACCEPTED)]
    assert (row.absence_reason, row.source) == (None, Source.WEBHOOK)


def test_s2_a_busy_referent_and_a_callback() -> None:
    row = row_of(*play.busy())
    assert (row.outcome, row.absence_reason) == (Outcome.CALLBACK, AbsenceReason.BUSY)
    assert (row.callback_number, row.callback_confirmed) == (CALLER, True)
    assert results(row) == [("alice123", AttemptResult.BUSY)]
    assert (row.wait_seconds, row.talk_seconds, row.total_seconds) == (5, None, 45)


def test_s3_the_second_rang_takes_the_call() -> None:
    row = row_of(*play.second_rang())
    assert (row.outcome, row.referent, row.absence_reason) == (Outcome.ANSWERED, "Bruno Exemple", None)
    assert results(row) == [("alice123", AttemptResult.NO_ANSWER), ("bruno123", AttemptResult.ACCEPTED)]
    assert (row.wait_seconds, row.talk_seconds, row.total_seconds) == (36, 90, 146)


def test_s4_a_voicemail_box_is_no_answer() -> None:
    row = row_of(*play.voicemail_box())
    assert (row.outcome, row.absence_reason) == (Outcome.ABSENCE, AbsenceReason.REFUSED)
    assert results(row) == [("alice123", AttemptResult.REFUSED)]
    assert (row.talk_seconds, row.wait_seconds, row.referent) == (None, 22, None)


@pytest.mark.parametrize("status", list(LegStatus))
def test_s5_every_terminal_status_of_an_inbound_call_closes_it(status: LegStatus) -> None:
    row = row_of(arrived(), ended(8, status=status))
    assert (row.outcome, row.total_seconds, row.wait_seconds) == (Outcome.ABANDONED_MENU, 8, None)


@pytest.mark.parametrize("status", ["canceled", "no-answer"])
def test_s6_a_caller_who_leaves_while_it_rings(status: str) -> None:
    """The operator says `canceled` or `no-answer`; both mean that nobody was late but the caller."""
    row = row_of(*play.left_while_ringing(status))
    assert (row.outcome, row.absence_reason) == (Outcome.ABANDONED_RINGING, None)
    assert results(row) == [("alice123", AttemptResult.CANCELED)]
    assert (row.wait_seconds, row.total_seconds) == (10, 24)


@pytest.mark.parametrize("status", ["canceled", "no-answer", "completed"])
def test_s6_the_end_alone_closes_it_when_the_dials_action_is_lost(status: str) -> None:
    row = row_of(*(one for one in play.left_while_ringing(status) if one.kind is not FactKind.RING_ENDED))
    assert row.outcome is Outcome.ABANDONED_RINGING
    assert results(row) == [("alice123", AttemptResult.CANCELED)]


def test_s7_the_recordings_own_callback_says_how_long_the_message_is() -> None:
    row = row_of(*play.message())
    assert (row.outcome, row.message_seconds, row.recording) == (Outcome.MESSAGE, 16, "RE01")
    assert (row.absence_reason, row.wait_seconds) == (AbsenceReason.CLOSED, 2)


def test_s7_two_seconds_are_a_message() -> None:
    row = row_of(*play.message(2))
    assert (row.outcome, row.message_seconds) == (Outcome.MESSAGE, 2)


def test_s7_a_message_without_audio_is_an_absence() -> None:
    row = row_of(*play.message(16, "absent"))
    assert (row.outcome, row.message_seconds, row.recording) == (Outcome.ABSENCE, None, None)


@pytest.mark.parametrize(
    ("at_once", "by_callback", "message"),
    [(9, 1, 9), (1, 9, 9), (9, 8, 8), (9, None, 9), (None, 9, 9), (1, 1, None), (1, None, None), (None, 1, None)],
)
def test_a_message_is_empty_when_both_of_its_durations_say_so(
    at_once: int | None, by_callback: int | None, message: int | None
) -> None:
    """Whichever of the two is wrong, nobody's message is lost; the callback's is shown where both are long enough."""
    row = row_of(arrived(), given(), absence(3, 16, "closed"), *recorded(at_once, by_callback), ended(60))
    assert (row.outcome is Outcome.MESSAGE, row.message_seconds) == (message is not None, message)
    assert row.recording == ("RE01" if message else None)


def test_a_message_whose_audio_was_heard_to_be_silent_is_empty() -> None:
    silent = fact(FactKind.RECORDING_SILENT, 0, 90, "RE01")
    row = row_of(arrived(), given(), absence(3, 16, "closed"), *recorded(10, 1), silent, ended(60))
    assert (row.outcome, row.message_seconds, row.recording) == (Outcome.ABSENCE, None, None)


def test_s8_the_national_team_after_three_failures() -> None:
    row = row_of(*play.three_failures())
    assert (row.outcome, row.answered_by, row.departement) == (Outcome.ANSWERED, AnsweredBy.NATIONAL, None)
    assert (row.wait_seconds, row.talk_seconds, row.total_seconds) == (12, 60, 105)


def test_s9_a_spoken_departement() -> None:
    row = row_of(*play.spoken())
    assert (row.departement, row.departement_given_by) == ("75", GivenBy.SPEECH)


def test_s10_reordered_and_doubled_callbacks_give_the_row_of_s1() -> None:
    assert fold(CALL, play.reordered()) == fold(CALL, play.happy_path())


@pytest.mark.parametrize("story", STORIES)
def test_every_order_of_arrival_and_every_repetition_give_one_row(story: str) -> None:
    facts = STORIES[story]()
    expected = fold(CALL, facts)
    rng = random.Random(7)
    whole = permutations(facts) if len(facts) <= LONGEST_TRIED_WHOLE else iter(())
    shuffled = (rng.sample(facts * 2, len(facts) * 2) for _ in range(500))
    for order in (*whole, *islice(shuffled, 500)):
        assert fold(CALL, order) == expected


# ---------------------------------------------------------------- several at once


def together(*middle: Fact, winner: dict[str, Any] = ALICE) -> CallRow:
    return row_of(
        arrived(),
        given(),
        rung(ALICE, BRUNO),
        *middle,
        ring_ended(4, 100, "completed", person=winner, bridged=True, lasted=70),
        ended(104),
    )


def test_of_two_who_press_1_the_one_that_was_connected_took_the_call() -> None:
    row = together(
        on_leg(FactKind.PICKED_UP, BRUNO, 4, 25),
        on_leg(FactKind.ACCEPTED, BRUNO, 4, 29),
        on_leg(FactKind.PICKED_UP, ALICE, 4, 30),
        on_leg(FactKind.ACCEPTED, ALICE, 4, 34),
        leg_ended(BRUNO, 4, 31, "completed", 6),
        leg_ended(ALICE, 4, 100, "completed", 70),
    )
    assert results(row) == [("alice123", AttemptResult.ACCEPTED), ("bruno123", AttemptResult.CANCELED)]
    assert (row.referent, row.talk_seconds, row.wait_seconds) == ("Alice Exemple", 66, 20)


@pytest.mark.parametrize("status", ["canceled", "no-answer", "completed"])
def test_the_others_of_a_rang_that_was_taken_were_canceled(status: str) -> None:
    row = together(
        on_leg(FactKind.PICKED_UP, ALICE, 4, 30),
        on_leg(FactKind.ACCEPTED, ALICE, 4, 34),
        leg_ended(BRUNO, 4, 34, status, 3 if status == "completed" else 0),
    )
    assert results(row) == [("alice123", AttemptResult.ACCEPTED), ("bruno123", AttemptResult.CANCELED)]


def test_a_colleague_who_refused_is_told_so_even_when_another_took_it() -> None:
    row = together(
        on_leg(FactKind.PICKED_UP, BRUNO, 4, 20),
        on_leg(FactKind.REFUSED, BRUNO, 4, 24, keys="3"),
        on_leg(FactKind.PICKED_UP, ALICE, 4, 30),
        on_leg(FactKind.ACCEPTED, ALICE, 4, 34),
    )
    assert results(row) == [("alice123", AttemptResult.ACCEPTED), ("bruno123", AttemptResult.REFUSED)]


def test_the_action_alone_tells_who_talked_when_the_legs_callbacks_are_lost() -> None:
    row = row_of(
        arrived(),
        given(),
        rung(CHLOE),
        ring_ended(4, 100, "completed", person=CHLOE, bridged=True, lasted=70),
        ended(104),
    )
    assert (row.outcome, row.referent, row.talk_seconds) == (Outcome.ANSWERED, "Chloé Exemple", 70)
    assert row.wait_seconds == 16


def test_the_legs_alone_decide_when_the_dials_action_is_lost() -> None:
    lost = [one for one in play.happy_path() if one.kind is not FactKind.RING_ENDED]
    assert fold(CALL, lost) == fold(CALL, play.happy_path())


def test_a_screened_leg_that_nobody_accepted_is_no_answer_though_the_dials_action_is_lost() -> None:
    """A voicemail box was recorded for forty seconds; neither its refusal nor the action reached us."""
    row = row_of(arrived(), given(), rung(ALICE), leg_ended(ALICE, 4, 60, "completed", 40), ended(61))
    assert (row.outcome, row.talk_seconds) == (Outcome.ABANDONED_RINGING, None)


def test_a_referent_who_pressed_1_but_was_never_connected_is_no_answer() -> None:
    row = row_of(
        arrived(),
        given(),
        rung(ALICE),
        on_leg(FactKind.PICKED_UP, ALICE, 4, 20),
        on_leg(FactKind.ACCEPTED, ALICE, 4, 24),
        leg_ended(ALICE, 4, 25, "completed", 5),
        ring_ended(4, 25, "completed", person=ALICE, bridged=False, caller_gone=True),
        ended(25),
    )
    assert row.outcome is Outcome.ABANDONED_RINGING
    assert results(row) == [("alice123", AttemptResult.CANCELED)]


def test_without_word_of_a_bridge_an_accepted_leg_that_completed_is_the_answer() -> None:
    facts = [one for one in play.happy_path() if one.kind is not FactKind.RING_ENDED]
    silent = ring_ended(4, 215, "completed", person=ALICE, bridged=None, lasted=189)
    assert fold(CALL, [*facts, silent]) == fold(CALL, play.happy_path())


def test_without_screening_the_wait_ends_at_the_pick_up() -> None:
    row = row_of(
        arrived(),
        given(),
        rung(CHLOE),
        leg_ended(CHLOE, 4, 90, "completed", 60),
        ring_ended(4, 90, "completed", person=CHLOE, bridged=True, lasted=60),
        ended(93),
    )
    assert (row.wait_seconds, row.talk_seconds) == (16, 60)


def test_the_operators_clock_holds_where_it_speaks() -> None:
    """A callback that comes a minute late says when it happened."""
    answered = on_leg(FactKind.LEG_ANSWERED, CHLOE, 4, 80, timestamp=at(30).isoformat())
    row = row_of(
        arrived(), given(), rung(CHLOE), answered,
        ring_ended(4, 90, "completed", person=CHLOE, bridged=True, lasted=60), ended(93),
    )  # fmt: skip
    assert row.wait_seconds == 16


# ---------------------------------------------------------------- in progress, and what is missing


def test_a_call_is_in_progress_until_something_says_that_it_ended() -> None:
    facts = play.happy_path()[:3]
    assert row_of(*facts[:1]).outcome is Outcome.IN_PROGRESS
    row = row_of(*facts)
    assert (row.outcome, row.ended_at, row.wait_seconds) == (Outcome.IN_PROGRESS, None, None)
    assert results(row) == [("alice123", None)]


def test_while_they_talk_the_attempt_is_accepted_and_the_call_in_progress() -> None:
    row = row_of(*play.happy_path()[:8])
    assert row.outcome is Outcome.IN_PROGRESS
    assert results(row) == [("alice123", AttemptResult.ACCEPTED)]


def test_a_dial_that_says_the_caller_is_gone_closes_the_call_before_its_end_is_known() -> None:
    row = row_of(*(one for one in play.left_while_ringing() if one.kind is not FactKind.ENDED))
    assert (row.outcome, row.ended_at, row.total_seconds) == (Outcome.ABANDONED_RINGING, at(24), None)


def test_the_end_alone_makes_a_row() -> None:
    row = row_of(ended(221))
    assert (row.caller, row.started_at, row.total_seconds) == (CALLER, at(0), 221)
    assert row.outcome is Outcome.ABANDONED_MENU


def test_callbacks_about_a_call_that_was_never_seen_make_no_row() -> None:
    assert fold(CALL, [leg_ended(ALICE, 4, 10, "completed", 3)]) is None
    assert fold(CALL, []) is None


def test_the_facts_of_another_call_are_nobodys_business() -> None:
    other = [replace(one, call="CA0002") for one in play.happy_path()]
    assert fold(CALL, [*play.left_in_the_menu(), *other]) == fold(CALL, play.left_in_the_menu())


def test_our_own_apology_that_reaches_the_national_team_is_an_answer() -> None:
    row = row_of(
        fact(FactKind.APOLOGISED, 0, 1, error="KeyError"),
        on_leg(FactKind.PICKED_UP, ALICE, 0, 10),
        on_leg(FactKind.ACCEPTED, ALICE, 0, 14),
        leg_ended(ALICE, 0, 60, "completed", 50),
        ended(63),
    )
    assert (row.outcome, row.answered_by, row.talk_seconds) == (Outcome.ANSWERED, AnsweredBy.NATIONAL, 46)
