"""The row of a call, where the operator's own log speaks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from records.calls.fold import fold
from records.facts import (
    AttemptResult,
    Fact,
    FactKind,
    Outcome,
    Source,
)
from tests.records import play
from tests.records.play import (
    ALICE,
    CALL,
    CALLER,
    at,
    fact,
)
from tests.records.rows import row_of


def logged(status: str, *legs: dict[str, Any], seconds: int = 90) -> Fact:
    told = {"status": status, "started": at(0).isoformat(), "ended": at(seconds).isoformat(), "seconds": seconds}
    one = fact(FactKind.LOGGED, 0, 5_000, **told, caller=CALLER, dialled=play.LINE, legs=list(legs))
    return replace(one, source=Source.RECONCILIATION)


def test_a_call_known_from_the_log_alone_was_missed() -> None:
    row = row_of(logged("completed", {"leg": "CAx", "to": "+33639980101", "status": "no-answer", "seconds": 0}))
    assert (row.outcome, row.source, row.total_seconds) == (Outcome.MISSED, Source.RECONCILIATION, 90)
    assert (row.started_at, row.ended_at) == (at(0), at(90))
    assert [(one.phone, one.result) for one in row.attempts] == [("+33639980101", AttemptResult.NO_ANSWER)]


def test_a_call_known_from_the_log_alone_in_which_somebody_talked_was_answered() -> None:
    row = row_of(logged("completed", {"leg": "CAx", "to": "+33639980101", "status": "completed", "seconds": 70}))
    assert (row.outcome, row.talk_seconds, row.referent_phone) == (Outcome.ANSWERED, 70, "+33639980101")


def test_a_leg_of_the_log_no_longer_than_screening_is_no_answer() -> None:
    row = row_of(logged("completed", {"leg": "CAx", "to": "+33639980101", "status": "completed", "seconds": 12}))
    assert (row.outcome, row.talk_seconds) == (Outcome.MISSED, None)
    assert [one.result for one in row.attempts] == [AttemptResult.REFUSED]


def test_a_leg_that_only_the_log_knows_does_not_undo_an_absence() -> None:
    leg = {"leg": "CAx", "to": "+33639980199", "status": "busy", "seconds": 0}
    assert row_of(*play.voicemail_box(), logged("completed", leg)).outcome is Outcome.ABSENCE


def test_the_log_changes_nothing_that_webhooks_told() -> None:
    leg = {"leg": play.leg_of(ALICE, 4), "to": ALICE["phone"], "status": "busy", "seconds": 1}
    assert fold(CALL, [*play.happy_path(), logged("failed", leg, seconds=1)]) == fold(CALL, play.happy_path())


def test_the_log_fills_in_the_end_that_never_came() -> None:
    """A call whose last webhooks were lost is closed by the log and stays one that webhooks told of."""
    leg = {"leg": play.leg_of(ALICE, 4), "to": ALICE["phone"], "status": "completed", "seconds": 189}
    row = row_of(*play.happy_path()[:8], logged("completed", leg, seconds=221))
    assert (row.outcome, row.source, row.total_seconds) == (Outcome.ANSWERED, Source.WEBHOOK, 221)
    assert row.talk_seconds == 184


def test_of_two_readings_of_the_log_the_later_holds() -> None:
    early, late = logged("completed", seconds=60), logged("completed", seconds=90)
    late = replace(late, at=late.at + timedelta(hours=1))
    assert row_of(early, late).total_seconds == row_of(late, early).total_seconds == 90
